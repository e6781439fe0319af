"""Correlated Gaussian drivers of the weather: in space by distance, in time by one or two first-order filters."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.signal import lfilter

Floats = npt.NDArray[np.float64]

EARTH_RADIUS = 6371.0
"""km."""

BURN_IN = 6
"""Time constants after which a filter has forgotten its start."""

JITTER = 1e-9
"""Added to the diagonal of a covariance so that points at one place do not spoil its factor."""


def distances(lon: Floats, lat: Floats) -> Floats:
    """Great-circle distances in km between all points, (point, point)."""
    east, north = np.radians(lon), np.radians(lat)
    half = (
        np.sin((north[:, None] - north) / 2) ** 2
        + np.cos(north[:, None]) * np.cos(north) * np.sin((east[:, None] - east) / 2) ** 2
    )
    away: Floats = 2 * EARTH_RADIUS * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    return away


def white(generator: np.random.Generator, away: Floats, length: float, steps: int) -> Floats:
    """Standard normal rows (point, step), independent in time, alike in space as exp(-distance / ``length`` km)."""
    factor = np.linalg.cholesky(np.exp(-away / length) + JITTER * np.eye(len(away)))
    rows: Floats = factor @ generator.standard_normal((len(away), steps))
    return rows


def filtered(generator: np.random.Generator, away: Floats, length: float, steps: int, *constants: float) -> Floats:
    """Standard normal rows (point, step) that pass one first-order filter per time constant (in steps), in series.

    Two filters make changes from step to step smooth, as those of measured wind are.
    """
    decay = np.exp(-1 / np.array(constants))
    start = int(np.ceil(BURN_IN * max(constants)))
    noise = white(generator, away, length, steps + start)
    denominator = np.array([1.0])
    for value in decay:
        denominator = np.convolve(denominator, [1.0, -value])
    rows = lfilter([1.0], denominator, noise, axis=1)[:, start:]
    normal: Floats = rows / np.sqrt(_variance(decay))
    return normal


def _variance(decay: Floats) -> float:
    """Variance of white noise behind one or two first-order filters."""
    if len(decay) == 1:
        return float(1 / (1 - decay[0] ** 2))
    a, b = decay
    return float((1 + a * b) / ((1 - a * b) * (1 - a**2) * (1 - b**2)))
