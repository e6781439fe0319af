"""Figures of the report: their numbers are those of the results, their accounts close, and their charts draw marks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import vl_convert
import xarray as xr

from model.outputs.report import charts, fleet, money, prices, targets, works
from model.outputs.report.parts import Figure, MakeSection, Section, Told
from model.study import Study
from model.system.network import ELECTRICITY
from tests.lp import everything as whole
from tests.reports import valid

SECTIONS: dict[str, MakeSection] = {
    "targets": targets.targets,
    "capacity": fleet.capacity,
    "generation": fleet.generation,
    "works": works.works,
    "costs": money.costs,
    "prices": money.prices,
    "emissions": money.emissions,
}

SMALL = Path(__file__).parents[2] / "inputs" / "small"


def same(text: str) -> str:
    """English."""
    return text


def marked(text: str) -> str:
    """A language in which every word is known."""
    return f"*{text}"


@pytest.fixture(scope="module")
def small() -> Told:
    """The plan of the small study: two planning years, one goal, coal that is modernised."""
    return Told("small", Study.read(SMALL).solve().results)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """A plan in which every equation has rows: three planning years, trade, works, goals that are missed."""
    return Told("large", whole.everything(tmp_path_factory.mktemp("figures")).solve().results)


@pytest.fixture(scope="module", params=["small", "both"])
def told(request: pytest.FixtureRequest, small: Told, large: Told) -> list[Told]:
    """One plan, or two side by side."""
    return {"small": [small], "both": [small, large]}[request.param]


def made(make: MakeSection, *told: Told, words: Callable[[str], str] = same) -> Section:
    """The section, which must be there."""
    section = make(told, words)
    assert section is not None
    return section


def figure(section: Section, key: str) -> Figure:
    """One figure of a section."""
    return next(figure for figure in section.figures if figure.key == key)


@pytest.mark.parametrize("name", SECTIONS)
def test_charts_draw_marks(name: str, told: list[Told]) -> None:
    """Proves: every specification is valid, small and draws marks, for one plan and for two. Without it a section of
    the report could be an empty frame."""
    for told_figure in made(SECTIONS[name], *told).figures:
        assert len(told_figure.table), told_figure.key
        if told_figure.spec is None:
            continue
        valid(told_figure.spec)
        text = json.dumps(told_figure.spec)
        assert len(text) < 30_000, told_figure.key
        svg = vl_convert.vegalite_to_svg(text)
        assert re.search(r'class="mark-(rect|line|symbol)[^"]*role-mark[^>]*>\s*<path[^>]* d="M', svg), told_figure.key


@pytest.mark.parametrize("name", SECTIONS)
def test_every_text_is_translated(name: str, told: list[Told]) -> None:
    """Proves: titles, words and headings are in the language of the report; only years and plans stay. Without it a
    Russian report would have English headings."""
    section = made(SECTIONS[name], *told, words=marked)
    assert section.title.startswith("*")
    plans = {plan.name for plan in told}
    for told_figure in section.figures:
        assert told_figure.title.startswith("*")
        assert told_figure.words.startswith("*")
        for heading in told_figure.table.columns:
            assert heading.startswith("*") or heading.isdigit() or heading in plans, heading


def test_keys_are_unique(small: Told, large: Told) -> None:
    """Proves: no two figures have one key. Without it a chart would be drawn in the place of another."""
    keys = [f.key for make in SECTIONS.values() for f in made(make, small, large).figures]
    assert len(set(keys)) == len(keys)
    assert all(re.fullmatch(r"[a-z0-9-]+", key) for key in keys)


def test_capacity_is_that_of_the_results(small: Told) -> None:
    """Proves: the table of technologies is the capacity of the results, 5.3 GW in 2025 in the small study. Without it
    the report could tell another plan."""
    section = made(fleet.capacity, small)
    table = figure(section, "capacity").table
    capacity = small.results["capacity"].isel(technology=small.electric)
    assert table["2025"].sum() == pytest.approx(5.3)
    assert list(table[["2025", "2030"]].sum()) == pytest.approx(capacity.sum(["technology", "node"]).to_numpy())
    assert table.set_index("technology").loc["Wind", "2030"] == pytest.approx(
        small.results["capacity"].sel(technology="wind", year=2030).sum().item()
    )
    moved = figure(section, "additions").table[["2025", "2030"]].sum()
    assert moved["2030"] == pytest.approx(table["2030"].sum() - table["2025"].sum())


def test_electricity_adds_up_to_the_demand(told: list[Told]) -> None:
    """Proves: sources less uses are the demand in every year. Without it trade, losses or stores could be missing."""
    for plan in told:
        account = fleet.electricity_account(plan, same)
        sides = account.assign(demand=account["group"] == "demand").groupby(["year", "demand"])["value"].sum().unstack()
        assert sides[False].to_numpy() == pytest.approx(sides[True].to_numpy(), rel=1e-6)
        asked = plan.results["demand"].sel(commodity=ELECTRICITY).sum("node") / 1000
        assert sides[True].to_numpy() == pytest.approx(asked.to_numpy())


def test_capacity_factor_is_output_over_capacity(small: Told) -> None:
    """Proves: percent of full operation through 8,760 hours. Without it hours of steps could be counted wrongly."""
    table = figure(made(fleet.generation, small), "capacity-factors").table.set_index("technology")
    wind = small.results.sel(technology="wind", year=2030)
    expected = 100 * wind["generation"].sum().item() / (wind["capacity"].sum().item() * 8.76)
    assert table.loc["Wind", "2030"] == pytest.approx(expected)


def test_account_of_capacity_closes(told: list[Told]) -> None:
    """Proves: what a family starts with, what comes and what goes is what it ends with, in every interval, and the
    families make up the fleet. Without it capacity could come from nowhere."""
    for plan in told:
        account = works.capacity_account(plan.results.isel(technology=plan.electric))
        moves = account.drop(columns=["group", "from", "to", works.FINAL]).sum(axis=1)
        assert moves.to_numpy() == pytest.approx(account[works.FINAL].to_numpy(), abs=1e-6)
        numbers = account.drop(columns=["group"]).groupby(["from", "to"]).sum()
        fleet_alone = account[account["group"] == works.ALL].drop(columns=["group"]).groupby(["from", "to"]).sum()
        assert numbers.to_numpy() == pytest.approx(2 * fleet_alone.to_numpy(), abs=1e-6)


def test_bars_begin_where_the_one_before_ends(small: Told, large: Told) -> None:
    """Proves: the bars of the waterfall hang together and end at the last year's capacity, and plans with other years
    have the same steps. Without it the picture would not show an account."""
    accounts = [works.capacity_account(plan.results.isel(technology=plan.electric)) for plan in (small, large)]
    drawn = works.bars(accounts, same)
    assert set(drawn[0]["step"]) == set(drawn[1]["step"]) > {"first year", "last year", "new", "into works"}
    for frame in drawn:
        for _, own in frame.groupby("group"):
            level = own["level"].to_numpy()
            assert level[-2] == pytest.approx(level[-1], abs=1e-6)
            for before, row in zip(level, own.iloc[1:-1].itertuples(), strict=False):
                assert before in (pytest.approx(row.low), pytest.approx(row.high))
    alone = works.bars(accounts[:1], same)[0]
    assert list(alone["step"].iloc[[0, -1]]) == ["2025", "2030"]


def test_costs_add_up(told: list[Told]) -> None:
    """Proves: the last row of a plan is the cost of the year, and present values sum to what the plan makes least.
    Without it a kind of cost could be left out of the report."""
    section = made(money.costs, *told)
    yearly, present = figure(section, "costs").table, figure(section, "present-value").table
    totals = yearly[yearly["kind of cost"] == "total"]
    for plan, (_, row) in zip(told, totals.iterrows(), strict=True):
        years = [str(year) for year in plan.years]
        assert row[years].to_numpy(dtype=float) == pytest.approx(plan.results["cost"].sum("cost_kind").to_numpy())
        column = plan.name if len(told) > 1 else "present value"
        total = present.set_index("kind of cost").loc["total", column]
        assert total == pytest.approx(plan.results["present_cost"].sum().item())


def test_large_costs_are_told_in_billion(small: Told) -> None:
    """Proves: a cost of 6,000 million is told as 6 billion, and the text says so. Without it it would be a thousand
    times too large."""
    scaled = small.results.assign(cost=small.results["cost"] * 0 + 1000)
    table = figure(made(money.costs, Told("dear", scaled)), "costs")
    kinds = small.results.sizes["cost_kind"]
    assert kinds == len(table.table) - 1
    assert table.table["2025"].iloc[-1] == pytest.approx(1000.0 * kinds)
    dear = Told("dear", small.results.assign(cost=small.results["cost"] * 0 + 6000))
    told_figure = figure(made(money.costs, dear), "costs")
    assert told_figure.table["2025"].iloc[0] == pytest.approx(6.0)
    assert "billion USD" in told_figure.words
    bare = figure(made(money.costs, Told("bare", dear.results.drop_attrs())), "costs")
    assert bare.words.endswith("billion USD.")


def test_prices_are_those_of_the_results(small: Told) -> None:
    """Proves: the price of a node is its mean price, and the median of a zone is that of its nodes. Without it the
    report could mix up nodes."""
    section = made(money.prices, small)
    nodes = figure(section, "node-prices").table
    results = small.results
    inside = results["mean_price"].dropna("node")
    assert sorted(nodes["2030"]) == pytest.approx(sorted(inside.sel(year=2030).to_numpy()))
    zones = figure(section, "prices").table.set_index(["zone", "node"])
    own = inside.sel(node=results["node_zone"].sel(node=inside["node"]) == "north").sel(year=2030)
    for name, number in (("lowest", own.min()), ("median", own.median()), ("highest", own.max())):
        assert zones.loc[("north", name), "2030"] == pytest.approx(number.item())


def test_national_price_weighs_by_what_is_used(small: Told) -> None:
    """Proves: the mean price of electricity is what all nodes pay, over what they use (demand, plants); fuels are told
    per MWh. Without the weights an empty node would count as much as a city."""
    found = prices.national_prices(small.results, same).set_index(["commodity", "year"])["value"]
    results = small.results.sel(commodity=ELECTRICITY, year=2030)
    hours = results["step_hours"]
    price = (results["price"] * hours).sum("step") / hours.sum()
    used = -results["balance"].sel(balance_item=["use", "demand"]).sum("balance_item")
    expected = (price * used).sum() / used.sum()
    assert found[("Electricity", 2030)] == pytest.approx(expected.item())
    assert found[("Natural gas", 2030)] == pytest.approx(14.0)


def test_ledger_tells_how_goals_fare() -> None:
    """Proves: met, met and then lost, met later, missed and not asked are told apart, each in the first year that asks
    for it. Without it a goal that is lost again would count as met."""
    years, names = [2025, 2030, 2035], ["kept", "lost", "late", "never", "far", "least"]
    asked = np.array([[np.nan, 10, 10]] * 4 + [[np.nan] * 3] + [[np.nan, 5, 5]])
    value = np.array([[0, 12, 10], [0, 10, 7], [0, 8, 10], [0, 4, 4], [0, 0, 0], [9, 4, 4.0]])
    sign = np.array([1, 1, 1, 1, 1, -1])[:, None]
    slack = sign * (value - asked)
    dims = ("target", "year")
    goals = xr.Dataset(
        {
            "target_name": ("target", [name.title() for name in names]),
            "target_unit": ("target", ["GW"] * 6),
            "target_sense": ("target", ["min"] * 5 + ["max"]),
            "target_goal_year": ("target", [2030] * 6),
            "target_year_met": ("target", [2030, 0, 2035, 0, 0, 2030]),
            "target_value": (dims, value),
            "target_required": (dims, asked),
            "target_slack": (dims, slack),
            "target_shortfall": (dims, np.nan_to_num(np.maximum(-slack, 0))),
            "target_price": (dims, np.full((6, 3), 2.0)),
            "target_point_price": (dims, np.full((6, 3), np.nan)),
        },
        coords={"target": names, "year": years},
    )
    table = targets.ledger(goals, same)
    assert list(table["status"]) == ["met", "met, then lost", "met later", "missed", "not asked in these years", "met"]
    assert list(table["met_in"]) == ["2030", "2030", "2035", "", "", "2030"]
    assert list(table["slack"].dropna()) == [2, 0, -2, -6, 1]
    section = made(targets.targets, Told("plan", goals))
    assert section.words.startswith("Goals met in the year that asks for them: 3 / 5; ")
    assert section.words.endswith(": 2 / 5.")
    shown = figure(section, "targets")
    assert shown.open
    assert not any("percentage point" in heading for heading in shown.table.columns)
    assert shown.spec is not None
    svg = vl_convert.vegalite_to_svg(json.dumps(shown.spec))
    assert "12 / 10 GW" in svg
    assert "4 / ≤ 5 GW" in svg
    assert "Far" not in svg


def test_a_subject_that_plans_lack_has_no_section(small: Told) -> None:
    """Proves: without goals, plants, costs, prices or emissions there is no section, and of two plans the one that has
    them is told. Without it the report of a smaller study would break."""
    lacks = {
        "targets": small.results.drop_dims("target"),
        "capacity": small.results.isel(technology=[]),
        "generation": small.results.isel(technology=[]),
        "works": small.results.isel(year=[0]),
        "costs": small.results.drop_vars("cost"),
        "prices": small.results.drop_vars("mean_price"),
        "emissions": small.results.drop_vars("emissions"),
    }
    for name, results in lacks.items():
        assert SECTIONS[name]([Told("bare", results)], same) is None, name
        assert SECTIONS[name]([Told("bare", results), small], same) is not None, name


def test_unserved_demand_is_told_with_its_share(small: Told) -> None:
    """Proves: 271 GWh missing of a demand of 27,100 are 1 percent. Without it the reader could not judge it."""
    results = small.results.copy()
    unserved = xr.zeros_like(results["unserved"])
    unserved.loc[{"commodity": ELECTRICITY, "year": 2030, "node": results["node"][0]}] = 271.0
    table = figure(made(money.emissions, Told("short", results.assign(unserved=unserved))), "unserved").table
    assert list(table["2030"]) == pytest.approx([271.0, 1.0])
    assert list(table["2025"]) == [0, 0]


def test_rows_of_one_name_stay_apart() -> None:
    """Proves: two nodes of one name are two rows, and a plan column is there for two plans only. Without it their
    numbers would be added up."""
    rows = [("a", "Town", 2025, 1.0), ("a", "Town", 2025, 2.0), ("a", "Town", 2030, 3.0), ("a", "Town", 2030, 4.0)]
    frame = pd.DataFrame(rows, columns=["plan", "node", "year", "value"])
    table = charts.by_year(frame, {"plan": "plan", "node": "node"})
    assert table.to_dict("list") == {"node": ["Town", "Town"], "2025": [1, 2], "2030": [3, 4]}
    both = charts.by_year(pd.concat([frame, frame.assign(plan="b")]), {"plan": "plan", "node": "node"})
    assert list(both["plan"]) == ["a", "a", "b", "b"]


def test_small_families_are_told_together() -> None:
    """Proves: families under the share are summed as "other", empty ones vanish, and the sum stays. Without it charts
    would be full of lines too thin to see, or lose capacity."""
    rows = [("a", 2025, group, v) for group, v in (("coal", 100.0), ("bio", 0.1), ("waste", 0.2), ("none", 0.0))]
    found = charts.gathered(pd.DataFrame(rows, columns=["plan", "year", "group", "value"]), "other")
    assert found.set_index("group")["value"].to_dict() == pytest.approx({"coal": 100, "other": 0.3})


def test_numbers_in_charts_are_short() -> None:
    """Proves: charts carry five significant digits and nothing that is not a number. Without it a report would be
    megabytes of digits that nobody can see."""
    frame = charts.brief(pd.DataFrame({"value": [1.23456789, 123456.789, np.nan, -0.0]}))
    assert frame["value"].iloc[:2].tolist() == [1.2346, 123460]
    assert pd.isna(frame["value"].iloc[2])
