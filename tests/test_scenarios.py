"""All scenarios of a study: each on its own, kept when nothing has changed, and compared to base."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pandas as pd
import pytest
import xarray as xr
from rich.console import Console

from model import scenarios as runner
from model.outputs.comparison import compared, comparison_frame, told_of
from model.outputs.comparison_tables import print_comparison
from model.scenarios import Outcome, Wanted, digest_of, run_scenarios, scenario_names
from model.study import Study
from model.system.problems import InvalidStudy
from tests.commands import answer, call
from tests.lp.solved import YEAR
from tests.studies import flat, only, technology, write_study

DEAR, NONE = "dear", "no-targets"
SCENARIOS = {
    "dear": 'title: Dear\nset:\n  "modes[technology=old].variable_cost": 25\n',
    "no-targets": "title: Without goals\nwithout: [targets, target_terms]\n",
    "too-much": 'title: Too much\nset:\n  "targets.green.hard": 1\n  "targets.green.value": 9\n',
    "slip": 'title: A slip\nset:\n  "targets.grene.value": 9\n',
}
"""Two that can be planned, one that cannot, and one with a wrong name."""

GIGAWATT = 30 * YEAR + 5
"""Million USD a year that 1 GW of wind costs more than 1 GW of the old plant: 50 against 20 USD/MWh, and 5 to build."""


def study_with_scenarios(folder: Path) -> Path:
    """1 GW of demand at 20 USD/MWh; wind costs 50, and 100 USD/kW in 20 years. 0.4 GW of it are asked for.

    0.3 GW can be built; what is missing costs 500 million USD per GW.
    """
    write_study(
        folder,
        technology("wind", variable_cost=50, capital_cost=100, lifetime=20, wacc=0, declared={"group": "wind"}),
        years=(2025, 2030),
        horizon_end=2031,
        candidates=[{"technology": "wind", "node": "north", "potential": 0.3}],
        demands=only(flat("north", 1)),
        targets=[{"target": "green", "year": 2030, "value": 0.4 * 8.76, "unit": "TWh", "penalty": 500 / 8.76}],
        target_terms=[{"target": "green", "measure": "delivered", "select": "wind"}],
    )
    (folder / "scenarios").mkdir()
    for name, text in SCENARIOS.items():
        (folder / "scenarios" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the study; not to be changed."""
    return study_with_scenarios(tmp_path_factory.mktemp("home") / "study")


@pytest.fixture(scope="module")
def done(home: Path) -> tuple[list[Outcome], xr.Dataset, pd.DataFrame]:
    """All scenarios planned: outcomes, the comparison and its table, as read from their files."""
    study, folder = Study.read(home), home.parent / "all"
    outcomes = run_scenarios(study, scenario_names(study), folder)
    with xr.open_dataset(folder / "scenarios.nc", engine="netcdf4") as opened:
        comparison = opened.load()
    return outcomes, comparison, pd.read_csv(folder / "scenarios.csv", index_col=["quantity", "item", "year"])


def test_one_failure_stops_nothing(done: tuple[list[Outcome], xr.Dataset, pd.DataFrame]) -> None:
    """Proves: base comes first, then all by name; one without a plan and one with a slip are told with their reasons.
    Without it a night's run would end at its first fault."""
    outcomes, comparison, _ = done
    assert [(o.scenario, o.status) for o in outcomes] == [
        ("base", "optimal"),
        ("dear", "optimal"),
        ("no-targets", "optimal"),
        ("slip", "invalid"),
        ("too-much", "infeasible"),
    ]
    slip, too_much = outcomes[3:]
    assert "targets.grene.value" in slip.reason
    assert "no plan" in too_much.reason
    assert comparison["scenario_reason"].sel(scenario="slip").item() == slip.reason
    assert comparison["objective"].isnull().to_numpy().tolist() == [False, False, False, True, True]


def test_the_cost_of_the_programme_by_hand(done: tuple[list[Outcome], xr.Dataset, pd.DataFrame]) -> None:
    """Proves: 0.3 GW of wind in 2030 cost 0.3 x 267.8 = 80.34 million USD more than the old plant and 0.1 GW that is
    missing 50 million; base less the plan without goals is both, and without penalties the first. Without it the
    programme would be told dearer by what it fails to do."""
    _, comparison, table = done
    assert float(comparison["programme_cost"]) == pytest.approx(0.3 * GIGAWATT + 50)
    assert float(comparison["programme_cost_without_penalties"]) == pytest.approx(0.3 * GIGAWATT)
    by_kind = comparison["programme_cost_by_kind"]
    assert float(by_kind.sel(cost_kind="targets")) == pytest.approx(50)
    assert float(by_kind.sum()) == pytest.approx(0.3 * GIGAWATT + 50)
    assert float(table["base"].xs("programme_cost", level="quantity").item()) == pytest.approx(
        0.3 * GIGAWATT + 50, rel=1e-5
    )


