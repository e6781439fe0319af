"""Power by step, security, proof and provenance in the report."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from model.outputs.fidelity import Fidelity, fidelity_dataset
from model.outputs.files import provenance as attributes
from model.outputs.report import operation
from model.outputs.report.operation import dispatch
from model.outputs.report.parts import Told
from model.outputs.report.power import LOAD, OTHER, areas, power, shown_steps, step_table, typical_weeks
from model.outputs.report.proof import proof, provenance
from model.outputs.report.security import security
from model.outputs.security_tables import SHOWN
from model.solve import ledger
from model.study import Plan
from model.time.calendar import DAYS, HOURS
from tests.lp import everything as whole
from tests.reports import figures, loud, marks, numbers, same


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """A plan in which every equation has rows."""
    return whole.everything(tmp_path_factory.mktemp("report")).solve()


@pytest.fixture(scope="module")
def results(plan: Plan) -> xr.Dataset:
    """Its results as its file would have them."""
    kinds = ["outside" if node == "abroad" else "inside" for node in plan.results["node"].to_numpy()]
    return plan.results.assign(node_kind=("node", kinds)).assign_attrs(attributes(plan))


def test_the_rest_of_the_power_balance_is_what_the_closing_balance_says(results: xr.Dataset) -> None:
    """Proves: what the steps leave after plants, stores, neighbours and load is what the closing balances call use,
    losses and excess, in the country and in each zone. Without it a flow could count twice, or the wrong way."""
    assert list(areas(results)) == ["all", "n", "s"]
    for nodes in areas(results).values():
        rest = (power(results, nodes).sel(item=OTHER) * results["step_hours"]).sum("step")
        items = ["use", "transport_losses", "excess"]
        told = results["balance"].sel(commodity="electricity", node=nodes, balance_item=items)
        assert float(np.abs(rest).min()) > 1, "nothing proved"
        np.testing.assert_allclose(rest, told.sum(["node", "balance_item"]), rtol=1e-9)


def test_the_peak_shows_the_highest_load_and_closes(results: xr.Dataset) -> None:
    """Proves: the table of the peak holds the largest load of each shown year, and what gives and takes adds up to the
    load in every step. Without it the chart could show another day, or leave something out."""
    table = figures(dispatch([Told("a", results)], same))["dispatch-peak"].table
    inside = results["load"].sel(node=["north", "south"]).sum("node")
    assert sorted(set(table["year"])) == [2025, 2030, 2040]
    items = [name for name in table.columns if name.endswith(", GW") and name != "load, GW"]
    for year, rows in table.groupby("year"):
        assert rows["load, GW"].max() == pytest.approx(float(inside.sel(year=year).max()))
        np.testing.assert_allclose(rows[items].sum(axis=1), rows["load, GW"], atol=1e-6)
        given = results["output"].sel(technology="wind", year=year, step=rows["step"].to_numpy()).sum("node")
        np.testing.assert_allclose(rows["wind, GW"], given, atol=1e-9)


def test_a_week_is_seven_days_of_the_calendar(results: xr.Dataset) -> None:
    """Proves: a typical week has 168 hours, its days are shown by the periods that stand for them, and it lies within
    its season. Without it a week could be put together from days of another time of the year."""
    load = power(results, areas(results)["all"]).sel(item=LOAD, year=2025)
    weeks = typical_weeks(results, load)
    assert list(weeks) == ["winter", "summer"]
    for season, months in (("winter", ("dec", "jan", "feb")), ("summer", ("jun", "jul", "aug"))):
        steps = shown_steps(results, weeks[season])
        assert len(weeks[season].periods) == 7
        assert (steps["end"] - steps["begin"]).sum() == 168
        assert all(place[:3] in months for place in weeks[season].places)
        expected = "winter" if season == "winter" else "rest"
        assert set(weeks[season].periods) == {expected}


def test_the_typical_week_has_the_median_load() -> None:
    """Proves: of the weeks of a season the one in the middle by mean load is shown. January and February hold eight
    whole weeks, December four, the last of eight days: of twelve the seventh is taken. Without it a week could be
    typical of nothing."""
    weeks = [f"week{number:02d}" for number in range(1, 53)]
    hours = np.array([168.0] * 51 + [HOURS - 51 * 168])
    chrono = xr.Dataset(
        {
            "step_hours": ("step", hours),
            "step_period": ("step", weeks),
            "slot_period": ("slot", weeks),
        },
        coords={"step": weeks, "slot": weeks},
    )
    load = xr.DataArray(np.arange(1.0, 53), {"step": weeks}, ["step"])
    found = typical_weeks(chrono, load)
    winter = sorted([*range(1, 9), *range(49, 53)])
    assert found["winter"].periods == (f"week{winter[len(winter) // 2]:02d}",)
    assert found["summer"].periods[0] in {f"week{number}" for number in range(23, 35)}
    assert step_table(chrono)["length"].tolist() == hours.tolist()


def test_days_without_an_order_are_shown_one_after_another(results: xr.Dataset) -> None:
    """Proves: where no calendar is known, the periods are shown once each, a day long. Without it a study of typical
    days would have no picture of its operation, or one of a week that nobody knows."""
    unordered = results.isel(slot=slice(0, 0))
    figure = figures(dispatch([Told("a", unordered)], same))["dispatch-typical"]
    assert numbers(figure, year=2025)["step"].tolist() == results["step"].to_numpy().tolist()
    assert step_table(unordered).groupby("period")["length"].sum().tolist() == [24, 24]


def test_dispatch_is_drawn_for_every_plan_and_zone(results: xr.Dataset) -> None:
    """Proves: bars are drawn for each step and item, zones can be chosen, and plans stand below each other. Without it
    a chart could be empty, or tell one plan only."""
    days = results.isel(slot=slice(0, 0))
    one = figures(dispatch([Told("a", days)], same))["dispatch-peak"].spec
    two = figures(dispatch([Told("a", days), Told("b", days)], loud))["dispatch-peak"]
    assert one is not None
    assert [param["bind"]["options"] for param in one["params"] if "bind" in param] == [["whole country", "n", "s"]]
    assert marks(two.spec) == 2 * marks(one) > 0
    assert marks(one, "rule mark") == 3 * 4, "a load line for each step of three years"
    assert set(two.table["PLAN"]) == {"a", "b"}


def test_a_year_in_many_steps_tells_the_country(results: xr.Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: with more steps than are drawn by zone only the country is told. Without it a report of 8,760 hours would
    add up every zone for nothing."""
    monkeypatch.setattr(operation, "MOST_ROWS", results.sizes["step"] - 1)
    assert list(operation.shown_areas(results)) == ["all"]


