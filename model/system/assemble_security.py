"""The part of the System that keeps supply secure: reserve margins, operating reserve, contingencies and loops."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from model.system.loops import largest_circuit_share, loop_members
from model.system.rows import Variables, array, table_dims
from model.system.settings import Settings
from model.system.values import TechnologyValues, line

Tables = Mapping[str, pd.DataFrame]

HOURS_OF_FULL_CREDIT = 8.0
"""Hours of full output from which a store that says nothing of its capacity credit counts as a plant does."""

CRITICAL = ["contingency", "year", "step"]
"""What names a moment at which the network must survive a contingency."""


def security_variables(
    tables: Tables, settings: Settings, assets: pd.DataFrame, capacity: pd.DataFrame, links: pd.DataFrame
) -> Variables:
    """All of it; ``capacity`` is what stands or is due by (link, year), ``links`` has their ends and reactance."""
    contingencies = _contingencies(tables, settings)
    of_links = contingencies[contingencies["link"] != ""]
    wired = of_links if settings.security == "n-1" else of_links.iloc[:0]
    loops = (
        loop_members(links, capacity, wired)
        if settings.network == "dc"
        else loop_members(links.iloc[:0], capacity, wired.iloc[:0])
    )
    return {
        **_margins(tables, settings),
        **_operating_reserve(tables, settings),
        **_capacity_credit(tables, settings, assets),
        **table_dims("contingency", contingencies, {"lost": "GW", "first_year": "1"}, labels=list(contingencies.index)),
        **table_dims("loop_member", loops, {"drop": "rad per GW"}),
        **table_dims("critical", pd.DataFrame(columns=CRITICAL), {}),
    }


def _margins(tables: Tables, settings: Settings) -> Variables:
    rows = tables["reserve_margins"] if settings.adequacy else tables["reserve_margins"].iloc[:0]
    named = {"margin": ("1", "firm capacity beyond peak load"), "firm_imports": ("GW", "imports that are firm")}
    return _by_zone("margin", rows, settings, named)


def _operating_reserve(tables: Tables, settings: Settings) -> Variables:
    rows = tables["operating_reserves"] if settings.operating_reserve else tables["operating_reserves"].iloc[:0]
    named = {
        "largest_unit": ("GW", "largest unit"),
        "load_share": ("1", "share of load that must be ready"),
        "wind_share": ("1", "share of wind that must be ready"),
        "solar_share": ("1", "share of sun that must be ready"),
    }
    return _by_zone("reserve", rows, settings, named)


def _by_zone(dim: str, rows: pd.DataFrame, settings: Settings, named: Mapping[str, tuple[str, str]]) -> Variables:
    """Columns as ``<dim>_<column>`` by (zone, year), nan before the first year that a zone's rows tell."""
    zones = list(dict.fromkeys(rows["zone"]))
    years = list(settings.years)
    coords = {dim: zones, "year": years}
    found: Variables = {}
    for column, (unit, text) in named.items():
        values = np.full((len(zones), len(years)), np.nan)
        for i, zone in enumerate(zones):
            own = rows[rows["zone"] == zone]
            told = np.array(years) >= own["year"].min()
            values[i, told] = line(own["year"], own[column], years)[told]
        found[f"{dim}_{column}"] = array((dim, "year"), coords, values, unit, text)
    penalty = rows.groupby("zone")["penalty"].first().reindex(zones).to_numpy(dtype=float)
    found[f"{dim}_penalty"] = array((dim,), coords, penalty, "million USD per unit", "cost of what is missing")
    return found


def _capacity_credit(tables: Tables, settings: Settings, assets: pd.DataFrame) -> Variables:
    """Share of capacity that counts at the peak, by (asset, year).

    What the technology says; else nothing for what follows the weather, a plant's chance of running, and of a store as
    much as its hours of full output are of `HOURS_OF_FULL_CREDIT`.
    """
    values, years = TechnologyValues(tables["technology_values"]), settings.years
    availability = dict(zip(tables["technologies"]["technology"], tables["technologies"]["availability"], strict=True))
    credit = np.zeros((len(assets), len(years)))
    for i, (technology, kind) in enumerate(zip(assets["technology"], assets["kind"], strict=True)):
        if kind not in ("conversion", "storage"):
            continue
        running = 1 - values.by_year(technology, "forced_outage", years, 0.0)
        usual = running * values.by_year(technology, "condition", years, 1.0)
        if kind == "storage":
            usual = running * min(1.0, values.constant(technology, "duration", 0.0) / HOURS_OF_FULL_CREDIT)
        elif availability[technology] not in ("constant", "maintenance"):
            usual = np.zeros(len(years))
        told = values.by_year(technology, "capacity_credit", years)
        credit[i] = np.where(np.isnan(told), usual, told)
    coords = {"asset": list(assets["asset"]), "year": list(years)}
    text = "share of the capacity that counts at the peak"
    return {"capacity_credit": array(("asset", "year"), coords, credit, "1", text)}


def _contingencies(tables: Tables, settings: Settings) -> pd.DataFrame:
    rows = tables["contingencies"] if settings.security == "n-1" else tables["contingencies"].iloc[:0]
    frame = rows.set_index("contingency")[["link", "share", "node", "lost", "first_year"]].copy()
    links = tables["links"].set_index("link")
    usual = [
        largest_circuit_share(links.at[link, "voltage"], links.at[link, "circuits"]) if link else 0.0
        for link in frame["link"]
    ]
    frame["share"] = np.where(frame["share"].notna(), frame["share"], usual).astype(float)
    return frame
