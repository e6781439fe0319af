"""The fleet of a plan: capacity, additions, works and closures, by technology and node and by plant."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from model.outputs.arrays import TINY, Groups, Shape, electricity_given, labelled
from model.solve.accounts import Accounts

OPTIONS = ("extend", "modernise", "convert", "replace")
"""What works do, in the order in which results show them."""


def fleet(accounts: Accounts) -> xr.Dataset:
    """Capacity, additions, works and closures by technology and node, and capacity by asset."""
    groups, years = Groups(accounts), ("year", accounts.years)
    shape: Shape = [("asset", accounts.assets), years]
    done = accounts.works
    works = np.array([groups.sum(accounts.out_of(done[done["option"] == option])) for option in OPTIONS])
    into_works, ended = _leaving(accounts)
    return xr.Dataset(
        {
            "capacity": labelled(
                groups.sum(accounts.capacity), groups.shape(years), "technology unit", "capacity in operation"
            ),
            "new_capacity": labelled(
                groups.sum(accounts.built),
                groups.shape(years),
                "technology unit",
                "new capacity since the previous planning year",
            ),
            "retired_capacity": labelled(
                groups.sum(accounts.dense("retire", "asset", "year")),
                groups.shape(years),
                "technology unit",
                "capacity closed before its end",
            ),
            "works_capacity": labelled(
                works, [("option", OPTIONS), *groups.shape(years)], "technology unit", "capacity that came out of works"
            ),
            "capacity_into_works": labelled(
                groups.sum(into_works), groups.shape(years), "technology unit", "old capacity that went into works"
            ),
            "ended_capacity": labelled(
                groups.sum(ended),
                groups.shape(years),
                "technology unit",
                "capacity that ended since the previous planning year",
            ),
            "asset_capacity": labelled(accounts.capacity, shape, "technology unit", "capacity in operation by asset"),
            "asset_technology": labelled(
                accounts.of_asset("technology").astype(str),
                [("asset", accounts.assets)],
                "1",
                "technology of the asset",
            ),
            "technology_keeps": labelled(
                _kept_by(accounts, groups.technologies),
                [("technology", groups.technologies)],
                "1",
                "what a store keeps; empty for what is no store",
            ),
            "technology_group": labelled(
                _group_of(accounts, groups.technologies),
                [("technology", groups.technologies)],
                "1",
                "family of the technology",
            ),
        }
    )


def _kept_by(accounts: Accounts, technologies: Sequence[str]) -> list[str]:
    """The commodity that each technology stores."""
    of_asset = dict(zip(accounts.assets, accounts.of_asset("technology"), strict=True))
    kept = {of_asset[port.asset]: port.commodity for port in accounts.ports if port.kind == "storage"}
    return [kept.get(technology, "") for technology in technologies]


def _leaving(accounts: Accounts) -> tuple[np.ndarray, np.ndarray]:
    """What leaves an asset other than by closure, by (asset, year): into works, and at the end of its life."""
    years = accounts.years
    into_works = np.zeros((len(accounts.assets), len(years)))
    for row in accounts.works.itertuples():
        into_works[accounts.place[row.asset], years.index(row.year)] += row.value
    left = accounts.vintage_left.pivot_table(index=["asset", "vintage"], columns="year", values=["left", "alive"])
    before, alive = left["left"].to_numpy()[:, :-1], left["alive"].to_numpy(dtype=bool)[:, 1:]
    ended = np.zeros_like(into_works)
    rows = [accounts.place[asset] for asset, _ in left.index]
    np.add.at(ended[:, 1:], rows, np.where(alive, 0.0, before))
    return into_works, ended


def _group_of(accounts: Accounts, technologies: Sequence[str]) -> np.ndarray:
    group = dict(zip(accounts.of_asset("technology"), accounts.of_asset("group"), strict=True))
    return np.array([group[technology] for technology in technologies], dtype=str)


def _generation(accounts: Accounts, assets: pd.Series, remaining: np.ndarray) -> np.ndarray:
    """What each plant gives a year, TWh by (plant, year): plants of an asset run alike, so by their part of it."""
    rows = assets.map(accounts.place).to_numpy(dtype=int)
    given, whole = (electricity_given(accounts) @ accounts.step_hours / 1000)[rows], accounts.capacity[rows]
    part = np.divide(remaining, whole, out=np.zeros_like(remaining), where=whole > TINY)
    generation: np.ndarray = given * part
    return generation


def _closures(accounts: Accounts) -> dict[tuple[str, str], np.ndarray]:
    """Capacity closed early of each (asset, vintage), by year."""
    retire, years = accounts.columns["retire"], accounts.years
    found: dict[tuple[str, str], np.ndarray] = {}
    for a, v, y, value in zip(*(retire.names(d) for d in ("asset", "vintage", "year")), retire.values, strict=True):
        found.setdefault((a, v), np.zeros(len(years)))[years.index(y)] += value
    return found


def plants(accounts: Accounts) -> xr.Dataset:
    """Every plant by name: what is left of it, what was closed early, and the works done on it."""
    plants = list(accounts.system["plant"].to_numpy())
    frame = pd.DataFrame(
        {
            c: accounts.system[f"plant_{c}"].to_numpy()
            for c in ("asset", "vintage", "capacity", "status", "technology", "node")
        }
    )
    pool = frame[frame["status"] == "operating"].groupby(["asset", "vintage"])["capacity"].transform("sum")
    share = (frame["capacity"] / pool).fillna(1.0).to_numpy()
    years = accounts.years
    left = accounts.vintage_left.pivot_table(index=["asset", "vintage"], columns="year", values="left", aggfunc="sum")
    place = {key: i for i, key in enumerate(left.index)}
    remaining, closed = np.zeros((len(plants), len(years))), np.zeros((len(plants), len(years)))
    works = np.zeros((len(OPTIONS), len(plants), len(years)))
    closures = _closures(accounts)
    done: dict[tuple[str, str], list[tuple[int, int, float]]] = {}
    for row in accounts.works.itertuples():
        done.setdefault((row.asset, row.vintage), []).append(
            (OPTIONS.index(row.option), years.index(row.year), row.value * row.ratio)
        )
    for i, row in enumerate(frame.itertuples()):
        if row.status == "operating":
            remaining[i] = share[i] * left.to_numpy()[place[row.asset, row.vintage]]
            closed[i] = share[i] * closures.get((row.asset, row.vintage), 0.0)
            for option, year, value in done.get((row.asset, row.vintage), []):
                works[option, i, year] += share[i] * value
        else:
            remaining[i] = accounts.capacity[accounts.place[row.asset]]
    shape: Shape = [("plant", plants), ("year", years)]
    texts = {
        f"plant_{c}": labelled(frame[c].to_numpy().astype(str), [("plant", plants)], "1", f"{c} of the plant")
        for c in ("technology", "node", "status")
    }
    return xr.Dataset(
        {
            **texts,
            "plant_capacity": labelled(
                remaining, shape, "technology unit", "what is left of the plant as it was, or stands of the project"
            ),
            "plant_closed": labelled(closed, shape, "technology unit", "capacity of the plant closed before its end"),
            "plant_works": labelled(
                works, [("option", OPTIONS), *shape], "technology unit", "capacity that came out of works on the plant"
            ),
            "plant_generation": labelled(
                _generation(accounts, frame["asset"], remaining),
                shape,
                "TWh per year",
                "electricity given by what is left of the plant",
            ),
            "plant_installed": labelled(
                frame["capacity"].to_numpy(dtype=float),
                [("plant", plants)],
                "technology unit",
                "capacity in the tables",
            ),
        }
    )
