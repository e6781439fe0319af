"""Where a plan to start from is known: what is near it, and how far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.lp.program import Floats, Integers
from model.solve.decompose.master import Master

WIDEST = 32.0
"""A neighbourhood that is so many times as wide as it was at first is none."""
GROWTH = 4.0
"""How much wider a neighbourhood gets in a column that would leave it."""
SPAN = 0.2
"""A column may move as if it were this share of its range where it is smaller."""
LARGEST = 1e4
"""A range beyond this tells nothing of the size of a column."""
FAITHFUL = 30.0
"""How much more a known column counts than one that blocks decided when a plan near both is looked for."""


@dataclass(frozen=True)
class Start:
    """A plan to look near: one value per column of the master, nan where unknown.

    slope: what the cost of the blocks is thought to change with a unit of such a column.
    """

    point: Floats
    slope: Floats

    def completed(
        self, master: Master, links: Sequence[Integers], chosen: Sequence[Floats], box: tuple[Floats, Floats]
    ) -> Floats | None:
        """The plan nearest to what is known and to what blocks decided of their links; None if none was found."""
        unknown, target = np.isnan(self.point), self.point.copy()
        for columns, decided in zip(links, chosen, strict=True):
            free = unknown[columns]
            target[columns[free]] = decided[free]
        size = np.maximum(np.abs(np.nan_to_num(target)), 0.1 * np.minimum(box[1] - box[0], LARGEST)) + 1e-3
        return master.nearest(target, np.where(unknown, 1.0, FAITHFUL) / size)


class Neighbourhood:
    """Plans near a centre. ``reach``: by what share of itself, or of `SPAN` of its range, each column may differ.

    It grows in columns alone in which a better plan is thought to lie outside: a place where the cuts know nothing
    looks cheap, and to ask blocks there teaches less than to ask them near the best plan.
    """

    def __init__(self, centre: Floats, box: tuple[Floats, Floats], reach: Floats) -> None:
        self._centre, self._reach, self._wider = centre, reach, 1.0
        span = box[1] - box[0]
        self._span = np.where(np.isfinite(span), SPAN * span, 0.0)

    def move(self, centre: Floats) -> None:
        """Put another plan in the centre."""
        self._centre = centre

    def widen(self) -> bool:
        """Make it twice as wide; False if that is too wide."""
        self._wider *= 2
        self._reach = 2 * self._reach
        return self._wider <= WIDEST

    def grow(self, reduced: Floats, master: Master) -> bool:
        """Make it wider where these reduced costs lean on its ends; False if they lean on none."""
        lower, upper = self._ends()
        low, high = master.bounds()
        leans = np.where(reduced > 0, lower > low, np.where(reduced < 0, upper < high, False))
        self._reach = np.where(leans, GROWTH * self._reach, self._reach)
        return bool(leans.any())

    def confine(self, master: Master) -> None:
        """Let the master look here only."""
        master.confine(*self._ends())

    def _ends(self) -> tuple[Floats, Floats]:
        away = self._reach * np.maximum(np.abs(self._centre), self._span)
        return self._centre - away, self._centre + away
