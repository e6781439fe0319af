"""What a report is made of: the plans it tells, and sections of figures, each with its table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from model.system.network import ELECTRICITY

Spec = Mapping[str, Any]
"""A Vega-Lite specification, as altair's ``to_dict`` gives it."""

Words = Callable[[str], str]
"""What an English text is in the language of the report; a text without a translation stays as it is."""

WIDTH, HEIGHT = 640, 260
"""Pixels of a figure that is alone in its row."""


@dataclass(frozen=True)
class Told:
    """One plan in a report: its short name there, and its results as ``outputs.netcdf.read_results`` gives them."""

    name: str
    results: xr.Dataset

    @property
    def years(self) -> list[int]:
        """The planning years."""
        return [int(year) for year in self.results["year"].to_numpy()]

    @property
    def electric(self) -> np.ndarray:
        """Which technologies make electricity."""
        electric: np.ndarray = self.results["technology_product"].to_numpy() == ELECTRICITY
        return electric

    def unit(self, name: str) -> str:
        """Unit of a variable, in the trade's words."""
        return str(self.results[name].attrs["units"])


@dataclass(frozen=True)
class Figure:
    """A chart with what it shows in words and the numbers behind it.

    ``key`` is unique in the report, of letters, digits and hyphens. ``spec`` is None for what is told by a table alone.
    The table's columns are what readers see as headings; numbers in it are shown with ``digits`` decimals.
    ``open`` tables are shown at once, others behind "The numbers".
    """

    key: str
    title: str
    words: str
    table: pd.DataFrame
    spec: Spec | None = None
    digits: int = 1
    open: bool = False


@dataclass(frozen=True)
class Section:
    """A chapter of the report."""

    key: str
    title: str
    words: str = ""
    figures: Sequence[Figure] = field(default_factory=tuple)


MakeSection = Callable[[Sequence[Told], Words], Section | None]
"""A function that makes a chapter of one plan or of several side by side; None where the plans lack its subject."""
