"""Closing balances: what gives and takes each commodity, told by kind, by hand and on every equation's study."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from rich.console import Console

from model.outputs.balance_tables import balance_table, national
from model.outputs.balances import ITEMS, OpenBalance, balances, refuse_open
from model.outputs.goals import years_met
from model.outputs.tables import print_plan
from model.study import Plan, Study
from tests.lp import everything as whole
from tests.lp.solved import solved
from tests.sources import ROOT
from tests.studies import HOURS, Row, flat, only, technology

KAZAKHSTAN = {
    "study.years": "[2025, 2030]",
    "study.horizon_end": 2035,
    "study.representative_periods": 2,
    "study.segments": 2,
    "study.kept_days": "[]",
    "study.extreme_periods": "[]",
}
"""The default study cut to two days of two years."""


@pytest.fixture(scope="module")
def gas(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """A chain that a person can follow: raw gas of a field, two thirds of it gas for the south, by a pipeline.

    Two power plants in the south burn it at an efficiency of a half and serve 0.5 GW; the pipeline burns a tenth of
    what it moves. A market sells 0.1 GW of gas to the north in every hour, because the price is lower there than that
    of the field; half of that is left over and free to be so.
    """
    rows: dict[str, list[Row]] = {
        "commodities": [
            {"commodity": "raw", "resolution": "year"},
            {"commodity": "gas", "resolution": "period", "excess_price": 0},
        ],
        "nodes": [{"node": "abroad", "kind": "outside"}],
        "links": [
            {"link": "north_south", "capacity": 0.001},
            {"link": "pipe", "technology": "pipeline", "capacity": 5},
            {"link": "border", "technology": "pipeline", "from_node": "abroad", "to_node": "north", "capacity": 5},
        ],
        "plants": only(
            {"plant": "Works", "technology": "works", "capacity": 9},
            {"plant": "Burner", "technology": "burner", "node": "south", "capacity": 0.3},
            {"plant": "Other burner", "technology": "burner", "node": "south", "capacity": 0.7},
        ),
        "fuels": [{"commodity": "raw", "price": 2}],
        "markets": [
            {"market": "seller", "commodity": "gas", "price": 1, "capacity": 0.1, "annual_limit": 0.1 * HOURS},
        ],
        "demands": only(flat("south", 0.5), flat("south", 0.09, commodity="gas", profile="constant")),
    }
    return solved(
        tmp_path_factory.mktemp("gas"),
        technology("works", gives={"gas": 2}, takes={"raw": 3}, lifetime=100, wacc=0),
        technology("burner", takes={"gas": 2}, lifetime=100, wacc=0, declared={"group": "power"}),
        technology("pipeline", kind="link", gives={"gas": 1}, loss=0.1, loss_length=100, lifetime=100, wacc=0),
        step_hours=12,
        periods={"winter": range(1, 7), "summer": range(7, 13)},
        **rows,
    )


def of(results: xr.Dataset, commodity: str, node: str | None = None) -> dict[str, float]:
    """What gives and takes a commodity, GW on average, by item; items that are zero are left out."""
    balance = results["balance"].sel(commodity=commodity, year=2025)
    balance = balance.sum("node") if node is None else balance.sel(node=node)
    by_item = {item: float(balance.sel(balance_item=item)) / HOURS for item in ITEMS}
    return {item: rate for item, rate in by_item.items() if abs(rate) > 1e-9}


def closed(results: xr.Dataset) -> None:
    """Every balance sums to zero, to a millionth of what comes to the node, and so does the long table."""
    balance = results["balance"]
    rest, comes = abs(balance.sum("balance_item")), balance.clip(min=0).sum("balance_item")
    assert float((rest / comes.clip(min=1)).max()) <= 1e-6
    assert float(comes.max()) > 1
    keys = [results[f"balance_row_{name}"].to_numpy() for name in ("commodity", "node", "item")]
    total = xr.zeros_like(balance)
    for commodity, node, item, values in zip(*keys, results["balance_detail"].to_numpy(), strict=True):
        total.loc[{"commodity": commodity, "node": node, "balance_item": item}] += values
    xr.testing.assert_allclose(total, balance)


def test_a_chain_by_hand(gas: Plan) -> None:
    """Proves: 1.09 GW in the south (1 for 0.5 GW of power, 0.09 for others) are 1.09 / 0.9 = 1.2111 at the pipe's
    start; 0.1 bought abroad give 0.09 of it, so the works make 1.1211 of 1.6817 raw gas, and the pipes burn 0.1311.
    Without one of the items the balance would not close, or would tell it under another name."""
    pipe = 1.09 / 0.9
    made = pipe - 0.09
    assert of(gas.results, "raw") == pytest.approx({"supply": 1.5 * made, "use": -1.5 * made})
    assert of(gas.results, "gas") == pytest.approx(
        {"production": made, "imports": 0.1, "use": -1, "transport_losses": -0.1 * (pipe + 0.1), "demand": -0.09}
    )
    assert of(gas.results, "electricity") == pytest.approx({"production": 0.5, "demand": -0.5})
    assert of(gas.results, "gas", "north") == pytest.approx(
        {"production": made, "transfers": -pipe + 0.1, "transport_losses": -0.01}
    )
    assert of(gas.results, "gas", "abroad") == pytest.approx({"imports": 0.1, "transfers": -0.1})
    closed(gas.results)


def test_losses_that_grow_with_the_flow_are_told_half_at_each_end(tmp_path: Path) -> None:
    """Proves: a line of 1 GW that loses a tenth at full load loses 0.1 x (f - 0.25) by its one tangent: 0.5132 GW leave
    the north, 0.0263 are lost, half of it at each end. Without the item neither end's balance would close."""
    flow = (0.5 - 0.0125) / 0.95
    lost = 0.1 * (flow - 0.25)
    results = solved(
        tmp_path,
        technology("line", kind="link", loss=0.1, loss_length=100),
        loss_tangents=1,
        links=[{"link": "north_south"}],
    ).results
    assert of(results, "electricity", "south") == pytest.approx(
        {"transfers": flow, "transport_losses": -lost / 2, "demand": -0.5}
    )
    assert of(results, "electricity", "north") == pytest.approx(
        {"production": 1 + flow + lost / 2, "transfers": -flow, "transport_losses": -lost / 2, "demand": -1}
    )
    assert float(results["link_loss_energy"].sum()) == pytest.approx(lost * HOURS)
    closed(results)


