"""Results with units, prices, and the files they are written to."""
