"""The frame of the report: numbers, tables and texts as HTML, contents, languages, and the command that writes it."""

from __future__ import annotations

import ast
import csv
import json
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from html import unescape
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from click.testing import CliRunner, Result

from model import cli_shared
from model.cli_report import report
from model.outputs.report import page
from model.outputs.report.parts import Figure, Section, Told, Words
from model.outputs.report.tables import number, table_html
from model.outputs.report.words import LANGUAGES, texts, words
from model.study import Plan, Study
from tests.lp import everything as whole
from tests.sources import ROOT, python_files, tree

NASTY = "</script><b>west</b><!--"
"""A name that would end a script, become markup, or open a comment."""

LATIN = re.compile(r"[A-Za-z]")
ENGLISH = re.compile(r"[A-Za-z]{4,}")
"""Words; shorter ones are units and signs, such as USD and CO2."""


@pytest.fixture(autouse=True)
def _no_libraries(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages without the libraries that draw, which take seconds to gather; slow tests have them."""
    if request.node.get_closest_marker("slow") is None:
        monkeypatch.setattr(page, "libraries", lambda: "")


@lru_cache
def plan() -> Plan:
    """The plan of the small study."""
    return Study.read(ROOT / "inputs" / "small").solve()


def results() -> xr.Dataset:
    """What it tells."""
    return plan().results


def plans(count: int = 1) -> list[Told]:
    """The plan of the small study, ``count`` times beside each other."""
    return page.named([results()] * count)


def section(told: Sequence[Told], say: Words) -> Section:
    """A chapter with a chart and a table, of names that are no good."""
    table = pd.DataFrame({say("plan"): [NASTY], "value": [1.25]})
    spec = alt.Chart(table).mark_bar().encode(x="value:Q", y=alt.Y("plan:N", title=NASTY)).to_dict()
    chart = Figure("bars", f"Bars of {NASTY}", f"Words on {NASTY}", table, spec)
    return Section("made-up", f"Chapter {NASTY}", "All of it.", [chart, Figure("table", "Table", "", table, open=True)])


def nothing(told: Sequence[Told], say: Words) -> None:
    """A chapter whose subject the plans lack."""


@lru_cache
def made(language: str = "en") -> str:
    """A report with one chapter."""
    return page.report_page(plans(), language, (nothing, section))


def data_of(text: str) -> Any:
    """What the page draws."""
    found = re.search(r'<script type="application/json" id="told">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def call(*arguments: str | Path) -> Result:
    """Run the command; an exception that is no exit fails the test."""
    result = CliRunner().invoke(report, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.mark.parametrize(
    ("value", "digits", "language", "shown"),
    [
        (12.345, 1, "en", "12.3"),
        (1234.5, 1, "en", "1234.5"),
        (12345.6, 1, "en", "12,345.6"),
        (12345.6, 1, "ru", "12\u00a0345,6"),
        (-0.04, 1, "kk", "0,0"),
        (-2.5, 2, "en", "\u22122.50"),
        (0.0, 2, "en", "0"),
        (2030, 1, "en", "2030"),
        (np.int64(158263), 1, "en", "158,263"),
        (float("nan"), 1, "en", "–"),
    ],
)
def test_numbers_read_as_they_are_written(value: float, digits: int, language: str, shown: str) -> None:
    """Proves: decimals, thousands, years and signs as the language has them. Without it 2030 could read 2,030.0."""
    assert number(value, digits, language) == shown


def test_tables_tell_every_cell() -> None:
    """Proves: headings, texts on the left, numbers on the right, a named index as a column, none lost. Without it a
    column could shift under another heading."""
    frame = pd.DataFrame({"node": ["north", None], "GW": [1.25, np.nan], "year": [2030, 2040]})
    html = table_html(frame, 2, "Capacity <all>")
    assert re.findall(r"<th[^>]*>([^<]*)</th>", html) == ["node", "GW", "year"]
    assert re.findall(r"<td([^>]*)>([^<]*)</td>", html) == [
        *((" class=t", "north"), ("", "1.25"), ("", "2030")),
        *((" class=t", "–"), ("", "–"), ("", "2040")),
    ]
    assert 'aria-label="Capacity &lt;all&gt;"' in html
    indexed = table_html(frame.set_index("node"), 2, "Capacity")
    assert re.findall(r"<th[^>]*>([^<]*)</th>", indexed) == ["node", "GW", "year"]


def test_names_stay_text() -> None:
    """Proves: a name can neither become markup nor end the script that holds the data, and reaches the chart as it is.
    Without it a study from a stranger could run a script in the reader's browser."""
    assert NASTY not in made()
    assert "<b>west" not in made()
    assert made().count("&lt;/script&gt;&lt;b&gt;west&lt;/b&gt;&lt;!--") >= 6
    spec = data_of(made())["charts"]["bars"]
    assert spec["encoding"]["y"]["title"] == NASTY
    assert len(re.findall("<script", made())) == len(re.findall("</script>", made())) == 3


def test_page_needs_no_network() -> None:
    """Proves: the page names nothing to load, and forbids itself to. Without it it would be blank on a plane."""
    bare = re.sub(r"<script.*?</script>", "", made(), flags=re.DOTALL)
    assert set(re.findall(r"\b(?:src|href)\s*=\s*\"([^\"]*)", bare)) == {"#made-up"}
    assert re.findall(r"@import|url\(|<link|https?:", bare) == []
    assert "default-src 'none'" in bare


def test_contents_lead_to_chapters_that_are_there() -> None:
    """Proves: chapters without a subject are left out, and each link has its target. Without it links would lead
    nowhere."""
    links = re.findall(r'href="#([\w-]+)"', made())
    assert links == re.findall(r'<section id="([\w-]+)"', made()) == ["made-up"]
    assert "Contents" not in page.report_page(plans(), "en", (nothing,))


def test_every_chart_has_words_and_numbers() -> None:
    """Proves: a chart has a description and a table, shown at once where asked. Without it a reader who cannot see it,
    or has no JavaScript, would get nothing."""
    assert re.findall(r'<div class="chart" id="chart-(\w+)" role="img" aria-label="Bars of [^"]{20,}">', made()) == [
        "bars"
    ]
    assert re.findall(r"<details( open)?>", made()) == ["", " open"]
    assert "<noscript>" in made()


def test_same_plans_same_bytes() -> None:
    """Proves: nothing but the plan goes into the page. Without it two reports of one plan would differ."""
    assert page.report_page(plans(), "en", (nothing, section)) == made()


@pytest.mark.parametrize("keys", [("a b",), ("same", "same"), ("",)])
def test_keys_that_cannot_name_a_figure(keys: tuple[str, ...]) -> None:
    """Proves: a key that is no name, or names two, is refused. Without it a chart would be drawn in another's place."""

    def wrong(told: Sequence[Told], say: Words) -> Section:
        return Section("wrong", "Wrong", "", [Figure(key, "", "", pd.DataFrame()) for key in keys])

    with pytest.raises(ValueError, match="letters, digits and hyphens"):
        page.report_page(plans(), "en", (wrong,))


def test_header_tells_each_plan() -> None:
    """Proves: value, gap and date of every plan are told, and a second plan of one scenario has a name of its own.
    Without it a reader could not tell which plan is which."""
    told = plans(2)
    assert [plan.name for plan in told] == ["base", "base (2)"]
    table = page.plans_table(told, words(), "en")
    value = results().attrs["objective"] / 1e9
    assert table["present value of all costs"].str.startswith(f"{value:.2f} billion USD").all()
    assert "made on" not in table.columns
    assert page.proved(None) == ""
    assert page.proved(0.0) == "< 0.000001 %"
    assert page.proved(2e-6, "ru") == "0,000200 %"


@pytest.mark.slow
def test_every_chapter_of_the_small_study() -> None:
    """Proves: the report of a small plan has the chapters that any plan has, and is under 3 MB. Without it the report
    could be of one study alone."""
    whole = page.report_page(plans())
    chapters = re.findall(r'<section id="([\w-]+)"', whole)
    assert len(chapters) >= 6
    assert len(chapters) == len(set(chapters))
    assert len(whole.encode()) < 3_000_000


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> xr.Dataset:
    """What a plan tells in which every equation has rows."""
    return whole.everything(tmp_path_factory.mktemp("rich"), plants=whole.plants()).solve().results


def names_in(dataset: xr.Dataset) -> set[str]:
    """Texts that come from the study: names are not translated. Identifiers are told without underscores."""
    found = {str(value) for value in dataset.attrs.values()}
    for variable in dataset.variables.values():
        if variable.dtype.kind in "OUT":
            found |= set(map(str, variable.to_numpy().ravel()))
    return found | {name.replace("_", " ") for name in found}


@pytest.mark.slow
def test_every_text_is_translated(rich: xr.Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: what reports say of one plan and of two, with all that a plan can have, is there in Russian and Kazakh.
    Without it English sentences would stand in the middle of a page for a ministry."""
    asked: set[str] = set()

    def say(text: str) -> str:
        asked.add(text)
        return text

    monkeypatch.setattr(page, "words", lambda _: say)
    monkeypatch.setattr(page, "libraries", lambda: "")
    for count in (1, 2):
        page.report_page(page.named([rich] * count))
    lacking = {text for text in asked - set(texts()["ru"]) - names_in(rich) if LATIN.search(text)}
    assert sorted(lacking) == []


@pytest.mark.slow
def test_no_text_goes_round_the_translation(rich: xr.Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: headings, paragraphs and titles of axes in a Russian report are Russian. Without it a chapter could
    forget to ask for a translation."""
    monkeypatch.setattr(page, "libraries", lambda: "")
    russian = page.report_page(page.named([rich, rich]), "ru")
    found = [unescape(text) for text in re.findall(r"<(?:h1|h2|h3|p|th|summary|a)\b[^>]*>([^<]*)", russian)]
    found += [text for spec in data_of(russian)["charts"].values() for text in titles(spec)]
    own = sorted((names_in(rich) | {"JavaScript", "verify"}) - {""}, key=len, reverse=True)
    said = "|".join(re.escape(name) for name in own)
    assert sorted({text for text in found if ENGLISH.search(re.sub(said, "", text))}) == []


def titles(spec: Any) -> Iterator[str]:
    """Titles of axes, legends and tooltips in a specification, and what its controls are called."""
    if isinstance(spec, dict):
        for key, value in spec.items():
            if isinstance(value, str) and (key == "title" or (key == "name" and "input" in spec)):
                yield value
            elif key != "datasets":
                yield from titles(value)
    elif isinstance(spec, list):
        for value in spec:
            yield from titles(value)


def literals() -> set[str]:
    """English texts that stand in the code as what a translation is asked of."""
    return {
        node.args[0].value
        for path in python_files("model/outputs/report")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") in ("words", "say")
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
        and node.args[0].value not in LANGUAGES
    }


def test_texts_in_the_code_are_translated() -> None:
    """Proves: texts of chapters that the small study lacks are translated too. Without it a report on gas would be
    half English."""
    assert sorted(text for text in literals() - set(texts()["ru"]) if LATIN.search(text)) == []


def test_translations_are_whole() -> None:
    """Proves: each text is there once, in all languages, with the same places for numbers and names. Without it a
    sentence could lose its number."""
    with (ROOT / "model/outputs/report/words.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    english = [row["en"] for row in rows]
    assert [text for text in set(english) if english.count(text) > 1] == []
    for row in rows:
        places = {language: sorted(re.findall(r"\{[^}]*\}", row[language])) for language in LANGUAGES}
        assert all(row.values()), row
        assert places["en"] == places["ru"] == places["kk"], row["en"]


def test_page_in_russian() -> None:
    """Proves: the page says its language, its own words are in it, and numbers have a comma. Without it only half of
    the page would be translated."""
    russian = made("ru")
    assert '<html lang="ru">' in russian
    assert "Содержание" in russian
    assert ">1,2<" in russian
    assert data_of(russian)["numbers"]["decimal"] == ","
    assert data_of(russian)["times"]["months"][0] == "январь"
    with pytest.raises(ValueError, match="no words in 'fr'"):
        page.report_page(plans(), "fr")


def test_command_writes_a_report(tmp_path: Path) -> None:
    """Proves: one page beside the first result, or where asked, of several plans. Without it a report would need
    code."""
    first, second = (plan().write(tmp_path / name) for name in ("a", "b"))
    assert "report.html" in call(first).output
    assert (tmp_path / "a" / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    out = tmp_path / "both.html"
    told = json.loads(call(first, second, "--language", "kk", "--out", out, "--json").stdout)
    assert told["plans"] == ["base", "base (2)"]
    assert '<html lang="kk">' in out.read_text(encoding="utf-8")


def test_command_refuses_what_it_cannot_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: a file that is no result, and a missing package, are told in a sentence. Without it a reader would see
    a traceback."""
    other = tmp_path / "other.nc"
    xr.Dataset({"x": 1}).to_netcdf(other)
    refused = call(other)
    assert refused.exit_code == 2
    assert "is no result of this program" in refused.output
    monkeypatch.setattr(cli_shared, "can_draw", lambda: False)
    lacking = call(other)
    assert lacking.exit_code == 2
    assert "pip install" in lacking.output
