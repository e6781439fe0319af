"""The report as one file of HTML that needs no network: what the plan is, contents, chapters with charts and tables.

Needs the optional extra ``report`` (altair and vl-convert). Methods: charts are Vega-Lite specifications, drawn by the
libraries that are written into the page; a policy in the page forbids it to load anything else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

import pandas as pd
import xarray as xr

from model.outputs.netcdf import written
from model.outputs.report.balance import gas_and_oil
from model.outputs.report.fleet import capacity, generation
from model.outputs.report.map import map_section
from model.outputs.report.money import costs, emissions, prices
from model.outputs.report.operation import dispatch
from model.outputs.report.parts import Figure, MakeSection, Section, Told, Words
from model.outputs.report.proof import proof, provenance
from model.outputs.report.security import security
from model.outputs.report.style import DRAW, STYLE
from model.outputs.report.tables import number, table_html
from model.outputs.report.targets import targets
from model.outputs.report.words import counted, number_locale, time_locale, words
from model.outputs.report.works import works
from model.outputs.vega import libraries, script_json

SECTIONS: tuple[MakeSection, ...] = (
    targets,
    capacity,
    generation,
    works,
    map_section,
    dispatch,
    prices,
    costs,
    emissions,
    gas_and_oil,
    security,
    proof,
    provenance,
)
"""The chapters in their order."""

KEY = re.compile(r"[A-Za-z0-9-]+")
"""What may name a chapter or a figure."""

POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"
"""Content security policy: the page loads nothing, and makes no code from text."""

BILLION = 1e9


def write_report(results: Sequence[xr.Dataset], out: Path, language: str = "en") -> Path:
    """Write the report of one result, or of several beside each other, to ``out``, whole or not at all.

    ``results`` are as ``outputs.netcdf.read_results`` gives them. ValueError without any or for an unknown language;
    OSError if the file cannot be written.
    """
    page = report_page(named(results), language)
    written(out, lambda part: part.write_text(page, encoding="utf-8"))
    return out


def named(results: Sequence[xr.Dataset]) -> list[Told]:
    """The plans by the names of their scenarios; one that comes again has a number after it."""
    names: list[str] = []
    for result in results:
        name = str(result.attrs.get("scenario") or "plan")
        candidates = [name, *(f"{name} ({count})" for count in range(2, len(names) + 3))]
        names.append(next(each for each in candidates if each not in names))
    return [Told(name, result) for name, result in zip(names, results, strict=True)]


def report_page(told: Sequence[Told], language: str = "en", sections: Sequence[MakeSection] = SECTIONS) -> str:
    """The report of one plan, or of several beside each other, as HTML; the same bytes for the same plans.

    ``sections`` make its chapters, in their order; those whose subject the plans lack are left out. ValueError
    without a plan, for an unknown language, and for keys of figures that are not unique.
    """
    if not told:
        raise ValueError("a report needs at least one plan")
    say = words(language)
    made = [section for make in sections if (section := make(told, say)) is not None]
    figures = [figure for section in made for figure in section.figures]
    _refuse_keys([section.key for section in made])
    _refuse_keys([figure.key for figure in figures])
    title = say(str(told[0].results.attrs.get("title", "")))
    parts = [
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>",
        *_header(title, told, say, language),
        *_contents(made, say),
        *(_section(section, say, language) for section in made),
        *_scripts({figure.key: dict(figure.spec) for figure in figures if figure.spec is not None}, language),
        "</body>\n</html>\n",
    ]
    return "\n".join(parts)


def _refuse_keys(keys: Sequence[str]) -> None:
    """ValueError for keys that cannot name a part of the page, or name two."""
    wrong = sorted({key for key in keys if not KEY.fullmatch(key) or keys.count(key) > 1})
    if wrong:
        raise ValueError(f"keys of a report are of letters, digits and hyphens, each once: {', '.join(wrong)}")


def _header(title: str, told: Sequence[Told], say: Words, language: str) -> Iterator[str]:
    yield f"<header>\n<h1>{escape(title)}</h1>"
    yield f'<p class="about">{escape(say("Least-cost plan of the energy system, and the proof that it is one."))}</p>'
    frame = plans_table(told, say, language)
    yield table_html(frame, 1, say("The plans"), language) if len(told) > 1 else _facts(frame)
    if any(float(plan.results.attrs.get("objective", 0)) < 0 for plan in told):
        yield f"<p>{escape(say('Below zero: what exports earn is more than all that is spent.'))}</p>"
    yield f"<noscript><p>{escape(say('The charts need JavaScript; the numbers below them do not.'))}</p></noscript>"
    yield "</header>"


def _facts(frame: pd.DataFrame) -> str:
    """The only row of a table, a line for each column."""
    pairs = frame.iloc[0].items()
    lines = (f"<dt>{escape(str(name))}</dt><dd>{escape(str(value))}</dd>" for name, value in pairs)
    return f"<dl>{''.join(lines)}</dl>"


def plans_table(told: Sequence[Told], say: Words, language: str) -> pd.DataFrame:
    """A row for every plan: scenario, planning years, time, present value, certificate, date."""
    rows = []
    for plan in told:
        about = plan.results.attrs
        value = float(about["objective"]) / BILLION if "objective" in about else float("nan")
        money = say("billion {currency} of {year}").format(
            currency=about.get("currency", "USD"), year=about.get("price_year", "")
        )
        rows.append(
            {
                say("plan"): plan.name,
                say("scenario"): say(str(about.get("scenario_title", ""))),
                say("planning years"): f"{plan.years[0]}–{plan.years[-1]}",
                say("time in the model"): counted(str(about.get("time", "")), say),
                say("present value of all costs"): f"{number(value, 2, language)} {money}",
                say("proved within"): proved(about.get("certificate_gap"), language),
                say("made on"): str(about.get("date_created", ""))[:10],
            }
        )
    frame = pd.DataFrame(rows)
    return frame.loc[:, (frame != "").any()]


def proved(gap: float | None, language: str = "en") -> str:
    """The certified optimality gap as a share of the objective, in per cent; empty without one."""
    if gap is None:
        return ""
    least = 1e-6
    percent = 100 * max(float(gap), 0)
    shown = f"{least:f}" if percent < least else f"{percent:.6f}"
    mark = number(0.5, 1, language)[1]
    return f"{'< ' if percent < least else ''}{shown.replace('.', mark)} %"


def _contents(sections: Sequence[Section], say: Words) -> Iterator[str]:
    if sections:
        yield f'<nav aria-labelledby="contents">\n<h2 id="contents">{escape(say("Contents"))}</h2>\n<ol>'
        yield from (f'<li><a href="#{section.key}">{escape(section.title)}</a></li>' for section in sections)
        yield "</ol>\n</nav>\n<main>"
    else:
        yield "<main>"


def _section(section: Section, say: Words, language: str) -> str:
    words_of = f"\n<p>{escape(section.words)}</p>" if section.words else ""
    figures = "\n".join(_figure(figure, say, language) for figure in section.figures)
    return f'<section id="{section.key}">\n<h2>{escape(section.title)}</h2>{words_of}\n{figures}\n</section>'


def _figure(figure: Figure, say: Words, language: str) -> str:
    """Title, words, the place of the chart and of what steers it, and the numbers."""
    label = escape(" ".join(filter(None, (figure.title, figure.words))))
    lines = [f'<h3 id="title-{figure.key}">{escape(figure.title)}</h3>']
    if figure.words:
        lines.append(f"<p>{escape(figure.words)}</p>")
    lines.append(f'<figure id="figure-{figure.key}" aria-labelledby="title-{figure.key}">')
    if figure.spec is not None:
        lines.append(f'<div class="controls" id="controls-{figure.key}"></div>')
        lines.append(f'<div class="chart" id="chart-{figure.key}" role="img" aria-label="{label}"></div>')
    if len(figure.table.columns):
        table = table_html(figure.table, figure.digits, figure.title, language)
        lines.append(f"<details{' open' if figure.open else ''}><summary>{escape(say('The numbers'))}</summary>")
        lines.append(f"{table}\n</details>")
    return "\n".join([*lines, "</figure>"])


def _scripts(charts: dict[str, dict[str, object]], language: str) -> Iterator[str]:
    """The charts as data, the libraries that draw them, and the script that lets them."""
    yield "</main>"
    if charts:
        told = {"charts": charts, "numbers": number_locale(language), "times": time_locale(language)}
        yield f'<script type="application/json" id="told">{script_json(told)}</script>'
        yield f"<script>{libraries()}</script>"
        yield f"<script>{DRAW}</script>"
