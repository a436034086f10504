"""How the model is set against what was observed: the census of the base year and the first published years."""
