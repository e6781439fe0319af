"""The commands. Heavy imports stand inside them, so that ``--help`` answers at once."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from model.cli_compare import compare
from model.cli_export import export
from model.cli_report import PAGE, report
from model.cli_scenarios import scenarios
from model.cli_shared import (
    FAILED,
    can_draw,
    fail,
    gap_option,
    json_option,
    opened,
    resolution_option,
    resume_option,
    scenario_option,
    scheduler_option,
    set_option,
    shown,
    solver_option,
    study_argument,
    told,
    workers_of,
    workers_option,
)
from model.cli_weather import weather
from model.version import VERSION

if TYPE_CHECKING:
    from model.study import Method, Plan, Study
    from model.time.steps import Resolution

EXAMPLE = "inputs/small"
CHECKPOINT = "checkpoint.npz"
"""What a search block by block has learnt so far, beside the results, until there is a plan."""
MAY_BE_BLOCKS = ("auto", "blocks")
"""Methods of `plan` that may go block by block, and then leave a checkpoint."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="shanyraq")
def main() -> None:
    """Least-cost expansion plans of a national energy system."""


main.add_command(scenarios)
main.add_command(compare)
main.add_command(report)
main.add_command(export)
main.add_command(weather)


@main.command()
@study_argument
@scenario_option
@set_option
@json_option
def check(study: str, scenario: str, settings: tuple[str, ...], as_json: bool) -> None:
    """List every error of the inputs, with file, row and column."""
    with told(as_json):
        found = opened(study, scenario, settings)
        counts = found.inputs.assumptions()
        if as_json:
            click.echo(json.dumps({"status": "valid", "exit": 0, "problems": [], "assumptions": counts}))
        else:
            _print_changes(found)
            click.echo(f"{found.inputs.settings.title}: no errors. {_assumptions(counts)}")


@main.command()
@study_argument
@scenario_option
@set_option
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Folder of the results [results/STUDY/SCENARIO]."
)
@solver_option
@gap_option
@click.option("--time-limit", type=click.FloatRange(min=0, min_open=True), help="Seconds that the solver may take.")
@workers_option
@scheduler_option
@resume_option
@resolution_option
@click.option(
    "--fidelity",
    "checked",
    type=int,
    multiple=True,
    metavar="YEAR",
    help="Dispatch the plan of this year through 8,760 hours and report what differs; may be repeated.",
)
@click.option(
    "--fidelity-seed",
    "seeds",
    type=click.IntRange(min=0),
    multiple=True,
    metavar="SEED",
    help="Check with the synthetic weather of this seed too; may be repeated.",
)
@click.option("--balances", is_flag=True, help="Print the closing balance of every commodity, by technology.")
@click.option("--report/--no-report", "reported", default=True, help="Write report.html beside the results, or not.")
@json_option
def plan(
    study: str,
    scenario: str,
    settings: tuple[str, ...],
    out: Path | None,
    solver: Method,
    gap: float | None,
    time_limit: float | None,
    workers: int | None,
    scheduler: str | None,
    resume: bool,
    resolution: Resolution,
    checked: tuple[int, ...],
    seeds: tuple[int, ...],
    balances: bool,
    reported: bool,
    as_json: bool,
) -> None:
    """Find the least-cost plan, certify it, and write results.nc and a report."""
    with told(as_json):
        helped = workers_of(solver, workers, scheduler, resume)
        found = opened(study, scenario, settings).at(resolution)
        _refuse_years(found, checked)
        from model.scenarios import result_name
        from model.solve.progress import progress_on

        name = result_name(found.inputs.scenario.name, resolution)
        folder = out if out is not None else Path("results") / found.name / name

        _say(f"{found.inputs.settings.title}, scenario {scenario}. {_assumptions(found.inputs.assumptions())}")
        _say(f"time: {found.time.attrs['title']}, {found.time.sizes['step']:,} steps a year")
        kept = folder / CHECKPOINT if solver in MAY_BE_BLOCKS else None
        made = found.solve(
            solver, gap=gap, time_limit=time_limit, progress=progress_on(sys.stderr), log_path=_new_log(folder),
            workers=helped, checkpoint=kept, resume=resume,
        )  # fmt: skip
        for line in made.solution.log[:1]:
            if resume and CHECKPOINT in line:
                _say(line)
        _say(
            f"built {made.program.rows:,} rows x {made.program.columns:,} columns, "
            f"{made.program.nonzeros:,} non-zeros in {made.seconds['build']:.1f} s; "
            f"{made.solution.solver} took {made.seconds['solve']:.1f} s"
        )
        path = made.write(folder)
        if kept is not None:
            kept.unlink(missing_ok=True)
        if checked:
            from model.fidelity import checked as with_checks

            made = with_checks(made, checked, (None, *seeds), told=_week)
            path = made.write(folder)
        summary = {**made.as_dict(), "results": shown(path)}
        page = _report(path) if reported else None
        if as_json:
            click.echo(json.dumps({**summary, "report": None if page is None else shown(page)}))
        else:
            _print_plan(made, path, page, balances)


