"""What a System says of its borders."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

ELECTRICITY = "electricity"
"""The commodity that the power network carries."""

WHOLE_COUNTRY = "all"
"""What stands for every zone within the country."""

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


def nodes_of_zone(system: xr.Dataset, zone: str) -> list[str]:
    """Nodes within the country that belong to a zone, or all of them."""
    inside = system["node_kind"].to_numpy() == "inside"
    own = inside if zone == WHOLE_COUNTRY else inside & (system["node_zone"].to_numpy() == zone)
    return [str(node) for node in system["node"].to_numpy()[np.flatnonzero(own)]]
