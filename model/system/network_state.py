"""What a pass has found out about the network, by which the next one states it: capacities, and critical moments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from model.system.loops import loop_members
from model.system.rows import table_dims

Moment = tuple[str, int, str]
"""A contingency, a planning year and a step."""

CRITICAL = ("contingency", "year", "step")


@dataclass(frozen=True)
class NetworkState:
    """``capacity``: GW of every link by (link, year), by which reactances are told; ``critical``: moments looked at."""

    capacity: pd.DataFrame
    critical: tuple[Moment, ...] = ()

    def applied(self, system: xr.Dataset) -> xr.Dataset:
        """``system`` with the loops of these capacities and with these critical moments."""
        moments = pd.DataFrame(list(self.critical), columns=list(CRITICAL))
        old = [str(v) for v in system.variables if str(v).startswith(("critical_", "loop_member_"))]
        found = {**table_dims("critical", moments, {}), **table_dims("loop_member", self.loops(system), {})}
        return system.drop_vars(old).assign(found)

    def loops(self, system: xr.Dataset) -> pd.DataFrame:
        """Rows of ``loop_members`` with these capacities; none in a transport model."""
        links = list(system["link"].to_numpy())
        wired = pd.DataFrame(
            {name: system[f"link_{name}"].to_numpy() for name in ("from_node", "to_node", "size")}, index=links
        ).assign(reactance=system["link_drop"].to_numpy())
        contingencies = pd.DataFrame(
            {name: system[f"contingency_{name}"].to_numpy() for name in ("link", "share")},
            index=list(system["contingency"].to_numpy()),
        )
        if system.attrs["network"] != "dc":
            wired = wired.iloc[:0]
        return loop_members(wired, self.capacity, contingencies)

    def as_variables(self) -> xr.Dataset:
        """The state as results keep it, so that a result can be repeated."""
        moments = table_dims("critical", pd.DataFrame(list(self.critical), columns=list(CRITICAL)), {})
        capacity = xr.DataArray(
            self.capacity.to_numpy(dtype=float),
            coords={"link": list(self.capacity.index), "year": [int(y) for y in self.capacity.columns]},
            dims=("link", "year"),
            attrs={"units": "link unit", "long_name": "capacity by which the reactance of the link was told"},
        )
        texts = {
            "critical_contingency": moments["critical_contingency"].astype(str),
            "critical_step": moments["critical_step"].astype(str),
            "critical_year": moments["critical_year"].astype(int),
        }
        return xr.Dataset({**texts, "network_capacity": capacity})


def state_of(results: xr.Dataset) -> NetworkState | None:
    """The state that a result keeps; None if it was made without one."""
    if "network_capacity" not in results:
        return None
    rows = (results[f"critical_{name}"].to_numpy() for name in CRITICAL)
    critical = tuple((str(c), int(y), str(t)) for c, y, t in zip(*rows, strict=True))
    return NetworkState(results["network_capacity"].transpose("link", "year").to_pandas(), critical)


def changed(before: pd.DataFrame, after: pd.DataFrame, counted: np.ndarray, least: float) -> float:
    """Largest relative change of a capacity, of links that count and have at least ``least`` in either."""
    old, new = before.to_numpy()[counted], after.to_numpy()[counted]
    most = np.maximum(old, new)
    there = most >= least
    return float((np.abs(new - old)[there] / most[there]).max(initial=0.0))
