"""Typical days: a small set of days, from monthly means and daily shapes, that stands for the year.

This is the simple, documented set of profiles that a study can always have. It gives the Dataset that any other
source of profiles gives: ``profile_value(profile, step)``, ``duration``, ``weight``, ``period`` and ``previous`` of
each step.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from model.system.assets import inflow
from model.system.problems import InvalidStudy, Problem
from model.system.settings import FILE, Settings
from model.time.calendar import DAYS_IN_MONTH, HOURS_PER_DAY, MID_MONTH_DAY, MONTH_OF_DAY
from model.time.demand import ALL, DAYS_OF_TYPE, load_table, national_table, week_mean

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Tables = Mapping[str, pd.DataFrame]
PEAK_WIND_HOUR = 23
"""Solar hour of the nocturnal maximum of wind at hub height."""


def typical_days(tables: Tables, settings: Settings) -> xr.Dataset:
    """Representative periods of one day each; dims and variables as ``time.periods`` says.

    Where every month has one period of its own, that period stands for each of its days in the calendar (``slot``);
    where several share a month no order of days is known, there are no slots, and no store can carry over.
    """
    periods = tables["periods"]
    months = np.array([_month_days(str(text)) for text in periods["months"]])
    days = periods["days"].to_numpy(dtype=float)
    profiles = _profiles(tables, settings, periods, months)
    shares = _monthly_shares(tables, days, months)
    standing = _calendar(periods, months)
    steps, coords = _steps_of_days(list(periods["period"]), days, settings.step_hours)
    values = np.array([_steps(hourly, settings.step_hours) for hourly in profiles.values()])
    return xr.Dataset(
        {
            "slot_period": ("slot", np.array(standing, dtype=object)),
            **steps,
            "profile_value": (("profile", "step"), values, {"units": "1", "long_name": "profiles"}),
            "monthly_share": (
                ("monthly_profile", "period"),
                np.array(list(shares.values())).reshape(len(shares), len(days)),
                {"units": "1", "long_name": "share of a monthly profile that falls to the period"},
            ),
        },
        coords={
            **coords,
            "slot": [f"day{day + 1:03d}" for day in range(len(standing))],
            "profile": list(profiles),
            "monthly_profile": list(shares),
        },
        attrs={
            "method": "typical",
            "title": f"{len(days)} typical days from monthly means, in steps of {settings.step_hours} h",
            "periods": len(days),
        },
    )


def _steps_of_days(names: list[str], days: Floats, step_hours: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is said of steps and periods, and their labels: days in equal steps, each of which closes on itself."""
    hours = np.arange(0, HOURS_PER_DAY, step_hours)
    steps = [f"{name}/{hour:02d}" for name in names for hour in hours]
    previous = [f"{name}/{hour:02d}" for name in names for hour in np.roll(hours, 1)]
    duration, weight = np.full(len(steps), float(step_hours)), np.repeat(days, len(hours))
    return {
        "duration": ("step", duration, {"units": "h", "long_name": "length of a step"}),
        "weight": ("step", weight, {"units": "1", "long_name": "times that the step occurs in a year"}),
        "step_period": ("step", np.array([name for name in names for _ in hours], dtype=object)),
        "previous": ("step", np.array(previous, dtype=object)),
        "period_hours": (
            "period",
            days * HOURS_PER_DAY,
            {"units": "h", "long_name": "hours of the year it stands for"},
        ),
    }, {"step": steps, "period": names}


def _monthly_shares(tables: Tables, days: Floats, months: Floats) -> dict[str, Floats]:
    """What of each row of months of monthly_profiles.csv falls to each period, by ``<profile>@<node>``."""
    season = days[:, None] * (months > 0)
    part = season / np.maximum(season.sum(axis=0), 1e-12)
    monthly = tables["monthly_profiles"].sort_values(["profile", "node", "month"])
    return {
        f"{profile}@{node}": part @ rows["value"].to_numpy()
        for (profile, node), rows in monthly.groupby(["profile", "node"])
    }


def _calendar(periods: pd.DataFrame, months: Floats) -> list[str]:
    """The period of each day of the year; none where several periods share a month, for then no order is known."""
    if ((months > 0).sum(axis=0) != 1).any() or (periods["days"].to_numpy(dtype=float) != months.sum(axis=1)).any():
        return []
    of_month = periods["period"].to_numpy()[np.argmax(months > 0, axis=0)]
    return [str(name) for name in of_month[MONTH_OF_DAY]]


