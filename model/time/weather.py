"""A year of hourly weather drawn from published statistics: wind, sun and temperature of every node, together.

Correlated Gaussian drivers in space and time become wind speed (Weibull), daily and hourly clearness of the sky (Beta)
and temperature; windpowerlib and pvlib turn them into capacity factors. Calibrated (``exact``), a year has the monthly
means of the statistics; ``free`` years vary round them. The draws come in a fixed order: slow wind, fast wind,
temperature, daily cloud, hourly cloud.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
import xarray as xr
from scipy.interpolate import CubicSpline
from scipy.special import betaincinv, gamma, log_ndtr, ndtr, ndtri

from model.system.problems import InvalidStudy, Problem
from model.time import fields
from model.time.calendar import (
    DAY_KNOTS,
    DAYS,
    DAYS_IN_MONTH,
    HOUR_KNOTS,
    HOURS,
    HOURS_PER_DAY,
    MID_MONTH_DAY,
    MONTHS_OF_HOURS,
    UTC_OFFSET_HOURS,
    local_hours,
    monthly_means,
)
from model.time.dataset import weather_dataset
from model.time.fields import Floats
from model.time.sun import clear_sky, pv_capacity_factors, sky_of
from model.time.wind import GRID, LOSSES, cold_factor, density_factor, power_curve

Mode = Literal["exact", "free"]

TOLERANCE = 0.03
"""Relative error of a month's mean above which a calibration has failed."""

LEAST_WIND = 0.01
"""Capacity factor below which the error of a month is taken against this one, so that still months have one."""

STILL = 1e-6
"""Added to capacity factors whose ratio is taken, so that there is one in a month without wind."""

RANKS = (0.01, 0.99)
"""Bounds of a month's mean rank of days between the darkest and a clear one."""

CURES = {
    "wind_cf": "Lower it, or raise weibull_k in weather_sites.csv.",
    "ghi": "Give what lies between an overcast and a clear month at the solar site of weather_sites.csv.",
}
"""What to do when no weather reaches a month."""


@dataclass(frozen=True)
class Params:
    """The numbers of the method; lengths in km, times in hours, angles in degrees."""

    wind_length_slow: float = 500.0
    """Distance over which the slow driver of wind loses its likeness to 1/e."""
    wind_length_fast: float = 120.0
    wind_share_slow: float = 0.8
    """Share of the slow driver in the variance."""
    wind_times_slow: tuple[float, float] = (28.0, 2.5)
    wind_times_fast: tuple[float, float] = (8.0, 2.0)
    wind_offset: float = 75.0
    """Distance of a node's four sub-sites from its site, along both axes."""
    wind_levelled: float = 0.8
    """What of a month's mean of the driver is taken out of a calibrated year, so that no calm month is forced."""
    wind_peak_hour: float = 23.0
    """Solar hour of the nocturnal maximum at hub height."""
    wind_winter_damping: float = 0.7
    """What of the daily cycle of summer is gone in January."""
    temperature_length: float = 1200.0
    temperature_times: tuple[float, float] = (60.0, 6.0)
    temperature_wind_winter: float = 0.25
    """Correlation of temperature and wind in January: cold spells are calm."""
    temperature_wind_summer: float = -0.10
    temperature_peak_hour: float = 15.0
    cloud_length_daily: float = 450.0
    cloud_memory_daily: float = 0.35
    """Correlation of clearness from day to day."""
    cloud_length_hourly: float = 120.0
    cloud_memory_hourly: float = 0.54
    """Correlation of clearness from hour to hour inside a day."""
    cloud_concentration: float = 2.5
    """Of the Beta distribution of daily clearness."""
    cloud_darkest: float = 0.12
    """Daily clear-sky index below which no day falls."""
    cloud_hourly_spread: float = 0.12
    cloud_bounds: tuple[float, float] = (0.04, 1.05)
    """Least and greatest hourly clear-sky index."""
    calibration_rounds: int = 40
    calibration_step: float = 0.6
    calibration_goal: float = 0.001
    """Relative error of a month at which calibration ends."""
    greatest_scale: float = 13.0
    """Mean wind speed that calibration never passes, m/s; nor does it fall below one over this."""
    quantiles: int = 400
    """Points of the distribution of wind speed from which a free year's scale is set."""


