"""How the network carries power: Kirchhoff's law, losses, joint limits; single links are assets like any other."""

from __future__ import annotations

from typing import Any

from model.lp.flows import moved_in_period, moved_in_step, moved_in_year
from model.lp.statement import Statement


def loop_flow(m: Any, loop: str, year: int, step: str) -> Any:
    r"""Round every loop of the network the voltage angle comes back to where it was, so that flows split by reactance.

    Reactance falls with the capacity of a link; that of the pass before stands here.

    .. math:: \sum_{l} x_{c,l,y} (o_{l,\text{forward},y,t} - o_{l,\text{backward},y,t}) = 0
    """
    return sum(m.loop_drop[loop, year, a, k] * m.operation[a, k, year, step] for a, k in m.loop_modes[loop, year]) == 0


def link_loss_tangent(m: Any, link: str, year: int, step: str, tangent: int) -> Any:
    r"""A link loses at least what any tangent of its losses says, which grow with the square of the flow.

    The losses of a line of capacity k are a share of k times the square of its load: a cone over flow and capacity,
    which the tangent planes at loads u touch.

    .. math:: \ell_{l,y,t} \ge \rho_l \big( 2 u_j (o_{l,\text{forward},y,t} + o_{l,\text{backward},y,t})
        - u_j^2 k_{l,y} \big)
    """
    return m.link_loss[link, year, step] >= m.full_load_loss[link] * (
        2 * m.touching_load[tangent] * sum(m.operation[link, k, year, step] for k in m.modes[link])
        - m.touching_load[tangent] * m.touching_load[tangent] * m.capacity[link, year]
    )


def raised_limit(m: Any, interface: str, year: int) -> Any:
    """The limit of an interface with the candidates that are built."""
    return m.interface_limit_today[interface] + sum(
        m.interface_uplift[interface, a] * m.capacity[a, year] for a in m.interface_uplifts[interface, year]
    )


def interface_limit(m: Any, interface: str, year: int, step: str) -> Any:
    r"""The flow over an interface stays within its limit, which grows with the candidates that are built.

    Net flow counts forward less backward; on what links share, both count in full.

    .. math:: \sum_{l} \sigma_{i,l} (o_{l,\text{forward}} - o_{l,\text{backward}})
        \le \bar{F}_i + \sum_l u_{i,l} k_{l,y}
    """
    return sum(
        m.interface_flow[interface, a, k] * m.operation[a, k, year, step] for a, k in m.interface_modes[interface, year]
    ) <= raised_limit(m, interface, year)


def interface_limit_by_period(m: Any, interface: str, year: int, period: str) -> Any:
    r"""The flow over an interface of what is decided by period stays within its limit.

    .. math:: \sum_{l} \sigma_{i,l} (o_{l,\text{forward},p} - o_{l,\text{backward},p})
        \le \bar{F}_i + \sum_l u_{i,l} k_{l,y}
    """
    return sum(
        m.interface_flow[interface, a, k] * m.operation_by_period[a, k, year, period]
        for a, k in m.interface_modes[interface, year]
    ) <= raised_limit(m, interface, year)


def interface_limit_by_year(m: Any, interface: str, year: int) -> Any:
    r"""The flow over an interface of what is decided by year stays within its limit.

    .. math:: \sum_{l} \sigma_{i,l} (o_{l,\text{forward},y} - o_{l,\text{backward},y})
        \le \bar{F}_i + \sum_l u_{i,l} k_{l,y}
    """
    return sum(
        m.interface_flow[interface, a, k] * m.operation_by_year[a, k, year]
        for a, k in m.interface_modes[interface, year]
    ) <= raised_limit(m, interface, year)


def no_transit(m: Any, node: str, commodity: str, year: int, step: str) -> Any:
    r"""What comes into the country from an outside node was bought or made there: it does not pass from link to link.

    .. math:: \sum_{l} -f_{l} o_{l,y,t} \le \sum_{a} f_{a} o_{a,y,t}
    """
    return (
        moved_in_step(m, "leaving", node, commodity, year, step)
        + moved_in_step(m, "bought", node, commodity, year, step)
        >= 0
    )


def no_transit_by_period(m: Any, node: str, commodity: str, year: int, period: str) -> Any:
    r"""What comes in over a period from an outside node was bought or made there.

    .. math:: \sum_{l} -f_{l} o_{l,y,p} \le \sum_{a} f_{a} o_{a,y,p}
    """
    return (
        moved_in_period(m, "leaving", node, commodity, year, period)
        + moved_in_period(m, "bought", node, commodity, year, period)
        >= 0
    )


def no_transit_by_year(m: Any, node: str, commodity: str, year: int) -> Any:
    r"""What comes in over the year from an outside node was bought or made there.

    .. math:: \sum_{l} -f_{l} o_{l,y} \le \sum_{a} f_{a} o_{a,y}
    """
    return moved_in_year(m, "leaving", node, commodity, year) + moved_in_year(m, "bought", node, commodity, year) >= 0


def state(statement: Statement) -> None:
    """State every equation of this file."""
    m = statement.model
    statement.equation(loop_flow, m.LOOP * m.STEP, unit="rad")
    statement.equation(link_loss_tangent, m.LOSING * m.STEP * m.TANGENT, unit="GW")
    statement.equation(interface_limit, m.INTERFACE_BY_STEP * m.YEAR * m.STEP, unit="GW")
    statement.equation(interface_limit_by_period, m.INTERFACE_BY_PERIOD * m.YEAR * m.PERIOD, unit="unit of capacity")
    statement.equation(interface_limit_by_year, m.INTERFACE_BY_YEAR * m.YEAR, unit="unit of capacity")
    statement.equation(no_transit, m.BORDER_BY_STEP * m.STEP, unit="commodity unit per hour")
    statement.equation(no_transit_by_period, m.BORDER_BY_PERIOD * m.PERIOD, unit="commodity unit per year")
    statement.equation(no_transit_by_year, m.BORDER_BY_YEAR, unit="commodity unit per year")