def _month_days(text: str) -> Floats:
    days = np.zeros(12)
    for month in text.split(";"):
        days[int(month) - 1] = DAYS_IN_MONTH[int(month) - 1]
    return days


def _steps(hourly: Floats, step_hours: int) -> Floats:
    """Means over steps of (period, 24) hourly values, flat."""
    means: Floats = hourly.reshape(hourly.shape[0], -1, step_hours).mean(axis=2).ravel()
    return means


def _mean(monthly: Floats, months: Floats) -> Floats:
    """Mean over the months of each period, by days: (12, ...) -> (period, ...)."""
    share = months / months.sum(axis=1, keepdims=True)
    mean: Floats = np.tensordot(share, monthly, axes=1)
    return mean


def _profiles(tables: Tables, settings: Settings, periods: pd.DataFrame, months: Floats) -> dict[str, Floats]:
    """Hourly profiles of each period, (period, 24), by name ``<kind>@<node or technology>``."""
    found: dict[str, Floats] = {"constant": np.ones((len(periods), HOURS_PER_DAY))}
    weather = tables["weather"].sort_values(["node", "month"])
    lat = dict(zip(tables["nodes"]["node"], tables["nodes"]["lat"], strict=True))
    wind_level, sun_level = (periods[name].to_numpy(dtype=float)[:, None] for name in ("wind", "sun"))
    for node, rows in weather.groupby("node"):
        wind = _mean(rows["wind_cf"].to_numpy(), months)[:, None] * wind_level
        cycle = 1 + rows["wind_diurnal"].mean() * np.cos(
            2 * np.pi * (np.arange(HOURS_PER_DAY) - PEAK_WIND_HOUR) / HOURS_PER_DAY
        )
        found[f"wind_cf@{node}"] = np.clip(wind * cycle, 0, 1)
        sun = _mean(rows["pv_fixed_cf"].to_numpy()[:, None] * sun_shape(lat[node]), months)
        found[f"pv_fixed_cf@{node}"] = np.clip(sun * sun_level, 0, 1)
    found |= {
        name: _mean(level, months)[:, None] * np.ones(HOURS_PER_DAY)
        for name, level in (monthly_levels(tables) | inflow_levels(tables)).items()
    }
    loads = load_profiles(tables, settings, periods, months)
    places = dict.fromkeys(tables["demands"]["node"])
    return found | {f"{name}@{node}": load for name, load in loads.items() for node in places}


def sun_shape(latitude: float) -> Floats:
    """Hours of the mid-month day against their daily mean, (12, 24): the sine of the sun's height, zero at night."""
    declination = np.radians(23.45) * np.sin(2 * np.pi * (284 + MID_MONTH_DAY) / 365)
    angle = 2 * np.pi * (np.arange(HOURS_PER_DAY) + 0.5 - 12) / HOURS_PER_DAY
    place = np.radians(latitude)
    height = np.sin(place) * np.sin(declination)[:, None] + np.cos(place) * np.cos(declination)[:, None] * np.cos(angle)
    shape = np.maximum(height, 0)
    normal: Floats = shape / shape.mean(axis=1, keepdims=True)
    return normal


def inflow_levels(tables: Tables) -> dict[str, Floats]:
    """What comes by the month against the yearly mean, (12), for every fuel supply that follows a monthly profile."""
    monthly = tables["monthly_profiles"].sort_values("month")
    found: dict[str, Floats] = {}
    for row in tables["fuels"].drop_duplicates(["commodity", "node"]).itertuples():
        if row.profile:
            given = monthly[(monthly["profile"] == row.profile) & monthly["node"].isin((row.node, ""))]
            share = given.sort_values(["node", "month"]).tail(len(DAYS_IN_MONTH))["value"].to_numpy(dtype=float)
            level: Floats = share / share.sum() * DAYS_IN_MONTH.sum() / DAYS_IN_MONTH
            found[inflow(row.profile, row.node)] = level
    return found


