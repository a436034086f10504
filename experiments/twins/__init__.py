"""The same person in two worlds: whose life differs, where the two lives part, and what tipped the choice."""
