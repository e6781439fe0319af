"""Solving, and proving that the answer is optimal and real."""
