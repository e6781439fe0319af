"""After the loss of a circuit or a unit the network still serves demand: N-1 at the critical moments of each year."""

from __future__ import annotations

from typing import Any

from model.lp.adequacy import headroom
from model.lp.statement import Statement


def after_balance(m: Any, contingency: str, node: str, year: int, step: str) -> Any:
    r"""After a contingency flows over links change by what is redispatched, shed and lost at the node.

    Flows over borders stay as they are, and so do the losses of links.

    .. math:: \sum_{l,k} \sigma_{l,k,n} (o^c_{l,k,y,t} - o_{l,k,y,t}) + r^+_{c,n,y,t} - r^-_{c,n,y,t} + u_{c,n,y,t}
        = L_{c,n}
    """
    return (
        sum(m.inner_flow[a, k, node] * m.after_flow[contingency, a, k, year, step] for a, k in m.inner_at[node, year])
        - sum(m.inner_flow[a, k, node] * m.operation[a, k, year, step] for a, k in m.inner_at[node, year])
        + m.redispatch_up[contingency, node, year, step]
        - m.redispatch_down[contingency, node, year, step]
        + m.shed[contingency, node, year, step]
        == m.unit_lost[contingency, node]
    )


def after_limit(m: Any, contingency: str, link: str, year: int, step: str) -> Any:
    r"""What is left of a corridor carries its emergency rating at most.

    .. math:: \sum_k o^c_{l,k,y,t} \le \epsilon_l (1 - \lambda_{c,l}) \alpha_{l,y} k_{l,y}
    """
    return (
        sum(m.after_flow[contingency, link, k, year, step] for k in m.inner_modes[link])
        <= m.remaining[contingency, link] * m.availability_factor[link, year] * m.capacity[link, year]
    )


def after_interface(m: Any, contingency: str, interface: str, year: int, step: str) -> Any:
    r"""After a contingency a joint limit holds at its emergency value, less what the lost line had added to it.

    .. math:: \sum_{l,k} \sigma_{i,l,k} o^c_{l,k,y,t}
        \le \epsilon_i \Big( \bar{F}_i + \sum_l u_{i,l} (1 - \lambda_{c,l}) k_{l,y} \Big)
    """
    return sum(
        m.interface_flow[interface, a, k] * m.after_flow[contingency, a, k, year, step]
        for a, k in m.interface_inner[interface, year]
    ) + sum(
        m.interface_flow[interface, a, k] * m.operation[a, k, year, step] for a, k in m.interface_outer[interface, year]
    ) <= m.interface_emergency[interface] * m.interface_limit_today[interface] + sum(
        m.uplift_left[contingency, interface, a] * m.capacity[a, year] for a in m.interface_uplifts[interface, year]
    )


def after_loop(m: Any, contingency: str, loop: str, year: int, step: str) -> Any:
    r"""After a contingency flows split by the reactances of what is left of the network.

    .. math:: \sum_l x^c_{c,l,y} (o^c_{l,\text{forward},y,t} - o^c_{l,\text{backward},y,t}) = 0
    """
    return (
        sum(
            m.after_drop[contingency, loop, year, a, k] * m.after_flow[contingency, a, k, year, step]
            for a, k in m.after_loop_modes[contingency, loop, year]
        )
        == 0
    )


def redispatch_up_limit(m: Any, contingency: str, node: str, year: int, step: str) -> Any:
    r"""What is brought in at a node after a contingency is what can respond within minutes.

    .. math:: r^+_{c,n,y,t} \le \sum_a r_a \bar f_a (\alpha_{a,y} \phi_{a,t} (k_{a,y} - s_{a,y})
        - \textstyle\sum_k o_{a,k,y,t})
        + \sum_s r_s \big( \alpha_{s,y} \phi_{s,t} (k_{s,y} - s_{s,y}) - d_{s,y,t} + c_{s,y,t} \big)
    """
    return m.redispatch_up[contingency, node, year, step] <= headroom(m, "responsive", node, year, step)


def redispatch_down_limit(m: Any, contingency: str, node: str, year: int, step: str) -> Any:
    r"""No more is taken back at a node than what plants and stores give there.

    .. math:: r^-_{c,n,y,t} \le \sum_{a,k} f_{a,k} o_{a,k,y,t} + \sum_s d_{s,y,t}
    """
    return m.redispatch_down[contingency, node, year, step] <= sum(
        m.power[a, k] * m.operation[a, k, year, step] for a, k in m.powering[node, year]
    ) + sum(m.discharge[a, year, step] for a in m.discharging[node, year])


def insecurity_limit(m: Any, contingency: str, year: int, step: str) -> Any:
    r"""The insecurity of a year is the most load that has to be shed after any contingency.

    .. math:: \sum_n u_{c,n,y,t} \le q_y
    """
    return sum(m.shed[contingency, node, year, step] for node in m.SECURED) <= m.insecurity[year]


def state(statement: Statement) -> None:
    """State every equation of this file."""
    m = statement.model
    statement.equation(after_balance, m.AFTER_NODE, unit="GW")
    statement.equation(after_limit, m.AFTER_LINK, unit="GW")
    statement.equation(after_interface, m.AFTER_INTERFACE, unit="GW")
    statement.equation(after_loop, m.AFTER_LOOP, unit="rad")
    statement.equation(redispatch_up_limit, m.AFTER_NODE, unit="GW")
    statement.equation(redispatch_down_limit, m.AFTER_NODE, unit="GW")
    statement.equation(insecurity_limit, m.CRITICAL, unit="GW")
