"""The load of sectors on typical days: one shape for each that a demand follows, and together the load of all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from model.time.typical import typical_days
from tests.studies import Row, only, small_study
from tests.time.cut_years import hours_of, kazakhstan, means, profiles, values

MONTHS = range(1, 13)
MONTHS_TEXT = ";".join(map(str, MONTHS))
SHARES = {"homes": 0.25, "works": 0.75}


def by_sector(tmp_path: Path, *demands: str, load_factor: float = 1.0) -> xr.Dataset:
    """Homes that use all in the evening half of the day and works that run through; a peak of 73 days of the year."""
    shape: list[Row] = [
        {"sector": sector, "month": month, "hour": hour, "daytype": kind, "value": value}
        for month in MONTHS
        for hour in range(24)
        for kind in ("workday", "weekend")
        for sector, value in (("homes", 1.6 if hour >= 12 else 0.4), ("works", 1.0))
    ]
    shares: list[Row] = [
        {"node": node, "sector": sector, "share": share}
        for node in ("north", "south")
        for sector, share in SHARES.items()
    ]
    follow: list[Row] = [
        {"node": node, "commodity": "electricity", "year": 2025, "value": 4380, "profile": name}
        for node, name in zip(("north", "south"), demands, strict=False)
    ]
    periods: list[Row] = [
        {"period": "usual", "months": MONTHS_TEXT, "days": 292},
        {"period": "peak", "months": MONTHS_TEXT, "days": 73, "peak": 1},
    ]
    inputs = small_study(
        tmp_path,
        load_shape=only(*shape),
        load_shares=only(*shares),
        demands=only(*follow),
        periods=periods,
        step_hours=12,
        load_factor=load_factor,
    )
    assert inputs.check() == []
    return typical_days(inputs.tables, inputs.settings)


def of(time: xr.Dataset, profile: str) -> list[float]:
    """A profile over the steps: the two halves of a usual day, then of a peak day."""
    found: list[float] = time["profile_value"].sel(profile=profile).to_numpy().tolist()
    return found


def test_a_demand_can_follow_a_sector(tmp_path: Path) -> None:
    """Proves: homes use 0.4 and 1.6, works 1, as load_shape.csv says. Without it a study that the checks let pass
    would stop for a missing profile.
    """
    time = by_sector(tmp_path, "load_homes", "load_works", load_factor=1 / 1.15)
    assert of(time, "load_homes@north") == pytest.approx([0.4, 1.6, 0.4, 1.6])
    assert of(time, "load_works@south") == pytest.approx([1, 1, 1, 1])


def test_sectors_rise_alike_to_the_peak_and_keep_their_energy(tmp_path: Path) -> None:
    """Proves: the mix of 1.15 rises to 1.61, by 1.4, homes to 2.24 and works to 1.4; usual days give 0.9 of theirs.
    Without it the sectors together would not be the load of the country.
    """
    time = by_sector(tmp_path, "load_homes", "load_works", load_factor=1 / 1.61)
    assert of(time, "load@north") == pytest.approx([0.85 * 0.9, 1.15 * 0.9, 0.85 * 1.4, 1.61])
    assert of(time, "load_homes@north") == pytest.approx([0.36, 1.44, 0.56, 2.24])
    assert of(time, "load_works@north") == pytest.approx([0.9, 0.9, 1.4, 1.4])
    together = sum(share * np.array(of(time, f"load_{sector}@north")) for sector, share in SHARES.items())
    assert together == pytest.approx(np.array(of(time, "load@north")))
    names = profiles(time, "load", "load_homes", "load_works")
    assert values(time, names) @ hours_of(time) == pytest.approx(np.full(len(names), 8760))


def test_sectors_that_nothing_follows_are_left_out(tmp_path: Path) -> None:
    """Proves: with one demand of all and one of homes there is no profile of works. Without it a sector that nobody
    asks for could refuse the study, and each would add a profile for every node.
    """
    time = by_sector(tmp_path, "load", "load_homes")
    assert profiles(time, "load_homes") == ["load_homes@north", "load_homes@south"]
    assert profiles(time, "load_works") == []


def test_the_kazakh_sectors_are_offered_where_they_are_followed() -> None:
    """Proves: a demand of the Kazakh study that follows homes finds its profile, with a mean of 1. Without it the
    study could be cut into weeks but not into typical days.
    """
    tables = dict(kazakhstan().tables)
    tables["demands"] = tables["demands"].assign(profile="load_residential")
    time = typical_days(tables, kazakhstan().settings.model_copy(update={"load_factor": 0.783}))
    names = profiles(time, "load_residential")
    assert len(names) == len(profiles(time, "load")) == tables["demands"]["node"].nunique()
    mean = dict(zip(time["profile"].to_numpy(), means(time), strict=True))
    assert [mean[name] for name in names] == pytest.approx([1.0] * len(names))