def test_what_is_compared(done: tuple[list[Outcome], xr.Dataset, pd.DataFrame]) -> None:
    """Proves: cost, its difference to base, capacity, CO2, unserved demand and goals of each scenario stand in the
    file, with units. Without it a planner would have to open every result."""
    _, comparison, table = done
    dear = comparison.sel(scenario=DEAR)
    assert float(dear["objective_difference"]) == pytest.approx(5 * 5 * YEAR + 0.7 * 5 * YEAR)
    assert float(comparison["capacity"].sel(scenario="base", family="wind, GW", year=2030)) == pytest.approx(0.3)
    assert float(comparison["capacity"].sel(scenario=NONE, family="wind, GW", year=2030)) == pytest.approx(0)
    assert float(comparison["goals_missed"].sel(scenario="base")) == 1
    assert float(comparison["target_price"].sel(scenario="base", target="green", year=2030)) == pytest.approx(
        500 / 8.76
    )
    assert bool(comparison["target_value"].sel(scenario=NONE).isnull().all())
    assert table.loc[("capacity", "wind", 2030.0), "unit"] == "GW"
    assert table.loc[("target_slack", "green", 2030.0), "unit"] == "TWh"
    assert float(table.loc[("target_slack", "green", 2030.0), "base"]) == pytest.approx(-0.876)
    for name, variable in comparison.data_vars.items():
        assert variable.attrs["units"], name
        assert variable.attrs["long_name"], name


def test_what_is_printed(done: tuple[list[Outcome], xr.Dataset, pd.DataFrame]) -> None:
    """Proves: the tables show differences to base, missed goals, the cost of the programme and why a scenario has no
    plan. Without it the comparison would be in the files only."""
    _, comparison, _ = done
    console = Console(width=160, record=True, file=io.StringIO())
    print_comparison(comparison, console)
    told = console.export_text()
    assert "Cost of the programme (base less no-targets): 0.13 billion USD" in told
    assert "without the penalties of missed goals 0.08" in told
    assert "base, dear" in told or "all" in told
    assert "slip: scenarios/slip.yaml" in told
    assert "-0.30" in told


def test_unserved_demand_is_printed_with_its_unit(done: tuple[list[Outcome], xr.Dataset, pd.DataFrame]) -> None:
    """Proves: what is not served is told by commodity, in its own unit. Without it a scenario could let demand go
    unserved and look cheap, or the table would break where it matters."""
    _, comparison, _ = done
    console = Console(width=160, record=True, file=io.StringIO())
    print_comparison(comparison.assign(unserved=comparison["unserved"] + 7), console)
    told = console.export_text()
    assert "Unserved demand of the worst year" in told
    assert "electricity, GWh" in told


