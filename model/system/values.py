"""Numbers of technologies by year, and what money costs over time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from model.system.settings import Settings

Floats = npt.NDArray[np.float64]


class TechnologyValues:
    """The long table technology_values, looked up by technology, quantity and year."""

    def __init__(self, table: pd.DataFrame) -> None:
        rows: dict[tuple[str, str], list[tuple[float, float]]] = {}
        for technology, quantity, year, value in zip(
            *(table[name] for name in ("technology", "quantity", "year", "value")), strict=True
        ):
            rows.setdefault((technology, quantity), []).append((-np.inf if np.isnan(year) else year, value))
        self._lines = {key: np.array(sorted(points), dtype=float).T for key, points in rows.items()}

    def by_year(self, technology: str, quantity: str, years: Sequence[int], default: float = np.nan) -> Floats:
        """The quantity in each of ``years``: straight lines between given years, constant outside them."""
        points = self._lines.get((technology, quantity))
        if points is None:
            return np.full(len(years), default)
        if len(points[0]) == 1:
            return np.full(len(years), points[1, 0])
        found: Floats = np.interp(np.asarray(years, dtype=float), points[0], points[1])
        return found

    def constant(self, technology: str, quantity: str, default: float = np.nan) -> float:
        """The quantity where it does not depend on the year (the first given year otherwise)."""
        points = self._lines.get((technology, quantity))
        return default if points is None else float(points[1, 0])


def line(given_years: pd.Series, values: pd.Series, years: Sequence[int]) -> Floats:
    """Linear between the given years, constant outside; a row without a year holds for all."""
    if given_years.isna().any():
        return np.full(len(years), float(values[given_years.isna()].iloc[0]))
    order = np.argsort(given_years.to_numpy())
    found: Floats = np.interp(np.asarray(years, dtype=float), given_years.to_numpy()[order], values.to_numpy()[order])
    return found


def annuity(rate: float, years: float) -> float:
    """Share of a loan paid back every year at ``rate`` over ``years``; 1 / years without interest."""
    return 1.0 / years if rate == 0 else rate / (1.0 - (1.0 + rate) ** -years)


def discount_weights(settings: Settings) -> Floats:
    """D_y: what a cost in every calendar year that planning year y stands for is worth in the first planning year."""
    ends = [*settings.years[1:], settings.horizon_end]
    base, rate = settings.years[0], settings.social_discount_rate
    return np.array(
        [sum((1 + rate) ** -(j - base) for j in range(y, end)) for y, end in zip(settings.years, ends, strict=True)]
    )


def period_lengths(settings: Settings) -> Floats:
    """Calendar years that each planning year stands for."""
    return np.diff(np.array([*settings.years, settings.horizon_end], dtype=float))


def planning_year(settings: Settings, year: float) -> int | None:
    """The first planning year not before ``year``; None if the plan ends earlier."""
    return next((y for y in settings.years if y >= year), None)
