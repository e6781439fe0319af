"""Rivers take time: what enters a reach between two dams arrives some hours later.

A mode that follows another of its asset gives what that one took ``delay`` hours before. Every period closes on itself,
as it does for ramps and for stores of days: what leaves at the end of a period arrives at its start. Water is neither
lost nor made, and a delay of whole periods (a day, where the periods are days) changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import xarray as xr

from model.lp.frames import Frames, grouped
from model.lp.statement import Statement


def declare(statement: Statement, time: xr.Dataset, frames: Frames) -> None:
    """Put the modes that follow others, and from which steps they take, on the statement, after the sets of operation.

    Reads ``mode_follows`` (a mode of the same asset, empty: none) and ``mode_delay`` (h) of the System.
    """
    m = statement.model
    modes = frames.modes[frames.modes["follows"] != ""]
    running = frames.running[frames.running["follows"] != ""]
    own = statement.set("FOLLOWING_MODE", list(zip(modes["asset"], modes["name"], strict=True)), dimen=2)
    statement.map("followed", own, list(modes["follows"]))
    keys = list(zip(running["asset"], running["name"], running["year"], strict=True))
    statement.set("FOLLOWING", keys, dimen=3)
    shares = {delay: list(arriving_shares(time, delay)) for delay in modes["delay"].unique()}
    rows = [
        (asset, mode, step, sent, share)
        for asset, mode, delay in zip(modes["asset"], modes["name"], modes["delay"], strict=True)
        for step, sent, share in shares[delay]
    ]
    over = statement.set("ARRIVAL", [row[:4] for row in rows], dimen=4)
    statement.parameter("arriving_share", over, np.array([row[4] for row in rows], dtype=float))
    statement.lookup("sent_in", own * m.STEP, grouped([row[:3] for row in rows], [row[3] for row in rows]))


def arriving_shares(time: xr.Dataset, delay: float) -> Iterator[tuple[str, str, float]]:
    """``(step, sent, share)``: the part of a step (1) in which there arrives what left in ``sent``, ``delay`` h before.

    The shares of a step sum to 1; each times the step's hours, those of a ``sent`` sum to its own hours.
    """
    steps, hours = time["step"].to_numpy(), time["duration"].to_numpy().astype(float)
    period_of = time["step_period"].to_numpy()
    for period in dict.fromkeys(period_of):
        own = np.flatnonzero(period_of == period)
        end = np.cumsum(hours[own])
        start = end - hours[own]
        shift = delay % end[-1]
        overlap = np.zeros((own.size, own.size))
        for back in (shift, shift - end[-1]):
            first = np.maximum(start[:, None], start[None, :] + back)
            last = np.minimum(end[:, None], end[None, :] + back)
            overlap += np.maximum(last - first, 0)
        for i, j in np.argwhere(overlap > 0):
            yield str(steps[own[i]]), str(steps[own[j]]), float(overlap[i, j] / hours[own[i]])


def arrival(m: Any, asset: str, mode: str, year: int, step: str) -> Any:
    r"""What arrives in a step is what was let go so many hours before; a period closes on itself.

    .. math:: o_{a,k,y,t} = \sum_{t'} \theta_{a,k,t,t'} o_{a,k',y,t'}
    """
    return m.operation[asset, mode, year, step] == sum(
        m.arriving_share[asset, mode, step, sent] * m.operation[asset, m.followed[asset, mode], year, sent]
        for sent in m.sent_in[asset, mode, step]
    )


def state(statement: Statement) -> None:
    """State every equation of this file."""
    m = statement.model
    statement.equation(arrival, m.FOLLOWING * m.STEP, unit="GW")
