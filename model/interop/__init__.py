"""Results in the formats of other communities and programs."""
