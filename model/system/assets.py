"""From rows of plants, candidates, options, links, markets and fuels to assets and their vintages.

Every asset is one row of the asset frame: ``asset, technology, node, kind, capacity_unit``. Operating plants of a
technology at a node run alike, so they are one asset, ``technology@node``. A plant of 100 MW or more, or one that can
be modernised or converted, is a vintage of its own name in it, with its own works, closure and life; the others share a
vintage by the year they end and are told apart again in the results, by their share of it. Committed and candidate
projects are assets of their own name.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from model.system.settings import Settings
from model.system.units import rate_unit
from model.system.values import TechnologyValues, planning_year

OWN_NAME_FROM = 0.1
"""Capacity in GW from which a plant is an asset of its own."""

FOREVER = 9999
"""End year of what does not die within any plan."""

Tables = Mapping[str, pd.DataFrame]


def pool(technology: str, node: str) -> str:
    """Name of the asset that pools a technology at a node."""
    return f"{technology}@{node}"


def inflow(profile: str, node: str) -> str:
    """Name of the profile, of mean 1, by which a yearly quantity comes to a node as a monthly profile says."""
    return f"inflow of {profile}@{node}"


def fleet(tables: Tables, settings: Settings) -> pd.DataFrame:
    """Plants with their asset, the year each ends and, if it operates, its vintage."""
    plants = tables["plants"].copy()
    plants["end_year"] = end_years(tables, settings).clip(upper=FOREVER).astype(int)
    options = tables["options"]
    workable = options[options["option"].isin(("modernise", "convert"))]
    general = set(workable.loc[workable["plant"] == "", "from_technology"])
    own = (
        (plants["capacity"] >= OWN_NAME_FROM)
        | plants["technology"].isin(general)
        | plants["plant"].isin(set(options["plant"]))
    )
    operating = plants["status"] == "operating"
    pools = [pool(t, n) for t, n in zip(plants["technology"], plants["node"], strict=True)]
    plants["asset"] = np.where(operating, pools, plants["plant"])
    shared = [existing_label(end) for end in plants["end_year"]]
    plants["vintage"] = np.where(~operating, "", np.where(own, plants["plant"], shared))
    return plants


def end_years(tables: Tables, settings: Settings) -> pd.Series:
    """First year in which each plant no longer runs: its closing year, or its start or renewal plus the lifetime.

    A plant without a closing year runs on until the end of the year of grace, ``run_on_until``.
    """
    plants = tables["plants"]
    values = TechnologyValues(tables["technology_values"])
    life = plants["technology"].map({t: values.constant(t, "lifetime", FOREVER) for t in set(plants["technology"])})
    renewed = plants["modernisation_year"].fillna(plants["start_year"])
    natural = (renewed + life).clip(lower=settings.run_on_until + 1)
    return plants["closing_year"].fillna(natural)


def asset_frame(tables: Tables, plants: pd.DataFrame) -> pd.DataFrame:
    """All assets, each once, in the order plants, candidates, results of works, links, markets, fuel supplies."""
    technologies = tables["technologies"].set_index("technology")
    rows = [plants[["asset", "technology", "node"]]]
    candidates = tables["candidates"]
    rows.append(
        pd.DataFrame(
            {
                "asset": [pool(t, n) for t, n in zip(candidates["technology"], candidates["node"], strict=True)],
                "technology": candidates["technology"],
                "node": candidates["node"],
            }
        )
    )
    works = work_rows(tables, plants)
    rows.append(pd.DataFrame({"asset": works["to_asset"], "technology": works["to_technology"], "node": works["node"]}))
    frame = pd.concat(rows, ignore_index=True).drop_duplicates("asset")
    frame["kind"] = frame["technology"].map(technologies["kind"])
    frame["capacity_unit"] = frame["technology"].map(technologies["capacity_unit"])
    links = tables["links"]
    frame = pd.concat(
        [
            frame,
            pd.DataFrame(
                {
                    "asset": links["link"],
                    "technology": links["technology"],
                    "node": "",
                    "kind": "link",
                    "capacity_unit": links["technology"].map(technologies["capacity_unit"]),
                }
            ),
        ],
        ignore_index=True,
    )
    return pd.concat([frame, _traders(tables)], ignore_index=True).reset_index(drop=True)


def _traders(tables: Tables) -> pd.DataFrame:
    units = dict(zip(tables["commodities"]["commodity"], tables["commodities"]["unit"], strict=True))
    markets = tables["markets"].drop_duplicates("market")
    fuels = tables["fuels"].drop_duplicates(["commodity", "node"])
    size = {commodity: rate_unit(unit) for commodity, unit in units.items()}
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "asset": markets["market"],
                    "technology": markets["direction"],
                    "node": markets["node"],
                    "kind": "market",
                    "capacity_unit": markets["commodity"].map(size),
                }
            ),
            pd.DataFrame(
                {
                    "asset": [pool(f"{c} supply", n) for c, n in zip(fuels["commodity"], fuels["node"], strict=True)],
                    "technology": fuels["commodity"] + " supply",
                    "node": fuels["node"],
                    "kind": "supply",
                    "capacity_unit": fuels["commodity"].map(size),
                }
            ),
        ],
        ignore_index=True,
    )


def work_rows(tables: Tables, plants: pd.DataFrame) -> pd.DataFrame:
    """Each option at each operating plant it applies to, with the asset that the capacity moves to.

    A row of options.csv that names a plant stands in place of the technology's general row of the same option and
    result.
    """
    options = tables["options"].rename(columns={"plant": "only_plant"})
    operating = plants.loc[
        plants["status"] == "operating", ["plant", "node", "technology", "asset", "vintage", "capacity"]
    ]
    merged = operating.merge(options, left_on="technology", right_on="from_technology")
    merged = merged[(merged["only_plant"] == "") | (merged["only_plant"] == merged["plant"])]
    merged = merged.sort_values("only_plant", ascending=False).drop_duplicates(["plant", "option", "to_technology"])
    merged = merged.sort_index()
    to_pool = [pool(t, n) for t, n in zip(merged["to_technology"], merged["node"], strict=True)]
    merged["to_asset"] = np.where(merged["to_technology"] == merged["technology"], merged["asset"], to_pool)
    return merged.reset_index(drop=True)


def existing_vintages(tables: Tables, plants: pd.DataFrame) -> pd.DataFrame:
    """What stands in the first planning year: ``asset, vintage, end_year, capacity``."""
    operating = plants[plants["status"] == "operating"]
    standing = operating.groupby(["asset", "vintage", "end_year"], sort=False)["capacity"].sum().reset_index()
    links = tables["links"]
    there = links[links["status"] == "existing"]
    markets = tables["markets"].groupby("market", sort=False)["capacity"].max()
    lasting = {"vintage": existing_label(FOREVER), "end_year": FOREVER}
    return pd.concat(
        [
            standing,
            pd.DataFrame({"asset": there["link"], **lasting, "capacity": there["capacity"]}),
            pd.DataFrame({"asset": markets.index, **lasting, "capacity": markets.to_numpy()}),
        ],
        ignore_index=True,
    )


def existing_label(end_year: int) -> str:
    """Vintage label of what stood at the start: when it ends, not when it was built, is what the plan needs."""
    return "existing" if end_year >= FOREVER else f"existing-{end_year}"


def new_label(start: int, life: float) -> str:
    """Vintage label of what a plan adds: its first and its end year."""
    return f"{start}-{start + int(np.ceil(life))}"


def build_bounds(tables: Tables, settings: Settings, assets: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Least and largest new capacity by asset and planning year (both zero where nothing can be built)."""
    years = settings.years
    lower = np.zeros((len(assets), len(years)))
    upper = np.zeros((len(assets), len(years)))
    at = {asset: i for i, asset in enumerate(assets["asset"])}
    values = TechnologyValues(tables["technology_values"])
    for row in tables["plants"].itertuples():
        if row.status == "operating":
            continue
        start = planning_year(settings, row.start_year)
        for j, year in enumerate(years):
            if row.status == "committed" and year == start:
                lower[at[row.plant], j] = upper[at[row.plant], j] = row.capacity
            elif row.status == "candidate" and year >= row.start_year and j > 0:
                upper[at[row.plant], j] = row.capacity
    for row in tables["candidates"].itertuples():
        first = row.first_year if np.isfinite(row.first_year) else values.constant(row.technology, "first_year", 0)
        for j, year in enumerate(years):
            if year >= first and j > 0:
                upper[at[pool(row.technology, row.node)], j] = row.potential
    for row in tables["links"].itertuples():
        start = planning_year(settings, row.first_year) if np.isfinite(row.first_year) else None
        for j, year in enumerate(years):
            if row.status == "committed" and year == start:
                lower[at[row.link], j] = upper[at[row.link], j] = row.capacity
            elif row.status == "candidate" and year >= row.first_year and j > 0:
                upper[at[row.link], j] = row.capacity
            elif row.status == "existing" and j > 0 and row.expansion > 0:
                upper[at[row.link], j] = row.expansion
    return lower, upper


def potentials(tables: Tables, assets: pd.DataFrame) -> list[tuple[str, str, float]]:
    """``(potential, asset, GW)``: assets whose capacities together stay below a potential.

    A candidate's potential holds for all assets of its technology at its node; a candidate plant or link has its own.
    """
    rows: list[tuple[str, str, float]] = []
    members = assets.groupby(["technology", "node"])["asset"].agg(list).to_dict()
    for row in tables["candidates"].itertuples():
        rows += [(pool(row.technology, row.node), asset, row.potential) for asset in members[row.technology, row.node]]
    plants, links = tables["plants"], tables["links"]
    rows += [(p.plant, p.plant, p.capacity) for p in plants.itertuples() if p.status == "candidate"]
    for link in links.itertuples():
        if link.status == "candidate" or (link.status == "existing" and link.expansion > 0):
            rows.append((link.link, link.link, link.capacity + (link.expansion if link.status == "existing" else 0)))
    return rows
