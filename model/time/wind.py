"""From wind speed to the capacity factor of a wind farm: air density, a smoothed power curve, cold, losses."""

from __future__ import annotations

import warnings
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

LIBRARY = r"windpowerlib\."
"""Whose own warnings, of pandas features to come and of the night, are no user's business."""

TURBINE = "E-141/4200"
"""Low-wind turbine of 269 W per square metre of rotor, as those of recent Kazakh farms."""

TURBULENCE = 0.10
"""Turbulence intensity with which the power curve is smoothed."""

LOSSES = 0.87
"""What wakes, cables, outages and icing leave; fits the Astana study of 6.54 m/s and 32 %."""

COLD_STOP = (-32.0, -28.0)
"""Degrees Celsius between which turbines stop for the cold."""

STANDARD_DENSITY = 1.225
"""kg/m3, for which power curves are given."""

ZERO_CELSIUS = 273.15
GAS_CONSTANT = 287.05
"""Of dry air, J/(kg K)."""

GRID = np.arange(0, 45.01, 0.05)
"""Wind speeds at which the curve is tabulated, m/s."""


@lru_cache(maxsize=8)
def power_curve(turbine: str = TURBINE, turbulence: float = TURBULENCE) -> Floats:
    """Output over nominal power on ``GRID``: the turbine's curve of windpowerlib, smoothed. ValueError if unknown."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=LIBRARY)
        from windpowerlib import WindTurbine
        from windpowerlib.power_curves import smooth_power_curve

        try:
            machine = WindTurbine(hub_height=100, turbine_type=turbine)
        except (KeyError, ValueError, AttributeError) as error:
            raise ValueError(f"windpowerlib knows no turbine '{turbine}'") from error
        if machine.power_curve is None:
            raise ValueError(f"windpowerlib has no power curve of '{turbine}'")
        smooth = smooth_power_curve(
            machine.power_curve["wind_speed"],
            machine.power_curve["value"],
            standard_deviation_method="turbulence_intensity",
            turbulence_intensity=turbulence,
        )
    share = smooth["value"].to_numpy(dtype=float) / float(machine.nominal_power)
    curve: Floats = np.clip(np.interp(GRID, smooth["wind_speed"].to_numpy(dtype=float), share, right=0.0), 0, 1)
    return curve


def density_factor(temperature: npt.ArrayLike, altitude: npt.ArrayLike) -> Floats:
    """By what a speed (m/s) is multiplied to blow as hard at standard density; degrees Celsius and metres."""
    pressure = 101325 * (1 - 2.25577e-5 * np.asarray(altitude, dtype=float)) ** 5.25588
    density = pressure / (GAS_CONSTANT * (np.asarray(temperature, dtype=float) + ZERO_CELSIUS))
    factor: Floats = (density / STANDARD_DENSITY) ** (1 / 3)
    return factor


def cold_factor(temperature: npt.ArrayLike) -> Floats:
    """Share of the turbines that run in the cold: all above the first limit, none below the second."""
    low, high = COLD_STOP
    share: Floats = np.clip((np.asarray(temperature, dtype=float) - low) / (high - low), 0, 1)
    return share


def wind_capacity_factor(
    speed: npt.ArrayLike, temperature: npt.ArrayLike, altitude: npt.ArrayLike, turbine: str = TURBINE
) -> Floats:
    """Net capacity factor from speed at hub height (m/s), air temperature (degrees Celsius) and altitude (m).

    The arrays broadcast, hours on the last axis. Source of curve and smoothing: windpowerlib.
    """
    equivalent = np.asarray(speed, dtype=float) * density_factor(temperature, altitude)
    factor: Floats = np.interp(equivalent, GRID, power_curve(turbine)) * cold_factor(temperature) * LOSSES
    return factor
