"""The oil chain, worked out by hand: yield patterns of a refinery, its least throughput, a cap on the share of a
corridor, and a swap of crude between two borders.

Crude and products are counted in million tonnes and balance over the year; crude costs 400 USD/t at the wells and
running a refinery 10 USD/t, so that a million tonnes refined cost 410 million USD.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from model.study import Plan, Study
from tests.lp.solved import cost, value
from tests.studies import Row, Rows, only, technology, write_study

OWN_UNITS = {
    "plants.csv": {"[GW]": "[{capacity}]"},
    "links.csv": {
        "[GW]": "[{capacity}]",
        "[USD/kW]": "[million_USD/({capacity})]",
        "[USD/MWh]": "[million_USD/({activity})]",
    },
    "markets.csv": {"[GW]": "[{rate}]", "[GWh]": "[{commodity}]"},
    "fuels.csv": {"[GWh]": "[{commodity}]"},
    "commodities.csv": {"[USD/MWh]": "[million_USD/({unit})]", "[t/MWh]": "[Mt/({unit})]"},
}
"""Units of the headers that small studies write, and those of tables of several commodities."""

OIL: Row = {"unit": "Mt", "resolution": "year", "unserved_price": 2500, "excess_price": 0}
"""A commodity of the oil chain: what is missing costs 2,500 USD/t, what is left over is worth nothing."""

RATE: Row = {"capacity_unit": "Mt/year"}
PATTERNS = {"base": {"gasoline": 0.4, "diesel": 0.4}, "more diesel": {"gasoline": 0.2, "diesel": 0.6}}
CRUDE: Row = {"commodity": "crude", "node": "north", "price": 400, "unit": "USD/t"}


def planned(folder: Path, *parts: Rows, **options: Any) -> Plan:
    """The certified plan of a small study whose numbers are in the units of their commodities."""
    write_study(folder, *parts, **options)
    for name in (name for name in OWN_UNITS if (folder / name).exists()):
        header, _, rest = (folder / name).read_text(encoding="utf-8").partition("\n")
        for before, after in OWN_UNITS[name].items():
            header = header.replace(before, after)
        (folder / name).write_text(header + "\n" + rest, encoding="utf-8")
    return Study.read(folder).solve()


def refinery(*modes: str) -> Rows:
    """A refinery with some of the yield patterns: each takes a tonne of crude and costs 10 USD."""
    yields = [(mode, {"crude": -1.0, **PATTERNS[mode]}) for mode in modes]
    return {
        "technologies": [{"technology": "refinery", **RATE}],
        "technology_values": [{"technology": "refinery", "quantity": "lifetime", "value": 100, "unit": "year"}],
        "modes": [{"technology": "refinery", "mode": mode, "variable_cost": 10, "unit": "USD/t"} for mode in modes],
        "ports": [
            {"technology": "refinery", "mode": mode, "commodity": commodity, "yield": amount, "unit": "t/t"}
            for mode, amounts in yields
            for commodity, amount in amounts.items()
        ],
    }


def refining(gasoline: float, diesel: float, **more: Any) -> dict[str, Any]:
    """A study of one refinery of 2 Mt a year and the demand for its products, Mt."""
    return {
        "commodities": [{"commodity": c, **OIL} for c in ("crude", "gasoline", "diesel")],
        "plants": only({"plant": "Refinery", "technology": "refinery", "capacity": 2}),
        "fuels": [CRUDE],
        "demands": only(
            {"commodity": "gasoline", "value": gasoline, "unit": "Mt", "profile": "constant"},
            {"commodity": "diesel", "value": diesel, "unit": "Mt", "profile": "constant"},
        ),
        **more,
    }


def test_a_refinery_mixes_its_yield_patterns(tmp_path: Path) -> None:
    """Proves: 0.3 Mt of gasoline and 0.5 of diesel are half a million tonnes in each pattern: 0.4 x 0.5 + 0.2 x 0.5 and
    0.4 x 0.5 + 0.6 x 0.5, for 410. Either product is worth 410 / 0.8 = 512.5 USD/t. Without the second pattern diesel
    alone would ask for 1.25 Mt of crude: 512.5."""
    plan = planned(tmp_path / "two", refinery(*PATTERNS), **refining(0.3, 0.5))
    assert cost(plan) == pytest.approx(410)
    assert value(plan, "operation_by_year", "refinery@north", "base", 2025) == pytest.approx(0.5)
    price = plan.results["price_by_year"].sel(node="north", year=2025)
    assert price.sel(commodity="gasoline").item() == pytest.approx(512.5)
    assert price.sel(commodity="diesel").item() == pytest.approx(512.5)
    assert cost(planned(tmp_path / "one", refinery("base"), **refining(0.3, 0.5))) == pytest.approx(512.5)


def test_a_refinery_keeps_its_least_throughput(tmp_path: Path) -> None:
    """Proves: a refinery of 2 Mt that must run half of the hours takes 1 Mt where 0.5 would meet demand: 410, and what
    is left over is let go. Without the limit: 205."""
    least = [{"technology": "refinery", "sense": "min", "full_load_hours": 4380, "profile": "even"}]
    plan = planned(tmp_path, refinery("base"), **refining(0.2, 0.2, energy_limits=least))
    assert cost(plan) == pytest.approx(410)
    assert value(plan, "excess_by_year", "north", "gasoline", 2025) == pytest.approx(0.2)


def corridors(**more: Any) -> dict[str, Any]:
    """Ten million tonnes for export at 500 USD/t, over a pipeline for 38 and a railway for 58 USD/t."""
    ends = {"from_node": "north", "to_node": "port", "technology": "route", "capacity": 20}
    return {
        "nodes": [{"node": "port", "kind": "outside"}],
        "commodities": [{"commodity": "crude", **OIL, "excess_price": ""}],
        "plants": only(),
        "demands": only({"value": 0}),
        "fuels": [{**CRUDE, "price": 0, "annual_limit": 10}],
        "links": [
            {"link": "pipeline", **ends, "variable_cost": 38},
            {"link": "railway", **ends, "variable_cost": 58},
        ],
        "markets": [
            {
                "market": "sea",
                "node": "port",
                "commodity": "crude",
                "direction": "export",
                "price": 500,
                "unit": "USD/t",
                "capacity": 50,
                "annual_limit": 50,
            }
        ],
        "target_terms": [
            {"measure": "delivered", "select": "pipeline", "coefficient": 0.25, "commodity": "crude"},
            {"measure": "delivered", "select": "railway", "coefficient": -0.75, "commodity": "crude"},
        ],
        **more,
    }


def test_no_corridor_takes_more_than_its_share(tmp_path: Path) -> None:
    """Proves: of 10 Mt the pipeline carries 7.5 at most where its share may be 0.75: 7.5 x 462 + 2.5 x 442 = 4,570 are
    earned. A tonne more over it saves the 20 USD between the tariffs, which is the price of the goal. Without the
    goal: 4,620."""
    cap = {"sense": "max", "value": 0, "unit": "Mt", "hard": 1}
    route = technology("route", kind="link", gives={"crude": 1}, declared=RATE, lifetime=100, wacc=0)
    plan = planned(tmp_path / "hard", _in_tonnes(route), targets=[cap], **corridors())
    assert cost(plan) == pytest.approx(-4570)
    assert value(plan, "operation_by_year", "pipeline", "forward", 2025) == pytest.approx(7.5)
    assert plan.results["target_price"].sel(target="goal", year=2025).item() == pytest.approx(20)
    free = planned(tmp_path / "soft", _in_tonnes(route), targets=[{**cap, "hard": 0, "penalty": 8}], **corridors())
    assert cost(free) == pytest.approx(-4620 + 8 * 2.5)


def _in_tonnes(part: Rows) -> Rows:
    """A technology's ports and costs by tonne in place of megawatt hours."""
    return {
        **part,
        "ports": [{**row, "unit": "t/t"} for row in part["ports"]],
        "modes": [{**row, "unit": "USD/t"} for row in part["modes"]],
    }


