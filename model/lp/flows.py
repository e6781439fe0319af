"""What modes move at a node, whether they are decided by step, by period or by year.

``way`` names the look-ups of the modes that count, ``<way>_at``, ``<way>_by_period_at`` and ``<way>_by_year_at`` over
(node, commodity, year): all flows, those that leave over links, or what is bought or made.
"""

from __future__ import annotations

from typing import Any


def moved_in_step(m: Any, way: str, node: str, commodity: str, year: int, step: str) -> Any:
    """What the modes of a look-up give to a node, less what they take, per hour; decided coarsely, spread flat."""
    by_step, by_period, by_year = (m.component(f"{way}{suffix}_at") for suffix in ("", "_by_period", "_by_year"))
    return (
        sum(m.flow[a, k, node, commodity] * m.operation[a, k, year, step] for a, k in by_step[node, commodity, year])
        + sum(
            m.flow[a, k, node, commodity] * m.operation_by_period[a, k, year, m.period_of[step]]
            for a, k in by_period[node, commodity, year]
        )
        + sum(
            m.flow[a, k, node, commodity] * m.operation_by_year[a, k, year] for a, k in by_year[node, commodity, year]
        )
    )


def moved_in_period(m: Any, way: str, node: str, commodity: str, year: int, period: str) -> Any:
    """What the modes of a look-up give to a node, less what they take, in a period."""
    by_step, by_period, by_year = (m.component(f"{way}{suffix}_at") for suffix in ("", "_by_period", "_by_year"))
    return (
        sum(
            m.step_hours[t] * m.flow[a, k, node, commodity] * m.operation[a, k, year, t]
            for a, k in by_step[node, commodity, year]
            for t in m.steps_in[period]
        )
        + sum(
            m.period_hours[period] * m.flow[a, k, node, commodity] * m.operation_by_period[a, k, year, period]
            for a, k in by_period[node, commodity, year]
        )
        + sum(
            m.period_hours[period] * m.flow[a, k, node, commodity] * m.operation_by_year[a, k, year]
            for a, k in by_year[node, commodity, year]
        )
    )


def moved_in_year(m: Any, way: str, node: str, commodity: str, year: int) -> Any:
    """What the modes of a look-up give to a node, less what they take, in the year."""
    by_step, by_period, by_year = (m.component(f"{way}{suffix}_at") for suffix in ("", "_by_period", "_by_year"))
    return (
        sum(
            m.step_hours[t] * m.flow[a, k, node, commodity] * m.operation[a, k, year, t]
            for a, k in by_step[node, commodity, year]
            for t in m.STEP
        )
        + sum(
            m.period_hours[p] * m.flow[a, k, node, commodity] * m.operation_by_period[a, k, year, p]
            for a, k in by_period[node, commodity, year]
            for p in m.PERIOD
        )
        + sum(
            m.period_hours[p] * m.flow[a, k, node, commodity] * m.operation_by_year[a, k, year]
            for a, k in by_year[node, commodity, year]
            for p in m.PERIOD
        )
    )
