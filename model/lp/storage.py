"""Stores: what is charged, held and given back, within a period or from season to season.

A store whose cycle is the period (batteries, pumped hydro) returns to its level within each period. One whose cycle is
the year (reservoirs, underground storage of gas) carries its level through the calendar of the year: slots in order,
each of which is lived as the period that stands for it. Its level in a step counts from the start of the period;
``level_between`` is what the store holds at the start of each slot of the calendar, where a slot is as many days (or
weeks) as are lived as one period in a row. This is the linking of Kotzur et al. (2018), doi
10.1016/j.apenergy.2018.01.023; where every slot has a period of its own it is the plain level through the year.
"""

from __future__ import annotations

from typing import Any

from model.lp.capacity import usable_capacity
from model.lp.statement import Statement


def _stored_in_step(m: Any, store: str, year: int, step: str) -> Any:
    """What charging and discharging add to the level in a step."""
    return (
        m.duration[step] * m.charge_efficiency[store] * m.charge[store, year, step]
        - m.duration[step] / m.discharge_efficiency[store] * m.discharge[store, year, step]
    )


def storage_balance(m: Any, store: str, year: int, step: str) -> Any:
    r"""What is stored at the end of a step is what was there before, plus charge, less discharge.

    The step before the first of a period is its last one: a period closes on itself.

    .. math:: e_{s,y,t} = (1-\lambda_s)^{\Delta_t} e_{s,y,t-1} + \Delta_t(\eta^+_s c_{s,y,t} - d_{s,y,t}/\eta^-_s)
    """
    return m.level[store, year, step] == (
        m.retention[store, step] * m.level[store, year, m.previous[step]] + _stored_in_step(m, store, year, step)
    )


def storage_balance_inside(m: Any, store: str, year: int, step: str) -> Any:
    r"""Over a period the level of a seasonal store rises and falls against what it was at the start of the period.

    .. math:: e_{s,y,t} = (1-\lambda_s)^{\Delta_t} e_{s,y,t-1} + \Delta_t(\eta^+_s c_{s,y,t} - d_{s,y,t}/\eta^-_s),
        \quad e = 0 \text{ before the first step of a period}
    """
    return m.level[store, year, step] == (
        sum(m.retention[store, step] * m.level[store, year, before] for before in m.before_inside[step])
        + _stored_in_step(m, store, year, step)
    )


def storage_carry(m: Any, store: str, year: int, slot: str) -> Any:
    r"""Each slot of the calendar begins with what the one before left; the year closes on itself.

    A slot is lived n times in a row.

    .. math:: b_{s,y,i+1} = \rho_{s,i}^{n_i} b_{s,y,i} + \sum_{j<n_i} \rho_{s,i}^j e_{s,y,\text{end}(p_i)},
        \quad \rho_{s,i} = (1-\lambda_s)^{H_i}
    """
    return m.level_between[store, year, m.next_slot[slot]] == (
        m.run_retention[store, slot] * m.level_between[store, year, slot]
        + m.run_gain[store, slot] * m.level[store, year, m.last_step[slot]]
    )


def storage_lowest(m: Any, store: str, year: int, step: str) -> Any:
    r"""The lowest level of a period, against its start, is below the level of all of its steps.

    .. math:: e^-_{s,y,p} \le e_{s,y,t}, \quad e^-_{s,y,p} \le 0
    """
    return m.level_lowest[store, year, m.period_of[step]] <= m.level[store, year, step]


def storage_highest(m: Any, store: str, year: int, step: str) -> Any:
    r"""The highest level of a period, against its start, is above the level of all of its steps.

    .. math:: e^+_{s,y,p} \ge e_{s,y,t}, \quad e^+_{s,y,p} \ge 0
    """
    return m.level_highest[store, year, m.period_of[step]] >= m.level[store, year, step]


def storage_floor(m: Any, store: str, year: int, slot: str) -> Any:
    r"""A seasonal store is never drawn below empty in any slot of the calendar.

    .. math:: (1-\lambda_s)^{H_i} b_{s,y,i} + e^-_{s,y,p_i} \ge 0
    """
    return (
        m.slot_retention[store, slot] * m.level_between[store, year, slot]
        + m.level_lowest[store, year, m.slot_period[slot]]
        >= 0
    )


def storage_floor_last(m: Any, store: str, year: int, slot: str) -> Any:
    r"""Nor is it when a slot is lived for the last of several times in a row; what is between lies between.

    .. math:: \rho_{s,i} \Big(\rho_{s,i}^{n_i-1} b_{s,y,i} + \sum_{j<n_i-1} \rho_{s,i}^j e_{s,y,\text{end}(p_i)}\Big)
        + e^-_{s,y,p_i} \ge 0
    """
    return (
        m.run_retention[store, slot] * m.level_between[store, year, slot]
        + m.slot_retention[store, slot] * m.run_but_last_gain[store, slot] * m.level[store, year, m.last_step[slot]]
        + m.level_lowest[store, year, m.slot_period[slot]]
        >= 0
    )


def storage_ceiling(m: Any, store: str, year: int, slot: str) -> Any:
    r"""A seasonal store never holds more than so many hours of full output.

    .. math:: b_{s,y,i} + e^+_{s,y,p_i} \le \tau_s k_{s,y}
    """
    return (
        m.level_between[store, year, slot] + m.level_highest[store, year, m.slot_period[slot]]
        <= m.store_duration[store] * m.capacity[store, year]
    )