def test_what_is_left_over_and_missing(tmp_path: Path) -> None:
    """Proves: 0.1 GW that no plant can serve are unserved, and heat of 0.6 per unit of power beyond what is asked for
    is excess. Without them balances would close only where all is well."""
    plan = solved(
        tmp_path,
        technology("chp", gives={"electricity": 1, "heat": 0.6}, lifetime=100, wacc=0),
        commodities=[{"commodity": "heat", "excess_price": 0}],
        plants=only({"plant": "Chp", "technology": "chp", "capacity": 0.9}),
        demands=only(flat("north", 1), flat("north", 0.5, commodity="heat")),
    )
    assert of(plan.results, "electricity") == pytest.approx({"production": 0.9, "unserved": 0.1, "demand": -1})
    assert of(plan.results, "heat") == pytest.approx({"production": 0.54, "demand": -0.5, "excess": -0.04})


def test_a_link_that_uses_another_commodity(tmp_path: Path) -> None:
    """Proves: an electric railway moves coal (transfers) and takes power for it at its start (use). Without it power
    that drives a link would be lost from the balance of power, or be told as a loss of the grid."""
    railway = technology("railway", kind="link", gives={"coal": 1}, lifetime=100, wacc=0)
    railway["ports"].append(
        {"technology": "railway", "mode": "forward", "commodity": "electricity", "place": "from", "yield": -0.05}
    )
    plan = solved(
        tmp_path,
        railway,
        commodities=[{"commodity": "coal", "resolution": "period"}],
        links=[{"link": "rails", "technology": "railway", "capacity": 1}],
        fuels=[{"commodity": "coal", "price": 1}],
        demands=only(flat("north", 1), flat("south", 0.4, commodity="coal", profile="constant")),
    )
    assert of(plan.results, "electricity", "north") == pytest.approx({"production": 1.02, "use": -0.02, "demand": -1})
    assert of(plan.results, "coal", "south") == pytest.approx({"transfers": 0.4, "demand": -0.4})
    assert of(plan.results, "coal") == pytest.approx({"supply": 0.4, "demand": -0.4})


def test_a_store_loses_what_it_does_not_give_back(tmp_path: Path) -> None:
    """Proves: a store of 0.81 gives back 0.81 of what it takes, and the rest shows. Without it stores would make
    energy, or the balance would not close."""
    plan = solved(
        tmp_path,
        technology("store", kind="storage", duration=12, charge_efficiency=0.9, discharge_efficiency=0.9, lifetime=99),
        step_hours=12,
        load=lambda month, hour: 1.2 if hour < 12 else 0.8,
        plants=only({"plant": "Old", "capacity": 1.05}, {"plant": "Store", "technology": "store", "capacity": 1}),
        demands=only(flat("north", 1)),
    )
    found = of(plan.results, "electricity")
    assert found["discharge"] == pytest.approx(0.075)
    assert found["charge"] == pytest.approx(-0.075 / 0.81)
    (rows,) = national(plan.results).values()
    assert rows.loc["losses of stores", 2025] == pytest.approx(-(0.075 / 0.81 - 0.075) * HOURS / 1000)


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """A plan in which every equation has rows."""
    return whole.everything(tmp_path_factory.mktemp("everything")).solve()


def test_every_equation_closes(everything: Plan) -> None:
    """Proves: with trade, stores over seasons, works by period and year and electric railways every balance closes.
    Without it an item could be missing where equations meet."""
    closed(everything.results)


