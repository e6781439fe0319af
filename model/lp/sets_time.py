"""The axes of a plan, its steps and periods, and the calendar in which the periods of a year follow each other."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from model.lp.frames import Frames, grouped
from model.lp.statement import Statement
from model.time.runs import runs_of


def declare(statement: Statement, system: xr.Dataset, time: xr.Dataset, frames: Frames) -> None:
    """Put the axes and all that is said of steps, periods and slots on the statement."""
    _axes(statement, system, time, frames)
    _steps(statement, time)
    _profiles(statement, time)
    _calendar(statement, time)


def _axes(statement: Statement, system: xr.Dataset, time: xr.Dataset, frames: Frames) -> None:
    axes = {
        "node": list(system["node"].to_numpy()),
        "commodity": list(system["commodity"].to_numpy()),
        "year": frames.years,
        "step": list(time["step"].to_numpy()),
        "period": list(time["period"].to_numpy()),
        "slot": list(time["slot"].to_numpy()[runs_of(time).first]),
        "asset": list(frames.assets.index),
    }
    for dim, labels in axes.items():
        statement.axis(dim, statement.set(dim.upper(), labels))
    statement.blocks(
        "year",
        "step",
        "period",
        dict(zip(axes["step"], time["step_period"].to_numpy(), strict=True)),
        slot="slot",
        period_of_slot=dict(zip(time["slot"].to_numpy(), time["slot_period"].to_numpy(), strict=True)),
    )


def _steps(statement: Statement, time: xr.Dataset) -> None:
    m = statement.model
    hours = (time["duration"] * time["weight"]).to_numpy()
    statement.map("period_of", m.STEP, list(time["step_period"].to_numpy()))
    statement.map("previous", m.STEP, list(time["previous"].to_numpy()))
    statement.parameter("duration", m.STEP, time["duration"].to_numpy(), unit="h")
    statement.parameter("step_hours", m.STEP, hours, unit="h per year")
    statement.parameter("period_hours", m.PERIOD, time["period_hours"].to_numpy(), unit="h per year")
    statement.lookup(
        "steps_in", m.PERIOD, grouped([(p,) for p in time["step_period"].to_numpy()], time["step"].to_numpy())
    )


def _profiles(statement: Statement, time: xr.Dataset) -> None:
    m = statement.model
    values = time["profile_value"].transpose("profile", "step").to_numpy()
    hours = (time["duration"] * time["weight"]).to_numpy()
    statement.set("PROFILE", time["profile"].to_numpy())
    statement.parameter("profile", m.PROFILE * m.STEP, values)
    statement.parameter("period_profile", m.PROFILE * m.PERIOD, period_means(time))
    statement.parameter("year_profile", m.PROFILE, values @ hours / hours.sum())


def period_means(time: xr.Dataset) -> np.ndarray:
    """Profiles averaged over each period, (profile, period)."""
    member = (time["step_period"].to_numpy()[:, None] == time["period"].to_numpy()[None, :]) * time[
        "duration"
    ].to_numpy()[:, None]
    means: np.ndarray = time["profile_value"].transpose("profile", "step").to_numpy() @ (member / member.sum(axis=0))
    return means


def _calendar(statement: Statement, time: xr.Dataset) -> None:
    """The slots of the year in order, and the period that stands for each; without slots nothing can carry over.

    A slot is the first of a run of slots with one period (`runs_of`), which stands there so many times in a row.
    """
    m = statement.model
    steps = pd.Series(time["step"].to_numpy()).groupby(time["step_period"].to_numpy())
    first, last = set(steps.first()), steps.last()
    inside = zip(time["step"].to_numpy(), time["previous"].to_numpy(), strict=True)
    runs, slots = runs_of(time), list(m.SLOT)
    standing = list(time["slot_period"].to_numpy()[runs.first])
    statement.lookup("before_inside", m.STEP, {step: [before] for step, before in inside if step not in first})
    statement.map("slot_period", m.SLOT, standing)
    statement.map("next_slot", m.SLOT, [*slots[1:], *slots[:1]])
    statement.map("last_step", m.SLOT, list(last.loc[standing]))
    statement.set("REPEATED", [slot for slot, times in zip(slots, runs.length, strict=True) if times > 1])


def slot_hours(time: xr.Dataset) -> np.ndarray:
    """Hours of each slot of the calendar: those of one occurrence of the period that stands for it."""
    length = time["duration"].to_series().groupby(time["step_period"].to_numpy()).sum()
    hours: np.ndarray = length.loc[list(time["slot_period"].to_numpy())].to_numpy(dtype=float)
    return hours
