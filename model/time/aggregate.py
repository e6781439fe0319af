"""The full year cut down to representative periods, which stand in the calendar of the year in place of all others.

tsam groups the days (or weeks) of the weather year by wind, sun and load at every node and cuts the periods into
segments; extreme periods are kept as they were. What stands for a group is then scaled so that every profile keeps its
yearly mean; how often a period stands in the calendar is never touched. Method: Kotzur et al. (2018),
doi 10.1016/j.renene.2017.10.017; Hoffmann et al. (2020), doi 10.3390/en13030641.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from model.system.settings import DAY_NAMES, Settings
from model.time.calendar import DAYS, HOURS_PER_DAY, day_name
from model.time.periods import Floats, Integers, Period, Slot, steps_dataset

WIND, SUN, LOAD = "wind_cf@", "pv_fixed_cf@", "load@"
FEATURE_WEIGHTS = {WIND: 1.0, SUN: 1.0, LOAD: 2.0}
"""How much each kind of profile counts when periods are compared, shared by its nodes."""

VARYING = (WIND, SUN, "pv_tracking_cf@", "load")
"""Profiles whose ups and downs matter; of the others, which follow months, the mean of a group stands for it."""

MARK = "extreme "
NEGLIGIBLE = 1e-6
"""Weight of what only marks an extreme period."""

ROUNDS = 50
"""Scaling rounds; what is at its bound stays there, the rest takes the difference."""


def representative(year: xr.Dataset, settings: Settings) -> xr.Dataset:
    """Representative periods of ``settings.period_days`` days; dims as ``time.periods`` says.

    ``year`` is what ``year_profiles`` gives. The variable ``profile_error`` (profile) is the root mean square
    difference between the sorted hours of the year and of the steps that stand for it. A day beyond the last whole
    week is a period of its own.
    """
    length = settings.period_days * HOURS_PER_DAY
    whole = DAYS // settings.period_days
    values = year["profile_value"].transpose("profile", "hour").to_numpy()
    names = [str(name) for name in year["profile"].to_numpy()]
    load = year["national_load"].to_numpy()
    days = values[:, : whole * length].reshape(len(names), whole, length)
    extremes = _extremes(names, days, load, settings)
    marked = sorted({period for period in extremes.values() if period < whole})
    groups = _grouped(_features(names, values[:, : whole * length], marked, length), marked, settings, length)
    kept = {kind: groups.standing(period) for kind, period in extremes.items()}
    typical = np.array([name.startswith(VARYING) for name in names]) & (settings.representation == "medoid")
    periods = [_period(groups, number, days, typical, settings.period_days) for number in range(groups.count)]
    slots = [
        Slot(_slot_name(place, settings.period_days), place * length, length, periods[number].label)
        for place, number in enumerate(groups.assignment)
    ]
    if whole * length < values.shape[1]:
        rest = _remainder(values, whole * length, settings)
        periods.append(rest)
        slots.append(Slot(rest.label, whole * length, rest.hours, rest.label))
    count = np.array([sum(slot.period == period.label for slot in slots) for period in periods], dtype=float)
    periods = _peak_kept(periods, names, values, int(np.argmax(load)), kept.get("peak_load"))
    periods = _means_kept(periods, count, values, kept, names)
    title = f"{groups.count} representative " + ("days" if settings.period_days == 1 else "weeks and the last day")
    steps = steps_dataset(year, periods, slots, "representative", title)
    error = _sorted_error(values, periods, count)
    return steps.assign(
        profile_error=("profile", error, {"units": "1", "long_name": "root mean square error of the sorted hours"})
    )


@dataclass(frozen=True)
class _Groups:
    """Which group each period of the year belongs to, the period in the middle of each, and its segments."""

    assignment: Integers
    middle: Integers
    segments: tuple[Integers, ...]

    @property
    def count(self) -> int:
        return len(self.middle)

    def standing(self, period: int) -> int:
        """The group of a period of the year; what is left after the last whole one stands for itself."""
        return int(self.assignment[period]) if period < len(self.assignment) else self.count


def _features(names: Sequence[str], values: Floats, marked: Sequence[int], length: int) -> pd.DataFrame:
    """What periods are compared by: wind, sun and load of every node; and one column that marks each extreme period."""
    chosen = {name: values[i] for i, name in enumerate(names) if name.startswith(tuple(FEATURE_WEIGHTS))}
    start = pd.Timestamp(year=2001, month=1, day=1)
    frame = pd.DataFrame(chosen, index=pd.date_range(start, periods=values.shape[1], freq="h"))
    marks = {f"{MARK}{period}": (np.arange(values.shape[1]) // length == period).astype(float) for period in marked}
    return frame.loc[:, frame.std() > 0].assign(**marks)


def _renewable(names: Sequence[str], values: Floats) -> Floats:
    """Mean capacity factor of wind and sun over all nodes."""
    mean: Floats = values[[i for i, name in enumerate(names) if name.startswith((WIND, SUN))]].mean(axis=0)
    return mean


def _weights(columns: Sequence[str]) -> dict[str, float]:
    """Weight of each feature: that of its kind, shared by the nodes; marks count for nothing."""
    kinds = {name: next((kind for kind in FEATURE_WEIGHTS if name.startswith(kind)), None) for name in columns}
    sizes = pd.Series(list(kinds.values())).value_counts()
    return {
        name: NEGLIGIBLE if kind is None else max(NEGLIGIBLE, FEATURE_WEIGHTS[kind] / sizes[kind])
        for name, kind in kinds.items()
    }


def _grouped(features: pd.DataFrame, marked: Sequence[int], settings: Settings, length: int) -> _Groups:
    """As many groups as the settings ask for; each of the ``marked`` periods is a group of its own."""
    weights = _weights(list(features.columns))
    wanted = settings.representative_periods
    # tsam takes extreme periods out of their groups, and a group that was nothing else is gone: then it needs more.
    for asked in range(wanted - len(marked), wanted + 1):
        assignment, segments = _alone(*_clustered(features, asked, weights, settings, length), marked)
        if len(segments) == wanted:
            break
    normal = ((features - features.min()) / (features.max() - features.min())).to_numpy()
    days = (normal * np.sqrt(list(weights.values()))).reshape(len(assignment), -1)
    middle = [_middle(days, np.flatnonzero(assignment == group)) for group in range(len(segments))]
    return _Groups(assignment, np.array(middle), tuple(segments))


def _clustered(
    features: pd.DataFrame, clusters: int, weights: Mapping[str, float], settings: Settings, length: int
) -> tuple[Integers, list[Integers]]:
    """The group of each period, and the hours of the steps of each group, as tsam finds them."""
    import tsam

    marks = [str(name) for name in features.columns if str(name).startswith(MARK)]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="tsam")
        found = tsam.aggregate(
            features,
            n_clusters=clusters,
            period_duration=length,
            cluster=tsam.ClusterConfig(method="hierarchical", representation=settings.representation),
            segments=tsam.SegmentConfig(n_segments=settings.segments) if settings.segments else None,
            extremes=tsam.ExtremeConfig(method="append", max_period=marks) if marks else None,
            weights=dict(weights),
            preserve_column_means=False,
        )
    numbers, assignment = np.unique(np.asarray(found.cluster_assignments, dtype=np.int64), return_inverse=True)
    if found.segment_durations is None:
        return assignment, [np.full(length // settings.step_hours, settings.step_hours) for _ in numbers]
    return assignment, [np.asarray(found.segment_durations[number], dtype=np.int64) for number in numbers]


def _alone(
    assignment: Integers, segments: Sequence[Integers], marked: Sequence[int]
) -> tuple[Integers, list[Integers]]:
    """The groups, with each marked period that stands for others taken out; its steps are those of its group.

    tsam leaves an extreme period in its group where it is what stands for the group: the steps were made for it.
    """
    own, each = assignment.copy(), list(segments)
    for period in marked:
        if (own == own[period]).sum() > 1:
            each.append(each[own[period]])
            own[period] = len(each) - 1
    return own, each


def _middle(days: Floats, members: Integers) -> int:
    """The member nearest to the mean of its group."""
    away = ((days[members] - days[members].mean(axis=0)) ** 2).sum(axis=1)
    return int(members[np.argmin(away)])


def _extremes(names: Sequence[str], days: Floats, load: Floats, settings: Settings) -> dict[str, int]:
    """The period of the year that is extreme in each way asked for, and that of each kept day, from 0."""
    calm = _renewable(names, days).mean(axis=1)
    every = {"peak_load": int(np.argmax(load)) // days.shape[2], "dark_calm": int(np.argmin(calm))}
    kept = {day: DAY_NAMES.index(day) // settings.period_days for day in settings.kept_days}
    return {kind: every[kind] for kind in settings.extreme_periods} | kept


def _period(groups: _Groups, number: int, days: Floats, typical: npt.NDArray[np.bool_], length: int) -> Period:
    """What stands for a group, in segments: its middle where ``typical`` (profile) says so, else the members' mean."""
    middle, durations = int(groups.middle[number]), groups.segments[number]
    hourly = days[:, groups.assignment == number].mean(axis=1)
    hourly[typical] = days[typical, middle]
    inside = np.cumsum(durations) - durations
    values: Floats = np.add.reduceat(hourly, inside, axis=1) / durations
    return Period(day_name(middle * length), middle * days.shape[2] + inside, durations, values)