@dataclass(frozen=True)
class _Drivers:
    """The normal drivers: wind (site, hour), slow wind and temperature (node, hour), cloud by day and by hour."""

    wind: Floats
    slow: Floats
    temperature: Floats
    daily: Floats
    hourly: Floats


SUBSITES = np.array([(-1, -1), (-1, 1), (1, -1), (1, 1)])
KM_PER_DEGREE = 111.32


def synthesise(
    stats: xr.Dataset, *, year: int = 2023, seed: int = 0, params: Params = Params(), calibrate: Mode = "exact"
) -> xr.Dataset:
    """Hourly weather of ``year`` for every node of ``stats``; schema of ``time.dataset``.

    ``stats`` is what ``weather_statistics`` gives. The same seed gives the same arrays. The attribute
    ``calibration_error`` is the largest relative error of a month's wind. InvalidStudy if it exceeds 3 % in a
    calibrated year, or if that of irradiance does: then no weather gives what weather.csv asks for.
    """
    hours = local_hours(year)
    skies = [
        sky_of(hours, lat, lon, altitude)
        for lat, lon, altitude in zip(*(stats[n].to_numpy() for n in ("sun_lat", "sun_lon", "altitude")), strict=True)
    ]
    drivers = _draw(stats, np.random.default_rng(seed), params)
    clearness, ghi = _irradiance(stats, drivers, np.array([clear_sky(sky) for sky in skies]), params, calibrate)
    temperature = _temperature(stats, drivers, clearness, params)
    wind_cf, speed = _wind(stats, drivers.wind, temperature, params, calibrate)
    panels = [pv_capacity_factors(sky, g, t) for sky, g, t in zip(skies, ghi, temperature, strict=True)]
    error = _miss(wind_cf, stats["wind_cf"].to_numpy(), LEAST_WIND)
    if calibrate == "exact":
        _refuse_misses(stats, {"wind_cf": error, "ghi": _miss(ghi, _irradiance_wanted(stats))})
    return weather_dataset(
        {
            "wind_cf": wind_cf,
            "pv_fixed_cf": np.array([fixed for fixed, _ in panels]),
            "pv_tracking_cf": np.array([tracking for _, tracking in panels]),
            "wind_speed": speed,
            "ghi": ghi,
            "temperature": temperature,
        },
        {
            str(node): (float(lon), float(lat))
            for node, lon, lat in zip(*(stats[name].to_numpy() for name in ("node", "lon", "lat")), strict=True)
        },
        hours,
        title=f"Synthetic weather, seed {seed}",
        source="statistics of weather.csv and weather_sites.csv, by model.time.weather",
        seed=seed,
        calibration=calibrate,
        calibration_error=float(error.max()),
    )


def _miss(hourly: Floats, wanted: Floats, least: float = 0.0) -> Floats:
    """Error of monthly means against those wanted, relative to these or to ``least`` at least, (node, month)."""
    return np.abs(monthly_means(hourly) - wanted) / np.maximum(wanted, least)


def _refuse_misses(stats: xr.Dataset, errors: Mapping[str, Floats]) -> None:
    """InvalidStudy if months of a column of weather.csv were not reached."""
    problems = [
        Problem("weather.csv", None, name, f"{stats[name].to_numpy()[node, month]:g}", rule, CURES[name])
        for name, error in errors.items()
        for node, month in np.argwhere(error > TOLERANCE)
        for place in [f"{stats['node'].to_numpy()[node]} in month {month + 1}"]
        for rule in [f"no weather gives this at {place} (nearest: {error[node, month]:.1%} away)"]
    ]
    if problems:
        raise InvalidStudy(problems)