def _report(results: Path) -> Path | None:
    """The report beside ``results``; None, with what to install, where the packages that draw are not there."""
    if not can_draw():
        _say("No report: it needs packages that are not installed, pip install '.[report]'.")
        return None
    from model.outputs.netcdf import read_results
    from model.outputs.report.page import write_report

    return write_report([read_results(results)], results.with_name(PAGE))


def _refuse_years(study: Study, years: tuple[int, ...]) -> None:
    if unknown := [year for year in years if year not in study.inputs.settings.years]:
        known = ", ".join(str(year) for year in study.inputs.settings.years)
        raise click.UsageError(f"--fidelity {unknown[0]}: the planning years are {known}.")


def _week(done: int, weeks: int) -> None:
    """Tell of the dispatch now and then."""
    if done % 13 == 0 or done == weeks:
        _say(f"fidelity: week {done} of {weeks}")


@main.command()
@click.argument("results", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@json_option
def verify(results: Path, as_json: bool) -> None:
    """Repeat the certificate of RESULTS from its companion file and the inputs."""
    with told(as_json):
        from model.verify import verify as repeat

        try:
            verdict = repeat(results)
        except OSError as error:
            fail("unverified", [str(error)], FAILED, as_json)
        proved = {} if verdict.certificate is None else verdict.certificate.as_dict()
        if not verdict.holds:
            reasons = [
                *verdict.differences,
                *([] if verdict.certificate is None or verdict.certificate.passed else [verdict.certificate.reason()]),
            ]
            fail("unverified", reasons, FAILED, as_json)
        if as_json:
            click.echo(json.dumps({"status": "verified", "exit": 0, "problems": [], "certificate": proved}))
        else:
            click.echo(f"{results}: verified. " + ", ".join(f"{n} {proved[n]:.1e}" for n in ("primal", "dual", "gap")))


@main.command()
@study_argument
@scenario_option
@set_option
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The MPS file to write.")
def lp(study: str, scenario: str, settings: tuple[str, ...], out: Path) -> None:
    """Write the linear program as an MPS file for other solvers."""
    with told(False):
        found = opened(study, scenario, settings)
        from model.solve.highs import write_mps

        out.parent.mkdir(parents=True, exist_ok=True)
        program = found.program()
        write_mps(program, out)
        click.echo(f"{out}: {program.rows:,} rows, {program.columns:,} columns, {program.nonzeros:,} non-zeros")


@main.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
def new(folder: Path) -> None:
    """Copy a small study into DIR, to start from."""
    with told(False):
        example = Path(__file__).resolve().parent.parent / EXAMPLE
        if not example.is_dir():
            raise click.UsageError(f"{EXAMPLE} is not there: `new` needs a clone of the repository.")
        if folder.is_dir() and any(folder.iterdir()):
            raise click.UsageError(f"{folder} holds files already; name a new folder.")
        shutil.copytree(example, folder, dirs_exist_ok=True)
        click.echo(f"{folder}: a study with three regions. Next: python run.py plan {folder}")


def _new_log(folder: Path) -> Path:
    """An empty log in ``folder``, which is made; the solver would add to an older one."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "run.log"
    log.write_text("", encoding="utf-8")
    return log


def _say(text: str) -> None:
    click.echo(text, err=True)


def _assumptions(counts: dict[str, int]) -> str:
    return f"The study rests on {sum(counts.values())} assumptions in {len(counts)} tables."


def _print_changes(found: Study) -> None:
    for change in found.inputs.changes:
        click.echo(str(change))


def _passes(made: Plan) -> str:
    """One line on the passes that a plan took and what is left; empty if there was nothing to find in passes."""
    from model.passes import SETTLED

    if not made.passes:
        return ""
    last, system = made.passes[-1], made.study.system
    told = [f"{len(made.passes)} pass{'es' if len(made.passes) > 1 else ''}"]
    if system.attrs["network"] == "dc":
        change = f"change {last.change:.0e}" if last.change else "no change"
        told.append(f"reactances {'settled' if last.change <= SETTLED else 'not settled'} ({change})")
    if count := system.sizes["contingency"]:
        looked_at = f"{made.study.time.sizes['step']:,} steps x {system.sizes['year']} years"
        told.append(
            f"{last.violated:,} moments after contingencies not survived of {count} contingencies in {looked_at}"
            if last.violated
            else f"no contingency of {count} violated in any of {looked_at}"
        )
    return "; ".join(told) + "."


def _print_plan(made: Any, path: Path, page: Path | None, balances: bool) -> None:
    from rich.console import Console

    from model.outputs.tables import fidelity_table, print_plan

    console = Console(width=None if sys.stdout.isatty() else 160)
    print_plan(made.results, console, balances=balances)
    if made.checks:
        console.print(fidelity_table(made.checks))
    optimality = made.certificate.optimality
    billions, year = made.objective / 1e9, made.study.inputs.settings.price_year
    proof = f"gap of {max(optimality.gap, 0):.1e} (primal {optimality.primal:.1e}, dual {optimality.dual:.1e})"
    if passes := _passes(made):
        click.echo(passes)
    click.echo(f"Present value of all costs: {billions:,.2f} billion USD of {year}, certified to a {proof}.")
    click.echo(f"Results: {shown(path)}\nLog: {shown(path.parent / 'run.log')}")
    if page is not None:
        click.echo(f"Report: {shown(page)}")