def _remainder(values: Floats, start: int, settings: Settings) -> Period:
    """The hours after the last whole period, in plain steps."""
    hours = values.shape[1] - start
    steps = np.arange(0, hours, settings.step_hours)
    means = values[:, start:].reshape(len(values), len(steps), settings.step_hours).mean(axis=2)
    return Period(
        day_name(start // HOURS_PER_DAY) + "-rest", start + steps, np.full(len(steps), settings.step_hours), means
    )


def _slot_name(place: int, days: int) -> str:
    return f"day{place + 1:03d}" if days == 1 else f"week{place + 1:02d}"


def _is_load(names: Sequence[str]) -> npt.NDArray[np.bool_]:
    return np.array([name.startswith("load") for name in names])


def _peak_kept(
    periods: Sequence[Period], names: Sequence[str], values: Floats, hour: int, peak: int | None
) -> list[Period]:
    """The step that holds the hour of the yearly peak has the load of that hour, not the mean of its hours."""
    if peak is None:
        return list(periods)
    load, found = _is_load(names), list(periods)
    own = periods[peak].values.copy()
    own[load, int(np.searchsorted(periods[peak].starts, hour, side="right")) - 1] = values[load, hour]
    found[peak] = replace(periods[peak], values=own)
    return found


def _means_kept(
    periods: Sequence[Period], count: Floats, values: Floats, kept: dict[str, int], names: Sequence[str]
) -> list[Period]:
    """Scale what stands for ordinary periods so that every profile keeps its mean of the year, within its range.

    The peak period keeps its load, the dark calm its wind and sun, kept days both: the others make up for it.
    """
    hours = np.concatenate([p.durations * n for p, n in zip(periods, count, strict=True)]).astype(float)
    owner = np.repeat(np.arange(len(periods)), [len(p.durations) for p in periods])
    steps = np.concatenate([p.values for p in periods], axis=1)
    wanted, most = values.mean(axis=1) * hours.sum(), values.max(axis=1)[:, None]
    load = _is_load(names)
    renewable = np.array([name.startswith((WIND, SUN, "pv_")) for name in names])
    fixed = np.zeros(steps.shape, dtype=bool)
    for kind, period in kept.items():
        rows = {"peak_load": load, "dark_calm": renewable}.get(kind, load | renewable)
        fixed[np.ix_(rows, owner == period)] = True
    for _ in range(ROUNDS):
        short = wanted - steps @ hours
        if np.all(np.abs(short) <= 1e-12 * np.maximum(wanted, 1)):
            break
        room = _room(steps, most, short, fixed)
        free = room @ hours
        share = np.divide(short, free, out=np.zeros_like(short), where=free > 0)
        steps = np.clip(steps + room * share[:, None], 0, most)
    ends = np.cumsum([len(p.durations) for p in periods])[:-1]
    return [replace(p, values=own) for p, own in zip(periods, np.split(steps, ends, axis=1), strict=True)]


def _room(steps: Floats, most: Floats, short: Floats, fixed: npt.NDArray[np.bool_]) -> Floats:
    """In proportion to what the steps of each profile change to make up for what is ``short``: (profile, step).

    All are scaled alike, up to the bound; where nothing is left to scale, they rise by what is left to the bound.
    """
    rises = (short > 0)[:, None]
    scaled = np.where(fixed | (rises & (steps >= most)), 0.0, steps)
    bare = rises & ~scaled.any(axis=1, keepdims=True)
    room: Floats = np.where(bare & ~fixed, most - steps, scaled)
    return room


def _sorted_error(values: Floats, periods: Sequence[Period], count: Floats) -> Floats:
    """Root mean square difference of the duration curves of the year and of what stands for it, by profile."""
    each = np.concatenate([p.durations * n for p, n in zip(periods, count, strict=True)]).astype(int)
    lived = np.repeat(np.concatenate([p.values for p in periods], axis=1), each, axis=1)
    error: Floats = np.sqrt(((np.sort(lived, axis=1) - np.sort(values, axis=1)) ** 2).mean(axis=1))
    return error
