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


def no_transit(m: Any, node: str, commodity: str, year: int, step: str) -> Any:
    r"""What comes into the country from an outside node was bought there: it does not pass from one link to another.

    .. math:: \sum_{l} -f_{l} o_{l,y,t} \le \sum_{\text{imports } a} f_{a} o_{a,y,t}
    """
    return sum(
        -m.flow[a, k, node, commodity] * m.operation[a, k, year, step] for a, k in m.leaving_at[node, commodity, year]
    ) <= sum(
        m.flow[a, k, node, commodity] * m.operation[a, k, year, step] for a, k in m.bought_at[node, commodity, year]
    )


def state(statement: Statement) -> None:
    """State every equation of this file."""
    m = statement.model
    statement.equation(interface_limit, m.INTERFACE * m.YEAR * m.STEP, unit="GW")
    statement.equation(no_transit, m.BORDER * m.STEP, unit="commodity unit per hour")
