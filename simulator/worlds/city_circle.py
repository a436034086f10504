"""A small synthetic city circle for teaching and tests."""