def _draw(stats: xr.Dataset, generator: np.random.Generator, params: Params) -> _Drivers:
    """All random numbers of a year, in their fixed order."""
    lon, lat = _subsites(stats, params)
    away = fields.distances(lon.ravel(), lat.ravel())
    slow = fields.filtered(generator, away, params.wind_length_slow, HOURS, *params.wind_times_slow)
    fast = fields.filtered(generator, away, params.wind_length_fast, HOURS, *params.wind_times_fast)
    share = params.wind_share_slow
    cities = fields.distances(stats["city_lon"].to_numpy(), stats["city_lat"].to_numpy())
    temperature = fields.filtered(generator, cities, params.temperature_length, HOURS, *params.temperature_times)
    suns = fields.distances(stats["sun_lon"].to_numpy(), stats["sun_lat"].to_numpy())
    daily = fields.filtered(generator, suns, params.cloud_length_daily, DAYS, -1 / np.log(params.cloud_memory_daily))
    hourly = fields.filtered(
        generator, suns, params.cloud_length_hourly, HOURS, -1 / np.log(params.cloud_memory_hourly)
    )
    mean = slow.reshape(*lon.shape, HOURS).mean(axis=1)
    mean = (mean - mean.mean(axis=1, keepdims=True)) / mean.std(axis=1, keepdims=True)
    return _Drivers(np.sqrt(share) * slow + np.sqrt(1 - share) * fast, mean, temperature, daily, hourly)


def _subsites(stats: xr.Dataset, params: Params) -> tuple[Floats, Floats]:
    """Longitude and latitude of four sub-sites round each wind site, (node, sub-site)."""
    lon, lat = stats["wind_lon"].to_numpy()[:, None], stats["wind_lat"].to_numpy()[:, None]
    degrees = params.wind_offset / KM_PER_DEGREE
    return lon + SUBSITES[:, 0] * degrees / np.cos(np.radians(lat)), lat + SUBSITES[:, 1] * degrees


def _solar_hour(lon: Floats) -> Floats:
    """Local solar time in the middle of every hour of the year at some longitudes, (place, hour)."""
    hour: Floats = np.arange(HOURS) % HOURS_PER_DAY - UTC_OFFSET_HOURS + 0.5 + lon[:, None] / 15
    return hour


def _season() -> Floats:
    """1 in mid-January, 0 in mid-July, for every hour."""
    day = np.arange(HOURS) / HOURS_PER_DAY
    season: Floats = (1 + np.cos(2 * np.pi * (day - MID_MONTH_DAY[0]) / DAYS)) / 2
    return season


def _wind(
    stats: xr.Dataset, driver: Floats, temperature: Floats, params: Params, calibrate: Mode
) -> tuple[Floats, Floats]:
    """Capacity factor and speed at 100 m (m/s) of every node, (node, hour)."""
    nodes = stats.sizes["node"]
    z = driver
    if calibrate == "exact":
        z = z - params.wind_levelled * monthly_means(z) @ HOUR_KNOTS.T
        z = (z - z.mean(axis=1, keepdims=True)) / z.std(axis=1, keepdims=True)
    shape = stats["weibull_k"].to_numpy()
    relative = _weibull(z, np.repeat(shape, len(SUBSITES))[:, None]).reshape(nodes, len(SUBSITES), HOURS)
    relative *= _daily_wind(stats, params)[:, None, :]
    dense = density_factor(temperature, stats["altitude"].to_numpy()[:, None])
    running = cold_factor(temperature) * LOSSES
    curve, wanted = power_curve(), stats["wind_cf"].to_numpy()
    scale = _theoretical_scale(stats, dense, params)

    def factors(scale: Floats) -> tuple[Floats, Floats]:
        speed = relative * np.exp(scale @ HOUR_KNOTS.T)[:, None, :]
        output = _looked_up(speed * dense[:, None, :], curve).mean(axis=1) * running
        return output, speed

    output, speed = factors(scale)
    if calibrate == "exact":
        for _ in range(params.calibration_rounds):
            if _miss(output, wanted, LEAST_WIND).max() < params.calibration_goal:
                break
            ratio = (wanted + STILL) / (monthly_means(output) + STILL)
            scale = scale + params.calibration_step * np.log(ratio)
            scale = np.clip(scale, -np.log(params.greatest_scale), np.log(params.greatest_scale))
            output, speed = factors(scale)
    return output, speed.mean(axis=1)


