"""What every command shares: its arguments, opening a study, telling errors. Heavy imports stand inside functions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from model.study import Study

DEFAULT_STUDY = "inputs/kazakhstan"
FAILED, INVALID = 1, 2
"""Exit codes: no plan, or none that is proved; wrong usage or inputs."""

study_argument = click.argument("study", default=DEFAULT_STUDY, metavar="[STUDY]")
scenario_option = click.option("--scenario", default="base", show_default=True, help="Scenario of the study.")
set_option = click.option(
    "--set", "settings", multiple=True, metavar="PATH=VALUE", help="Change a setting or cell; may be repeated."
)
solver_option = click.option(
    "--solver",
    type=click.Choice(["auto", "hipo", "ipx", "simplex", "blocks"]),
    default="auto",
    show_default=True,
    help="Solution method; blocks: block by block, for programs too large to be solved whole.",
)
gap_option = click.option(
    "--gap", type=click.FloatRange(1e-9, 0.1), help="Optimality gap to certify [1e-6; block by block 1e-4]."
)
workers_option = click.option(
    "--workers", type=click.IntRange(min=1), metavar="N", help="Run blocks in so many processes of this machine."
)
scheduler_option = click.option(
    "--scheduler", metavar="ADDRESS", help="Run blocks on the workers of a Dask scheduler, such as tcp://10.0.0.5:8786."
)
resume_option = click.option(
    "--resume", is_flag=True, help="Go on from the checkpoint that a search block by block left in the results' folder."
)
resolution_option = click.option(
    "--resolution",
    type=click.Choice(["coarse", "standard", "hourly"]),
    default="coarse",
    show_default=True,
    help="Representative periods, 52 weeks by three hours, or 8,760 hours.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")


def opened(study: str, scenario: str, settings: tuple[str, ...]) -> Study:
    """The study in a folder under a scenario, with the changes of ``--set``; InvalidStudy if there is none."""
    from model.study import Study
    from model.system.scenario import parse_setting

    found = Study.read(study).scenario(scenario)
    return found.override(dict(parse_setting(text) for text in settings)) if settings else found


def workers_of(solver: str, workers: int | None, scheduler: str | None, resume: bool) -> int | str | None:
    """Where blocks are to be run, if not here; UsageError for options that do not go together."""
    given = {"--workers": workers is not None, "--scheduler": scheduler is not None, "--resume": resume}
    names = [name for name, is_given in given.items() if is_given]
    if names and solver != "blocks":
        raise click.UsageError(f"{' and '.join(names)}: only with --solver blocks.")
    if workers is not None and scheduler is not None:
        raise click.UsageError("--workers and --scheduler: give one of them.")
    if scheduler is not None and "://" not in scheduler:
        raise click.UsageError(f"--scheduler {scheduler}: give an address such as tcp://10.0.0.5:8786.")
    return workers if workers is not None else scheduler


@contextmanager
def told(as_json: bool) -> Iterator[None]:
    """Errors of the user's making end the program with their messages and exit code, never with a traceback."""
    from model.solve.progress import leave_interrupted

    try:
        with _explained(as_json):
            yield
    except KeyboardInterrupt:
        leave_interrupted()


@contextmanager
def _explained(as_json: bool) -> Iterator[None]:
    """Inputs that are wrong, files that cannot be used, and plans that cannot be had or proved."""
    try:
        yield
    except Exception as error:
        _explain(error, as_json)


def _explain(raised: Exception, as_json: bool) -> None:
    from model.lp.errors import CompileError
    from model.outputs.balances import OpenBalance
    from model.solve.highs import SolverError
    from model.study import NoPlan
    from model.system.problems import InvalidStudy

    try:
        raise raised
    except InvalidStudy as error:
        reasons = [str(problem) for problem in error.problems]
        fail("invalid", reasons, INVALID, as_json, [problem.as_dict() for problem in error.problems])
    except CompileError as error:
        fail("infeasible", [str(error)], FAILED, as_json)
    except NoPlan as error:
        fail(error.status, [error.reason], FAILED, as_json)
    except (SolverError, OpenBalance) as error:
        fail("failed", [str(error)], FAILED, as_json)
    except BrokenPipeError:
        # a reader such as `head` has had enough; click ends quietly
        raise
    except OSError as error:
        fail("unusable file", [f"{error.filename or ''}: {error.strerror or error}".lstrip(": ")], INVALID, as_json)


def fail(
    status: str, reasons: list[str], code: int, as_json: bool, problems: list[dict[str, object]] | None = None
) -> None:
    """End the program with an exit code: reasons on stderr, or one JSON object on stdout."""
    if as_json:
        click.echo(
            json.dumps({"status": status, "exit": code, "problems": problems if problems is not None else reasons})
        )
    else:
        for reason in reasons:
            click.echo(reason, err=True)
        click.echo(f"{status}: {len(reasons)} problem{'s' if len(reasons) != 1 else ''}", err=True)
    raise SystemExit(code)


def shown(path: Path) -> str:
    """The path relative to the working folder where that is shorter."""
    absolute = path.resolve()
    here = Path.cwd()
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else str(path)


def can_draw() -> bool:
    """Whether the packages that draw charts are installed."""
    return all(find_spec(name) for name in ("altair", "vl_convert"))


def need_charts(what: str) -> None:
    """UsageError if the packages that draw charts are not installed; ``what`` is the command or option in need."""
    if not can_draw():
        raise click.UsageError(f"{what} needs packages that are not installed: pip install '.[report]'.")
