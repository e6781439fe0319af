"""When power is short: loads of zones, their peaks, and what wind and sun count for then, worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr

from model.time.peaks import capacity_credits, peak_moments, zone_load

GW = 8760.0
"""GWh a year of a load of 1 GW."""

WIND = [0.5, 0.2, 0.9, 0.4]
LOAD = [1.2, 1.1, 0.8, 0.9]
"""What wind gives and what load is, of its mean, in two steps of winter and two of summer."""


def time(summer: float = 1.0) -> xr.Dataset:
    """A day of winter and ``summer`` days of summer, of two steps of an hour."""
    return xr.Dataset(
        {
            "profile_value": (("profile", "step"), [[1.0] * 4, LOAD, WIND, [0.0, 0.3, 0.0, 0.5]]),
            "duration": ("step", [1.0] * 4),
            "weight": ("step", [1.0, 1.0, summer, summer]),
            "step_period": ("step", np.array(["winter", "winter", "summer", "summer"], dtype=object)),
        },
        coords={"profile": ["constant", "load", "wind", "sun"], "step": ["w0", "w1", "s0", "s1"]},
    )


def system(credits: str = "table", peak_steps: int = 2, **changes: Any) -> xr.Dataset:
    """Two zones and a node abroad, wind of 1 GW until 2030 and 1.5 GW from then on, sun and a plant."""
    variables: dict[str, Any] = {
        "node_zone": ("node", ["n", "s", "all"]),
        "node_kind": ("node", ["inside", "inside", "outside"]),
        "demand_node": ("demand", ["north", "south", "south", "abroad", "north"]),
        "demand_commodity": ("demand", ["electricity"] * 4 + ["heat"]),
        "demand_profile": ("demand", ["load", "constant", "load", "load", "load"]),
        "annual_demand": (("demand", "year"), np.array([[1, 2], [2, 2], [1, 4], [9, 9], [9, 9]]) * GW),
        "asset_availability": ("asset", ["wind", "sun", "constant"]),
        "asset_group": ("asset", ["wind", "solar", "thermal"]),
        "capacity_credit": (("asset", "year"), [[0.1, 0.1], [0.0, 0.0], [0.9, 0.8]]),
        "build_lower": (("asset", "year"), [[0.0, 1.5], [0.0, 0.0], [0.0, 0.0]]),
        "vintage_asset": ("vintage", ["wind", "old"]),
        "vintage_end_year": ("vintage", [2030, 2100]),
        "vintage_capacity": ("vintage", [1.0, 5.0]),
    }
    coords = {"node": ["north", "south", "abroad"], "year": [2025, 2030], "asset": ["wind", "solar", "old"]}
    attrs = {"capacity_credits": credits, "peak_steps": peak_steps}
    return xr.Dataset({**variables, **changes}, coords=coords, attrs=attrs)


def test_the_load_of_a_zone_is_that_of_its_users() -> None:
    """Proves: 2 GW flat and 1 or 4 with the load are 2 + 1.2 and 2 + 4.8 GW in the south in the first step; the country
    has 1 or 2 GW times the load more. Without the zone, the kind of node or the commodity 9 GW would be in it."""
    found = zone_load(system(), time(), "s")
    assert found == pytest.approx(np.array([[3.2, 3.1, 2.8, 2.9], [6.8, 6.4, 5.2, 5.6]]))
    assert zone_load(system(), time(), "all")[0] == pytest.approx([4.4, 4.2, 3.6, 3.8])


def test_peaks_are_of_different_periods() -> None:
    """Proves: the highest step of winter and that of summer are looked at, although both of winter are higher; with one
    step the highest alone, with three no more than there are periods. Without the periods all moments would be of one
    cold evening."""
    assert peak_moments(system(), time(), "all") == [["w0", "s1"]] * 2
    assert peak_moments(system(peak_steps=1), time(), "n") == [["w0"]] * 2
    assert peak_moments(system(peak_steps=3), time(), "n") == [["w0", "s1"]] * 2


def test_credits_of_the_table_stand() -> None:
    """Proves: by the table everything counts as the System says. Without the choice wind would have another credit."""
    assert capacity_credits(system(), time()) == pytest.approx(system()["capacity_credit"].to_numpy())


def test_wind_counts_where_load_less_wind_is_highest() -> None:
    """Proves: with 1 GW of wind the load less it is 3.9, 4.0, 2.7 and 3.4 GW in 2025: the second step is the highest,
    where wind gives 0.2 and the sun 0.3. In 2030 that GW is gone and 1.5 are due: 9.2, 8.6, 6.8 and 7.4 GW of load
    leave 8.45, 8.3, 5.45 and 6.8, and wind gives 0.5 in the first, the sun nothing. A plant keeps its credit. Without
    the standing fleet the highest load would count in both years; without its end the second step in both."""
    found = capacity_credits(system("net_peak"), time())
    assert found == pytest.approx(np.array([[0.2, 0.5], [0.3, 0.0], [0.9, 0.8]]))


def test_the_net_peak_is_a_hundredth_of_the_hours() -> None:
    """Proves: of 400 hours the 4 of highest net load count: both of winter, and 2 of the 199 of the next step: wind
    (0.2 + 0.5 + 2 x 0.4) / 4 = 0.375, sun (0.3 + 2 x 0.5) / 4 = 0.325. Without the hours a single step would tell."""
    found = capacity_credits(system("net_peak"), time(199))
    assert found[:, 0] == pytest.approx([0.375, 0.325, 0.9])
