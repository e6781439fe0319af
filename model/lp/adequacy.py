"""Enough capacity for the peak, and enough of it ready to step in: reserve margins and operating reserve."""

from __future__ import annotations

from typing import Any

from model.lp.network import raised_limit
from model.lp.statement import Statement


def reserve_margin(m: Any, zone: str, year: int, step: str) -> Any:
    r"""At its peak a zone has firm capacity for its load and a margin, or what is missing is paid for.

    Firm is what the credit of an asset leaves of its capacity; a mode that gives less power than the best one, as heat
    takes it from a turbine, lessens it by what it runs. Peak load is that of users and of all plants that take power
    in the step. Zones lend each other firm capacity over links.

    .. math:: \sum_a \kappa_{a,y} \bar f_a k_{a,y} - \sum_{a,k} (\bar f_a - f_{a,k}) o_{a,k,y,t}
        + \sum_{l,k} f_{l,k} \xi_{l,k,y} + I_{z,y} + \delta_{z,y}
        \ge (1 + \mu_{z,y}) \Big( D_{z,y,t} - \sum_{f_{a,k} < 0} f_{a,k} o_{a,k,y,t} \Big)
    """
    return (
        sum(m.firm_share[a, year] * m.capacity[a, year] for a in m.firm_assets[zone, year])
        - sum(m.firm_loss[a, k] * m.operation[a, k, year, step] for a, k in m.firm_lessened[zone, year])
        + sum(m.exchange_flow[zone, a, k] * m.firm_exchange[a, k, year] for a, k in m.firm_exchanged[zone, year])
        + sum(m.margin_shortfall[z, y] for z, y in m.margin_softened[zone, year])
        - m.margin_factor[zone, year]
        * (
            sum(m.intake[zone, a, k] * m.operation[a, k, year, step] for a, k in m.intakes[zone, year])
            + sum(
                m.intake[zone, a, k] * m.operation_by_period[a, k, year, m.period_of[step]]
                for a, k in m.intakes_by_period[zone, year]
            )
            + sum(m.intake[zone, a, k] * m.operation_by_year[a, k, year] for a, k in m.intakes_by_year[zone, year])
        )
        >= m.margin_need[zone, year, step]
    )


def firm_exchange_limit(m: Any, link: str, year: int) -> Any:
    r"""A link lends no more firm capacity than it can carry.

    .. math:: \sum_k \xi_{l,k,y} \le \alpha_{l,y} k_{l,y}
    """
    return (
        sum(m.firm_exchange[link, k, year] for k in m.exchange_modes[link])
        <= m.availability_factor[link, year] * m.capacity[link, year]
    )


def interface_firm(m: Any, interface: str, year: int) -> Any:
    r"""What zones lend each other over the links of an interface stays within its limit.

    .. math:: \sum_{\sigma_{i,l,k} > 0} \sigma_{i,l,k} \xi_{l,k,y} \le \bar{F}_i + \sum_l u_{i,l} k_{l,y}
    """
    return sum(
        m.interface_flow[interface, a, k] * m.firm_exchange[a, k, year]
        for a, k in m.interface_exchange[interface, year]
    ) <= raised_limit(m, interface, year)


def headroom(m: Any, way: str, place: str, year: int, step: str) -> Any:
    """Power that can be brought in within minutes at a place: a share of what stands idle, and what stores can turn.

    ``way`` names the look-ups, ``<way>_assets`` and so on over (place, year): zones, or single nodes.
    """
    assets, online, modes, standing, stores = (
        m.component(f"{way}_{name}") for name in ("assets", "committed", "modes", "standing", "stores")
    )
    return (
        sum(
            m.response_power[a]
            * m.availability_factor[a, year]
            * m.profile[m.availability_profile[a], step]
            * m.capacity[a, year]
            for a in assets[place, year]
        )
        - sum(
            m.response_power[a]
            * m.availability_factor[a, year]
            * m.profile[m.availability_profile[a], step]
            * m.standstill[a, year]
            for a in standing[place, year]
        )
        + sum(m.response_power[a] * m.online[a, year, step] for a in online[place, year])
        - sum(m.response_power[a] * m.operation[a, k, year, step] for a, k in modes[place, year])
        + sum(m.response_power[a] * (m.charge[a, year, step] - m.discharge[a, year, step]) for a in stores[place, year])
    )


def operating_reserve(m: Any, zone: str, year: int, step: str) -> Any:
    r"""A zone has, or can bring in from others, reserve for its largest unit and for what load, wind and sun may do.

    .. math:: \sum_a r_a \bar f_a \big( \alpha_{a,y} \phi_{a,t} (k_{a,y} - s_{a,y}) - \textstyle\sum_k o_{a,k,y,t} \big)
        + \sum_s r_s \big( \alpha_{s,y} \phi_{s,t} (k_{s,y} - s_{s,y}) - d_{s,y,t} + c_{s,y,t} \big)
        + \sum_{l,k} f_{l,k} \zeta_{l,k,y,t} + \delta_{z,y,t}
        \ge U_{z,y} + \beta_{z,y} D_{z,y,t} + \sum_{a,k} \beta_{z,y,a} f_{a,k} o_{a,k,y,t}
    """
    return (
        headroom(m, "ready", zone, year, step)
        + sum(m.exchange_flow[zone, a, k] * m.reserve_exchange[a, k, year, step] for a, k in m.lent[zone, year])
        + sum(m.reserve_shortfall[z, y, step] for z, y in m.reserve_softened[zone, year])
        - sum(m.variable_share[zone, year, a, k] * m.operation[a, k, year, step] for a, k in m.variable[zone, year])
        >= m.reserve_need[zone, year, step]
    )


def reserve_exchange_limit(m: Any, link: str, mode: str, year: int, step: str) -> Any:
    r"""A link keeps room for the reserve that it would bring.

    .. math:: \zeta_{l,k,y,t} + o_{l,k,y,t} - o_{l,k',y,t} \le \alpha_{l,y} k_{l,y}
    """
    return (
        m.reserve_exchange[link, mode, year, step]
        + m.operation[link, mode, year, step]
        - sum(m.operation[link, k, year, step] for k in m.opposite_modes[link, mode])
        <= m.availability_factor[link, year] * m.capacity[link, year]
    )


def interface_reserve(m: Any, interface: str, year: int, step: str) -> Any:
    r"""The links of an interface keep room together for the reserve that they would bring.

    .. math:: \sum_{l,k} \sigma_{i,l,k} o_{l,k,y,t} + \sum_{\sigma_{i,l,k} > 0} \sigma_{i,l,k} \zeta_{l,k,y,t}
        \le \bar{F}_i + \sum_l u_{i,l} k_{l,y}
    """
    return sum(
        m.interface_flow[interface, a, k] * m.operation[a, k, year, step] for a, k in m.interface_modes[interface, year]
    ) + sum(
        m.interface_flow[interface, a, k] * m.reserve_exchange[a, k, year, step]
        for a, k in m.interface_lent[interface, year]
    ) <= raised_limit(m, interface, year)


def state(statement: Statement) -> None:
    """State every equation of this file."""
    m = statement.model
    statement.equation(reserve_margin, m.PEAK, unit="GW")
    statement.equation(firm_exchange_limit, m.FIRM_LINK, unit="GW")
    statement.equation(interface_firm, m.INTERFACE_FIRM, unit="GW")
    statement.equation(operating_reserve, m.READY * m.STEP, unit="GW")
    statement.equation(reserve_exchange_limit, m.LENT * m.STEP, unit="GW")
    statement.equation(interface_reserve, m.INTERFACE_READY * m.STEP, unit="GW")