def test_without_load_there_is_no_dispatch(results: xr.Dataset) -> None:
    """Proves: a plan without demand for power has no chapter on it. Without it the report would fail on such a
    study."""
    idle = results.assign(load=results["load"] * 0)
    assert dispatch([Told("a", idle)], same) is None


def test_margins_close_and_are_drawn(results: xr.Dataset) -> None:
    """Proves: firm capacity, imports and what is lent are peak load and margin as reached, in the table and in the
    bars. Without it the bars could end elsewhere than the margin says."""
    found = figures(security([Told("a", results)], same))
    table = found["margins"].table
    have = table["firm capacity, GW"] + table["lent by other zones, GW"] + table["imports, GW"]
    np.testing.assert_allclose(have, table["peak load, GW"] * (1 + table["margin reached, %"] / 100), rtol=1e-9)
    assert len(table) == int(np.isfinite(results["margin_asked"]).sum()) > 3
    spec = found["margins"].spec
    assert spec is not None
    rows = pd.DataFrame(next(iter(spec["datasets"].values())))
    drawn = rows.groupby(["panel", "year"])["value"].sum()
    zones = table["zone"].replace("all", "whole country")
    for zone, year, value in zip(zones, table["year"], have, strict=True):
        assert drawn[zone, year] == pytest.approx(value, abs=len(rows) * SHOWN)
    assert marks(spec) > 0
    assert marks(spec, "point") == 2 * len(table)


def test_reserve_and_contingencies_tell_the_results(results: xr.Dataset) -> None:
    """Proves: operating reserve and the load shed after each contingency are those of the results, the worst first, and
    load that is shed is drawn. Without it the chapter on N-1 could tell another order or year."""
    found = figures(security([Told("a", results)], same))
    needed = numbers(found["reserve"], zone="n", year=2030)["needed, GW"].item()
    assert needed == pytest.approx(results["reserve_need"].sel(zone="n", year=2030).item())
    assert found["contingencies"].spec is None
    assert "Nothing is shed" in found["contingencies"].words
    shed = xr.zeros_like(results["contingency_shed"])
    shed.loc[{"contingency": "a unit in the south", "year": 2040}] = 0.125
    worse = results.assign(contingency_shed=shed, insecurity=shed.max("contingency"))
    figure = figures(security([Told("a", worse)], same))["contingencies"]
    assert figure.table.iloc[0]["contingency"] == "a unit in the south"
    assert figure.table.iloc[0][["2025", "2030", "2040"]].tolist() == [0, 0, 0.125]
    assert marks(figure.spec, "rect mark") == shed.size
    assert "Nothing is shed" not in figure.words


def test_passes_are_told_with_their_end(results: xr.Dataset) -> None:
    """Proves: every pass has its row, and the words say whether the last one found nothing. Without it a reader would
    not know that a plan with N-1 was solved to the end."""
    found = figures(security([Told("a", results)], same))
    passes = json.loads(results.attrs["passes"])
    assert found["passes"].table["pass"].tolist() == list(range(1, len(passes) + 1))
    assert "found nothing new." in found["passes"].words
    open_end = figures(security([Told("a", results.assign_attrs(settled="false"))], same))
    assert "ended before" in open_end["passes"].words


