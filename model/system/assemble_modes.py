"""Modes and ports of every asset: how it can run, what that takes, gives and costs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from model.system.assets import pool
from model.system.network import ELECTRICITY
from model.system.rows import Variables, array, table_dims
from model.system.settings import Settings
from model.system.values import TechnologyValues, line

Tables = Mapping[str, pd.DataFrame]


def mode_frames(tables: Tables, settings: Settings, assets: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Modes and ports of every asset: those of its technology, at its own nodes, and those of markets and supplies."""
    links = tables["links"].set_index("link")
    resolution = dict(zip(tables["commodities"]["commodity"], tables["commodities"]["resolution"], strict=True))
    plain = assets[assets["kind"].isin(("conversion", "storage", "link"))]
    ports = plain.merge(tables["ports"], on="technology")[
        ["asset", "technology", "node", "mode", "commodity", "place", "yield", "length_yield"]
    ]
    ends = ports["place"] != "here"
    side = np.where(ports["place"] == "from", "from_node", "to_node")
    ports.loc[ends, "node"] = [
        links.at[a, s] for a, s in zip(ports.loc[ends, "asset"], side[ends.to_numpy()], strict=True)
    ]
    if settings.link_losses:
        values = TechnologyValues(tables["technology_values"])
        giving = ends & (ports["yield"] > 0)
        bent = growing_losses(tables, settings)
        loss = [
            0.0 if t in bent else link_loss(values, t, links.at[a, "length"])
            for a, t in zip(ports.loc[giving, "asset"], ports.loc[giving, "technology"], strict=True)
        ]
        ports.loc[giving, "yield"] *= 1 - np.array(loss)
    length = ports.loc[ends, "asset"].map(links["length"]).to_numpy(dtype=float)
    ports.loc[ends, "yield"] += ports.loc[ends, "length_yield"] * length
    modes = plain.merge(tables["modes"], on="technology")[
        ["asset", "technology", "kind", "mode", "runs", "follows", "delay"]
    ]
    traded = _trade_modes(tables, assets)
    ports = ports.drop(columns="length_yield")
    ports = pd.concat(
        [ports, traded.assign(**{"yield": np.where(traded["mode"] == "export", -1.0, 1.0)})], ignore_index=True
    )
    modes = pd.concat([modes, traded.assign(runs="", follows="", delay=0.0)], ignore_index=True)[
        ["asset", "technology", "kind", "mode", "runs", "follows", "delay"]
    ]
    by_makeup = default_runs(resolution, ports)
    modes["runs"] = [
        runs or by_makeup[asset, mode]
        for runs, asset, mode in zip(modes["runs"], modes["asset"], modes["mode"], strict=True)
    ]
    return modes, ports[["asset", "mode", "node", "commodity", "yield"]]


def growing_losses(tables: Tables, settings: Settings) -> set[str]:
    """Technologies whose losses grow with the square of the flow: those that carry electricity, if any do."""
    ports = tables["ports"]
    carrying = ports[(ports["place"] != "here") & (ports["yield"] > 0) & (ports["commodity"] == ELECTRICITY)]
    return set(carrying["technology"]) if settings.link_losses and settings.loss_tangents else set()


def link_loss(values: TechnologyValues, technology: str, length: float) -> float:
    """Share of what is carried that is lost on a link of a technology and a length in km, at full load."""
    return values.constant(technology, "loss", 0.0) * length / values.constant(technology, "loss_length", length)


def default_runs(resolution: Mapping[str, str], ports: pd.DataFrame) -> dict[tuple[str, str], str]:
    """How finely each (asset, mode) is decided if it does not say.

    By step if the mode makes something that balances by step, else by the finest of what it moves besides that.
    """
    makes_by_step: set[tuple[str, str]] = set()
    moves: dict[tuple[str, str], set[str]] = {}
    for asset, mode, commodity, amount in zip(
        *(ports[name] for name in ("asset", "mode", "commodity", "yield")), strict=True
    ):
        moves.setdefault((asset, mode), set()).add(resolution[commodity])
        if amount > 0 and resolution[commodity] == "step":
            makes_by_step.add((asset, mode))
    return {
        key: "step" if key in makes_by_step or of == {"step"} else ("period" if "period" in of else "year")
        for key, of in moves.items()
    }


def _trade_modes(tables: Tables, assets: pd.DataFrame) -> pd.DataFrame:
    commodity = dict(zip(tables["markets"]["market"], tables["markets"]["commodity"], strict=True))
    traders = assets[assets["kind"].isin(("market", "supply"))]
    return pd.DataFrame(
        {
            "asset": traders["asset"],
            "technology": traders["technology"],
            "node": traders["node"],
            "kind": traders["kind"],
            "mode": np.where(traders["kind"] == "supply", "supply", traders["technology"]),
            "commodity": [commodity.get(a, a.split(" supply@")[0]) for a in traders["asset"]],
        }
    )


def mode_variables(tables: Tables, settings: Settings, modes: pd.DataFrame) -> Variables:
    """The modes by asset, and ``variable_cost`` by year, in which what an export earns is a negative cost."""
    years = settings.years
    own = tables["modes"].set_index(["technology", "mode"])["variable_cost"]
    cost = np.zeros((len(modes), len(years)))
    prices = {market: line(rows["year"], rows["price"], years) for market, rows in tables["markets"].groupby("market")}
    prices |= {
        pool(f"{c} supply", n): line(rows["year"], rows["price"], years)
        for (c, n), rows in tables["fuels"].groupby(["commodity", "node"])
    }
    tariff = dict(zip(tables["links"]["link"], tables["links"]["variable_cost"], strict=True))
    kinds = []
    for i, row in enumerate(modes.itertuples()):
        if row.kind in ("market", "supply"):
            cost[i] = prices[row.asset] * (-1 if row.mode == "export" else 1)
            kinds.append({"supply": "fuel", "import": "import", "export": "export"}[row.mode])
        else:
            cost[i] = own.get((row.technology, row.mode), 0.0) + tariff.get(row.asset, 0.0)
            kinds.append("variable")
    frame = (
        modes[["asset", "mode", "runs", "follows", "delay"]].rename(columns={"mode": "name"}).assign(cost_kind=kinds)
    )
    coords = {"year": list(years)}
    return {
        **table_dims("mode", frame, {"delay": "h"}),
        "variable_cost": array(
            ("mode", "year"), coords, cost, "million USD per activity unit", "cost of a unit of operation"
        ),
    }
