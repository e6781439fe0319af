"""Large programs block by block: a master decides the plan, blocks of operation say what it costs to run.

`solve_blocks` needs nothing but the labels of the program: `structure` splits it, `block` runs one block, `master`
holds what is known of all, `rounds` brings both together, and `prices` gives the duals of the whole program.
"""

from model.solve.decompose.memory import Memory
from model.solve.decompose.solve import solve_blocks

__all__ = ["Memory", "solve_blocks"]
