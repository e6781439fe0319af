"""What a word in a ``select`` column means: a technology, a group of them or a tag."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd


def tags_of(text: str) -> set[str]:
    """The words of a ``tags`` cell."""
    return {word.strip() for word in text.split(";") if word.strip()}


def selected_technologies(tables: Mapping[str, pd.DataFrame], select: str) -> set[str]:
    """The technologies that ``select`` names, by name, group or tag; empty if it names none."""
    technologies = tables["technologies"]
    names = technologies["technology"].tolist()
    if select in names:
        return {select}
    return {
        name
        for name, group, tags in zip(names, technologies["group"], technologies["tags"], strict=True)
        if select == group or select in tags_of(tags)
    }


def any_selected(tables: Mapping[str, pd.DataFrame], selects: Iterable[str]) -> set[str]:
    """The technologies that any of ``selects`` names."""
    return {technology for select in set(selects) for technology in selected_technologies(tables, select)}
