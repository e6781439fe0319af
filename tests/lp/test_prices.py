"""Prices against finite differences: change an input or a side a little, solve again, and see what the plan then costs.

The study has planning years 2025, 2030 and 2040 up to 2045, discounting at 7 %, periods of 120 and 245 days and steps
of 6 hours, and every equation of the program, so that a factor that is missing or twice there shows. The cost is a
convex function of every side: a price lies between the slope to the left and the slope to the right, and where those
agree it is both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from model.lp.program import LinearProgram
from model.solve import highs
from model.study import Plan, Study
from tests.lp import everything as whole
from tests.lp.solved import solved
from tests.studies import HOURS, Row, flat, only

pytestmark = pytest.mark.slow

YEARS = (2025, 2030, 2040)
DAYS = {"winter": 120, "rest": 245}
LOADS = {
    ("electricity", "north"): (1.1, 1.25, 1.54),
    ("electricity", "south"): (0.7, 0.8, 0.98),
    ("heat", "south"): (0.1,) * 3,
    ("fuel_gas", "north"): (0.2,) * 3,
    ("freight", "north"): (0.6,) * 3,
}


def rows() -> dict[str, list[Row]]:
    """The rows that tests change: explicit in every planning year, so that a change stays in its year."""
    return {
        "demands": [
            flat(n, gw, y, commodity=c) for (c, n), line in LOADS.items() for y, gw in zip(YEARS, line, strict=True)
        ],
        "plants": [*whole.plants(), {"plant": "Brief", "capacity": 0.2, "closing_year": 2026}],
        "targets": [
            {"target": "green", "year": 2040, "value": 0, "unit": "GWh", "hard": 1},
            {"target": "less_coal", "sense": "max", "year": 2030, "value": 300, "unit": "GWh", "hard": 1},
            {"target": "renewal", "year": 2030, "value": 2.38, "hard": 1, "counts_from": 2026},
        ],
        "target_terms": [
            {**row, "coefficient": -0.27} if row["measure"] == "demand" else row
            for row in whole.goals()["target_terms"]
            if row["measure"] != "used"
        ],
        "build_limits": [{"select": "wind", "year": y, "rate": 0.13} for y in YEARS],
        "emissions": [
            {"year": 2025, "price": 4},
            {"year": 2030, "price": 12},
            {"year": 2040, "price": 22, "cap": 0.31},
        ],
        "interfaces": only({"interface": "southward", "limit": 0.45}),
        **_without_pipes(),
    }


def _without_pipes() -> dict[str, list[Row]]:
    """Power lines alone, and no rules of projects: where gas comes by pipe too, the numbers above bind elsewhere."""
    links, members, markets = whole.network()["links"], whole.network()["interface_members"], whole.supply()["markets"]
    gone = {row["link"] for row in links if row.get("technology") in ("pipe", "rails")}
    lines = [{k: v for k, v in row.items() if k not in ("variable_cost", "availability")} for row in links]
    return {
        "links": only(*(row for row in lines if row["link"] not in gone)),
        "interface_members": only(*(row for row in members if row["link"] not in gone)),
        "markets": only(*(row for row in markets if row.get("commodity", "electricity") == "electricity")),
        "project_rules": only(),
    }


def study(folder: Path, *changes: tuple[str, int, str, float]) -> Study:
    """The study of every equation with ``rows``; a change adds to a cell, given by table, row and column."""
    changed = rows()
    for table, row, column, more in changes:
        changed[table][row][column] += more
    days = [
        {"period": "winter", "months": "1;2;11;12", "days": 120},
        {"period": "rest", "months": "3;4;5;6;7;8;9;10", "days": 245},
    ]
    demands = only(*changed.pop("demands"))
    return whole.everything(folder, periods=days, demands=demands, **changed, **whole.PLAIN)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all studies of this file."""
    return tmp_path_factory.mktemp("prices")


@pytest.fixture(scope="module")
def plan(folder: Path) -> Plan:
    """The plan whose prices are tested."""
    return study(folder / "base").solve(gap=1e-9)


def weight(year: int) -> float:
    """The discount weight of a planning year, worked out here."""
    end = {2025: 2030, 2030: 2040, 2040: 2045}[year]
    return float(sum(1.07 ** -(j - 2025) for j in range(year, end)))


def slopes(plan: Plan, cost: Callable[[float], float], step: float) -> tuple[float, float]:
    """Change of cost per unit to the left and to the right, million USD."""
    base = plan.certificate.optimality.objective
    return (base - cost(-step)) / step, (cost(step) - base) / step


def by_row(plan: Plan, label: str, step: float = 1e-5) -> tuple[float, float]:
    """Slopes of the cost in both sides of one row of the matrix."""
    program = plan.program
    where = np.array([program.row_label(row) == label for row in range(program.rows)])
    assert where.sum() == 1, f"{label} is no row of the matrix"

    def moved(delta: float) -> LinearProgram:
        return replace(
            program, row_lower=program.row_lower + delta * where, row_upper=program.row_upper + delta * where
        )

    return slopes(plan, lambda delta: highs.solve(moved(delta), "simplex").objective, step)