def monthly_levels(tables: Tables) -> dict[str, Floats]:
    """Profiles given by month, (12), by node, and maintenance by technology: 1 - planned outage x season."""
    found: dict[str, Floats] = {}
    monthly = tables["monthly_profiles"].sort_values(["profile", "node", "month"])
    for (profile, node), rows in monthly.groupby(["profile", "node"]):
        level = rows["value"].to_numpy(dtype=float)
        if profile == "maintenance":
            values = tables["technology_values"]
            planned = values[values["quantity"] == "planned_outage"].drop_duplicates("technology")
            outage = dict(zip(planned["technology"], planned["value"], strict=True))
            found |= {
                f"maintenance@{t}": np.clip(1 - outage.get(t, 0.0) * level, 0, 1)
                for t in tables["technologies"]["technology"]
            }
        else:
            places = [node] if node else list(tables["nodes"]["node"])
            found |= {f"{profile}@{place}": level for place in places}
    return found


def load_profiles(tables: Tables, settings: Settings, periods: pd.DataFrame, months: Floats) -> dict[str, Floats]:
    """Load of each hour of each period against the yearly mean, (period, 24); energy is kept by season and year.

    ``load``, the national mix of sectors, which all nodes have, and ``load_<sector>`` of each sector that a demand
    follows. The largest step of the mix in a peak period is 1 / load factor, and sectors rise alike; the other periods
    of its months use what it leaves. InvalidStudy if it leaves nothing.
    """
    table, national = load_table(tables["load_shape"]), national_table(tables)
    followed = set(tables["demands"]["profile"])
    sectors = {f"load_{sector}": str(sector) for sector in table["sector"].to_numpy() if sector != ALL}
    shapes = {"load": national} | {name: table.sel(sector=own) for name, own in sectors.items() if name in followed}
    step_peak = _steps(_days_of(national, periods, months), settings.step_hours).reshape(len(periods), -1).max(axis=1)
    peak = periods["peak"].to_numpy() == 1
    lift = np.where(peak, 1 / settings.load_factor / step_peak, 1.0)[:, None]
    return {name: _load_kept(shape, lift, periods, months) for name, shape in shapes.items()}


def _days_of(shape: xr.DataArray, periods: pd.DataFrame, months: Floats) -> Floats:
    """Load of the day type and months of each period, (month, daytype, hour) -> (period, 24)."""
    by_kind = {"mean": week_mean(shape), **{kind: shape.sel(daytype=kind) for kind in DAYS_OF_TYPE}}
    table: dict[str, Floats] = {kind: part.transpose("month", "hour").to_numpy() for kind, part in by_kind.items()}
    return np.array([_mean(table[kind], months[i : i + 1])[0] for i, kind in enumerate(periods["daytype"])])


def _load_kept(shape: xr.DataArray, lift: Floats, periods: pd.DataFrame, months: Floats) -> Floats:
    """The days of each period, those of the peak lifted, the others scaled to keep the energy of season and year."""
    load = _days_of(shape, periods, months) * lift
    days = periods["days"].to_numpy(dtype=float)
    wanted = _mean(week_mean(shape).transpose("month", "hour").to_numpy(), months).mean(axis=1)
    wanted *= days.sum() / (wanted * days).sum()
    ordinary = periods["peak"].to_numpy() != 1
    groups = periods["months"].astype(str).to_numpy()
    for group in dict.fromkeys(groups):
        inside = groups == group
        _keep_energy(load, days, inside, ordinary, float((wanted * days)[inside].sum()))
    _keep_energy(load, days, np.full(len(days), True), ordinary, float(days.sum()))
    return load


def _keep_energy(load: Floats, days: Floats, inside: Flags, ordinary: Flags, energy: float) -> None:
    """Scale the ordinary days of ``inside`` in place so that all of its days use ``energy`` (mean load x days)."""
    used = load.mean(axis=1) * days
    rest, fixed = inside & ordinary, used[inside & ~ordinary].sum()
    if not rest.any():
        return
    if energy <= fixed:
        raise InvalidStudy(
            [
                Problem(
                    FILE,
                    None,
                    "load_factor",
                    "",
                    "the days of the peak use more than their season has",
                    "Give the peak fewer days in periods.csv, or a load_factor nearer to 1.",
                )
            ]
        )
    load[rest] *= (energy - fixed) / used[rest].sum()