def test_security_tells_which_plans_have_it(results: xr.Dataset) -> None:
    """Proves: a plan without margins, reserve, contingencies and passes has no such chapter, and beside one that has it
    is said whose numbers these are. Without it they could be taken for those of both."""
    told = ["margin_asked", "reserve_need", "contingency_shed"]
    plain = results.drop_vars(told)
    plain.attrs = {name: value for name, value in results.attrs.items() if name != "passes"}
    assert security([Told("b", plain)], same) is None
    unasked = plain.assign(margin_asked=results["margin_asked"] * np.nan)
    assert security([Told("b", unasked)], same) is None
    both = figures(security([Told("a", results), Told("b", plain)], same))
    assert all(figure.words.endswith("Only in: a.") for figure in both.values())


def test_the_certificate_is_told_as_it_is(plan: Plan, results: xr.Dataset) -> None:
    """Proves: gap, objective and size are those of the plan, and a gap that is too wide is not called certified.
    Without it the report could claim a proof that is none."""
    table = figures(proof([Told("a", results), Told("b", results)], same))["certificate"].table.set_index(" ")
    assert table.columns.tolist() == ["a", "b"]
    assert table.loc["result", "a"] == "certified"
    assert table.loc["objective, million USD, present value", "a"] == pytest.approx(plan.objective / 1e6)
    assert table.loc["gap that is proved", "b"] == f"{plan.certificate.optimality.gap:.1e}"
    assert table.loc["rows", "a"] == plan.program.rows
    assert table.loc["a plan may be cheaper by at most, USD", "a"] == pytest.approx(
        max(0.0, plan.certificate.optimality.gap) * plan.objective
    )
    wide = Told("a", results.assign_attrs(certificate_gap=0.01))
    assert figures(proof([wide], same))["certificate"].table.set_index(" ").loc["result", "a"] == "not certified"
    assert proof([Told("a", results.drop_attrs())], same) is None


def test_fidelity_checks_are_told_and_drawn(results: xr.Dataset) -> None:
    """Proves: a check's costs, unserved demand and worst day stand in the table, and levels of stores are drawn beside
    what was foreseen. Without it a check would stay in a file that nobody opens."""
    kinds = len(ledger.KINDS)
    spent = np.full(kinds, 100.0)
    days = np.zeros(DAYS)
    days[31] = 2.5
    level = np.linspace(0, 1, 52)[None, :]
    check = Fidelity(
        year=2030, weather="seed 0", resolution="hourly", planned=spent, dispatched=spent * 1.02, demand=1000.0,
        planned_unserved=0.0, unserved_share=0.0025, unserved_by_day=days, unserved_hours=3.0, unserved_peak=0.9,
        stores=("lake@north",), level=level, foreseen=level * 0.8, size=np.array([1.0]), missed={"cap": 0.3},
        seconds=1.0,
    )  # fmt: skip
    checked = xr.merge([results, fidelity_dataset([check])], join="exact", combine_attrs="no_conflicts")
    found = figures(proof([Told("a", checked)], same))
    column = found["fidelity"].table.set_index(" ")[check.label]
    assert column["cost planned, million USD"] == 100 * kinds
    assert column["difference, % of spending"] == pytest.approx(2)
    assert column["worst days, GWh"] == "feb-01 2.5"
    assert column["limits missed"] == "cap 0.30"
    assert found["fidelity-costs"].table["difference"].tolist() == pytest.approx([2.0] * kinds)
    levels = found["fidelity-stores"]
    np.testing.assert_allclose(levels.table["as planned"], level[0] * 0.8)
    assert marks(levels.spec, "line mark") == 2
    assert "fidelity" not in figures(proof([Told("a", results)], same))


def test_provenance_names_study_changes_files_and_versions(plan: Plan, results: xr.Dataset) -> None:
    """Proves: study, changed cells, settings of the command line, digests, assumptions and versions are told for each
    plan. Without it nobody could make the plan again from the report."""
    changed = json.dumps([["plants.csv", 3, "capacity", "0.5", "0.7"]])
    other = results.assign_attrs(changes=changed, overrides=json.dumps([["study.years", "[2025]"]]))
    found = figures(provenance([Told("a", results), Told("b", other)], same))
    assert found["about"].table.set_index(" ").loc["study", "a"] == plan.study.inputs.settings.name
    cells = found["changes"].table
    assert cells.to_numpy().tolist() == [["b", "plants.csv:3", "capacity", "0.5", "0.7"]]
    assert "--set study.years=[2025]" in found["changes"].words
    digests = found["inputs"].table.set_index("file")
    assert digests.loc["study.yaml", "a"] == dict(plan.study.inputs.digests)["study.yaml"][:12]
    assert found["versions"].table["library"].tolist()[-1] == "python"
    assert "changes" not in figures(provenance([Told("a", results)], same))
    assert provenance([Told("a", results.drop_attrs())], same) is None


def test_names_of_a_study_are_data_and_words_are_not(results: xr.Dataset) -> None:
    """Proves: a technology called like code stays a text in the chart. Without it a study could run code in the
    report."""
    wicked = "wi\"nd']<b>"
    groups = [wicked if group == "wind" else group for group in results["technology_group"].to_numpy()]
    odd = Told("a", results.isel(slot=slice(0, 0)).assign(technology_group=("technology", groups)))
    figure = figures(dispatch([odd], same))["dispatch-peak"]
    assert f"{wicked}, GW" in figure.table.columns
    assert marks(figure.spec) > 0
