"""What running assets can do: availability, forced heat output, energy and activity limits."""

from __future__ import annotations

from typing import Any

from model.lp.capacity import usable_capacity
from model.lp.statement import Statement
from model.system.units import HOURS_PER_YEAR


def _activity_in_step(m: Any, asset: str, year: int, step: str) -> Any:
    """Operation of all modes of an asset in a step, those decided more coarsely spread flat."""
    return (
        sum(m.operation[asset, mode, year, step] for mode in m.modes[asset])
        + sum(m.operation_by_period[asset, mode, year, m.period_of[step]] for mode in m.modes_by_period[asset])
        + sum(m.operation_by_year[asset, mode, year] for mode in m.modes_by_year[asset])
    )


def _activity_in_period(m: Any, asset: str, year: int, period: str) -> Any:
    """Operation of all modes over a period, in hours of full operation a year."""
    return (
        sum(
            m.step_hours[step] * m.operation[asset, mode, year, step]
            for mode in m.modes[asset]
            for step in m.steps_in[period]
        )
        + sum(
            m.period_hours[period] * m.operation_by_period[asset, mode, year, period]
            for mode in m.modes_by_period[asset]
        )
        + sum(m.period_hours[period] * m.operation_by_year[asset, mode, year] for mode in m.modes_by_year[asset])
    )


def capacity_limit(m: Any, asset: str, year: int, step: str) -> Any:
    r"""All modes of an asset together run within its available capacity in every step.

    .. math:: \sum_k o_{a,k,y,t} \le \alpha_{a,y} \phi_{a,t} (k_{a,y} - s_{a,y})
    """
    return _activity_in_step(m, asset, year, step) <= (
        m.availability_factor[asset, year]
        * m.profile[m.availability_profile[asset], step]
        * usable_capacity(m, asset, year)
    )


def capacity_limit_by_period(m: Any, asset: str, year: int, period: str) -> Any:
    r"""An asset decided by period runs within its mean available capacity of the period.

    .. math:: \sum_k o_{a,k,y,p} \le \alpha_{a,y} \bar\phi_{a,p} (k_{a,y} - s_{a,y})
    """
    return (
        sum(m.operation_by_period[asset, mode, year, period] for mode in m.modes_by_period[asset])
        + sum(m.operation_by_year[asset, mode, year] for mode in m.modes_by_year[asset])
    ) <= m.availability_factor[asset, year] * m.period_profile[m.availability_profile[asset], period] * usable_capacity(
        m, asset, year
    )


def capacity_limit_by_year(m: Any, asset: str, year: int) -> Any:
    r"""An asset decided by year runs within its mean available capacity of the year.

    .. math:: \sum_k o_{a,k,y} \le \alpha_{a,y} \bar\phi_{a} (k_{a,y} - s_{a,y})
    """
    return sum(m.operation_by_year[asset, mode, year] for mode in m.modes_by_year[asset]) <= (
        m.availability_factor[asset, year]
        * m.year_profile[m.availability_profile[asset]]
        * usable_capacity(m, asset, year)
    )


def heat_led_output(m: Any, asset: str, year: int, step: str) -> Any:
    r"""Heat supply forces a share of the capacity of a combined heat and power plant to run.

    .. math:: \sum_k o_{a,k,y,t} \ge \mu_{a,t} (k_{a,y} - s_{a,y})
    """
    return _activity_in_step(m, asset, year, step) >= m.profile[m.must_run_profile[asset], step] * usable_capacity(
        m, asset, year
    )


def energy_limit(m: Any, asset: str, year: int, period: str) -> Any:
    r"""Water, or a contract, allows so many hours of full output in a period.

    .. math:: \sum_{t \in p} h_t \sum_k o_{a,k,y,t} \le E_{a,p} k_{a,y}
    """
    return _activity_in_period(m, asset, year, period) <= m.energy_hours_max[asset, period] * m.capacity[asset, year]


def energy_release(m: Any, asset: str, year: int, period: str) -> Any:
    r"""Minimum release, irrigation or a contract demand so many hours of full output in a period.

    .. math:: \sum_{t \in p} h_t \sum_k o_{a,k,y,t} \ge E_{a,p} k_{a,y}
    """
    return _activity_in_period(m, asset, year, period) >= m.energy_hours_min[asset, period] * m.capacity[asset, year]


def annual_activity_limit(m: Any, asset: str, year: int) -> Any:
    r"""A market or a supply gives (or takes) no more than its yearly quantity.

    .. math:: \sum_p \sum_k h_p o_{a,k,y,p} \le Q_{a,y}
    """
    return (
        sum(m.step_hours[step] * m.operation[asset, mode, year, step] for mode in m.modes[asset] for step in m.STEP)
        + sum(
            m.period_hours[period] * m.operation_by_period[asset, mode, year, period]
            for mode in m.modes_by_period[asset]
            for period in m.PERIOD
        )
        + sum(
            m.period_hours[period] * m.operation_by_year[asset, mode, year]
            for mode in m.modes_by_year[asset]
            for period in m.PERIOD
        )
        <= m.annual_limit[asset, year]
    )


def supply_limit(m: Any, asset: str, year: int, step: str) -> Any:
    r"""What nature or a contract gives comes when its profile says, such as the inflow of a river.

    .. math:: \sum_k o_{a,k,y,t} \le Q_{a,y} \phi_{a,t} / H
    """
    return (
        sum(m.operation[asset, mode, year, step] for mode in m.modes[asset])
        <= m.annual_limit[asset, year] / HOURS_PER_YEAR * m.profile[m.availability_profile[asset], step]
    )


def supply_limit_by_period(m: Any, asset: str, year: int, period: str) -> Any:
    r"""What nature or a contract gives in a period is its profile's part of the year.

    .. math:: \sum_k o_{a,k,y,p} \le Q_{a,y} \bar\phi_{a,p} / H
    """
    return (
        sum(m.operation_by_period[asset, mode, year, period] for mode in m.modes_by_period[asset])
        <= m.annual_limit[asset, year] / HOURS_PER_YEAR * m.period_profile[m.availability_profile[asset], period]
    )


def state(statement: Statement) -> None:
    """State every equation of this file."""
    m = statement.model
    statement.equation(capacity_limit, m.LIMITED_BY_STEP * m.STEP, unit="GW")
    statement.equation(capacity_limit_by_period, m.LIMITED_BY_PERIOD * m.PERIOD, unit="GW")
    statement.equation(capacity_limit_by_year, m.LIMITED_BY_YEAR, unit="GW")
    statement.equation(heat_led_output, m.HEAT_LED * m.STEP, unit="GW")
    statement.equation(energy_limit, m.ENERGY_MAX * m.PERIOD, unit="GWh per year")
    statement.equation(energy_release, m.ENERGY_MIN * m.PERIOD, unit="GWh per year")
    statement.equation(annual_activity_limit, m.ANNUAL_LIMIT, unit="GWh per year")
    statement.equation(supply_limit, m.SUPPLY_BY_STEP * m.STEP, unit="commodity unit per year")
    statement.equation(supply_limit_by_period, m.SUPPLY_BY_PERIOD * m.PERIOD, unit="commodity unit per year")
