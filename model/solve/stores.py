"""What stores hold: rates by step whatever they were decided by, and levels followed through the calendar.

Recomputed from charge and discharge alone; the certificate compares, the results report.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from model.solve.accounts import Accounts, Floats
from model.time.runs import runs_of


class Store(NamedTuple):
    """The numbers of one store; ``per_hour`` is what an hour of full output gives, in the commodity's unit."""

    name: str
    place: int
    inward: float
    outward: float
    loss: float
    duration: float
    per_hour: float
    seasonal: bool


def stores(accounts: Accounts) -> list[Store]:
    """Every asset that stores."""
    inward, outward, loss, duration, hours = (
        accounts.of_asset(name).astype(float)
        for name in ("charge_efficiency", "discharge_efficiency", "standing_loss", "duration", "hours")
    )
    cycle = accounts.of_asset("cycle")
    return [
        Store(name, i, inward[i], outward[i], loss[i], duration[i], 1 / hours[i], cycle[i] == "year")
        for name, i in ((name, accounts.place[name]) for name in accounts.store_assets)
    ]


def inside(accounts: Accounts, store: Store) -> Floats:
    """Level at the end of each step against the start of its period, (year, step), from charge and discharge."""
    length = accounts.time["duration"].to_numpy().astype(float)
    charge, discharge = (rates[store.place] for rates in accounts.store_rates)
    gain = length * store.per_hour * (store.inward * charge - discharge / store.outward)
    level: Floats = np.zeros_like(gain)
    period = accounts.period_of_step
    for step in range(gain.shape[1]):
        begins = step == 0 or period[step] != period[step - 1]
        before = 0.0 if begins else level[:, step - 1]
        level[:, step] = (1 - store.loss) ** length[step] * before + gain[:, step]
    return level


def between_slots(accounts: Accounts, store: Store, level: Floats) -> Floats:
    """What a seasonal store holds at the start of each slot of the calendar, (year, slot).

    Decided for the first slot of each run, followed from there to the others. ``level`` is what ``inside`` gives.
    """
    found: Floats = accounts.dense("level_between", "asset", "year", "slot")[store.place]
    lived, standing = _lived(accounts, store), accounts.time["slot_period"].to_numpy()
    for first, count in zip(*runs_of(accounts.time), strict=True):
        steps, kept = lived[standing[first]]
        for slot in range(first + 1, first + count):
            found[:, slot] = kept[-1] * found[:, slot - 1] + level[:, steps[-1]]
    return found


def by_slot(accounts: Accounts, store: Store, level: Floats, between: Floats) -> Iterator[Floats]:
    """Slot by slot of the calendar: what the store holds at the end of each step of the slot, (year, step).

    ``level`` is what ``inside`` gives, ``between`` (year, slot) what is stored at the start of each slot.
    """
    lived = _lived(accounts, store)
    for slot, period in enumerate(accounts.time["slot_period"].to_numpy()):
        steps, kept = lived[period]
        yield between[:, slot : slot + 1] * kept + level[:, steps]


def _lived(accounts: Accounts, store: Store) -> dict[str, tuple[npt.NDArray[np.int64], Floats]]:
    """By period: its steps, and the share of a level at its start that is left at the end of each."""
    length = accounts.time["duration"].to_numpy().astype(float)
    members = ((p, np.flatnonzero(accounts.period_of_step == i)) for i, p in enumerate(accounts.periods))
    return {period: (steps, (1 - store.loss) ** np.cumsum(length[steps])) for period, steps in members}
