"""The languages of the report: English texts are the keys of words.csv; what has no translation stays English."""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files
from typing import Any

from model.outputs.report.parts import Words

LANGUAGES = ("en", "ru", "kk")
"""English, Russian, Kazakh."""

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")

NUMBERS = re.compile(r"\d+")

SHORT = 3
"""Letters of a day or month that is written short."""


@cache
def texts() -> dict[str, dict[str, str]]:
    """Translations by language and English text, as words.csv has them."""
    table = files("model.outputs.report").joinpath("words.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(table.splitlines()))
    return {language: {row["en"]: row[language] for row in rows} for language in LANGUAGES}


def words(language: str = "en") -> Words:
    """What an English text is in ``language``; ValueError for a language that there is none of."""
    if language not in LANGUAGES:
        raise ValueError(f"no words in '{language}'; there are {', '.join(LANGUAGES)}")
    known = texts()[language]
    return lambda text: known.get(text, text)


def counted(text: str, say: Words) -> str:
    """A text with whole numbers in it, of which the table has the words: ``16 days`` is looked up as ``{0} days``."""
    found = NUMBERS.findall(text)
    places = iter(range(len(found)))
    told = say(NUMBERS.sub(lambda _: f"{{{next(places)}}}", text))
    for place, figure in enumerate(found):
        told = told.replace(f"{{{place}}}", figure)
    return told


def number_locale(language: str) -> dict[str, Any]:
    """How charts write numbers, as d3-format takes it."""
    decimal, thousands = (".", ",") if language == "en" else (",", "\u00a0")
    return {"decimal": decimal, "thousands": thousands, "grouping": [3], "currency": ["", ""]}


def time_locale(language: str) -> dict[str, Any]:
    """How charts write dates, as d3-time-format takes it."""
    say = words(language)
    months, days = [say(month) for month in MONTHS], [say(day) for day in DAYS]
    return {
        "dateTime": "%d %B %Y, %H:%M",
        "date": "%d.%m.%Y",
        "time": "%H:%M",
        "periods": ["AM", "PM"],
        "days": days,
        "shortDays": [day[:SHORT] for day in days],
        "months": months,
        "shortMonths": [month[:SHORT] for month in months],
    }