def by_input(
    plan: Plan, folder: Path, table: str, row: int, column: str, step: float, *before: tuple[str, int, str, float]
) -> tuple[float, float]:
    """Slopes of the cost in one cell of the inputs, in its unit there, after the changes that ``plan`` has already."""

    def cost(delta: float) -> float:
        changed = study(folder / f"{table}{row}{delta}", *before, (table, row, column, delta))
        found = highs.solve(changed.program(), "simplex")
        assert found.status == "optimal"
        return found.objective

    return slopes(plan, cost, step)


def assert_between(price: float, sides: tuple[float, float]) -> None:
    """``price`` lies between the slopes."""
    left, right = sides
    room = 1e-5 * max(1.0, abs(left), abs(right))
    assert left - room <= price <= right + room


def assert_slope(price: float, sides: tuple[float, float]) -> None:
    """Both slopes agree, and ``price`` is what they say; zero would prove nothing."""
    left, right = sides
    assert right == pytest.approx(left, rel=1e-5), "the point has a kink: choose other numbers"
    assert abs(left) > 1e-4, "nothing binds: choose other numbers"
    assert price == pytest.approx(left, rel=1e-5)


def chosen(array: xr.DataArray, count: int) -> list[dict[str, Any]]:
    """Labels of about ``count`` entries of ``array`` that are not zero, spread over it."""
    values = np.nan_to_num(np.abs(array.to_numpy()))
    places = np.argwhere(values > 1e-3 * values.max())
    assert len(places), f"{array.name} is zero everywhere: choose other numbers"
    return [
        {str(dim): array[dim].to_numpy()[i] for dim, i in zip(array.dims, place, strict=True)}
        for place in places[:: max(1, len(places) // count)]
    ]


def demand_row(commodity: str, node: str, year: int) -> int:
    """Which row of demands has the quantity of a year."""
    return next(
        i
        for i, row in enumerate(rows()["demands"])
        if (row["commodity"], row["node"], row["year"]) == (commodity, node, year)
    )


def test_price_of_a_step(plan: Plan) -> None:
    """Proves: a nodal price is the cost of one more MWh in that step of the year: the row's slope over discount weight
    and the hours that the step stands for. Without days or duration it would be 120 or 6 times as high."""
    price = plan.results["price"].sel(commodity="electricity", drop=True)
    for at in chosen(price, 10):
        mwh = 1000 / (weight(at["year"]) * 6 * DAYS[at["step"].partition("/")[0]])
        left, right = by_row(plan, f"balance[{at['node']},electricity,{at['year']},{at['step']}]")
        assert_between(price.sel(at).item(), (left * mwh, right * mwh))


@pytest.mark.parametrize("year", YEARS)
def test_price_of_a_step_against_demand_of_the_year(plan: Plan, folder: Path, year: int) -> None:
    """Proves: prices of all steps, each with its hours and load, add up to what one more GWh of the year's demand
    costs, less the share that links lose themselves. Without the right factor in any step the sum would differ."""
    load = plan.study.time["profile_value"].sel(profile="load@south")
    hours = plan.study.time["duration"] * plan.study.time["weight"]
    price = plan.results["price"].sel(commodity="electricity", node="south", year=year)
    per_gwh = (price * load * hours).sum().item() / HOURS / 1000 * (1 - 0.03)
    sides = by_input(plan, folder, "demands", demand_row("electricity", "south", year), "value", 0.02)
    assert_slope(per_gwh * weight(year), sides)


def test_price_of_a_commodity_by_period(plan: Plan, folder: Path) -> None:
    """Proves: a period price is the cost of one more unit in that period of the year, and those of all periods
    together that of one more unit in the year, used as the load is. Without the discount weight it would be a present
    value."""
    price = plan.results["price_by_period"]
    for at in chosen(price, 8):
        left, right = by_row(
            plan, f"balance_by_period[{at['node']},{at['commodity']},{at['year']},{at['period']}]", 1e-2
        )
        assert_between(price.sel(at).item() * weight(at["year"]), (left, right))
    at_north, time = price.sel(node="north", commodity="fuel_gas", year=2040), plan.study.time
    used = time["profile_value"].sel(profile="load@north") * time["duration"] * time["weight"] / HOURS
    mean = sum(at_north.sel(period=p).item() * used[time["step_period"] == p].sum().item() for p in DAYS)
    sides = by_input(plan, folder, "demands", demand_row("fuel_gas", "north", 2040), "value", 0.02)
    assert_slope(mean * weight(2040), sides)


def test_price_of_a_commodity_by_year(plan: Plan, folder: Path) -> None:
    """Proves: the price of freight, which balances over the year, is what one more unit of the year's demand costs.
    Without the discount weight it would be a present value."""
    price = plan.results["price_by_year"].sel(node="north", commodity="freight", year=2040).item()
    assert_slope(
        price * weight(2040), by_input(plan, folder, "demands", demand_row("freight", "north", 2040), "value", 0.2)
    )


def test_price_of_capacity(plan: Plan, folder: Path) -> None:
    """Proves: a capacity price is what one more GW in that year alone saves, less the cost of keeping it: the row's
    slope with the other sign. A plant that ends in 2026 and is larger shows it in the tables: in 2025 another GW of
    ``old`` saves nothing and costs 15. Without the sign scarce capacity would have a negative worth."""
    price = plan.results["capacity_price"]
    for at in chosen(price, 10):
        assert_between(
            -price.sel(at).item() * weight(at["year"]), by_row(plan, f"installed_capacity[{at['asset']},{at['year']}]")
        )
    brief = len(rows()["plants"]) - 1
    assert price.sel(asset="old@north", year=2025).item() == pytest.approx(-15)
    assert_slope(
        -price.sel(asset="old@north", year=2025).item() * weight(2025),
        by_input(plan, folder, "plants", brief, "capacity", 1e-3),
    )


@pytest.mark.parametrize(("row", "target", "year", "sign"), [(1, "less_coal", 2030, -1), (2, "renewal", 2030, 1)])
def test_price_of_a_target(plan: Plan, folder: Path, row: int, target: str, year: int, sign: int) -> None:
    """Proves: the price of a goal is what one more unit of it costs in the year it binds: a higher floor, a lower
    ceiling. Without the discount weight it would be a present value; without its size a ceiling would have a negative
    price."""
    price = plan.results["target_price"].sel(target=target)
    assert price.sel(year=[y for y in YEARS if y != year]).to_numpy() == pytest.approx(0, abs=1e-9)
    assert_slope(
        sign * price.sel(year=year).item() * weight(year), by_input(plan, folder, "targets", row, "value", 1e-3)
    )


def test_price_of_a_share(folder: Path) -> None:
    """Proves: a percentage point more of a share of demand costs its price per unit times a hundredth of demand
    (losses included, 2.52 GW). Here 30 % are asked for and wind may be built faster, so that the share binds. Without
    the demand in it the price would be per GWh, not per point."""
    more = (("target_terms", 1, "coefficient", -0.03), *(("build_limits", year, "rate", 0.03) for year in range(3)))
    plan = study(folder / "more", *more).solve(gap=1e-9)
    price = plan.results["target_price"].sel(target="green", year=2040).item()
    point = price * 2.52 * HOURS / 100
    left, right = by_input(plan, folder, "target_terms", 1, "coefficient", 1e-5, *more)
    assert_slope(point * weight(2040), (-left / 100, -right / 100))


def test_price_of_carbon_under_a_cap(plan: Plan, folder: Path) -> None:
    """Proves: the marginal cost of CO2 is its price and what the cap adds: a Mt less of the cap of 2040 costs the
    difference. Without the cap's dual it would be 22 USD/t whatever the cap."""
    marginal = plan.results["co2_marginal_cost"]
    assert marginal.to_numpy()[:2] == pytest.approx([4, 12])
    assert_slope(
        -(marginal.sel(year=2040).item() - 22) * weight(2040), by_input(plan, folder, "emissions", 2, "cap", 1e-4)
    )


def test_price_of_an_interface(plan: Plan, folder: Path) -> None:
    """Proves: an interface price is what one more MWh across it saves in that step; all of them together are what one
    more GW of the limit saves. Without hours and weight a step of a short period would look dear."""
    price = plan.results["interface_price"]
    for at in chosen(price, 6):
        gwh = 1000 / (weight(at["year"]) * 6 * DAYS[at["step"].partition("/")[0]])
        left, right = by_row(plan, f"interface_limit[southward,{at['year']},{at['step']}]")
        assert_between(-price.sel(at).item(), (left * gwh, right * gwh))
    worth = sum(
        (price.sel(interface="southward", year=y) * plan.results["step_hours"]).sum().item() / 1000 * weight(y)
        for y in YEARS
    )
    assert_slope(-worth, by_input(plan, folder, "interfaces", 0, "limit", 1e-4))


def test_price_of_pace(plan: Plan, folder: Path) -> None:
    """Proves: the worth of pace is the present value of one more GW within the ten years before 2040; a yearly rate
    that is higher by one allows ten. Without the years the rate would seem to be worth a tenth."""
    worth = plan.results["build_pace_value"].sel(build_limit="pace")
    assert worth.sel(year=2030).item() == pytest.approx(0, abs=1e-9)
    assert_slope(-worth.sel(year=2040).item() * 10, by_input(plan, folder, "build_limits", 2, "rate", 1e-5))


def test_at_a_kink_the_price_lies_between_the_slopes(tmp_path: Path) -> None:
    """Proves: where demand is exactly what stands, one MWh less saves 20 and one more costs 1,000 USD; any price
    between is right, and the one reported is. Without convexity in mind a test of prices would ask for one of them."""
    price = solved(tmp_path, demands=only(flat("north", 2))).price("electricity", "north").item()
    below = solved(tmp_path / "below", demands=only(flat("north", 1.99))).price("electricity", "north").item()
    above = solved(tmp_path / "above", demands=only(flat("north", 2.01))).price("electricity", "north").item()
    assert (below, above) == (pytest.approx(20), pytest.approx(1000))
    assert below - 1e-6 <= price <= above + 1e-6
