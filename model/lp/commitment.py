"""Relaxed commitment: minimum load, starts and ramps of thermal capacity, in shares rather than whole units."""

from __future__ import annotations

from typing import Any

from model.lp.capacity import usable_capacity
from model.lp.statement import Statement


def _running(m: Any, asset: str, year: int, step: str) -> Any:
    return sum(m.operation[asset, mode, year, step] for mode in m.modes[asset])


def online_limit(m: Any, asset: str, year: int, step: str) -> Any:
    r"""What is online is at most what is available.

    .. math:: n_{a,y,t} \le \alpha_{a,y} \phi_{a,t} (k_{a,y} - s_{a,y})
    """
    return m.online[asset, year, step] <= (
        m.availability_factor[asset, year]
        * m.profile[m.availability_profile[asset], step]
        * usable_capacity(m, asset, year)
    )


def output_of_online(m: Any, asset: str, year: int, step: str) -> Any:
    r"""Only what is online gives output.

    .. math:: \sum_k o_{a,k,y,t} \le n_{a,y,t}
    """
    return _running(m, asset, year, step) <= m.online[asset, year, step]


def minimum_output(m: Any, asset: str, year: int, step: str) -> Any:
    r"""What is online gives at least its minimum load.

    .. math:: \sum_k o_{a,k,y,t} \ge \underline{p}_a n_{a,y,t}
    """
    return _running(m, asset, year, step) >= m.minimum_load[asset] * m.online[asset, year, step]


def start_up(m: Any, asset: str, year: int, step: str) -> Any:
    r"""What comes online has started.

    .. math:: z_{a,y,t} \ge n_{a,y,t} - n_{a,y,t-1}
    """
    return m.start[asset, year, step] >= m.online[asset, year, step] - m.online[asset, year, m.previous[step]]


def ramp_up(m: Any, asset: str, year: int, step: str) -> Any:
    r"""Output rises no faster than what was online can, plus what starts.

    .. math:: \sum_k (o_{a,k,y,t} - o_{a,k,y,t-1}) \le r_a \Delta_t n_{a,y,t-1} + z_{a,y,t}
    """
    return _running(m, asset, year, step) - _running(m, asset, year, m.previous[step]) <= (
        m.ramp_share[asset, step] * m.online[asset, year, m.previous[step]] + m.start[asset, year, step]
    )


def ramp_down(m: Any, asset: str, year: int, step: str) -> Any:
    r"""Output falls no faster than what stays online can, plus what stops.

    .. math:: \sum_k (o_{a,k,y,t-1} - o_{a,k,y,t}) \le r_a \Delta_t n_{a,y,t} + z_{a,y,t} + n_{a,y,t-1} - n_{a,y,t}
    """
    return _running(m, asset, year, m.previous[step]) - _running(m, asset, year, step) <= (
        m.ramp_share[asset, step] * m.online[asset, year, step]
        + m.start[asset, year, step]
        + m.online[asset, year, m.previous[step]]
        - m.online[asset, year, step]
    )


def state(statement: Statement) -> None:
    """State every equation of this file."""
    m = statement.model
    over = m.COMMITTED * m.STEP
    statement.equation(online_limit, over, unit="GW")
    statement.equation(output_of_online, over, unit="GW")
    statement.equation(minimum_output, over, unit="GW")
    statement.equation(start_up, over, unit="GW")
    statement.equation(ramp_up, m.RAMPING * m.STEP, unit="GW")
    statement.equation(ramp_down, m.RAMPING * m.STEP, unit="GW")
