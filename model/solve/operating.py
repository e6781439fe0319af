"""The System of one planning year whose capacities are given: what is left of a plan when only dispatch is open."""

from __future__ import annotations

import numpy as np
import xarray as xr

from model.solve.accounts import Floats
from model.system.assets import FOREVER

DECIDED_ONCE = ("vintage", "work", "potential_member", "build_limit", "build_limit_member", "target_term", "target")
"""Dims of what is no longer open: fleet and works, what may be built, and goals of the plan."""

VINTAGE = "as planned"


def operating_system(system: xr.Dataset, year: int, usable: Floats) -> xr.Dataset:
    """``system`` in one planning year with ``usable`` capacity, (asset), and nothing to build, convert or close.

    Goals that delivered energy counts for stay, the others are met or missed by the plan alone. Costs count once, not
    discounted.
    """
    one = system.sel(year=[year])
    delivered = one["target_term_measure"].to_numpy() == "delivered"
    goals = np.isin(one["target"].to_numpy(), one["target_term_target"].to_numpy()[delivered])
    kept = one["target_term_target"].to_numpy()
    one = one.isel(target=goals, target_term=np.isin(kept, one["target"].to_numpy()[goals]))
    one = one.isel({dim: slice(0, 0) for dim in DECIDED_ONCE if dim not in ("target", "target_term", "vintage")})
    assets = one["asset"].to_numpy()
    there = usable > 0
    fleet = {
        "vintage_asset": assets[there],
        "vintage_label": np.full(int(there.sum()), VINTAGE, dtype=object),
        "vintage_end_year": np.full(int(there.sum()), FOREVER),
        "vintage_capacity": usable[there],
    }
    attributes = {name: one[name].attrs for name in fleet}
    one = one.drop_vars(list(fleet)).assign(
        {name: ("vintage", values, attributes[name]) for name, values in fleet.items()}
    )
    return one.assign(
        build_lower=xr.zeros_like(one["build_lower"]),
        build_upper=xr.zeros_like(one["build_upper"]),
        fixed_cost=xr.zeros_like(one["fixed_cost"]),
        discount_weight=xr.ones_like(one["discount_weight"]),
    )
