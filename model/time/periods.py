"""From periods and the calendar in which they stand to the Dataset of steps that the linear program takes.

Every way of cutting the year gives the same Dataset, so that nothing downstream knows which one it was:

- dims ``step``, ``period``, ``slot``, ``profile``, ``monthly_profile``;
- ``duration(step)`` (h), ``weight(step)`` (times a year), ``step_period(step)``, ``previous(step)`` (round the period);
- ``period_hours(period)`` (h per year), ``slot_period(slot)``: the period that stands at each place of the calendar;
- ``profile_value(profile, step)`` (1) and ``monthly_share(monthly_profile, period)``: what of a yearly quantity spread
  by months falls to the period.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import xarray as xr

from model.time.calendar import DAYS_IN_MONTH, HOURS_PER_DAY, MONTH_OF_HOUR, hour_name

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Period:
    """A stretch of time that is looked at step by step.

    ``starts``: hour of the year in which each step begins, counted from 0; ``durations``: hours of each step;
    ``values``: the profiles, (profile, step).
    """

    label: str
    starts: Integers
    durations: Integers
    values: Floats

    @property
    def hours(self) -> int:
        """Hours of one occurrence."""
        return int(self.durations.sum())


@dataclass(frozen=True)
class Slot:
    """A place in the calendar: the hours of the year from ``start`` on, and the period that stands for them."""

    label: str
    start: int
    hours: int
    period: str


def steps_dataset(
    year: xr.Dataset, periods: Sequence[Period], slots: Sequence[Slot], method: str, title: str
) -> xr.Dataset:
    """The steps of ``periods``, each weighted by how often it stands in the calendar; dims as in the module's text.

    ``year`` is what ``year_profiles`` gives; ValueError if the calendar does not fill its hours.
    """
    if sum(slot.hours for slot in slots) != year.sizes["hour"]:
        raise ValueError("the slots of the calendar do not fill the year")
    count = {period.label: sum(slot.period == period.label for slot in slots) for period in periods}
    labels = [[hour_name(int(start)) for start in period.starts] for period in periods]
    each = [len(period.starts) for period in periods]
    weight = np.repeat([float(count[period.label]) for period in periods], each)
    return xr.Dataset(
        {
            "duration": _over("step", np.concatenate([p.durations for p in periods]), "h", "length of a step"),
            "weight": _over("step", weight, "1", "times that the step occurs in a year"),
            "step_start": _over(
                "step", np.concatenate([p.starts for p in periods]), "h", "hour of the year that the step shows"
            ),
            "step_period": ("step", _text([p.label for p, n in zip(periods, each, strict=True) for _ in range(n)])),
            "previous": ("step", _text([label for here in labels for label in [here[-1], *here[:-1]]])),
            "slot_period": ("slot", _text([slot.period for slot in slots])),
            "profile_value": (
                ("profile", "step"),
                np.concatenate([p.values for p in periods], axis=1),
                {"units": "1", "long_name": "profiles"},
            ),
            "period_hours": _over(
                "period", [p.hours * count[p.label] for p in periods], "h", "hours of the year it stands for"
            ),
            "monthly_share": (
                ("monthly_profile", "period"),
                _monthly_shares(year, periods, slots),
                {"units": "1", "long_name": "share of a monthly profile that falls to the period"},
            ),
        },
        coords={
            "step": [label for here in labels for label in here],
            "period": [period.label for period in periods],
            "slot": [slot.label for slot in slots],
            "profile": year["profile"].to_numpy(),
            "monthly_profile": year["monthly_profile"].to_numpy(),
        },
        attrs={"method": method, "title": title, "periods": len(periods)},
    )


def _over(dim: str, values: npt.ArrayLike, unit: str, text: str) -> tuple[str, Floats, dict[str, str]]:
    return dim, np.asarray(values, dtype=float), {"units": unit, "long_name": text}


def _text(labels: Sequence[str]) -> npt.NDArray[np.object_]:
    array = np.empty(len(labels), dtype=object)
    array[:] = labels
    return array


def _monthly_shares(year: xr.Dataset, periods: Sequence[Period], slots: Sequence[Slot]) -> Floats:
    """Months' values, by the hours of each month that the slots of a period hold: (monthly_profile, period)."""
    place = {period.label: i for i, period in enumerate(periods)}
    of_hour = np.repeat([place[slot.period] for slot in slots], [slot.hours for slot in slots])
    hours = np.zeros((len(DAYS_IN_MONTH), len(periods)))
    np.add.at(hours, (MONTH_OF_HOUR, of_hour), 1)
    shares: Floats = year["month_value"].to_numpy() @ (hours / (DAYS_IN_MONTH * HOURS_PER_DAY)[:, None])
    return shares
