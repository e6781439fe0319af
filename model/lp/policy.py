"""Emissions and the goals of the programme."""

from __future__ import annotations

from typing import Any

from model.lp.statement import Statement


def emission_account(m: Any, year: int, period: str) -> Any:
    r"""CO2 released in a period is what the carbon taken in by all modes makes, less what they pass on.

    .. math:: q_{y,p} = \sum_{a,k} \kappa_{a,k}
        \Big( \sum_{t \in p} h_t o_{a,k,y,t} + h_p o_{a,k,y,p} + h_p o_{a,k,y} \Big)
    """
    return m.emission[year, period] == (
        sum(
            m.step_hours[t] * m.carbon[a, k] * m.operation[a, k, year, t]
            for a, k in m.emitters[year]
            for t in m.steps_in[period]
        )
        + sum(
            m.period_hours[period] * m.carbon[a, k] * m.operation_by_period[a, k, year, period]
            for a, k in m.emitters_by_period[year]
        )
        + sum(
            m.period_hours[period] * m.carbon[a, k] * m.operation_by_year[a, k, year]
            for a, k in m.emitters_by_year[year]
        )
    )


def emission_cap(m: Any, year: int) -> Any:
    r"""CO2 released in a year stays below the cap.

    .. math:: \sum_p q_{y,p} \le \bar{Q}_y
    """
    return sum(m.emission[year, period] for period in m.PERIOD) <= m.co2_cap[year]


def target_delivery(m: Any, target: str, year: int, period: str) -> Any:
    r"""What counts as delivered in a period is what the goal's modes give, less what is left over.

    .. math:: g_{g,y,p} = \sum_{a,k} w_{g,a,k}
        \Big( \sum_{t \in p} h_t o_{a,k,y,t} + h_p o_{a,k,y,p} + h_p o_{a,k,y} \Big)
        - \sum_{n,c} w_{g,c} \Big( \sum_{t \in p} h_t e_{n,c,y,t} + h_p e_{n,c,y,p} + h_p e_{n,c,y} \Big)
    """
    return m.counted[target, year, period] == (
        sum(
            m.step_hours[t] * m.delivery_weight[target, a, k] * m.operation[a, k, year, t]
            for a, k in m.delivering[target, year]
            for t in m.steps_in[period]
        )
        + sum(
            m.period_hours[period] * m.delivery_weight[target, a, k] * m.operation_by_period[a, k, year, period]
            for a, k in m.delivering_by_period[target, year]
        )
        + sum(
            m.period_hours[period] * m.delivery_weight[target, a, k] * m.operation_by_year[a, k, year]
            for a, k in m.delivering_by_year[target, year]
        )
        - sum(
            m.step_hours[t] * m.excess_weight[target, c] * m.excess[n, c, year, t]
            for n, c in m.excess_counted[target]
            for t in m.steps_in[period]
        )
        - sum(
            m.period_hours[period] * m.excess_weight[target, c] * m.excess_by_period[n, c, year, period]
            for n, c in m.excess_counted_by_period[target]
        )
        - sum(
            m.period_hours[period] * m.excess_weight[target, c] * m.excess_by_year[n, c, year]
            for n, c in m.excess_counted_by_year[target]
        )
    )


def _measured(m: Any, target: str, year: int) -> Any:
    """What the plan contributes to a goal: capacity, additions, works, delivered energy and load shed."""
    return (
        sum(m.capacity_weight[target, a] * m.capacity[a, year] for a in m.capacity_counted[target, year])
        + sum(m.added_weight[target, a] * m.build[a, y] for a, y in m.builds_counted[target, year])
        + sum(
            m.works_weight[target, a, v, w, y] * m.convert[a, v, w, y] for a, v, w, y in m.works_counted[target, year]
        )
        + sum(m.counted[g, y, period] for g, y in m.delivery_of[target, year] for period in m.PERIOD)
        + sum(m.insecure_weight[g] * m.insecurity[y] for g, y in m.insecure_counted[target, year])
    )


def target_floor(m: Any, target: str, year: int) -> Any:
    r"""A goal that asks for at least a value reaches it, or what is missing is paid for.

    .. math:: M_{g,y} + \delta_{g,y} \ge V_{g,y} - M^0_{g,y}
    """
    return (
        _measured(m, target, year) + sum(m.shortfall[g, y] for g, y in m.softened[target, year])
        >= m.target_need[target, year]
    )


def target_ceiling(m: Any, target: str, year: int) -> Any:
    r"""A goal that asks for at most a value stays below it, or what is beyond is paid for.

    .. math:: M_{g,y} - \delta_{g,y} \le V_{g,y} - M^0_{g,y}
    """
    return (
        _measured(m, target, year) - sum(m.shortfall[g, y] for g, y in m.softened[target, year])
        <= m.target_need[target, year]
    )


def state(statement: Statement) -> None:
    """State every equation of this file."""
    m = statement.model
    statement.equation(emission_account, m.YEAR * m.PERIOD, unit="Mt per year")
    statement.equation(emission_cap, m.CAPPED_YEAR, unit="Mt per year")
    statement.equation(target_delivery, m.COUNTED * m.PERIOD, unit="target unit")
    statement.equation(target_floor, m.TARGET_FLOOR, unit="target unit")
    statement.equation(target_ceiling, m.TARGET_CEILING, unit="target unit")
