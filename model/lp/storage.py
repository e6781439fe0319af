"""Stores inside a period: what is charged, held and given back; the level returns to where it was."""

from __future__ import annotations

from typing import Any

from model.lp.capacity import usable_capacity
from model.lp.statement import Statement


def storage_balance(m: Any, store: str, year: int, step: str) -> Any:
    r"""What is stored at the end of a step is what was there before, plus charge, less discharge.

    The step before the first of a period is its last one: a period closes on itself.

    .. math:: e_{s,y,t} = (1-\lambda_s)^{\Delta_t} e_{s,y,t-1} + \Delta_t(\eta^+_s c_{s,y,t} - d_{s,y,t}/\eta^-_s)
    """
    return m.level[store, year, step] == (
        m.retention[store, step] * m.level[store, year, m.previous[step]]
        + m.duration[step] * m.charge_efficiency[store] * m.charge[store, year, step]
        - m.duration[step] / m.discharge_efficiency[store] * m.discharge[store, year, step]
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


def state(statement: Statement) -> None:
    """State every equation of this file."""
    m = statement.model
    statement.equation(storage_balance, m.STORE_YEAR * m.STEP, unit="GWh")
    statement.equation(storage_power_limit, m.STORE_YEAR * m.STEP, unit="GW")
    statement.equation(storage_energy_limit, m.STORE_YEAR * m.STEP, unit="GWh")
