"""What a word in a ``select`` column means: a technology, a group of them or a tag."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd


def tags_of(text: str) -> set[str]:
    """The words of a ``tags`` cell."""
    return {word.strip() for word in text.split(";") if word.strip()}


def selected_technologies(tables: Mapping[str, pd.DataFrame], select: str) -> set[str]:
    """The technologies that ``select`` names, by name, group or tag; empty if it names none."""
    technologies = tables["technologies"]
    by_name = technologies["technology"] == select
    chosen = by_name if by_name.any() else (
        (technologies["group"] == select) | technologies["tags"].map(lambda text: select in tags_of(text)))
    return set(technologies.loc[chosen.astype(bool), "technology"])
