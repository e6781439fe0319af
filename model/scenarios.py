"""A study under all its scenarios, one after the other: what is done stays done, what fails stops nothing else."""

from __future__ import annotations

import hashlib
import json
import time as clock
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd
import xarray as xr

from model.lp.errors import CompileError
from model.outputs.comparison import BASE, compared, comparison_frame, told_of
from model.outputs.files import RESULTS
from model.outputs.netcdf import read_results, write_netcdf, written
from model.solve.highs import SolverError
from model.solve.progress import Progress
from model.study import DEFAULT_GAP, Method, NoPlan, Study
from model.system.check_weather import SYNTHETIC
from model.system.problems import InvalidStudy, Problem

RECORD = "scenario.json"
"""What became of a scenario, in its folder."""
SETTLED = ("optimal", "infeasible")
"""What the same inputs would only show again."""
TABLE, DATASET = "scenarios.csv", "scenarios.nc"


@dataclass(frozen=True)
class Outcome:
    """What became of a scenario.

    status: optimal, infeasible, invalid, or what else kept it from a plan, with the reason; digest: of everything it
    was made from; solution_id: of its plan, empty without; seconds: reading to writing; kept: made by an earlier run.
    """

    scenario: str
    title: str
    status: str
    reason: str
    digest: str
    solution_id: str
    seconds: float
    kept: bool = False

    @property
    def planned(self) -> bool:
        """Whether there is a certified plan."""
        return self.status == "optimal"


@dataclass(frozen=True)
class Wanted:
    """How each scenario is to be planned: changes as ``--set`` makes them, method, gap, seconds of each solve."""

    overrides: tuple[tuple[str, str], ...] = ()
    solver: Method = "auto"
    gap: float = DEFAULT_GAP
    time_limit: float | None = None

    def under(self, study: Study, scenario: str) -> Study:
        """The study under a scenario with the changes; InvalidStudy if one of them meets nothing."""
        own = study.scenario(scenario)
        return own.override(dict(self.overrides)) if self.overrides else own


def scenario_names(study: Study, only: Sequence[str] = ()) -> list[str]:
    """Base first, then the scenarios of the study, or those of ``only``; InvalidStudy for one that is not there."""
    files = sorted(path.stem for path in (study.inputs.folder / "scenarios").glob("*.yaml"))
    known = [BASE, *(name for name in files if name != BASE)]
    if unknown := [name for name in only if name not in known]:
        advice = f"Known: {', '.join(known)}."
        raise InvalidStudy([Problem("--only", None, "", name, "there is no such scenario", advice) for name in unknown])
    return [name for name in known if not only or name in (BASE, *only)]


def result_name(scenario: str, resolution: str) -> str:
    """Name of the folder of a scenario's results."""
    return scenario if resolution == "coarse" else f"{scenario}-{resolution}"


def run_scenarios(
    study: Study,
    names: Sequence[str],
    folder: Path,
    wanted: Wanted | None = None,
    *,
    progress: Callable[[], Progress] | None = None,
    told: Callable[[Outcome], None] = lambda outcome: None,
) -> list[Outcome]:
    """Plan ``study`` under each scenario; results go into ``folder``/SCENARIO, the comparison into ``folder``.

    A scenario without a plan is recorded with its reason. One that an earlier run has settled with the same inputs,
    changes, resolution, gap and program is kept. The comparison is written after every scenario, so that a run that is
    stopped leaves what it has. ``told`` hears of each outcome.
    """
    wanted = wanted or Wanted()
    outcomes: list[Outcome] = []
    for name in names:
        place = folder / result_name(name, study.resolution)
        outcome = _settled(study, name, place, wanted)
        if outcome is None:
            outcome = _attempt(study, name, place, wanted, progress() if progress is not None else None)
            _record(outcome, place)
        outcomes.append(outcome)
        told(outcome)
        write_comparison(compare(outcomes, folder, study.resolution), folder, study.resolution)
    return outcomes


