"""The command that writes the report: one page that tells a plan, or several beside each other."""

from __future__ import annotations

import json
from pathlib import Path

import click

from model.cli_shared import json_option, need_charts, shown, told

PAGE = "report.html"


@click.command()
@click.argument(
    "results",
    nargs=-1,
    required=True,
    metavar="RESULTS [MORE]...",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
)
@click.option(
    "--language",
    type=click.Choice(["en", "ru", "kk"]),
    default="en",
    show_default=True,
    help="English, Russian or Kazakh.",
)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="The page to write [report.html beside RESULTS]."
)
@json_option
def report(results: tuple[Path, ...], language: str, out: Path | None, as_json: bool) -> None:
    """Write a page of charts, maps and tables of RESULTS.

    One HTML file that needs no network. Several results are told beside each other, each by its scenario.
    """
    need_charts("report")
    with told(as_json):
        from model.outputs.netcdf import read_results
        from model.outputs.report.page import named, write_report

        plans = [read_results(path) for path in results]
        page = write_report(plans, out if out is not None else results[0].parent / PAGE, language)
        if as_json:
            names = [plan.name for plan in named(plans)]
            summary = {"status": "written", "exit": 0, "report": shown(page), "language": language, "plans": names}
            click.echo(json.dumps(summary))
        else:
            click.echo(f"Report: {shown(page)}")
