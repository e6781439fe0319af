"""Fixed colours: a group of technologies looks the same in every chart of every report.

Most are those of Okabe and Ito, which the colour-blind tell apart; groups that lie beside each other in a stack also
differ in lightness, so that they can be told apart on grey paper.
"""

from __future__ import annotations

from collections.abc import Iterable

GROUPS = {
    "coal": "#4D4D4D",
    "gas": "#D55E00",
    "oil": "#8C510A",
    "nuclear": "#CC79A7",
    "hydro": "#0072B2",
    "wind": "#56B4E9",
    "solar": "#F0E442",
    "bio": "#009E73",
    "storage": "#B2ABD2",
    "heat": "#E69F00",
    "demand_side": "#999933",
    "imports": "#BBBBBB",
    "unserved": "#E60000",
}
"""Colour of a group of technologies, by the group's name in technologies.csv."""

SPARE = ("#44AA99", "#882255", "#DDCC77", "#117733", "#332288", "#AA4499", "#88CCEE", "#661100", "#6699CC", "#888888")
"""For groups that have no colour of their own, in the order in which they come."""

PLANS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#4D4D4D", "#F0E442")
"""Plans side by side."""


def group_colours(groups: Iterable[str]) -> dict[str, str]:
    """A colour for every group, in their order; spare colours for those that have none of their own."""
    names = list(dict.fromkeys(groups))
    unknown = [name for name in names if name not in GROUPS]
    spare = {name: SPARE[i % len(SPARE)] for i, name in enumerate(unknown)}
    return {name: GROUPS.get(name) or spare[name] for name in names}
