"""The full-size commands of `make accept`, each with the figures that are read from what it did."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from tests.acceptance.measure import Run
from tests.sources import ROOT

Figures = dict[str, float]
ALWAYS = ("exit", "wall_seconds", "peak_gb")
"""Figures that every command has: the first exit code that is not 0, and seconds and memory of the last step."""
LAYERS = ("read", "build", "handover", "certify", "write")
"""The parts of a plan's seconds that are ours and not the solver's."""
JUNIT = "tests.xml"
OBSERVED = "inputs/kazakhstan-2023/observed.csv"
LEDGER = ("target_value", "target_slack", "target_price")
"""Variables of a result that tell of every goal in every year in which it asks something."""


@dataclass(frozen=True)
class Step:
    """One process: what is run, and in which folder under the scratch folder; None stands for the repository."""

    words: tuple[str, ...]
    folder: str | None = None


@dataclass(frozen=True)
class Command:
    """Steps run one after the other, and how their figures are read; ``{scratch}`` in a word is the scratch folder."""

    steps: tuple[Step, ...]
    figures: tuple[str, ...]
    read: Callable[[Sequence[Run], Path], Figures]


def last_json(text: str) -> dict[str, Any]:
    """The JSON object on the last line of what a command printed; ValueError if there is none."""
    found: dict[str, Any] = json.loads(text.strip().splitlines()[-1])
    return found


def certified(summary: dict[str, Any]) -> float:
    """1 if a plan is certified to a gap of 1e-6, else 0."""
    return float(summary["status"] == "optimal" and summary["certificate"]["gap"] <= 1e-6)


def read_clone(runs: Sequence[Run], scratch: Path) -> Figures:
    """Whether `make run` in a clean clone printed the ledger and the name of a file that is there."""
    printed = runs[-1].out
    named = [word for word in printed.split() if word.endswith("results.nc") and (scratch / "clone" / word).is_file()]
    return {"ledger": float("target" in printed.lower()), "results_named": float(bool(named))}


def read_plan(runs: Sequence[Run], scratch: Path) -> Figures:
    """Seconds by layer from the JSON, sizes from the file."""
    import xarray as xr

    summary = last_json(runs[-1].out)
    seconds = summary["seconds"]
    with xr.open_dataset(scratch / "plan" / "results.nc") as results:
        sizes = {str(name): int(size) for name, size in results.sizes.items()}
        # security is a goal only where a study asks for it
        goals = results[list(LEDGER)].drop_sel(target="n_minus_1")
        told = all(bool(goals[name].notnull().any("year").all()) for name in LEDGER)
    return {
        "certified": certified(summary),
        "gap": summary["certificate"]["gap"],
        "layer_seconds": sum(seconds[layer] for layer in LAYERS),
        "solve_seconds": seconds["solve"],
        "nodes": sizes["node"],
        "years": sizes["year"],
        "periods": sizes["period"],
        "steps": sizes["step"],
        "goals": sizes["target"],
        "goals_told": float(told),
    }


def read_backcast(runs: Sequence[Run], scratch: Path) -> Figures:
    """How many figures of 2023 have a band, and how many the back-cast misses."""
    import pandas as pd

    table = pd.read_csv(scratch / "backcast" / "compare.csv")
    banded = table[table["band"].notna()]
    return {"banded": len(banded), "outside": float((banded["within"] != "yes").sum())}


def read_scenarios(runs: Sequence[Run], scratch: Path) -> Figures:
    """How many scenarios have a plan, and how many have neither a plan nor a reason."""
    outcomes = last_json(runs[-1].out)["scenarios"]
    without = [outcome for outcome in outcomes if outcome["objective"] is None]
    return {
        "planned": len(outcomes) - len(without),
        "without_plan": len(without),
        "without_reason": float(sum(not outcome["reason"] for outcome in without)),
    }


def read_suite(runs: Sequence[Run], scratch: Path) -> Figures:
    """Counts of the tests."""
    cases = list(cases_of(scratch).values())
    return {
        "passed": float(cases.count("passed")),
        "skipped": float(cases.count("skipped")),
        "failed": float(cases.count("failed")),
    }


def cases_of(scratch: Path) -> dict[str, str]:
    """``tests.lp.test_x::test_y[case]`` with passed, skipped or failed, from the report of the last suite."""
    found = {}
    for case in ElementTree.parse(scratch / JUNIT).iter("testcase"):
        kinds = {child.tag for child in case}
        verdict = "failed" if kinds & {"failure", "error"} else "skipped" if "skipped" in kinds else "passed"
        found[f"{case.get('classname')}::{case.get('name')}"] = verdict
    return found


def read_bench(runs: Sequence[Run], scratch: Path) -> Figures:
    """Ratios and sizes of the compiler's benchmark."""
    found = last_json(runs[-1].out)
    return {
        "large_rows": found["large"]["ours"]["rows"],
        "small_rows": found["small"]["ours"]["rows"],
        "faster_than_linopy": found["times_faster_than_linopy"],
        "memory_over_linopy": found["memory_over_linopy"],
        "faster_than_pyomo": found["times_faster_than_pyomo"],
        "microseconds_per_nonzero": found["microseconds_per_nonzero"],
    }


