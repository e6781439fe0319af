"""Years to cut: the Kazakh one, drawn once, and small ones that a person can follow; and what is measured on cuts."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import xarray as xr

from model.system.read import Inputs
from model.system.settings import Settings
from model.time.aggregate import representative
from model.time.calendar import DAYS, DAYS_IN_MONTH, HOURS
from model.time.year import year_profiles
from tests.time.weather_years import KAZAKHSTAN, year

Floats = npt.NDArray[np.float64]

WIND, SUN, LOAD = "wind_cf@here", "pv_fixed_cf@here", "load@here"

SETTINGS = Settings(
    name="made-up", title="Made up", years=(2025,), price_year=2025, horizon_end=2026, social_discount_rate=0
)
"""Settings of a study that has only what it must have."""


def settings(base: Settings = SETTINGS, **changes: object) -> Settings:
    """Settings with changes, checked as those of a study file are."""
    return Settings.model_validate({**base.model_dump(), "aggregation": "representative", **changes})


@lru_cache
def kazakhstan() -> Inputs:
    """The Kazakh study as read."""
    return Inputs.read(KAZAKHSTAN)


@lru_cache
def kazakh_year() -> xr.Dataset:
    """Every profile of the Kazakh study in its own weather."""
    return year_profiles(kazakhstan().tables, year(kazakhstan().settings.weather_seed))


@lru_cache
def kazakh_cut(**changes: object) -> xr.Dataset:
    """The Kazakh year in twelve representative periods of eight segments, with changes of its settings."""
    own: dict[str, object] = {"representative_periods": 12, "segments": 8, "kept_days": ()}
    return representative(kazakh_year(), settings(kazakhstan().settings, **{**own, **changes}))


def made_up_year(wind: Floats, sun: Floats, load: Floats) -> xr.Dataset:
    """A year of one node from three profiles of 8,760 hours, in whatever shape; the load is brought to a mean of 1."""
    rows = np.array([np.reshape(values, HOURS) for values in (wind, sun, load)], dtype=float)
    rows[2] /= rows[2].mean()
    return xr.Dataset(
        {
            "profile_value": (("profile", "hour"), rows),
            "national_load": ("hour", rows[2]),
            "month_value": (("monthly_profile", "month"), DAYS_IN_MONTH[None] / DAYS),
        },
        coords={"profile": [WIND, SUN, LOAD], "hour": np.arange(HOURS), "monthly_profile": ["even@"]},
    )


def hours_of(steps: xr.Dataset) -> Floats:
    """Hours of the year for which each step stands."""
    hours: Floats = (steps["duration"] * steps["weight"]).to_numpy()
    return hours


def means(steps: xr.Dataset) -> Floats:
    """Mean of every profile over the year as cut."""
    mean: Floats = values(steps) @ hours_of(steps) / HOURS
    return mean


def values(steps: xr.Dataset, names: Iterable[str] | None = None) -> Floats:
    """Profiles, (profile, step) or (profile, hour); those of ``names``, or all."""
    chosen = steps["profile_value"] if names is None else steps["profile_value"].sel(profile=list(names))
    found: Floats = chosen.to_numpy()
    return found


def profiles(steps: xr.Dataset, *kinds: str) -> list[str]:
    """Names of the profiles of some kinds, such as ``wind_cf``."""
    return [str(name) for name in steps["profile"].to_numpy() if str(name).split("@")[0] in kinds]


def standing(steps: xr.Dataset) -> list[str]:
    """The period that stands at each place of the calendar."""
    return [str(label) for label in steps["slot_period"].to_numpy()]


def slot_hours(steps: xr.Dataset) -> Floats:
    """Hours of each place of the calendar: those of one occurrence of its period."""
    length = steps["duration"].to_series().groupby(steps["step_period"].to_numpy()).sum()
    hours: Floats = length.loc[standing(steps)].to_numpy(dtype=float)
    return hours
