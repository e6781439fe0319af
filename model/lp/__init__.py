"""The mathematics: sets, equations, costs, and the compiler that makes arrays of them."""