def test_a_swap_ties_what_leaves_to_what_enters(tmp_path: Path) -> None:
    """Proves: what is handed over at one border gives a right to as much at another: the 0.8 Mt that the south refines
    come from there, and the north has to bring 0.8 Mt to the first border at 400 USD/t. Without the tie the south's
    crude would cost nothing."""
    link = technology("route", kind="link", gives={"crude": 1}, declared=RATE, lifetime=100, wacc=0)
    ends = {"technology": "route", "capacity": 5}
    case = corridors(
        nodes=[{"node": n, "kind": "outside", "transit": "crude"} for n in ("east border", "west border")],
        fuels=[CRUDE],
        links=[
            {"link": "to the east", "from_node": "north", "to_node": "east border", **ends},
            {"link": "swap", "from_node": "east border", "to_node": "west border", **ends},
            {"link": "from the west", "from_node": "west border", "to_node": "south", **ends},
        ],
        markets=[],
        target_terms=[],
        demands=only({"node": "south", "commodity": "crude", "value": 0.8, "unit": "Mt", "profile": "constant"}),
    )
    plan = planned(tmp_path, _in_tonnes(link), **case)
    assert cost(plan) == pytest.approx(320)
    assert plan.results["price_by_year"].sel(node="south", commodity="crude", year=2025).item() == pytest.approx(400)
