"""The System's rows, reshaped for sets: what lives when, what runs how finely, what can be built and worked on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
import pandas as pd
import xarray as xr

from model.system.assets import FOREVER, new_label
from model.system.network import border_places

Member = TypeVar("Member")


def rows_of(system: xr.Dataset, dim: str) -> pd.DataFrame:
    """The variables ``<dim>_<column>`` of one dim as a frame of columns, indexed by the dim's labels if it has them."""
    columns = {
        str(name).removeprefix(f"{dim}_"): variable.to_numpy()
        for name, variable in system.variables.items()
        if variable.dims == (dim,) and str(name).startswith(f"{dim}_")
    }
    index = system.indexes[dim] if dim in system.indexes else pd.RangeIndex(system.sizes.get(dim, 0))
    return pd.DataFrame(columns, index=index)


@dataclass(frozen=True)
class Frames:
    """Rows derived once from a System; every attribute is a frame or a list in a fixed order."""

    system: xr.Dataset

    @cached_property
    def years(self) -> list[int]:
        """The planning years."""
        return [int(year) for year in self.system["year"].to_numpy()]

    @cached_property
    def assets(self) -> pd.DataFrame:
        """One row per asset."""
        return rows_of(self.system, "asset")

    @cached_property
    def builds(self) -> pd.DataFrame:
        """``asset, year, lower, upper, vintage, end_year`` of what can be built."""
        upper = self.system["build_upper"].to_numpy()
        places = np.argwhere(upper > 0)
        asset = self.assets.index.to_numpy()[places[:, 0]]
        year = np.array(self.years)[places[:, 1]]
        life = self.assets["lifetime"].to_numpy()[places[:, 0]]
        return pd.DataFrame(
            {
                "asset": asset,
                "year": year,
                "lower": self.system["build_lower"].to_numpy()[tuple(places.T)],
                "upper": upper[tuple(places.T)],
                "vintage": [new_label(y, n) for y, n in zip(year, life, strict=True)],
                "end_year": year + np.ceil(np.minimum(life, FOREVER)).astype(int),
            }
        )

    @cached_property
    def works(self) -> pd.DataFrame:
        """Which works can finish when: one row per vintage, work and planning year.

        Columns: ``asset, vintage, work, option, year, to_asset, to_vintage, end_year, ratio, share, annuity`` and
        ``standstill`` (mean of the year, per capacity after the works).
        Works finish in any planning year but the first while the old unit still lives: past its end nothing converts.
        """
        frame = rows_of(self.system, "work")
        ends = rows_of(self.system, "vintage").set_index(["asset", "label"])["end_year"]
        length = dict(zip(self.years, self.system["period_length"].to_numpy(), strict=True))
        columns = [
            "asset",
            "vintage",
            "work",
            "option",
            "year",
            "to_asset",
            "to_vintage",
            "end_year",
            "ratio",
            "share",
            "standstill",
            "annuity",
        ]
        rows = []
        for row in frame.itertuples():
            for year in self.years[1:]:
                if row.first_year <= year < ends[row.asset, row.vintage]:
                    rows.append(
                        (
                            row.asset,
                            row.vintage,
                            row.name,
                            row.option,
                            year,
                            row.to_asset,
                            new_label(year, row.years),
                            year + int(np.ceil(row.years)),
                            row.ratio,
                            row.share,
                            min(1.0, row.outage_years / length[year]),
                            row.annuity,
                        )
                    )
        return pd.DataFrame(rows, columns=columns)

    @cached_property
    def vintages(self) -> pd.DataFrame:
        """``asset, vintage, start, end_year, capacity``: existing ones and every one that builds and works can add."""
        existing = rows_of(self.system, "vintage").rename(columns={"label": "vintage"})
        existing["start"] = self.years[0]
        built = self.builds.rename(columns={"year": "start"})[["asset", "vintage", "start", "end_year"]]
        worked = self.works.rename(
            columns={"year": "start", "asset": "from", "vintage": "old", "to_asset": "asset", "to_vintage": "vintage"}
        )
        every = pd.concat([existing, built, worked[["asset", "vintage", "start", "end_year"]]], ignore_index=True)
        return every.fillna({"capacity": 0.0}).drop_duplicates(["asset", "vintage"]).reset_index(drop=True)

    @cached_property
    def left(self) -> pd.DataFrame:
        """``asset, vintage, year, first, previous, initial`` for every planning year in which a vintage lives."""
        rows = []
        for row in self.vintages.itertuples():
            alive = [year for year in self.years if row.start <= year < row.end_year]
            for previous, year in zip([None, *alive[:-1]], alive, strict=True):
                rows.append(
                    (
                        row.asset,
                        row.vintage,
                        year,
                        previous is None,
                        previous,
                        row.capacity if previous is None else 0.0,
                    )
                )
        return pd.DataFrame(rows, columns=["asset", "vintage", "year", "first", "previous", "initial"])

    @cached_property
    def alive(self) -> list[tuple[str, int]]:
        """(asset, year) in which the asset can have capacity, in the order of assets and years."""
        pairs = set(zip(self.left["asset"], self.left["year"], strict=True))
        return [(asset, year) for asset in self.assets.index for year in self.years if (asset, year) in pairs]

    @cached_property
    def retirable(self) -> pd.DataFrame:
        """Rows of ``left`` from which capacity may be closed early: plants and stores, after their first year."""
        kinds = self.assets["kind"]
        return self.left[~self.left["first"] & self.left["asset"].map(kinds).isin(("conversion", "storage"))]

    @cached_property
    def ports(self) -> pd.DataFrame:
        """``asset, mode, node, commodity, flow``: what a unit of operation gives (or takes) in an hour."""
        ports = rows_of(self.system, "port")
        stores = set(self.assets.index[self.assets["kind"] == "storage"])
        ports["flow"] = ports["yield"] / ports["asset"].map(self.assets["hours"])
        return ports[~ports["asset"].isin(stores)].reset_index(drop=True)

    @cached_property
    def stores(self) -> pd.DataFrame:
        """``node, commodity, runs`` of every storage asset; it runs as finely as what it keeps balances."""
        ports = rows_of(self.system, "port")
        stores = ports[ports["asset"].map(self.assets["kind"]) == "storage"].set_index("asset")
        stores["runs"] = stores["commodity"].map(rows_of(self.system, "commodity")["resolution"])
        return stores[["node", "commodity", "runs"]]

    @cached_property
    def modes(self) -> pd.DataFrame:
        """``asset, name, runs, cost_kind`` of every mode but those of stores, with its place in the System.

        Modes that could only stand still are left out: those that bring something to an outside node where nobody takes
        it. Two rows together would hold them at zero, which no presolve sees, and their prices would have no limit.
        """
        modes = rows_of(self.system, "mode")
        modes["place"] = np.arange(len(modes))
        still = pd.MultiIndex.from_frame(modes[["asset", "name"]]).isin(self._brought_in_vain())
        return modes[(modes["asset"].map(self.assets["kind"]) != "storage") & ~still].reset_index(drop=True)

    def _brought_in_vain(self) -> list[tuple[str, str]]:
        """(asset, mode) of links that bring something to where it is in no year taken, kept or passed on."""
        ports = self.ports
        over_link = (ports["asset"].map(self.assets["kind"]) == "link").to_numpy()
        limit = self.system["annual_limit"].transpose("asset", "year").to_pandas()
        wanting = set(limit.index[(limit != 0).any(axis=1)])
        taken = ports[~over_link & (ports["flow"] < 0).to_numpy() & ports["asset"].isin(wanting).to_numpy()]
        used = set(zip(taken["node"], taken["commodity"], strict=True))
        used |= set(zip(self.stores["node"], self.stores["commodity"], strict=True))
        closed = border_places(rows_of(self.system, "node"), list(self.system["commodity"].to_numpy())) - used
        brought = ports[over_link & (ports["flow"] > 0).to_numpy()]
        rows = brought[["asset", "mode", "node", "commodity"]].itertuples(index=False, name=None)
        return [(asset, mode) for asset, mode, *place in rows if tuple(place) in closed]

    @cached_property
    def running(self) -> pd.DataFrame:
        """``asset, name, runs, place, year``: modes in the years in which their asset lives (supplies always do)."""
        alive = pd.DataFrame(self.alive, columns=["asset", "year"])
        supplies = self.assets.index[self.assets["kind"] == "supply"]
        always = pd.MultiIndex.from_product([supplies, self.years], names=["asset", "year"]).to_frame(index=False)
        return self.modes.merge(pd.concat([alive, always]), on="asset").reset_index(drop=True)

    def at(self, name: str, pairs: Sequence[tuple[str, int]]) -> np.ndarray:
        """The System's variable ``name`` (asset, year) at some (asset, year)."""
        assets = self.assets.index.get_indexer([asset for asset, _ in pairs])
        years = pd.Index(self.years).get_indexer([year for _, year in pairs])
        values: np.ndarray = self.system[name].transpose("asset", "year").to_numpy()[assets, years]
        return values

    def running_as(self, runs: str) -> list[tuple[str, str, int]]:
        """(asset, mode, year) of the modes decided by ``runs``: step, period or year."""
        chosen = self.running[self.running["runs"] == runs]
        return list(zip(chosen["asset"], chosen["name"], chosen["year"], strict=True))


def picked(frame: pd.DataFrame, flags: Iterable[bool]) -> pd.DataFrame:
    """The rows whose flag is true; a frame without rows stays one."""
    return frame[np.fromiter(flags, dtype=bool, count=len(frame))]


def grouped(keys: Iterable[Sequence[object]], members: Iterable[Member]) -> dict[object, list[Member]]:
    """Members listed under their key, in order; a key of one part is that part."""
    found: dict[object, list[Member]] = {}
    for key, member in zip(keys, members, strict=True):
        found.setdefault(tuple(key) if len(key) > 1 else key[0], []).append(member)
    return found
