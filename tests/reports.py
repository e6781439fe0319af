"""What tests of the report share: words that change nothing, words that can be seen, and marks of drawn charts."""

from __future__ import annotations

import json
import re

import altair as alt
import numpy as np
import pandas as pd
import vl_convert
from altair.utils.schemapi import validate_jsonschema

from model.outputs.report.parts import Figure, Section, Spec


def same(text: str) -> str:
    """English words as they are."""
    return text


def loud(text: str) -> str:
    """Words that can be told from texts that were not translated; what stands in braces is filled in later."""
    return re.sub(r"[^{}]+(?![^{]*})", lambda part: part.group().upper(), text)


def figures(section: Section | None) -> dict[str, Figure]:
    """Figures of a chapter by key, which must be unique."""
    assert section is not None
    found = {figure.key: figure for figure in section.figures}
    assert len(found) == len(section.figures)
    assert all(re.fullmatch(r"[A-Za-z0-9-]+", key) for key in found)
    return found


def valid(spec: Spec) -> None:
    """Fail for a specification that breaks the schema of Vega-Lite, or that JSON has no words for."""
    validate_jsonschema(json.loads(json.dumps(dict(spec), allow_nan=False)), alt.load_schema())


def marks(spec: Spec | None, kind: str = "bar") -> int:
    """Marks of a kind in the drawn chart."""
    assert spec is not None
    valid(spec)
    svg = vl_convert.vegalite_to_svg(json.dumps(dict(spec)))
    return int(svg.count(f'aria-roledescription="{kind}"'))


def numbers(figure: Figure, **wanted: object) -> pd.DataFrame:
    """Rows of a figure's table with these values."""
    table = figure.table
    kept = np.all([table[name] == value for name, value in wanted.items()], axis=0)
    return table[kept]