def _weibull(z: Floats, shape: Floats) -> Floats:
    """Weibull variates of mean 1 from normal ones."""
    variates: Floats = (-log_ndtr(-z)) ** (1 / shape) / gamma(1 + 1 / shape)
    return variates


def _looked_up(speed: Floats, curve: Floats) -> Floats:
    """The power curve at any speeds: straight between its even grid, nothing beyond it."""
    place = speed * (1 / (GRID[1] - GRID[0]))
    below = np.minimum(place.astype(np.int32), len(curve) - 2)
    value: Floats = curve[below] + np.minimum(place - below, 1.0) * (curve[below + 1] - curve[below])
    return value


def _daily_wind(stats: xr.Dataset, params: Params) -> Floats:
    """Daily cycle of wind speed at hub height, mean 1, strong in summer, (node, hour)."""
    amplitude = stats["wind_diurnal_summer"].to_numpy()[:, None] * (1 - params.wind_winter_damping * _season())
    angle = 2 * np.pi * (_solar_hour(stats["wind_lon"].to_numpy()) - params.wind_peak_hour) / HOURS_PER_DAY
    cycle: Floats = 1 + amplitude * np.cos(angle)
    return cycle


def _theoretical_scale(stats: xr.Dataset, dense: Floats, params: Params) -> Floats:
    """Logarithm of the mean speed (node, month) at which the distribution of speed gives the capacity factor.

    By bisection over even quantiles of the Weibull distribution and the hours of a day.
    """
    probability = (np.arange(params.quantiles) + 0.5) / params.quantiles
    shape = stats["weibull_k"].to_numpy()[:, None]
    variates = (-np.log1p(-probability)) ** (1 / shape) / gamma(1 + 1 / shape)
    cycle = _daily_wind(stats, params).reshape(len(shape), DAYS, HOURS_PER_DAY)[:, MID_MONTH_DAY.astype(int), ::3]
    heavy = monthly_means(dense)
    relative = variates[:, None, None, :] * cycle[:, :, :, None] * heavy[:, :, None, None]
    curve, wanted = power_curve(), stats["wind_cf"].to_numpy() / LOSSES
    low, high = np.full(wanted.shape, 1.0), np.full(wanted.shape, params.greatest_scale)
    for _ in range(18):
        middle = (low + high) / 2
        under = _looked_up(relative * middle[:, :, None, None], curve).mean(axis=(2, 3)) < wanted
        low, high = np.where(under, middle, low), np.where(under, high, middle)
    scale: Floats = np.log((low + high) / 2)
    return scale


def _irradiance(
    stats: xr.Dataset, drivers: _Drivers, clear: Floats, params: Params, calibrate: Mode
) -> tuple[Floats, Floats]:
    """Rank of each day between the darkest and a clear one, 0 to 1, (node, day), and irradiance, W/m2, (node, hour).

    ``clear`` is the irradiance of a clear sky. A calibrated year reaches its months by clearer or duller days, so that
    no hour is brighter than the sky can be.
    """
    wanted, ceiling = _irradiance_wanted(stats), monthly_means(clear)
    shift = np.zeros_like(wanted)
    for _ in range(params.calibration_rounds):
        clearness = _daily_clearness(stats, drivers.daily + shift @ DAY_KNOTS.T, params)
        ghi = clear * _hourly_index(clearness, drivers.hourly, params)
        error = _miss(ghi, wanted).max()
        if calibrate == "free" or error < params.calibration_goal:
            break
        asked, reached = (ndtri(_rank(mean / ceiling, params)) for mean in (wanted, monthly_means(ghi)))
        shift = shift + asked - reached
    if calibrate == "free" or error > TOLERANCE:
        return clearness, ghi
    return clearness, np.array([_levelled(rows, target) for rows, target in zip(ghi, wanted, strict=True)])