def _settled(study: Study, name: str, place: Path, wanted: Wanted) -> Outcome | None:
    """What an earlier run has found of the same, if that is settled and its plan is still there."""
    try:
        found = Outcome(**json.loads((place / RECORD).read_text(encoding="utf-8")) | {"kept": True})
        same = found.digest == digest_of(wanted.under(study, name), wanted.gap)
    except (OSError, ValueError, TypeError, InvalidStudy):
        return None
    if not same or found.status not in SETTLED:
        return None
    return found if not found.planned or _solution_in(place) == found.solution_id else None


def _solution_in(place: Path) -> str:
    try:
        with xr.open_dataset(place / RESULTS, engine="netcdf4") as results:
            return str(results.attrs.get("solution_id", ""))
    except (OSError, ValueError):
        return ""


def _attempt(study: Study, name: str, place: Path, wanted: Wanted, progress: Progress | None) -> Outcome:
    begun = clock.perf_counter()
    title, digest = "", ""
    try:
        own = wanted.under(study, name)
        title, digest = own.inputs.scenario.title, digest_of(own, wanted.gap)
        place.mkdir(parents=True, exist_ok=True)
        log = place / "run.log"
        log.write_text("", encoding="utf-8")
        plan = own.solve(wanted.solver, gap=wanted.gap, time_limit=wanted.time_limit, progress=progress, log_path=log)
        plan.write(place)
        status, reason, solution = "optimal", "", str(plan.results.attrs["solution_id"])
    except Exception as error:
        # whatever went wrong with one scenario, the others are to be planned
        status, reason, solution = *_explained(error), ""
    return Outcome(name, title, status, reason, digest, solution, round(clock.perf_counter() - begun, 1))


def _explained(error: Exception) -> tuple[str, str]:
    """Status and reason, for a person."""
    if isinstance(error, InvalidStudy):
        return "invalid", "\n".join(str(problem) for problem in error.problems)
    if isinstance(error, NoPlan):
        return error.status, error.reason
    if isinstance(error, CompileError):
        return "infeasible", str(error)
    if isinstance(error, SolverError):
        return "failed", str(error)
    return "failed", f"{type(error).__name__}: {error}"


def _record(outcome: Outcome, place: Path) -> None:
    text = json.dumps(asdict(outcome), indent=1, ensure_ascii=False)
    written(place / RECORD, lambda part: part.write_text(text + "\n", encoding="utf-8"))


def digest_of(study: Study, gap: float) -> str:
    """Digest of all that decides what a plan comes out as: files, scenario, changes, resolution, gap, the program."""
    inputs = study.inputs
    weather = inputs.settings.weather
    said = {
        "files": dict(inputs.digests),
        "weather": weather if weather == SYNTHETIC else _file_digest(inputs.folder / weather),
        "scenario": inputs.scenario.name,
        "overrides": inputs.overrides,
        "resolution": study.resolution,
        "gap": gap,
        "program": program_digest(),
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def program_digest() -> str:
    """Digest of the program's own source."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).resolve().parent.rglob("*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def _file_digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def compare(outcomes: Sequence[Outcome], folder: Path, resolution: str) -> xr.Dataset:
    """The comparison of scenarios whose results lie in ``folder``; see ``outputs.comparison.compared``."""
    parts = {}
    for outcome in outcomes:
        if outcome.planned:
            path = folder / result_name(outcome.scenario, resolution) / RESULTS
            results = read_results(path)
            parts[outcome.scenario] = told_of(results)
            price_year = int(results.attrs["price_year"])
    told = pd.DataFrame(
        {text: [getattr(outcome, text) for outcome in outcomes] for text in ("title", "status", "reason")},
        index=[outcome.scenario for outcome in outcomes],
    )
    attrs = {"title": "Comparison of scenarios", **({"price_year": price_year} if parts else {})}
    return compared(told, parts).assign_attrs(attrs)


def write_comparison(comparison: xr.Dataset, folder: Path, resolution: str) -> tuple[Path, Path]:
    """scenarios.csv and scenarios.nc in ``folder``, each whole or not at all; returns their paths."""
    table, dataset = (
        folder / f"{result_name(Path(name).stem, resolution)}{Path(name).suffix}" for name in (TABLE, DATASET)
    )
    text = comparison_frame(comparison).to_csv(index=False)
    written(table, lambda part: part.write_text(text, encoding="utf-8"))
    write_netcdf(comparison, dataset)
    return table, dataset