def read_kill(runs: Sequence[Run], scratch: Path) -> Figures:
    """Counts of the kill test."""
    return {name: float(value) for name, value in last_json(runs[-1].out).items()}


def read_weather(runs: Sequence[Run], scratch: Path) -> Figures:
    """Seconds and memory of drawing one year, start of the process included."""
    told = last_json(runs[-1].out)
    return {"draw_seconds": told["wall_seconds"], "draw_gb": told["peak_gb"]}


def read_fidelity(runs: Sequence[Run], scratch: Path) -> Figures:
    """What the check of one planning year found, as printed, and whether the file says the same."""
    import xarray as xr

    (told,) = last_json(runs[-1].out)["fidelity"]
    with xr.open_dataset(scratch / "fidelity" / "results.nc") as results:
        there = abs(float(results["fidelity_cost_error"][0]) - told["cost_error"]) < 1e-6
    return {
        "cost_error": abs(told["cost_error"]),
        "unserved_share": told["unserved_share"],
        "check_seconds": told["seconds"],
        "in_results": float(there),
    }


def read_year(folder: str) -> Callable[[Sequence[Run], Path], Figures]:
    """Whether a plan of one planning year was certified, its size and its seconds."""

    def read(runs: Sequence[Run], scratch: Path) -> Figures:
        import xarray as xr

        summary = last_json(runs[-1].out)
        with xr.open_dataset(scratch / folder / "results.nc") as results:
            steps = results.sizes["step"]
        return {
            "certified": certified(summary),
            "steps": steps,
            "rows": summary["rows"],
            "solve_seconds": summary["seconds"]["solve"],
        }

    return read


def read_outputs(runs: Sequence[Run], scratch: Path) -> Figures:
    """Sizes and seconds of the files of a plan, and what GIS programs and checkers find in them."""
    written = last_json(runs[0].out)["seconds"]["write"]
    return {"write_seconds": written} | {name: float(value) for name, value in last_json(runs[-1].out).items()}


def read_network(folder: str) -> Callable[[Sequence[Run], Path], Figures]:
    """Whether a plan of power flow or N-1 was certified and settled, and whether the ring was closed in it."""

    def read(runs: Sequence[Run], scratch: Path) -> Figures:
        import xarray as xr

        summary = last_json(runs[-1].out)
        last = summary["passes"][-1]
        with xr.open_dataset(scratch / folder / "results.nc") as results:
            ring = float(results["target_value"].sel(target="ring_closed", year=2030))
            short = float(results["unserved"].sel(commodity="electricity").sum())
        return {
            "certified": certified(summary),
            "passes": len(summary["passes"]),
            "settled": float(summary["settled"]),
            "violated": last["violated"],
            "objective": summary["objective"],
            "ring": ring,
            "unserved": short,
        }

    return read


