"""What a plan makes of the bounds and sides of a block."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model.lp.program import Floats


@dataclass(frozen=True)
class Links:
    """Bounds and cost of the links of a block: fixed unless it may choose them, and then ``chosen``."""

    lower: Floats
    upper: Floats
    cost: Floats
    chosen: bool = False


@dataclass(frozen=True)
class Sides:
    """Bounds and sides of kept rows at a point, and for every column the single rows that its bounds come from."""

    lower: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats
    low_row: npt.NDArray[np.int32]
    high_row: npt.NDArray[np.int32]
    links: Links
