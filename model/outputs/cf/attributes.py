"""Attributes by which catalogues find a file and people learn whence it is: ACDD-1.3."""

from __future__ import annotations

import json

import netCDF4
import xarray as xr

from model.version import VERSION

CONVENTIONS = "CF-1.8, ACDD-1.3"
"""CF first and 1.8: GDAL before 3.13 finds no layer in a file that begins otherwise or says 1.10 and later."""

VOCABULARY = "CF Standard Name Table v93"
NAMING_AUTHORITY = "io.github.shanyraq"
NOT_STATED = "not stated"
KEYWORDS = "energy system, capacity expansion planning, linear programming, electricity, gas, oil, transmission"


def discovery(dataset: xr.Dataset) -> dict[str, str | float]:
    """Global attributes of a file with the results of a plan, ``date_created`` and ``history`` apart."""
    attrs = dataset.attrs
    study, scenario = str(attrs.get("study", "")), str(attrs.get("scenario", ""))
    about = json.loads(attrs.get("settings", "{}")).get("about") or {}
    title = str(attrs.get("title", study))
    return {
        "Conventions": CONVENTIONS,
        "title": title,
        "summary": f"Least-cost expansion plan of {title}, scenario {scenario}: capacities, flows, balances, prices "
        "and costs by planning year, proved optimal.",
        "keywords": KEYWORDS,
        "id": f"{study}/{scenario}/{attrs.get('solution_id', '')}",
        "naming_authority": NAMING_AUTHORITY,
        "source": f"Shanyraq {VERSION}, linear program solved by HiGHS",
        "references": "docs/maths.md and docs/results.md of Shanyraq",
        "comment": "Sums of money have units 1 and the attributes currency, price_year and unit; so have quantities "
        "whose unit differs by row, with the attribute unit_variable.",
        "acknowledgement": "Sources of the inputs stand in the study's SOURCES.md.",
        "project": study,
        "processing_level": "result of an optimisation",
        "product_version": VERSION,
        "standard_name_vocabulary": VOCABULARY,
        **_people(about),
        "institution": about.get("institution") or NOT_STATED,
        "license": about.get("license") or f"{NOT_STATED}; that of the inputs holds",
        **_extent(dataset),
        **_time(dataset),
    }


def _people(about: dict[str, str]) -> dict[str, str]:
    """Who made the file and who publishes it, as study.yaml says; the publisher is who made it unless named."""
    made = {part: about.get(f"creator_{part}") or NOT_STATED for part in ("name", "email", "url")}
    publishes = {part: about.get(f"publisher_{part}") or made[part] for part in made}
    told = (("creator", made), ("publisher", publishes))
    return {
        **{f"{role}_{part}": text for role, said in told for part, text in said.items()},
        "creator_type": "institution",
        "publisher_type": "institution",
    }


def _extent(dataset: xr.Dataset) -> dict[str, str | float]:
    """The box in which all nodes, routes and polygons of the file lie."""
    found: dict[str, tuple[float, float]] = {}
    for axis, unit in (("lat", "degrees_north"), ("lon", "degrees_east")):
        arrays = [v.to_numpy() for v in dataset.variables.values() if v.attrs.get("units") == unit and v.size]
        if not arrays:
            return {}
        found[axis] = min(float(a.min()) for a in arrays), max(float(a.max()) for a in arrays)
    (south, north), (west, east) = found["lat"], found["lon"]
    corners = ((south, west), (north, west), (north, east), (south, east), (south, west))
    return {
        "geospatial_lat_min": south,
        "geospatial_lat_max": north,
        "geospatial_lat_units": "degrees_north",
        "geospatial_lon_min": west,
        "geospatial_lon_max": east,
        "geospatial_lon_units": "degrees_east",
        "geospatial_bounds": "POLYGON ((" + ", ".join(f"{lat:g} {lon:g}" for lat, lon in corners) + "))",
        "geospatial_bounds_crs": "EPSG:4326",
    }


def _time(dataset: xr.Dataset) -> dict[str, str]:
    """From the first hour of the model year that a step shows to the last."""
    if "time" not in dataset:
        return {}
    hours, said = dataset["time"].to_numpy(), dataset["time"].attrs
    dates = (netCDF4.num2date(hour, said["units"], said["calendar"]) for hour in (hours.min(), hours.max()))
    start, end = (f"{date}Z".replace(" ", "T") for date in dates)
    length = dataset["step_duration"].to_numpy()
    return {
        "time_coverage_start": start,
        "time_coverage_end": end,
        "time_coverage_duration": f"PT{round(float(hours.max() - hours.min()))}H",
        "time_coverage_resolution": f"PT{round(float(length.min()))}H",
    }
