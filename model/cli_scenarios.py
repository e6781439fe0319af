"""``scenarios``: a study under every scenario, compared. Heavy imports stand inside functions."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from model.cli_shared import (
    FAILED,
    gap_option,
    json_option,
    opened,
    resolution_option,
    set_option,
    shown,
    solver_option,
    study_argument,
    told,
)

if TYPE_CHECKING:
    import xarray as xr

    from model.scenarios import Outcome
    from model.study import Method
    from model.time.steps import Resolution


@click.command()
@study_argument
@click.option("--only", metavar="NAME,NAME", help="These scenarios, and base beside them [all of the study].")
@set_option
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Folder of the scenarios' folders [results/STUDY]."
)
@solver_option
@gap_option
@click.option(
    "--time-limit", type=click.FloatRange(min=0, min_open=True), help="Seconds that the solver may take for each."
)
@resolution_option
@json_option
def scenarios(
    study: str,
    only: str | None,
    settings: tuple[str, ...],
    out: Path | None,
    solver: Method,
    gap: float | None,
    time_limit: float | None,
    resolution: Resolution,
    as_json: bool,
) -> None:
    """Plan base and every scenario of STUDY one after the other, and compare them.

    Each has its own folder of results; what was planned before from the same inputs is kept. A scenario without a plan
    is told with its reason and stops nothing. Writes scenarios.csv and scenarios.nc.
    """
    with told(as_json):
        from model.scenarios import Wanted, compare, run_scenarios, scenario_names, write_comparison
        from model.solve.progress import progress_on
        from model.study import default_gap
        from model.system.problems import InvalidStudy
        from model.system.scenario import parse_setting

        found = opened(study, "base", ()).at(resolution)
        folder = out if out is not None else Path("results") / found.name
        asked = default_gap(solver) if gap is None else gap
        wanted = Wanted(tuple(parse_setting(text) for text in settings), solver, asked, time_limit)
        if problems := wanted.under(found, "base").check():
            raise InvalidStudy(problems)
        names = scenario_names(found, [name.strip() for name in (only or "").split(",") if name.strip()])
        click.echo(f"{found.inputs.settings.title}: {len(names)} scenarios", err=True)
        outcomes = run_scenarios(found, names, folder, wanted, progress=lambda: progress_on(sys.stderr), told=_tell)
        comparison = compare(outcomes, folder, resolution)
        table, _ = write_comparison(comparison, folder, resolution)
        code = 0 if all(outcome.planned for outcome in outcomes) else FAILED
        if as_json:
            click.echo(json.dumps(_summary(outcomes, comparison, table, code)))
        else:
            _print(comparison, table)
    raise SystemExit(code)


def _tell(outcome: Outcome) -> None:
    how = "kept" if outcome.kept else f"{outcome.seconds:.0f} s"
    click.echo(f"{outcome.scenario}: {outcome.status}, {how}{f' ({outcome.reason})' * bool(outcome.reason)}", err=True)


def _summary(outcomes: list[Outcome], comparison: xr.Dataset, table: Path, code: int) -> dict[str, object]:
    """What ``--json`` prints: every scenario with its objective in USD, the cost of the programme, the table's path."""
    cost = {
        name: float(comparison[name]) * 1e6
        for name in ("programme_cost", "programme_cost_without_penalties")
        if name in comparison
    }
    return {
        "status": "done" if code == 0 else "incomplete",
        "exit": code,
        "scenarios": [
            {
                "scenario": outcome.scenario,
                "status": outcome.status,
                "reason": outcome.reason,
                "kept": outcome.kept,
                "objective": float(comparison["objective"].sel(scenario=outcome.scenario)) * 1e6
                if outcome.planned
                else None,
            }
            for outcome in outcomes
        ],
        **cost,
        "comparison": shown(table),
    }


def _print(comparison: xr.Dataset, table: Path) -> None:
    from rich.console import Console

    from model.outputs.comparison_tables import print_comparison

    print_comparison(comparison, Console(width=None if sys.stdout.isatty() else 200))
    click.echo(f"Comparison: {shown(table)}, {shown(table.with_suffix('.nc'))}")
