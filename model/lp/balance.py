"""What comes to a node equals what leaves it: one equation for every commodity, as finely as it balances."""

from __future__ import annotations

from typing import Any

from model.lp.flows import moved_in_period, moved_in_step, moved_in_year
from model.lp.statement import Statement


def balance(m: Any, node: str, commodity: str, year: int, step: str) -> Any:
    r"""In every step what modes and stores give and take, what is unserved and what is left over meet demand.

    Modes decided by period or year are spread flat over their hours. Where losses of links grow with the square of the
    flow, half of them is taken at each end.

    .. math:: \sum_{a,k} f_{a,k} o_{a,k,y,t} + \sum_s (d_{s,y,t} - c_{s,y,t}) + u_{n,c,y,t} - e_{n,c,y,t}
        - \sum_l \ell_{l,y,t} / 2 = D_{n,c,y,t}
    """
    return moved_in_step(m, "flows", node, commodity, year, step) + sum(
        m.discharge[s, year, step] for s in m.stores_at[node, commodity, year]
    ) - sum(m.charge[s, year, step] for s in m.stores_at[node, commodity, year]) + sum(
        m.per_rate[c] * m.unserved[n, c, year, step] for n, c in m.unserved_at[node, commodity]
    ) - sum(m.per_rate[c] * m.excess[n, c, year, step] for n, c in m.excess_at[node, commodity]) - sum(
        m.loss_at_end[link] * m.link_loss[link, year, step] for link in m.losing_at[node, commodity, year]
    ) == sum(m.hourly_demand[d, year] * m.profile[m.demand_profile[d], step] for d in m.demands_at[node, commodity])


def balance_by_period(m: Any, node: str, commodity: str, year: int, period: str) -> Any:
    r"""Over a period, what modes give and take and what is unserved or left over meet demand, in quantity per year.

    .. math:: \sum_{a,k} f_{a,k} \Big( \sum_{t \in p} h_t o_{a,k,y,t} + h_p o_{a,k,y,p} + h_p o_{a,k,y} \Big)
        + h_p \sum_s (d_{s,y,p} - c_{s,y,p}) / h_s + h_p (u_{n,c,y,p} - e_{n,c,y,p}) = D_{n,c,y,p}
    """
    return moved_in_period(m, "flows", node, commodity, year, period) + sum(
        m.period_hours[period] * m.per_hour[s] * m.discharge_by_period[s, year, period]
        for s in m.stores_by_period_at[node, commodity, year]
    ) - sum(
        m.period_hours[period] * m.per_hour[s] * m.charge_by_period[s, year, period]
        for s in m.stores_by_period_at[node, commodity, year]
    ) + sum(
        m.period_hours[period] * m.per_rate[c] * m.unserved_by_period[n, c, year, period]
        for n, c in m.unserved_by_period_at[node, commodity]
    ) - sum(
        m.period_hours[period] * m.per_rate[c] * m.excess_by_period[n, c, year, period]
        for n, c in m.excess_by_period_at[node, commodity]
    ) == sum(
        m.period_hours[period] * m.hourly_demand[d, year] * m.period_profile[m.demand_profile[d], period]
        for d in m.demands_at[node, commodity]
    )


def balance_by_year(m: Any, node: str, commodity: str, year: int) -> Any:
    r"""Over the year, what modes give and take and what is unserved or left over meet demand, in quantity per year.

    .. math:: \sum_{a,k} f_{a,k} \Big( \sum_t h_t o_{a,k,y,t} + \sum_p h_p o_{a,k,y,p} + H o_{a,k,y} \Big)
        + H (u_{n,c,y} - e_{n,c,y}) = D_{n,c,y}
    """
    return moved_in_year(m, "flows", node, commodity, year) + sum(
        m.period_hours[p] * m.per_rate[c] * m.unserved_by_year[n, c, year]
        for n, c in m.unserved_by_year_at[node, commodity]
        for p in m.PERIOD
    ) - sum(
        m.period_hours[p] * m.per_rate[c] * m.excess_by_year[n, c, year]
        for n, c in m.excess_by_year_at[node, commodity]
        for p in m.PERIOD
    ) == sum(m.period_hours[p] * m.hourly_demand[d, year] for d in m.demands_at[node, commodity] for p in m.PERIOD)


def state(statement: Statement) -> None:
    """State every equation of this file."""
    m = statement.model
    statement.equation(balance, m.BALANCE_BY_STEP * m.YEAR * m.STEP, unit="commodity unit per hour")
    statement.equation(balance_by_period, m.BALANCE_BY_PERIOD * m.YEAR * m.PERIOD, unit="commodity unit per year")
    statement.equation(balance_by_year, m.BALANCE_BY_YEAR * m.YEAR, unit="commodity unit per year")