def test_finished_scenarios_are_kept(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: what was settled from the same files is not solved again, a changed scenario is, and a result that is
    gone or another one is. Without it a run that was stopped would begin anew, or show old plans for new inputs."""
    folder, own = tmp_path / "out", study_with_scenarios(tmp_path / "study")

    def run(*overrides: tuple[str, str]) -> list[bool]:
        study = Study.read(own)
        return [o.kept for o in run_scenarios(study, ["base", DEAR], folder, Wanted(overrides))]

    assert run() == [False, False]
    assert run() == [True, True]
    (own / "scenarios" / f"{DEAR}.yaml").write_text(SCENARIOS[DEAR].replace("25", "26"), encoding="utf-8")
    assert run() == [True, False]
    (folder / "base" / "results.nc").unlink()
    assert run() == [False, True]
    (folder / DEAR / "results.nc").write_bytes((folder / "base" / "results.nc").read_bytes())
    assert run() == [True, False]
    assert run(("study.social_discount_rate", "0.1")) == [False, False]
    monkeypatch.setattr(runner, "program_digest", lambda: "another program")
    assert run(("study.social_discount_rate", "0.1")) == [False, False]


def test_what_has_no_plan_is_tried_again_unless_it_is_settled(home: Path, tmp_path: Path) -> None:
    """Proves: infeasible stays infeasible, but a solve that ran out of time is repeated. Without it one short limit
    would mark a scenario for good."""
    study = Study.read(home)
    first = run_scenarios(study, ["too-much"], tmp_path)
    assert (first[0].status, first[0].kept) == ("infeasible", False)
    assert run_scenarios(study, ["too-much"], tmp_path)[0].kept
    late = run_scenarios(study, ["base"], tmp_path, Wanted(time_limit=1e-9))
    assert (late[0].status, late[0].kept) == ("time_limit", False)
    assert run_scenarios(study, ["base"], tmp_path)[0].status == "optimal"


def test_any_fault_is_recorded(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: a fault of the program in one scenario is written down and the others are planned; what was planned
    before a stop is compared already. Without it a fault would cost the whole run."""

    def broken(self: Study, *arguments: object, **options: object) -> None:
        assert (tmp_path / "scenarios.csv").exists()
        raise RuntimeError("out of luck")

    study = Study.read(home)
    run_scenarios(study, ["base"], tmp_path)
    monkeypatch.setattr(Study, "solve", broken)
    base, dear = run_scenarios(study, ["base", DEAR], tmp_path)
    assert (base.kept, base.status) == (True, "optimal")
    assert (dear.status, dear.reason) == ("failed", "RuntimeError: out of luck")
    record = json.loads((tmp_path / DEAR / "scenario.json").read_text(encoding="utf-8"))
    assert (record["status"], record["reason"]) == ("failed", "RuntimeError: out of luck")


def test_the_digest_is_of_all_that_matters(home: Path) -> None:
    """Proves: scenario, changes, resolution and gap tell plans apart, and reading again does not. Without it a plan
    could be kept for another question."""
    study = Study.read(home)
    same = {digest_of(study, 1e-6), digest_of(Study.read(home), 1e-6)}
    others = {
        digest_of(study, 1e-3),
        digest_of(study.scenario(DEAR), 1e-6),
        digest_of(study.override({"study.social_discount_rate": 0.1}), 1e-6),
        digest_of(study.at("standard"), 1e-6),
    }
    assert len(same) == 1
    assert len(same | others) == 5


def test_names(home: Path) -> None:
    """Proves: base is always there, first and once; a scenario that is not there is told with those that are. Without
    it differences would have nothing to differ from."""
    study = Study.read(home)
    assert scenario_names(study) == ["base", "dear", "no-targets", "slip", "too-much"]
    assert scenario_names(study, ["too-much"]) == ["base", "too-much"]
    assert scenario_names(study, ["base"]) == ["base"]
    with pytest.raises(InvalidStudy, match="no such scenario"):
        scenario_names(study, ["nothing"])


def test_comparison_without_any_plan() -> None:
    """Proves: where nothing could be planned the comparison still tells why. Without it the run would end in a
    traceback."""
    told = pd.DataFrame({"title": ["a"], "status": ["infeasible"], "reason": ["too much"]}, index=["base"])
    comparison = compared(told, {})
    assert comparison_frame(comparison)["base"].tolist() == ["a", "infeasible", "too much"]
    console = Console(width=100, record=True, file=io.StringIO())
    print_comparison(comparison, console)
    assert "base: too much" in console.export_text()


def test_the_command(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: `scenarios` prints one JSON object, exits with 1 where one has no plan, keeps results in folders that
    `verify` accepts, and refuses wrong names and changes with 2. Without it scripts could not rely on it."""
    monkeypatch.chdir(tmp_path)
    found = call("scenarios", home, "--json")
    assert found.exit_code == 1
    told = answer(found)
    assert (told["status"], told["exit"]) == ("incomplete", 1)
    assert [one["status"] for one in told["scenarios"]].count("optimal") == 3
    assert told["programme_cost"] == pytest.approx((0.3 * GIGAWATT + 50) * 1e6)
    assert told["comparison"] == str(Path("results", "small", "scenarios.csv"))
    assert call("verify", Path("results", "small", DEAR, "results.nc")).exit_code == 0
    good = call("scenarios", home, "--only", f"{DEAR}, {NONE}", "--out", "some")
    assert good.exit_code == 0
    assert good.stdout.startswith("Scenarios")
    assert "dear: optimal" in good.stderr
    assert {path.name for path in Path("some").iterdir()} == {"base", DEAR, NONE, "scenarios.csv", "scenarios.nc"}
    for wrong in (("--only", "nothing"), ("--set", "nonsense"), ("--set", "targets.grene.value=1")):
        refused = call("scenarios", home, *wrong, "--out", "some")
        assert (refused.exit_code, refused.stdout) == (2, "")


def test_told_of_a_result_read_from_its_file(done: tuple[list[Outcome], xr.Dataset, pd.DataFrame], home: Path) -> None:
    """Proves: a comparison can be made of any results, made or read. Without it old results could not be compared."""
    with xr.open_dataset(home.parent / "all" / "base" / "results.nc", engine="netcdf4") as opened:
        part = told_of(opened.load())
    _, comparison, _ = done
    assert float(part["objective"]) == pytest.approx(float(comparison["objective"].sel(scenario="base")))
