"""Sets, parameters and variables of reserve margins and operating reserve."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from model.lp.frames import Frames, grouped, picked
from model.lp.sets import RESOLUTIONS, suffix
from model.lp.statement import Statement
from model.system.network import ELECTRICITY, nodes_of_zone
from model.time.peaks import capacity_credits, peak_moments, zone_load

Pairs = list[tuple[str, int]]


def declare(statement: Statement, system: xr.Dataset, time: xr.Dataset, frames: Frames) -> None:
    """Put what reserves use on the statement, after the sets of the network and of commitment."""
    power = power_ports(frames)
    margins, reserves = (asked(system, frames, *names) for names in (("margin", "margin"), ("reserve", "largest_unit")))
    statement.set("MARGIN", margins, dimen=2)
    statement.set("READY", reserves, dimen=2)
    _exchange(statement, system, frames, power, margins, reserves)
    _firm(statement, system, time, frames, power, margins)
    _peaks(statement, system, time, margins)
    _responding(statement, frames, power)
    _ready(statement, system, time, frames, power, reserves)


def asked(system: xr.Dataset, frames: Frames, dim: str, column: str) -> Pairs:
    """(zone, year) in which something is asked of a zone."""
    told = np.isfinite(system[f"{dim}_{column}"].transpose(dim, "year").to_numpy())
    return [(str(z), y) for z, row in zip(system[dim].to_numpy(), told, strict=True)
            for y, one in zip(frames.years, row, strict=True) if one]  # fmt: skip


def power_ports(frames: Frames) -> pd.DataFrame:
    """``asset, mode, node, flow, kind``: what modes give (or take) of electricity per unit of operation, in GW."""
    ports = frames.ports[frames.ports["commodity"] == ELECTRICITY]
    return ports.assign(kind=ports["asset"].map(frames.assets["kind"]))


def carriers(power: pd.DataFrame) -> list[str]:
    """Links that carry electricity from end to end."""
    of_links = power[power["kind"] == "link"]
    return list(dict.fromkeys(of_links.loc[of_links["flow"] > 0, "asset"]))


def by_zone(system: xr.Dataset, pairs: Pairs, rows: pd.DataFrame, alive: Pairs) -> pd.DataFrame:
    """Rows of ``rows`` (asset, node, ...) for every (zone, year) asked in which the node belongs to the zone."""
    places = [(z, n) for z in dict.fromkeys(z for z, _ in pairs) for n in nodes_of_zone(system, z)]
    found = rows.merge(pd.DataFrame(places, columns=["zone", "node"]), on="node")
    found = found.merge(pd.DataFrame(pairs, columns=["zone", "year"]), on="zone")
    return found.merge(pd.DataFrame(alive, columns=["asset", "year"]), on=["asset", "year"])


def _members(statement: Statement, name: str, over: Any, rows: pd.DataFrame, columns: Sequence[str]) -> None:
    """A look-up over (zone or node, year) of the distinct members that the columns of the rows name."""
    first = "zone" if "zone" in rows else "place"
    rows = rows.drop_duplicates([first, "year", *columns])
    members: Iterable[Any] = (
        rows[columns[0]] if len(columns) == 1 else rows[list(columns)].itertuples(index=False, name=None)
    )
    statement.lookup(name, over, grouped(zip(rows[first], rows["year"], strict=True), members), dimen=len(columns))


def _exchange(
    statement: Statement, system: xr.Dataset, frames: Frames, power: pd.DataFrame, margins: Pairs, reserves: Pairs
) -> None:
    """Links between zones, over which they lend each other firm capacity and reserve.

    Only zones of which something is asked lend: what another gives away would be missed nowhere.
    """
    m = statement.model
    zone_of = {
        str(n): str(z)
        for n, z, kind in zip(*(system[name].to_numpy() for name in ("node", "node_zone", "node_kind")), strict=True)
        if kind == "inside"
    }
    rows = power[power["asset"].isin(carriers(power)) & power["node"].isin(list(zone_of))]
    rows = rows.assign(zone=rows["node"].map(zone_of))
    between = rows.groupby("asset")["zone"].nunique()
    rows = rows[rows["asset"].map(between) == 2]
    ends = {str(a): set(own) for a, own in rows.groupby("asset")["zone"]}
    keys = list(dict.fromkeys(zip(rows["asset"], rows["mode"], strict=True)))
    modes = statement.set("EXCHANGE_MODE", keys, dimen=2)
    links = statement.set("EXCHANGE_LINK", list(dict.fromkeys(a for a, _ in keys)))
    statement.lookup("exchange_modes", links, grouped([(a,) for a, _ in keys], [k for _, k in keys]))
    statement.lookup("opposite_modes", modes, {(a, k): [o for b, o in keys if b == a and o != k] for a, k in keys})
    sums = rows.groupby(["zone", "asset", "mode"], sort=False)["flow"].sum()
    over = statement.set("EXCHANGE_PORT", list(sums.index), dimen=3)
    statement.parameter("exchange_flow", over, sums.to_numpy(dtype=float))
    rates = rows[["zone", "asset", "mode"]].drop_duplicates()
    for pairs, lookup, own, joint, name, slots in (
        (margins, "firm_exchanged", "FIRM_LINK", "INTERFACE_FIRM", "firm_exchange", None),
        (reserves, "lent", "LENT_LINK", "INTERFACE_READY", "reserve_exchange", m.STEP),
    ):
        told = set(pairs)
        there = [(a, y) for a, y in frames.alive if a in ends and all((z, y) in told for z in ends[a])]
        live = rates.merge(pd.DataFrame(there, columns=["asset", "year"]), on="asset")
        live = live.merge(pd.DataFrame(pairs, columns=["zone", "year"]), on=["zone", "year"])
        _members(statement, lookup, m.MARGIN if slots is None else m.READY, live, ["asset", "mode"])
        statement.set(own, there, dimen=2)
        over = [(a, k, y) for a, y in there for b, k in keys if a == b]
        run = statement.set("FIRM" if slots is None else "LENT", over, dimen=3)
        dims = ("link", "mode", "year") if slots is None else ("link", "mode", "year", "step")
        text = "firm capacity lent to another zone" if slots is None else "reserve kept for another zone"
        statement.variable(name, run if slots is None else run * slots, dims, unit="GW", long_name=text)
        _joint(statement, joint, "interface_exchange" if slots is None else "interface_lent", over)


def _joint(statement: Statement, name: str, lookup: str, exchanges: list[tuple[str, str, int]]) -> None:
    """Interfaces whose links lend, with the modes that use up their limit."""
    m = statement.model
    sign = dict(zip(m.INTERFACE_MODE, m.interface_flow.array, strict=True))
    members: dict[Any, list[Any]] = {}
    for (interface, a, k), direction in sign.items():
        for b, mode, year in exchanges:
            if direction > 0 and (b, mode) == (a, k) and interface in m.INTERFACE_BY_STEP:
                members.setdefault((interface, year), []).append((a, k))
    over = statement.set(name, list(members), dimen=2)
    statement.lookup(lookup, over, members, dimen=2)


def _firm(
    statement: Statement, system: xr.Dataset, time: xr.Dataset, frames: Frames, power: pd.DataFrame, margins: Pairs
) -> None:
    """What of every plant and store is firm, what lessens it, and what takes power at the peak."""
    m = statement.model
    own = power[power["kind"] == "conversion"]
    best = own.groupby("asset")["flow"].max()
    best = best[best > 0]
    stores = frames.stores[frames.stores["commodity"] == ELECTRICITY]
    sizes = pd.concat([best, pd.Series(1.0, index=stores.index)])
    credit = pd.DataFrame(capacity_credits(system, time), index=list(frames.assets.index), columns=frames.years)
    place = pd.concat([own.drop_duplicates("asset").set_index("asset")["node"], stores["node"]])
    firm = pd.DataFrame({"asset": sizes.index, "size": sizes.to_numpy(), "node": place.reindex(sizes.index).to_numpy()})
    rows = by_zone(system, margins, firm, frames.alive)
    _members(statement, "firm_assets", m.MARGIN, rows, ["asset"])
    pairs = list(dict.fromkeys(zip(rows["asset"], rows["year"], strict=True)))
    share = np.array([sizes[a] * credit.at[a, y] for a, y in pairs])
    statement.parameter("firm_share", statement.set("FIRM_ASSET", pairs, dimen=2), share, unit="GW per unit of size")
    by_step = set(m.RUN_BY_STEP)
    less = _lessening(frames, own, best).merge(firm[["asset", "node"]], on="asset")
    rows = by_zone(system, margins, less, frames.alive)
    rows = picked(rows, (key in by_step for key in zip(rows["asset"], rows["mode"], rows["year"], strict=True)))
    _members(statement, "firm_lessened", m.MARGIN, rows, ["asset", "mode"])
    over = statement.set("FIRM_LESSENED", list(zip(less["asset"], less["mode"], strict=True)), dimen=2)
    statement.parameter("firm_loss", over, less["lost"].to_numpy(dtype=float))
    _intakes(statement, system, frames, power, margins)


def _lessening(frames: Frames, own: pd.DataFrame, best: pd.Series) -> pd.DataFrame:
    """``asset, mode, lost``: power that the best mode would give and another does not, also one that gives none."""
    given = own.groupby(["asset", "mode"], as_index=False)["flow"].sum()
    rows = frames.modes[["asset", "name"]].rename(columns={"name": "mode"})
    rows = rows[rows["asset"].isin(best.index)].merge(given, on=["asset", "mode"], how="left")
    lost = rows["asset"].map(best).astype(float) - rows["flow"].fillna(0.0).clip(lower=0.0)
    rows = rows.assign(lost=lost)
    return rows.loc[rows["lost"] > 0, ["asset", "mode", "lost"]]


def _intakes(statement: Statement, system: xr.Dataset, frames: Frames, power: pd.DataFrame, margins: Pairs) -> None:
    """Modes that take power where they stand: heat pumps, pumps, traction; not exports, and not what links carry."""
    m = statement.model
    rows = power[
        power["kind"].isin(("conversion", "link")) & ~power["asset"].isin(carriers(power)) & (power["flow"] < 0)
    ]
    runs = frames.running.rename(columns={"name": "mode"})[["asset", "mode", "year", "runs"]]
    rows = rows.assign(taken=-rows["flow"])
    live = by_zone(system, margins, rows, frames.alive).merge(runs, on=["asset", "mode", "year"])
    total = live.drop_duplicates(["zone", "asset", "mode", "node"]).groupby(["zone", "asset", "mode"], sort=False)
    taken = total["taken"].sum()
    over = statement.set("INTAKE", list(taken.index), dimen=3)
    statement.parameter("intake", over, taken.to_numpy(dtype=float), unit="GW per unit of operation")
    for fineness in RESOLUTIONS:
        chosen = live[live["runs"] == fineness]
        _members(statement, f"intakes{suffix(fineness)}", m.MARGIN, chosen, ["asset", "mode"])


def _peaks(statement: Statement, system: xr.Dataset, time: xr.Dataset, margins: Pairs) -> None:
    """The peak steps of every zone, what margin is asked there, and the price of what is missing."""
    m = statement.model
    years = [int(y) for y in system["year"].to_numpy()]
    steps = list(time["step"].to_numpy())
    columns = ("margin", "firm_imports") if margins else ()
    asked_of = {column: system[f"margin_{column}"].to_pandas() for column in columns}
    factor = {(z, y): 1 + asked_of["margin"].at[z, y] for z, y in margins}
    keys, need = [], []
    for zone in dict.fromkeys(z for z, _ in margins):
        load, moments = zone_load(system, time, zone), peak_moments(system, time, zone)
        for y in (y for z, y in margins if z == zone):
            for step in moments[years.index(y)]:
                keys.append((zone, y, step))
                peak = load[years.index(y), steps.index(step)]
                need.append(factor[zone, y] * peak - asked_of["firm_imports"].at[zone, y])
    over = statement.set("PEAK", keys, dimen=3)
    statement.parameter("margin_need", over, np.array(need), unit="GW")
    statement.parameter("margin_factor", m.MARGIN, np.array(list(factor.values()), dtype=float))
    soft = softened(system, "margin", margins)
    statement.lookup("margin_softened", m.MARGIN, {pair: [pair] for pair in soft}, dimen=2)
    statement.variable(
        "margin_shortfall",
        statement.set("SOFT_MARGIN", soft, dimen=2),
        ("zone", "year"),
        unit="GW",
        long_name="firm capacity that is missing",
    )


def softened(system: xr.Dataset, dim: str, pairs: Pairs) -> Pairs:
    """Those of ``pairs`` whose zone has a price for what is missing."""
    price = dict(zip(system[dim].to_numpy(), system[f"{dim}_penalty"].to_numpy(), strict=True))
    return [(z, y) for z, y in pairs if np.isfinite(price[z])]


def _responding(statement: Statement, frames: Frames, power: pd.DataFrame) -> None:
    """Power that a unit of idle capacity of each asset can give within minutes."""
    best = power[power["kind"] == "conversion"].groupby("asset")["flow"].max()
    stores = frames.stores.index[frames.stores["commodity"] == ELECTRICITY]
    size = pd.concat([best[best > 0], pd.Series(1.0, index=stores)])
    share = size * frames.assets["response"].reindex(size.index).astype(float)
    share = share[share > 0]
    statement.parameter("response_power", statement.set("RESPONSIVE", list(share.index)), share.to_numpy(dtype=float))


def responsive(statement: Statement, way: str, over: Any, rows: pd.DataFrame, frames: Frames) -> None:
    """Look-ups of what can respond, ``<way>_assets`` and so on, from rows (zone or place, asset, year)."""
    m = statement.model
    rows = rows[rows["asset"].isin(set(m.RESPONSIVE))]
    kind = rows["asset"].map(frames.assets["kind"])
    committed = set(m.COMMITTED) if m.component("COMMITTED") is not None else set()
    plants, stores = rows[kind == "conversion"], rows[kind == "storage"]
    pairs = list(zip(rows["asset"], rows["year"], strict=True))
    halted = set(m.STANDSTILL) - committed
    _members(statement, f"{way}_assets", over, picked(rows, (pair not in committed for pair in pairs)), ["asset"])
    _members(statement, f"{way}_committed", over, picked(rows, (pair in committed for pair in pairs)), ["asset"])
    _members(statement, f"{way}_standing", over, picked(rows, (pair in halted for pair in pairs)), ["asset"])
    modes = pd.DataFrame(frames.running_as("step"), columns=["asset", "mode", "year"])
    _members(statement, f"{way}_modes", over, plants.merge(modes, on=["asset", "year"]), ["asset", "mode"])
    _members(statement, f"{way}_stores", over, stores, ["asset"])


def _ready(
    statement: Statement, system: xr.Dataset, time: xr.Dataset, frames: Frames, power: pd.DataFrame, reserves: Pairs
) -> None:
    """What reserve each zone must have, what can give it, and what makes more of it necessary."""
    m = statement.model
    where = pd.concat(
        [power[power["kind"] == "conversion"][["asset", "node"]], frames.stores.reset_index()[["asset", "node"]]]
    )
    rows = by_zone(system, reserves, where.drop_duplicates(), frames.alive)
    responsive(statement, "ready", m.READY, rows, frames)
    need = np.zeros((len(reserves), time.sizes["step"]))
    columns = ("largest_unit", "load_share", "wind_share", "solar_share") if reserves else ()
    asked_of = {column: system[f"reserve_{column}"].to_pandas() for column in columns}
    for i, (zone, year) in enumerate(reserves):
        load = zone_load(system, time, zone)[frames.years.index(year)]
        need[i] = asked_of["largest_unit"].at[zone, year] + asked_of["load_share"].at[zone, year] * load
    statement.parameter("reserve_need", m.READY * m.STEP, need, unit="GW")
    group = power["asset"].map(frames.assets["group"])
    swinging = power[(power["kind"] == "conversion") & (power["flow"] > 0) & group.isin(("wind", "solar"))]
    swinging = swinging.assign(group=group)
    rows = by_zone(system, reserves, swinging, frames.alive)
    share = [
        asked_of[f"{g}_share"].at[z, y] * f
        for z, y, g, f in zip(*(rows[c] for c in ("zone", "year", "group", "flow")), strict=True)
    ]
    keys = list(zip(rows["zone"], rows["year"], rows["asset"], rows["mode"], strict=True))
    statement.parameter("variable_share", statement.set("VARIABLE", keys, dimen=4), np.array(share, dtype=float))
    _members(statement, "variable", m.READY, rows, ["asset", "mode"])
    soft = softened(system, "reserve", reserves)
    statement.lookup("reserve_softened", m.READY, {pair: [pair] for pair in soft}, dimen=2)
    statement.variable(
        "reserve_shortfall",
        statement.set("SOFT_RESERVE", soft, dimen=2) * m.STEP,
        ("zone", "year", "step"),
        unit="GW",
        long_name="reserve that is missing",
    )
