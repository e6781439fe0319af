"""Arrays of results: labels and units on every one, and sums of assets by technology and node."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from model.solve.accounts import Accounts
from model.system.network import ELECTRICITY

TINY = 1e-9
"""Interior points leave such amounts where a vertex has zero; results show zero."""

Shape = Sequence[tuple[str, Sequence[Any]]]


def labelled(values: Any, shape: Shape, unit: str, long_name: str) -> xr.DataArray:
    """``values`` over the dims and labels of ``shape``, with unit and meaning; noise of the solver becomes zero."""
    values = np.asarray(values)
    if values.dtype.kind == "f":
        values = np.where(np.abs(values) < TINY, 0.0, values)
    return xr.DataArray(
        values,
        coords={dim: list(labels) for dim, labels in shape},
        dims=[dim for dim, _ in shape],
        attrs={"units": unit, "long_name": long_name},
    )


def electricity_given(accounts: Accounts) -> np.ndarray:
    """Electricity that plants give, GW by (asset, year, step); stores and links give back what others gave."""
    gives = np.zeros((len(accounts.assets), len(accounts.years), len(accounts.steps)))
    for port in accounts.ports:
        if port.per_hour > 0 and port.commodity == ELECTRICITY and port.kind not in ("storage", "link"):
            gives[accounts.place[port.asset]] += accounts.flow(port)
    return gives


class Groups:
    """Positions of assets on (technology, node), for sums."""

    def __init__(self, accounts: Accounts) -> None:
        kinds = accounts.of_asset("kind")
        own = np.isin(kinds, ("conversion", "storage"))
        self.assets = np.flatnonzero(own)
        technology = accounts.of_asset("technology")[own]
        self.technologies = list(dict.fromkeys(technology))
        self.nodes = accounts.nodes
        node = accounts.of_asset("node")[own]
        self.technology = np.array([self.technologies.index(t) for t in technology], dtype=int)
        self.node = np.array([self.nodes.index(n) for n in node], dtype=int)

    def sum(self, by_asset: np.ndarray) -> np.ndarray:
        """(asset, ...) summed to (technology, node, ...)."""
        dense = np.zeros((len(self.technologies), len(self.nodes), *by_asset.shape[1:]))
        np.add.at(dense, (self.technology, self.node), by_asset[self.assets])
        return dense

    def shape(self, *rest: tuple[str, Sequence[Any]]) -> Shape:
        """(technology, node) and further dims, for ``labelled``."""
        return [("technology", self.technologies), ("node", self.nodes), *rest]
