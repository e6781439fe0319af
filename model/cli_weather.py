"""The command that builds, checks and shows hourly weather: drawn from the statistics, or from the user's files."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import click

from model.cli_shared import json_option, need_charts, opened, scenario_option, set_option, shown, study_argument, told

if TYPE_CHECKING:
    import xarray as xr

    from model.study import Study
    from model.time.sources import Source

SYNTHETIC: Final = "synthetic"
SOURCES = ("era5", "atlite", "ninja", "table")
ON_A_GRID = ("era5", "atlite")
FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*\.nc")
"""What study.yaml takes as the name of a file of weather."""

PLAIN_WIDTH = 120
"""Characters of a line where there is no terminal."""


def _factors(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> dict[str, float]:
    """``NODE=FACTOR`` of every ``--bias``."""
    found: dict[str, float] = {}
    for text in given:
        node, _equals, factor = text.rpartition("=")
        if not node or node in found:
            raise click.BadParameter(f"'{text}': write NODE=FACTOR, each node once, such as akmola=0.95.")
        try:
            found[node] = float(factor)
        except ValueError:
            raise click.BadParameter(f"'{text}': '{factor}' is not a number.") from None
    return found


def _named(_: click.Context, __: click.Parameter, out: Path | None) -> Path | None:
    """A path whose name study.yaml can hold."""
    if out is not None and not FILE_NAME.fullmatch(out.name):
        raise click.BadParameter(f"'{out.name}': name it like wind-2023.nc, of letters, digits, '.', '_' and '-'.")
    return out


@click.command()
@study_argument
@click.argument("files", nargs=-1, metavar="[FILES]...")
@scenario_option
@set_option
@click.option(
    "--from",
    "source",
    type=click.Choice([SYNTHETIC, *SOURCES]),
    help="Draw from the statistics, or read FILES [what study.yaml says].",
)
@click.option(
    "--seed", type=click.IntRange(min=0), help="Which of the possible synthetic years [what study.yaml says]."
)
@click.option("--turbine", metavar="NAME", help="Turbine of windpowerlib, for era5 and atlite [E-141/4200].")
@click.option("--hub-height", metavar="METRES", type=click.FloatRange(10, 300), help="For era5 and atlite [100].")
@click.option(
    "--bias",
    multiple=True,
    metavar="NODE=FACTOR",
    callback=_factors,
    help="Factor on the wind speed of a node, for era5 and atlite; may be repeated.",
)
@click.option("--panel", metavar="NAME", help="Let atlite convert, with its own panel and turbine.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=_named,
    help="The NetCDF file to write [results/STUDY/weather.nc].",
)
@click.option("--charts", type=click.Path(path_type=Path, dir_okay=False), help="A page of charts to write, as HTML.")
@json_option
def weather(
    study: str,
    files: tuple[str, ...],
    scenario: str,
    settings: tuple[str, ...],
    source: Source | Literal["synthetic"] | None,
    seed: int | None,
    out: Path | None,
    charts: Path | None,
    as_json: bool,
    **conversion: Any,
) -> None:
    """Build, check and plot hourly weather.

    FILES, named after STUDY: NetCDF files of ERA5, one cutout of atlite, wind_cf@NODE=FILE.csv from renewables.ninja
    for each node, or a table of everything (FILE.csv, FILE.nc) or of each variable (wind_cf=FILE.csv).
    """
    given = {name: value for name, value in conversion.items() if value}
    _refuse_idle(source, files, seed, given)
    with told(as_json):
        if charts is not None:
            need_charts("--charts")
        drawn = [f"study.weather={SYNTHETIC}"] if source == SYNTHETIC or seed is not None else []
        drawn += [] if seed is None else [f"study.weather_seed={seed}"]
        found = opened(study, scenario, (*settings, *drawn))
        hourly = _built(found, source, files, given)
        path = out if out is not None else Path("results") / found.name / "weather.nc"
        from model.time.compare import compared
        from model.time.sources import write_weather

        compare = compared(hourly, found.inputs.tables["weather"], _inside(found))
        page = None if charts is None else _page(found, hourly, compare)
        write_weather(hourly, path)
        if charts is not None and page is not None:
            from model.outputs.netcdf import written

            written(charts, lambda part: part.write_text(page, encoding="utf-8"))
        summary = _summary(hourly, compare, path, charts)
        if as_json:
            click.echo(json.dumps(summary))
        else:
            _print(found, summary)


def _refuse_idle(source: str | None, files: tuple[str, ...], seed: int | None, given: dict[str, Any]) -> None:
    """UsageError for what would have no effect: a user who gives it expects one."""
    if files and source not in SOURCES:
        raise click.UsageError(f"Say where the files are from: --from {', '.join(SOURCES[:-1])} or {SOURCES[-1]}.")
    if seed is not None and source in SOURCES:
        raise click.UsageError("--seed goes with synthetic weather alone.")
    for name in given:
        homes = ("atlite",) if name == "panel" else ON_A_GRID
        if source not in homes:
            option = f"--{name.replace('_', '-')}"
            raise click.UsageError(f"{option} goes with --from {' or '.join(homes)} alone.")


def _built(
    found: Study, source: Source | Literal["synthetic"] | None, files: tuple[str, ...], given: dict[str, Any]
) -> xr.Dataset:
    """Weather of the study itself, or from files; InvalidStudy names all that is wrong with it."""
    inputs = found.inputs
    if source is None or source == SYNTHETIC:
        from model.time.steps import weather_of

        return weather_of(inputs.tables, inputs.settings, inputs.folder)
    from model.time.sources import weather_from

    return weather_from(source, files, inputs.tables, **given)


def _inside(found: Study) -> list[str]:
    """The nodes inside the country, in the order of nodes.csv."""
    nodes = found.inputs.tables["nodes"]
    return [str(node) for node in nodes.loc[nodes["kind"] == "inside", "node"]]


def _page(found: Study, hourly: xr.Dataset, compare: xr.Dataset) -> str:
    """The page of charts; the load is that which the study makes of the weather."""
    from model.outputs.weather_charts import weather_page
    from model.time.year import year_profiles

    load = year_profiles(found.inputs.tables, hourly)["national_load"].to_numpy()
    return weather_page(hourly, compare, load, found.inputs.settings.title)


def _summary(hourly: xr.Dataset, compare: xr.Dataset, path: Path, charts: Path | None) -> dict[str, Any]:
    """What was built and how it compares, for ``--json``; capacity factors of unit 1, temperature in degC."""
    from model.outputs.weather_table import node_numbers

    return {
        "status": "written",
        "weather": shown(path),
        "charts": None if charts is None else shown(charts),
        **{name: str(hourly.attrs.get(name, "")) for name in ("title", "source")},
        "year": int(hourly["time"].dt.year[0]),
        "hours": hourly.sizes["time"],
        "nodes": node_numbers(compare),
    }


def _print(found: Study, summary: dict[str, Any]) -> None:
    """The table, the files, and what to do to plan with them."""
    from rich.console import Console

    from model.outputs.weather_table import comparison_table

    title = f"{summary['title']}: {summary['year']} beside weather.csv, capacity factors"
    console = Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH)
    console.print(comparison_table(summary["nodes"], title))
    path = Path(summary["weather"])
    click.echo(f"Weather: {path}")
    folder = found.inputs.folder
    copied = "" if path.resolve().parent == folder.resolve() else f"copy it into {shown(folder)} and "
    click.echo(f"To plan with it, {copied}write `weather: {path.name}` into study.yaml.")
    if summary["charts"] is not None:
        click.echo(f"Charts: {summary['charts']}")
