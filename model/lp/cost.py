"""What is minimised: the present value of all costs, by kind, in million USD of the price year."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from model.lp.statement import Statement

MODE_KINDS = ("variable", "fuel", "import", "export")
"""Kinds of cost of running modes; export revenue is a negative cost."""


def investment(m: Any) -> Any:
    r"""Annuities of what is built, for every year of its life within the horizon, kept or not: what is spent is spent.

    .. math:: \sum_{a,v} b_{a,v} A_{a,v} \sum_{y: v \le y < v + n_a} D_y
    """
    return sum(m.present_build[a, y] * m.build[a, y] for a, y in m.BUILD)


def works(m: Any) -> Any:
    r"""Annuities of works on old plants, per capacity after the works.

    .. math:: \sum_{w,v} \rho_w x_{w,v} A_w \sum_{y: v \le y < v + n_w} D_y
    """
    return sum(m.present_work[a, v, w, y] * m.convert[a, v, w, y] for a, v, w, y in m.WORK)


def fixed(m: Any) -> Any:
    r"""Yearly cost of keeping what is in operation.

    .. math:: \sum_{a,y} D_y F_{a,y} k_{a,y}
    """
    return sum(m.present_fixed[a, y] * m.capacity[a, y] for a, y in m.ALIVE)


def of_modes(kind: str) -> Callable[[Any], Any]:
    """The cost of running the modes of one kind, decided by step, period or year."""

    def cost(m: Any) -> Any:
        r"""Running modes, at the price of each for every unit of operation.

        .. math:: \sum_{a,k,y} D_y C_{a,k,y}
            \Big( \sum_t h_t o_{a,k,y,t} + \sum_p h_p o_{a,k,y,p} + \sum_p h_p o_{a,k,y} \Big)
        """
        return (
            sum(
                m.step_hours[t] * m.present_cost[a, k, y] * m.operation[a, k, y, t]
                for a, k, y in m.paid[kind]
                for t in m.STEP
            )
            + sum(
                m.period_hours[p] * m.present_cost_by_period[a, k, y] * m.operation_by_period[a, k, y, p]
                for a, k, y in m.paid_by_period[kind]
                for p in m.PERIOD
            )
            + sum(
                m.period_hours[p] * m.present_cost_by_year[a, k, y] * m.operation_by_year[a, k, y]
                for a, k, y in m.paid_by_year[kind]
                for p in m.PERIOD
            )
        )

    return cost


def unserved(m: Any) -> Any:
    r"""Demand that is not met, at the value of lost load.

    .. math:: \sum_{n,c,y,t} D_y h_t \pi^u_c u_{n,c,y,t}
    """
    return _of_slack(m, "unserved")


def excess(m: Any) -> Any:
    r"""What is left over and has to be got rid of.

    .. math:: \sum_{n,c,y,t} D_y h_t \pi^e_c e_{n,c,y,t}
    """
    return _of_slack(m, "excess")


def _of_slack(m: Any, name: str) -> Any:
    """What unserved demand or excess costs, by step, by period and over the year."""
    price = m.component(f"present_{name}")
    by_step, by_period, by_year = (m.component(f"{name}{suffix}") for suffix in ("", "_by_period", "_by_year"))
    steady, seasonal, yearly = (m.component(f"{name.upper()}_BY_{runs}") for runs in ("STEP", "PERIOD", "YEAR"))
    return (
        sum(m.step_hours[t] * price[c, y] * by_step[n, c, y, t] for n, c in steady for y in m.YEAR for t in m.STEP)
        + sum(
            m.period_hours[p] * price[c, y] * by_period[n, c, y, p]
            for n, c in seasonal
            for y in m.YEAR
            for p in m.PERIOD
        )
        + sum(m.period_hours[p] * price[c, y] * by_year[n, c, y] for n, c in yearly for y in m.YEAR for p in m.PERIOD)
    )


def emissions(m: Any) -> Any:
    r"""CO2 at its price.

    .. math:: \sum_{y,p} D_y \pi^{CO2}_y q_{y,p}
    """
    return sum(m.present_co2[y] * m.emission[y, p] for y in m.YEAR for p in m.PERIOD)


def targets(m: Any) -> Any:
    r"""Goals that are missed, at their penalty for every year.

    .. math:: \sum_{g,y} D_y \pi_g \delta_{g,y}
    """
    return sum(m.present_penalty[g, y] * m.shortfall[g, y] for g, y in m.SOFT)


def margins(m: Any) -> Any:
    r"""Firm capacity that a zone lacks for its margin, for every year.

    .. math:: \sum_{z,y} D_y \pi_z \delta_{z,y}
    """
    return sum(m.present_margin[z, y] * m.margin_shortfall[z, y] for z, y in m.SOFT_MARGIN)


def reserve(m: Any) -> Any:
    r"""Operating reserve that a zone lacks.

    .. math:: \sum_{z,y,t} D_y h_t \pi_z \delta_{z,y,t}
    """
    return sum(
        m.step_hours[t] * m.present_reserve[z, y] * m.reserve_shortfall[z, y, t]
        for z, y in m.SOFT_RESERVE
        for t in m.STEP
    )


def starts(m: Any) -> Any:
    r"""Starting units.

    .. math:: \sum_{a,y,t} D_y w_t S_a z_{a,y,t}
    """
    return sum(m.present_start[a, y] * m.times[t] * m.start[a, y, t] for a, y in m.COMMITTED for t in m.STEP)


def state(statement: Statement) -> None:
    """Add every kind of cost; their sum is the objective."""
    for kind, rule in (
        ("investment", investment),
        ("works", works),
        ("fixed", fixed),
        ("unserved", unserved),
        ("excess", excess),
        ("emissions", emissions),
        ("targets", targets),
        ("margins", margins),
        ("reserve", reserve),
    ):
        statement.cost(kind, rule)
    for kind in MODE_KINDS:
        statement.cost(kind, of_modes(kind))
    if statement.model.component("start") is not None:
        statement.cost("starts", starts)
