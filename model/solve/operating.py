"""The System of one planning year whose capacities are given: what is left of a plan when only dispatch is open."""

from __future__ import annotations

import numpy as np
import xarray as xr

from model.solve.accounts import Floats
from model.system.assets import FOREVER

DECIDED_ONCE = (
    "work",
    "potential_member",
    "build_limit",
    "build_limit_member",
    "project_rule",
    "margin",
    "contingency",
    "critical",
)
"""Dims of what is no longer open: works, what may be built, what projects mean for each other, margins, security."""

OF_DISPATCH = ("delivered", "used")
"""Measures of goals that dispatch decides."""

VINTAGE = "as planned"


def operating_system(system: xr.Dataset, year: int, usable: Floats) -> xr.Dataset:
    """``system`` in one planning year with ``usable`` capacity, (asset), and nothing to build, convert or close.

    Goals that count what is delivered or used stay, the others are met or missed by the plan alone. Costs count once,
    not discounted.
    """
    one = system.sel(year=[year])
    terms = one["target_term_target"].to_numpy()
    counted = terms[np.isin(one["target_term_measure"].to_numpy(), OF_DISPATCH)]
    loops = one["loop_member_year"].to_numpy() == year
    kept = {
        "loop_member": loops,
        "target": np.isin(one["target"].to_numpy(), counted),
        "target_term": np.isin(terms, counted),
    }
    one = one.isel(kept | dict.fromkeys(DECIDED_ONCE, slice(0, 0)))
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
