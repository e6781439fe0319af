"""The command that sets a result beside observed figures, or beside another result."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from model.cli_shared import FAILED, INVALID, fail, json_option, shown, told

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

TABLE = "compare.csv"
PLAIN_WIDTH = 140
"""Characters of a line where there is no terminal."""

_result = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@click.argument("results", type=_result)
@click.argument("other", type=_result, required=False)
@click.option(
    "--observed", type=_result, help="Table of observed figures, such as inputs/kazakhstan-2023/observed.csv."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The CSV file to write [compare.csv beside RESULTS; for two results none].",
)
@json_option
def compare(results: Path, other: Path | None, observed: Path | None, out: Path | None, as_json: bool) -> None:
    """Compare RESULTS with observed figures, or with OTHER results.

    With --observed, the exit code is 0 if every figure that has a band lies within it, else 1. With OTHER, differences
    in cost, capacity and energy are shown.
    """
    if (other is None) == (observed is None):
        raise click.UsageError("Give a table of figures with --observed, or a second result to compare with.")
    with told(as_json):
        from model.outputs.netcdf import read_results

        first = read_results(results)
        if observed is not None:
            _with_observed(first, observed, out if out is not None else results.parent / TABLE, as_json)
        elif other is not None:
            _with_other(first, read_results(other), out, as_json)


def _with_observed(first: xr.Dataset, observed: Path, out: Path, as_json: bool) -> None:
    from model.outputs.compare_tables import observed_table, verdict
    from model.outputs.observed import all_within, compared, read_observed

    found = compared(first, read_observed(observed))
    _write(found, out)
    within = all_within(found)
    if as_json:
        summary = {"status": "within" if within else "outside", "exit": 0 if within else FAILED, "table": shown(out)}
        click.echo(json.dumps({**summary, "figures": _records(found)}))
    else:
        _console().print(observed_table(found))
        click.echo(verdict(found))
        click.echo(f"Table: {shown(out)}")
    if not within:
        raise SystemExit(FAILED)


def _with_other(first: xr.Dataset, second: xr.Dataset, out: Path | None, as_json: bool) -> None:
    from model.outputs.compare_tables import differences_tables
    from model.outputs.differences import differences

    try:
        found = differences(first, second)
    except ValueError as error:
        fail("not comparable", [str(error)], INVALID, as_json)
    if out is not None:
        _write(found, out)
    if as_json:
        click.echo(json.dumps({"status": "compared", "exit": 0, "differences": _records(found)}))
        return
    tables = list(differences_tables(found))
    for table in tables:
        _console().print(table)
    if not tables:
        click.echo("The results do not differ.")


def _console() -> Any:
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH)


def _write(found: pd.DataFrame, out: Path) -> None:
    """The table as CSV, whole or not at all."""
    from model.outputs.netcdf import written

    text = found.to_csv(index=False, float_format="%.6g", lineterminator="\n")
    written(out, lambda part: part.write_text(text, encoding="utf-8"))


def _records(found: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain values; null for what is not there."""
    records: list[dict[str, Any]] = json.loads(found.to_json(orient="records", double_precision=9))
    return records
