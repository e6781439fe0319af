"""What stands when: builds, works on old plants, early closure, and the limits on them."""

from __future__ import annotations

from typing import Any

from model.lp.statement import Statement


def usable_capacity(m: Any, asset: str, year: int) -> Any:
    """Capacity that does not stand still for works, to be used by equations; GW."""
    return m.capacity[asset, year] - sum(m.standstill[a, y] for a, y in m.standing_still[asset, year])


def capacity_account(m: Any, asset: str, vintage: str, year: int) -> Any:
    r"""What is left of a vintage is what was left before, plus builds and results of works, less closures and works.

    .. math:: l_{a,v,y} = l_{a,v,y-1} + l^0_{a,v,y} + b_{a,v} + \sum_{w \to (a,v)} \rho_w x_{w,y}
        - r_{a,v,y} - \sum_{w \leftarrow (a,v)} x_{w,y}

    As nothing left can be negative, closures and works together never exceed the unit, and what has closed cannot be
    worked on.
    """
    return m.left[asset, vintage, year] == (
        sum(m.left[a, v, y] for a, v, y in m.left_before[asset, vintage, year])
        + m.initial[asset, vintage, year]
        + sum(m.build[a, y] for a, y in m.built_into[asset, vintage, year])
        + sum(m.ratio[a, v, w, y] * m.convert[a, v, w, y] for a, v, w, y in m.worked_into[asset, vintage, year])
        - sum(m.retire[a, v, y] for a, v, y in m.retired_from[asset, vintage, year])
        - sum(m.convert[a, v, w, y] for a, v, w, y in m.worked_from[asset, vintage, year])
    )


def installed_capacity(m: Any, asset: str, year: int) -> Any:
    r"""An asset's capacity is what is left of all its living vintages.

    .. math:: k_{a,y} = \sum_{v} l_{a,v,y}
    """
    return m.capacity[asset, year] == sum(m.left[asset, vintage, year] for vintage in m.vintages_of[asset, year])


def works_standstill(m: Any, asset: str, year: int) -> Any:
    r"""Capacity whose works finish in a period stood still for part of it.

    .. math:: s_{a,y} = \sum_{w \to a} \sigma_w \rho_w x_{w,y}
    """
    return m.standstill[asset, year] == sum(
        m.standstill_share[a, v, w, y] * m.ratio[a, v, w, y] * m.convert[a, v, w, y]
        for a, v, w, y in m.halted_for[asset, year]
    )


def workable_share(m: Any, asset: str, vintage: str, work: str) -> Any:
    r"""Only a share of a plant can have some works.

    .. math:: \sum_y x_{w,y} \le \bar{x}_w
    """
    return (
        sum(m.convert[asset, vintage, work, year] for year in m.work_years[asset, vintage, work])
        <= m.workable[asset, vintage, work]
    )


def potential_limit(m: Any, potential: str, year: int) -> Any:
    r"""What stands at a place stays within its potential.

    .. math:: \sum_{a \in P} k_{a,y} \le \bar{K}_P
    """
    return (
        sum(m.capacity[asset, year] for asset in m.potential_members[potential, year]) <= m.potential[potential, year]
    )


def build_pace(m: Any, limit: str, year: int) -> Any:
    r"""New capacity and works finished since the previous planning year stay within the yearly pace times those years.

    .. math:: \sum_{a \in L} b_{a,y} + \sum_{w \in L} \rho_w x_{w,y} \le \bar{B}_{L,y} (y - y^-)
    """
    return (
        sum(m.build[a, y] for a, y in m.paced_builds[limit, year])
        + sum(m.ratio[a, v, w, y] * m.convert[a, v, w, y] for a, v, w, y in m.paced_works[limit, year])
        <= m.pace[limit, year]
    )


def project_requires(m: Any, rule: int, year: int) -> Any:
    r"""A project that needs another is built no further, in shares of their full size, than the other is.

    .. math:: k_{a,y} / \bar{K}_a \le k_{b,y} / \bar{K}_b
    """
    return sum(m.built_share[a] * m.capacity[a, y] for a, y in m.project_built[rule, year]) <= sum(
        m.built_share[a] * m.capacity[a, y] for a, y in m.other_built[rule, year]
    )


def project_excludes(m: Any, rule: int, year: int) -> Any:
    r"""Of two projects that stand in place of each other the built shares are at most one together.

    .. math:: k_{a,y} / \bar{K}_a + k_{b,y} / \bar{K}_b \le 1
    """
    return (
        sum(m.built_share[a] * m.capacity[a, y] for a, y in m.project_built[rule, year])
        + sum(m.built_share[a] * m.capacity[a, y] for a, y in m.other_built[rule, year])
        <= 1
    )


def state(statement: Statement) -> None:
    """State every equation of this file."""
    m = statement.model
    statement.equation(capacity_account, m.LEFT, unit="GW")
    statement.equation(installed_capacity, m.ALIVE, unit="GW")
    statement.equation(works_standstill, m.STANDSTILL, unit="GW")
    statement.equation(workable_share, m.PARTIAL_WORK, unit="GW")
    statement.equation(potential_limit, m.POTENTIAL, unit="GW")
    statement.equation(build_pace, m.PACE, unit="GW")
    statement.equation(project_requires, m.RULE_REQUIRES, unit="share of full size")
    statement.equation(project_excludes, m.RULE_EXCLUDES, unit="share of full size")
