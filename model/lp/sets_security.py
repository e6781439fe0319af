"""Sets, parameters and variables of the moments after a contingency."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from model.lp.frames import Frames, grouped, picked, rows_of
from model.lp.sets_adequacy import carriers, power_ports, responsive
from model.lp.sets_network import loop_modes
from model.lp.statement import Statement
from model.system.network import ELECTRICITY, WHOLE_COUNTRY, nodes_of_zone
from model.system.units import HOURS_PER_YEAR


def declare(statement: Statement, system: xr.Dataset, time: xr.Dataset, frames: Frames) -> None:
    """Put what post-contingency equations use on the statement, after the sets of adequacy."""
    m = statement.model
    contingencies, rows = rows_of(system, "contingency"), rows_of(system, "critical")
    moments = list(zip(rows["contingency"], rows["year"].astype(int), rows["step"], strict=True))
    critical = statement.set("CRITICAL", moments, dimen=3)
    secured = nodes_of_zone(system, WHOLE_COUNTRY) if moments else []
    statement.set("SECURED", secured)
    inner = _inner_links(statement, frames, secured)
    _network(statement, system, frames, contingencies, moments, inner)
    _loops(statement, system, frames, moments)
    places = [(c, n, y, t) for c, y, t in moments for n in secured]
    over = statement.set("AFTER_NODE", places, dimen=4)
    _redispatch(statement, frames, secured)
    for name, text in (("redispatch_up", "output brought in"), ("redispatch_down", "output taken back")):
        statement.variable(
            name, over, ("contingency", "node", "year", "step"), unit="GW", long_name=f"{text} after a contingency"
        )
    statement.variable(
        "shed",
        over,
        ("contingency", "node", "year", "step"),
        upper=_loads(system, time, frames, places),
        unit="GW",
        long_name="load shed after a contingency",
    )
    lost = contingencies["lost"].to_numpy(dtype=float)[:, None] if len(contingencies) else np.zeros((0, 1))
    at = contingencies["node"].to_numpy()[:, None] == np.array(secured, dtype=object)[None, :] if secured else 0.0
    names = statement.set("CONTINGENCY", list(contingencies.index))
    statement.parameter("unit_lost", names * m.SECURED, lost * at if secured else 0.0, unit="GW")
    years = list(dict.fromkeys(y for _, y, _ in critical)) if moments else []
    statement.variable(
        "insecurity",
        statement.set("SECURED_YEAR", years),
        ("year",),
        unit="GW",
        long_name="most load shed after any contingency",
    )
    _goals(statement, system, years)


def _inner_links(statement: Statement, frames: Frames, secured: list[str]) -> pd.DataFrame:
    """``asset, mode, node, flow, year`` of links that carry electricity between secured nodes, by planning year."""
    m = statement.model
    power = power_ports(frames)
    rows = power[power["asset"].isin(carriers(power))]
    outer = set(rows.loc[~rows["node"].isin(secured), "asset"])
    rows = rows[~rows["asset"].isin(outer)]
    modes = rows.drop_duplicates(["asset", "mode"])
    links = statement.set("INNER_LINK", list(dict.fromkeys(rows["asset"])))
    statement.lookup("inner_modes", links, grouped([(a,) for a in modes["asset"]], modes["mode"]))
    keys = list(zip(rows["asset"], rows["mode"], rows["node"], strict=True))
    over = statement.set("INNER_PORT", keys, dimen=3)
    # what a link loses is taken to be the same before and after, so that flows both ways at once come to nothing
    statement.parameter("inner_flow", over, np.sign(rows["flow"].to_numpy(dtype=float)))
    live = rows.merge(pd.DataFrame(frames.alive, columns=["asset", "year"]), on="asset")
    places = m.SECURED * m.YEAR
    pairs = zip(live["asset"], live["mode"], strict=True)
    statement.lookup("inner_at", places, grouped(zip(live["node"], live["year"], strict=True), pairs), dimen=2)
    return live


def _network(
    statement: Statement,
    system: xr.Dataset,
    frames: Frames,
    contingencies: pd.DataFrame,
    moments: list[tuple[str, int, str]],
    inner: pd.DataFrame,
) -> None:
    """Flows after a contingency, what is left of each link, and of joint limits."""
    modes = inner.drop_duplicates(["asset", "mode", "year"])
    of_year = grouped([(y,) for y in modes["year"]], zip(modes["asset"], modes["mode"], strict=True))
    flows = [(c, *link_mode, y, t) for c, y, t in moments for link_mode in of_year.get(y, [])]
    statement.variable(
        "after_flow",
        statement.set("AFTER", flows, dimen=5),
        ("contingency", "link", "mode", "year", "step"),
        unit="GW",
        long_name="flow after a contingency",
    )
    links = list(dict.fromkeys((c, a, y, t) for c, a, _, y, t in flows))
    statement.set("AFTER_LINK", links, dimen=4)
    lost = (
        {
            (c, link): float(share)
            for c, link, share in zip(contingencies.index, contingencies["link"], contingencies["share"], strict=True)
            if link
        }
        if len(contingencies)
        else {}
    )
    emergency = rows_of(system, "link")["emergency"]
    kept = statement.set("REMAINING", list(dict.fromkeys((c, a) for c, a, _, _ in links)), dimen=2)
    left = np.array([emergency[a] * (1 - lost.get((c, a), 0.0)) for c, a in kept], dtype=float)
    statement.parameter("remaining", kept, left)
    _interfaces(statement, system, moments, {(a, k, y) for _, a, k, y, _ in flows}, lost)


def _interfaces(
    statement: Statement,
    system: xr.Dataset,
    moments: list[tuple[str, int, str]],
    inner: set[tuple[str, str, int]],
    lost: dict[tuple[str, str], float],
) -> None:
    """Joint limits on links of which at least one is an inner one."""
    m = statement.model
    rows = rows_of(system, "interface")
    split: dict[str, dict[Any, list[Any]]] = {"interface_inner": {}, "interface_outer": {}}
    for interface in m.INTERFACE_BY_STEP:
        for year in m.YEAR:
            for a, k in m.interface_modes[interface, year]:
                side = "interface_inner" if (a, k, year) in inner else "interface_outer"
                split[side].setdefault((interface, year), []).append((a, k))
    for name, members in split.items():
        statement.lookup(name, m.INTERFACE * m.YEAR, members, dimen=2)
    keys = [(c, i, y, t) for c, y, t in moments for i in m.INTERFACE_BY_STEP if (i, y) in split["interface_inner"]]
    statement.set("AFTER_INTERFACE", keys, dimen=4)
    statement.parameter(
        "interface_emergency", m.INTERFACE, rows["emergency"].to_numpy(dtype=float) if len(rows) else 1.0
    )
    uplift = dict(zip(m.INTERFACE_UPLIFT, m.interface_uplift.array, strict=True))
    names = list(dict.fromkeys(c for c, _, _ in moments))
    parts = [(c, i, a) for c in names for i, a in uplift]
    left = [rows.at[i, "emergency"] * uplift[i, a] * (1 - lost.get((c, a), 0.0)) for c, i, a in parts]
    statement.parameter("uplift_left", statement.set("UPLIFT_LEFT", parts, dimen=3), np.array(left, dtype=float))


def _loops(statement: Statement, system: xr.Dataset, frames: Frames, moments: list[tuple[str, int, str]]) -> None:
    """Loops of what is left of the network after each contingency; those of a unit are the loops before it."""
    rows = loop_modes(system, frames)
    known = {(c, y) for c, y, _ in moments}
    rows = picked(rows, (pair in known for pair in zip(rows["contingency"], rows["year"], strict=True)))
    keys = list(zip(*(rows[c] for c in ("contingency", "loop", "year", "link", "mode")), strict=True))
    statement.parameter(
        "after_drop",
        statement.set("AFTER_LOOP_MODE", keys, dimen=5),
        rows["drop"].to_numpy(dtype=float),
        unit="rad per GW",
    )
    loops = grouped([key[:3] for key in keys], [key[3:] for key in keys])
    over = statement.set("LOOP_AFTER", list(loops), dimen=3)
    statement.lookup("after_loop_modes", over, loops, dimen=2)
    of_state: dict[Any, list[str]] = {}
    for c, loop, y in over:
        of_state.setdefault((c, y), []).append(loop)
    own = [(c, loop, y, t) for c, y, t in moments for loop in of_state.get((c, y), [])]
    statement.set("AFTER_LOOP", own, dimen=4)


def _redispatch(statement: Statement, frames: Frames, secured: Iterable[str]) -> None:
    """What can be brought in and taken back at each node."""
    m = statement.model
    power = power_ports(frames)
    plants = power[(power["kind"] == "conversion") & power["node"].isin(list(secured))]
    stores = frames.stores[frames.stores["commodity"] == ELECTRICITY].rename_axis("asset").reset_index()
    stores = stores[stores["node"].isin(list(secured))]
    alive = pd.DataFrame(frames.alive, columns=["asset", "year"])
    where = pd.concat([plants[["asset", "node"]], stores[["asset", "node"]]]).drop_duplicates()
    over = m.SECURED * m.YEAR
    responsive(statement, "responsive", over, where.merge(alive, on="asset").rename(columns={"node": "place"}), frames)
    giving = plants[plants["flow"] > 0]
    pairs = list(zip(giving["asset"], giving["mode"], strict=True))
    statement.parameter("power", statement.set("POWER", pairs, dimen=2), giving["flow"].to_numpy(dtype=float))
    runs = pd.DataFrame(frames.running_as("step"), columns=["asset", "mode", "year"])
    live = giving.merge(runs, on=["asset", "mode"])
    at = zip(live["node"], live["year"], strict=True)
    statement.lookup("powering", over, grouped(at, zip(live["asset"], live["mode"], strict=True)), dimen=2)
    kept = stores.merge(alive, on="asset")
    statement.lookup("discharging", over, grouped(zip(kept["node"], kept["year"], strict=True), kept["asset"]))


def _loads(system: xr.Dataset, time: xr.Dataset, frames: Frames, places: list[tuple[str, str, int, str]]) -> np.ndarray:
    """Load of the node in the year and step of each place: no more can be shed."""
    nodes, steps = list(system["node"].to_numpy()), list(time["step"].to_numpy())
    load = np.zeros((len(nodes), len(frames.years), len(steps)))
    profiles = dict(zip(time["profile"].to_numpy(), time["profile_value"].to_numpy(), strict=True))
    annual = system["annual_demand"].transpose("demand", "year").to_numpy() / HOURS_PER_YEAR
    rows = (system[f"demand_{c}"].to_numpy() for c in ("node", "commodity", "profile"))
    for hourly, node, commodity, profile in zip(annual, *rows, strict=True):
        if commodity == ELECTRICITY:
            load[nodes.index(node)] += hourly[:, None] * profiles[profile][None, :]
    at = {label: {x: i for i, x in enumerate(axis)} for label, axis in
          (("node", nodes), ("year", frames.years), ("step", steps))}  # fmt: skip
    return np.array([load[at["node"][n], at["year"][y], at["step"][t]] for _, n, y, t in places], dtype=float)


def _goals(statement: Statement, system: xr.Dataset, years: list[int]) -> None:
    """Goals that count the load shed after the worst contingency."""
    m = statement.model
    terms = rows_of(system, "target_term")
    own = terms[terms["measure"] == "insecure"] if len(terms) else terms
    weight = own.groupby("target", sort=False)["coefficient"].sum() if len(own) else pd.Series(dtype=float)
    statement.parameter("insecure_weight", statement.set("INSECURE", list(weight.index)), weight.to_numpy(dtype=float))
    counted = {(g, y): [(g, y)] for g, y in m.TARGET_YEAR if g in weight.index and y in years}
    statement.lookup("insecure_counted", m.TARGET_YEAR, counted, dimen=2)