@pytest.mark.slow
def test_kazakhstan_closes() -> None:
    """Proves: the shipped study closes for every commodity, node and year. Without it only small studies would."""
    closed(Study.read(ROOT / "inputs" / "kazakhstan").override(KAZAKHSTAN).solve().results)


def test_a_balance_that_does_not_close_is_refused(gas: Plan) -> None:
    """Proves: a flow that no item tells of ends with the commodity, the node and the amount. Without it a result could
    leave out part of a balance in silence."""
    accounts = gas.accounts
    refuse_open(accounts, gas.results["balance"].to_numpy())
    demand = accounts.system["annual_demand"] * 1.001
    cheated = dataclasses.replace(accounts, system=accounts.system.assign(annual_demand=demand))
    with pytest.raises(OpenBalance, match=r"balance of electricity at south in 2025 leaves -4\.38 a year"):
        refuse_open(cheated, balances(cheated)["balance"].to_numpy())


def test_the_national_table(gas: Plan) -> None:
    """Proves: the table's sources and uses are alike, by family of technology; transfers are left out; raw gas, which
    one technology alone takes, is told with the detail only. Without it a reader could not add the columns up."""
    short, long = national(gas.results), national(gas.results, detail=True)
    assert list(short) == ["electricity, TWh", "gas, TWh"]
    assert list(long) == ["electricity, TWh", "raw, TWh", "gas, TWh"]
    rows = short["gas, TWh"][2025]
    assert list(rows.index) == [
        "production: thermal",
        "imports: abroad",
        "all sources",
        "use: power",
        "losses and fuel of transport",
        "demand",
        "all uses",
    ]
    assert rows["all sources"] == pytest.approx(-rows["all uses"])
    assert "use: burner" in long["gas, TWh"].index
    assert "imports: seller" in long["gas, TWh"].index


def test_families_are_told_together(gas: Plan) -> None:
    """Proves: commodities of one family make one table in their common unit. Without it the gross gas of a country
    would be as many tables as fields."""
    results = gas.results.copy()
    results["commodity_family"] = results["commodity_family"].copy(data=["electricity", "all gas", "all gas"])
    short = national(results)
    assert list(short) == ["electricity, TWh", "all gas, TWh"]
    assert short["all gas, TWh"].loc["use: thermal", 2025] == pytest.approx(-1.5 * (1.09 / 0.9 - 0.09) * 8.76)


def test_plan_prints_the_balances(everything: Plan) -> None:
    """Proves: a plan shows its balances, and coal, which one technology alone burns, on request. Without it balances
    would be in the file only."""
    console = Console(width=160, record=True, file=io.StringIO())
    print_plan(everything.results, console)
    told = console.export_text()
    assert "Closing balances" in told
    assert "freight, TWh" in told
    assert "coal, TWh" not in told
    console.print(balance_table(everything.results, detail=True))
    assert "coal, TWh" in console.export_text()


def test_sizes_that_are_no_power_are_told_apart(everything: Plan) -> None:
    """Proves: works of 3.1, rails of 0.9 and a reach of 0.01 are no generating capacity. Without it the table would add
    them to that of power plants."""
    results = everything.results
    product = dict(zip(results["technology"].to_numpy(), results["technology_product"].to_numpy(), strict=True))
    wanted = {"works": "fuel_gas", "railway": "freight", "chp": "electricity", "store": "electricity", "lake": "water"}
    assert {name: product[name] for name in wanted} == wanted
    console = Console(width=160, record=True, file=io.StringIO())
    print_plan(results, console)
    lines = [line for line in console.export_text().splitlines() if "thermal" in line]
    assert "2.60" in lines[0]
    assert "thermal, GW" in next(line for line in lines if "4.01" in line)


CASES = (
    ([1, 2, 3], [np.nan, 2, 2], 1, 2030, "as asked"),
    ([2, 2, 3], [np.nan, 2, 2], 1, 2025, "earlier than asked"),
    ([2, 1, 3], [np.nan, 2, 2], 1, 2040, "lost and found again"),
    ([2, 2, 1], [np.nan, 2, 2], 1, 0, "not to the end"),
    ([3, 2, 1], [np.nan, 2, 2], -1, 2030, "a ceiling"),
    ([2, 3, 4], [np.nan, 3, 5], 1, 0, "more is asked later"),
    ([9, 9, 9], [np.nan, np.nan, np.nan], 1, 0, "asked after the plan"),
    ([1, 2 - 1e-7, 2], [np.nan, 2, 2], 1, 2030, "but for noise"),
)  # fmt: skip


@pytest.mark.parametrize(("value", "required", "sign", "year"), [case[:4] for case in CASES], ids=[c[4] for c in CASES])
def test_the_year_from_which_a_goal_holds(value: list[float], required: list[float], sign: int, year: int) -> None:
    """Proves: the ledger names the first year from which a goal holds on, also before it is asked for. Without it a
    goal that is met for a while would count as met, and an early success would not show."""
    found = years_met([2025, 2030, 2040], np.array([value]), np.array([required]), np.array([[sign]]))
    assert found.tolist() == [year]