def storage_ceiling_last(m: Any, store: str, year: int, slot: str) -> Any:
    r"""Nor does it when a slot is lived for the last of several times in a row.

    .. math:: \rho_{s,i}^{n_i-1} b_{s,y,i} + \sum_{j<n_i-1} \rho_{s,i}^j e_{s,y,\text{end}(p_i)} + e^+_{s,y,p_i}
        \le \tau_s k_{s,y}
    """
    return (
        m.run_but_last_retention[store, slot] * m.level_between[store, year, slot]
        + m.run_but_last_gain[store, slot] * m.level[store, year, m.last_step[slot]]
        + m.level_highest[store, year, m.slot_period[slot]]
        <= m.store_duration[store] * m.capacity[store, year]
    )


def storage_power_limit(m: Any, store: str, year: int, step: str) -> Any:
    r"""A store charges and discharges with one machine: together within its available power.

    .. math:: c_{s,y,t} + d_{s,y,t} \le \alpha_{s,y} \phi_{s,t} (k_{s,y} - s_{s,y})
    """
    return m.charge[store, year, step] + m.discharge[store, year, step] <= (
        m.availability_factor[store, year]
        * m.profile[m.availability_profile[store], step]
        * usable_capacity(m, store, year)
    )


def storage_energy_limit(m: Any, store: str, year: int, step: str) -> Any:
    r"""No more is stored than so many hours of full output.

    .. math:: e_{s,y,t} \le \tau_s k_{s,y}
    """
    return m.level[store, year, step] <= m.store_duration[store] * m.capacity[store, year]


def storage_carry_by_period(m: Any, store: str, year: int, slot: str) -> Any:
    r"""A store of what balances by period begins each slot with what the one before left, plus charge, less discharge.

    F are the hours of the slot, less what fades of a steady rate until it ends.

    .. math:: b_{s,y,i+1} = \rho_{s,i}^{n_i} b_{s,y,i}
        + \sum_{j<n_i} \rho_{s,i}^j F_{s,i}(\eta^+_s c_{s,y,p_i} - d_{s,y,p_i}/\eta^-_s) / h_s,
        \quad F_{s,i} = \sum_{t \in p_i} \Delta_t (1-\lambda_s)^{\text{hours from } t \text{ to the end of } p_i}
    """
    return m.level_between[store, year, m.next_slot[slot]] == (
        m.run_retention[store, slot] * m.level_between[store, year, slot]
        + m.run_gain[store, slot]
        * m.slot_fill[store, slot]
        * m.per_hour[store]
        * m.charge_efficiency[store]
        * m.charge_by_period[store, year, m.slot_period[slot]]
        - m.run_gain[store, slot]
        * m.slot_fill[store, slot]
        * m.per_hour[store]
        / m.discharge_efficiency[store]
        * m.discharge_by_period[store, year, m.slot_period[slot]]
    )


def storage_power_limit_by_period(m: Any, store: str, year: int, period: str) -> Any:
    r"""A store of what balances by period fills and empties within its mean available power of the period.

    .. math:: c_{s,y,p} + d_{s,y,p} \le \alpha_{s,y} \bar\phi_{s,p} (k_{s,y} - s_{s,y})
    """
    return m.charge_by_period[store, year, period] + m.discharge_by_period[store, year, period] <= (
        m.availability_factor[store, year]
        * m.period_profile[m.availability_profile[store], period]
        * usable_capacity(m, store, year)
    )


def storage_ceiling_by_period(m: Any, store: str, year: int, slot: str) -> Any:
    r"""A store of what balances by period never begins a slot with more than so many hours of full output.

    .. math:: b_{s,y,i} \le \tau_s k_{s,y} / h_s
    """
    return m.level_between[store, year, slot] <= m.store_duration[store] * m.per_hour[store] * m.capacity[store, year]


def state(statement: Statement) -> None:
    """State every equation of this file."""
    m = statement.model
    statement.equation(storage_balance, m.CYCLING_STORE * m.STEP, unit="GWh")
    statement.equation(storage_energy_limit, m.CYCLING_STORE * m.STEP, unit="GWh")
    statement.equation(storage_power_limit, m.STORE_YEAR * m.STEP, unit="GW")
    statement.equation(storage_balance_inside, m.SEASONAL_STORE * m.STEP, unit="GWh")
    statement.equation(storage_lowest, m.SEASONAL_STORE * m.STEP, unit="GWh")
    statement.equation(storage_highest, m.SEASONAL_STORE * m.STEP, unit="GWh")
    statement.equation(storage_carry, m.SEASONAL_STORE * m.SLOT, unit="GWh")
    statement.equation(storage_floor, m.SEASONAL_STORE * m.SLOT, unit="GWh")
    statement.equation(storage_floor_last, m.SEASONAL_STORE * m.REPEATED, unit="GWh")
    statement.equation(storage_ceiling, m.SEASONAL_STORE * m.SLOT, unit="GWh")
    statement.equation(storage_ceiling_last, m.SEASONAL_STORE * m.REPEATED, unit="GWh")
    statement.equation(storage_power_limit_by_period, m.STORE_BY_PERIOD * m.PERIOD, unit="activity unit per hour")
    statement.equation(storage_carry_by_period, m.STORE_BY_PERIOD * m.SLOT, unit="commodity unit")
    statement.equation(storage_ceiling_by_period, m.STORE_BY_PERIOD * m.SLOT, unit="commodity unit")
