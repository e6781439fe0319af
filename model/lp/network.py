"""Limits on what the network carries together; single links are assets like any other."""

from __future__ import annotations

from typing import Any

from model.lp.statement import Statement


def interface_limit(m: Any, interface: str, year: int, step: str) -> Any:
    r"""The net flow over an interface stays within its limit, which grows with the candidates that are built.

    .. math:: \sum_{l} \sigma_{i,l} (o_{l,\text{forward}} - o_{l,\text{backward}})
        \le \bar{F}_i + \sum_l u_{i,l} k_{l,y}
    """
    return sum(
        m.interface_flow[interface, a, k] * m.operation[a, k, year, step] for a, k in m.interface_modes[interface, year]
    ) <= (
        m.interface_limit_today[interface]
        + sum(m.interface_uplift[interface, a] * m.capacity[a, year] for a in m.interface_uplifts[interface, year])
    )


def state(statement: Statement) -> None:
    """State every equation of this file."""
    m = statement.model
    statement.equation(interface_limit, m.INTERFACE * m.YEAR * m.STEP, unit="GW")