def _irradiance_wanted(stats: xr.Dataset) -> Floats:
    """Mean irradiance of each month, W/m2, (node, month), from irradiation in kWh/m2."""
    mean: Floats = stats["ghi"].to_numpy() * 1000 / (DAYS_IN_MONTH * HOURS_PER_DAY)
    return mean


def _rank(index: Floats, params: Params) -> Floats:
    """Where clear-sky indices lie between that of the darkest and of a clear day, short of 0 and 1."""
    rank: Floats = np.clip((index - params.cloud_darkest) / (1 - params.cloud_darkest), *RANKS)
    return rank


def _daily_clearness(stats: xr.Dataset, driver: Floats, params: Params) -> Floats:
    """Rank of each day between the darkest and a clear one, 0 to 1, (node, day)."""
    mean, nu = _rank(stats["clear_sky_index"].to_numpy(), params) @ DAY_KNOTS.T, params.cloud_concentration
    clearness: Floats = betaincinv(mean * nu, (1 - mean) * nu, ndtr(driver))
    return clearness


def _hourly_index(clearness: Floats, driver: Floats, params: Params) -> Floats:
    """Irradiance over that of a clear sky, (node, hour): restless on days between dark and clear."""
    rank = np.repeat(clearness, HOURS_PER_DAY, axis=1)
    index = params.cloud_darkest + (1 - params.cloud_darkest) * rank
    hourly: Floats = np.clip(index + params.cloud_hourly_spread * 4 * rank * (1 - rank) * driver, *params.cloud_bounds)
    return hourly


def _temperature(stats: xr.Dataset, drivers: _Drivers, clearness: Floats, params: Params) -> Floats:
    """Air temperature, degrees Celsius, (node, hour); monthly means are those of the statistics."""
    mean = stats["temperature"].to_numpy()
    around = np.concatenate([MID_MONTH_DAY, [MID_MONTH_DAY[0] + DAYS]])
    day = (np.arange(HOURS) + 0.5) / HOURS_PER_DAY
    level = CubicSpline(around, np.concatenate([mean, mean[:, :1]], axis=1), axis=1, bc_type="periodic")(day)
    winter = _season()
    tie = params.temperature_wind_summer + (params.temperature_wind_winter - params.temperature_wind_summer) * winter
    anomaly = tie * drivers.slow + np.sqrt(1 - tie**2) * drivers.temperature
    spread, swing = (stats[name].to_numpy() @ HOUR_KNOTS.T for name in ("temperature_spread", "temperature_swing"))
    clear = np.repeat(clearness, HOURS_PER_DAY, axis=1)
    angle = 2 * np.pi * (_solar_hour(stats["city_lon"].to_numpy()) - params.temperature_peak_hour) / HOURS_PER_DAY
    found = level + spread * anomaly + swing * (0.6 + 0.6 * clear) * np.cos(angle)
    shift: Floats = np.linalg.solve((MONTHS_OF_HOURS.T @ HOUR_KNOTS), (mean - monthly_means(found)).T).T
    exact: Floats = found + shift @ HOUR_KNOTS.T
    return exact


def _levelled(ghi: Floats, wanted: Floats) -> Floats:
    """Irradiance of one place times a factor that runs straight between mid-months, so that monthly means are met."""
    system = MONTHS_OF_HOURS.T @ (ghi[:, None] * HOUR_KNOTS)
    factor = np.linalg.solve(system, wanted)
    level: Floats = ghi * (HOUR_KNOTS @ factor)
    return level


def parameters() -> dict[str, object]:
    """The numbers of the method by name, as the documentation lists them."""
    return asdict(Params())
