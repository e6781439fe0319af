"""What a System says of its borders."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

EVERYTHING = "all"
"""What a node says that lets every commodity pass."""


def border_places(nodes: pd.DataFrame, commodities: Sequence[str]) -> set[tuple[str, str]]:
    """(node, commodity) at which nothing passes from one link to another: outside nodes without transit of it.

    ``nodes`` has the columns ``kind`` and ``transit`` and is indexed by node.
    """
    closed = set()
    for node, kind, transit in zip(nodes.index, nodes["kind"], nodes["transit"], strict=True):
        passing = {word.strip() for word in str(transit).split(";")}
        if kind == "outside" and EVERYTHING not in passing:
            closed |= {(str(node), commodity) for commodity in commodities if commodity not in passing}
    return closed