def _network(scenario: str) -> Command:
    words = ("run.py", "plan", "--json", "--scenario", scenario, "--out", "{scratch}/" + scenario)
    figures = ("certified", "passes", "settled", "violated", "objective", "ring", "unserved")
    return Command((Step((PYTHON, *words)),), figures, read_network(scenario))


def _one_year(resolution: str) -> Command:
    words = ("run.py", "plan", "--json", "--resolution", resolution, "--set", "study.years=[2025]")
    step = Step((PYTHON, *words, "--out", "{scratch}/" + resolution))
    return Command((step,), ("certified", "steps", "rows", "solve_seconds"), read_year(resolution))


PYTHON = sys.executable
COMMANDS = {
    "suite": Command(
        (Step(("make", "test", "PYTEST_ARGS=--junitxml={scratch}/" + JUNIT)),),
        ("passed", "skipped", "failed"),
        read_suite,
    ),
    "plan": Command(
        (Step((PYTHON, "run.py", "plan", "--json", "--out", "{scratch}/plan")),),
        (
            "certified",
            "gap",
            "layer_seconds",
            "solve_seconds",
            "nodes",
            "years",
            "periods",
            "steps",
            "goals",
            "goals_told",
        ),
        read_plan,
    ),
    "clone": Command(
        (
            Step(("git", "clone", "--quiet", str(ROOT), "clone"), "."),
            Step(("make", "install"), "clone"),
            Step(("make", "run"), "clone"),
        ),
        ("ledger", "results_named"),
        read_clone,
    ),
    "bench": Command(
        (Step((PYTHON, "-m", "tests.benchmarks.bench_compile")),),
        (
            "large_rows",
            "small_rows",
            "faster_than_linopy",
            "memory_over_linopy",
            "faster_than_pyomo",
            "microseconds_per_nonzero",
        ),
        read_bench,
    ),
    "kill": Command(
        (Step((PYTHON, "-m", "tests.acceptance.kill", "{scratch}/kill")),),
        ("broken", "killed_solving", "killed_writing", "second_run"),
        read_kill,
    ),
    "weather": Command(
        (Step((PYTHON, "-m", "tests.acceptance.weather_cost")),), ("draw_seconds", "draw_gb"), read_weather
    ),
    "fidelity": Command(
        (Step((PYTHON, "run.py", "plan", "--json", "--fidelity", "2035", "--out", "{scratch}/fidelity")),),
        ("cost_error", "unserved_share", "check_seconds", "in_results"),
        read_fidelity,
    ),
    "backcast": Command(
        (
            Step((PYTHON, "run.py", "plan", "inputs/kazakhstan-2023", "--json", "--out", "{scratch}/backcast")),
            Step(
                (PYTHON, "run.py", "compare", "{scratch}/backcast/results.nc", "--observed", OBSERVED, "--json"),
            ),
        ),
        ("banded", "outside"),
        read_backcast,
    ),
    "scenarios": Command(
        (Step((PYTHON, "run.py", "scenarios", "--json", "--out", "{scratch}/scenarios")),),
        ("planned", "without_plan", "without_reason"),
        read_scenarios,
    ),
    "outputs": Command(
        (
            Step((PYTHON, "run.py", "plan", "--json", "--out", "{scratch}/outputs")),
            Step((PYTHON, "-m", "tests.acceptance.outputs", "{scratch}/outputs/results.nc")),
        ),
        (
            "megabytes",
            "write_seconds",
            "report_seconds",
            "report_megabytes",
            "layers",
            "sums_differ",
            "cf_messages",
            "cfchecks_errors",
        ),
        read_outputs,
    ),
    "dc": _network("dc"),
    "n-1": _network("n-1"),
    "dc-n-1": _network("dc-n-1"),
    "ring": _network("ring"),
    "no-ring": _network("no-ring"),
    "standard": _one_year("standard"),
    "hourly": _one_year("hourly"),
}
