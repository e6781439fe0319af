"""Sets, parameters and variables of capacity and operation, from a System and its time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from model.lp import sets_time
from model.lp.frames import Frames, grouped, rows_of
from model.lp.statement import Statement

RESOLUTIONS = ("step", "period", "year")


def suffix(runs: str) -> str:
    """What names of coarser variables and look-ups end in."""
    return "" if runs == "step" else f"_by_{runs}"


def declare(statement: Statement, system: xr.Dataset, time: xr.Dataset) -> Frames:
    """Put what the equations of the system use on the statement; returns the frames that it came from."""
    frames = Frames(system)
    sets_time.declare(statement, system, time, frames)
    _capacity(statement, system, frames)
    _operation(statement, system, time, frames)
    return frames


def _capacity(statement: Statement, system: xr.Dataset, frames: Frames) -> None:
    """Builds, works, what is left of every vintage, and the capacity of every asset."""
    m = statement.model
    builds, works, left = frames.builds, frames.works, frames.left
    keys = list(zip(left["asset"], left["vintage"], left["year"], strict=True))
    statement.set("ALIVE", frames.alive, dimen=2)
    statement.set("BUILD", list(zip(builds["asset"], builds["year"], strict=True)), dimen=2)
    statement.set("LEFT", keys, dimen=3)
    retirable = frames.retirable
    statement.set(
        "RETIRE", list(zip(retirable["asset"], retirable["vintage"], retirable["year"], strict=True)), dimen=3
    )
    work_keys = list(zip(works["asset"], works["vintage"], works["work"], works["year"], strict=True))
    statement.set("WORK", work_keys, dimen=4)
    halted = works[works["standstill"] > 0]
    pairs = set(zip(halted["to_asset"], halted["year"], strict=True))
    statement.set("STANDSTILL", [pair for pair in frames.alive if pair in pairs], dimen=2)
    _capacity_variables(statement, builds)
    statement.parameter("initial", m.LEFT, left["initial"].to_numpy(), unit="GW")
    statement.parameter("ratio", m.WORK, works["ratio"].to_numpy())
    statement.parameter("standstill_share", m.WORK, works["standstill"].to_numpy())
    _capacity_flows(statement, frames, work_keys)
    _work_shares(statement, frames)
    _potentials(statement, system, frames)
    _project_rules(statement, system, frames)
    _build_limits(statement, system, frames)


def _capacity_variables(statement: Statement, builds: pd.DataFrame) -> None:
    m = statement.model
    statement.variable(
        "build",
        m.BUILD,
        ("asset", "year"),
        builds["lower"].to_numpy(),
        builds["upper"].to_numpy(),
        "GW",
        "new capacity",
    )
    statement.variable(
        "convert",
        m.WORK,
        ("asset", "vintage", "work", "year"),
        unit="GW",
        long_name="old capacity that works are done on",
    )
    statement.variable(
        "retire", m.RETIRE, ("asset", "vintage", "year"), unit="GW", long_name="capacity closed before its end"
    )
    statement.variable("left", m.LEFT, ("asset", "vintage", "year"), unit="GW", long_name="capacity left of a vintage")
    statement.variable("capacity", m.ALIVE, ("asset", "year"), unit="GW", long_name="capacity in operation")
    statement.variable(
        "standstill",
        m.STANDSTILL,
        ("asset", "year"),
        unit="GW",
        long_name="capacity that stands still for works, mean of the year",
    )


def _capacity_flows(statement: Statement, frames: Frames, work_keys: list[tuple[str, str, str, int]]) -> None:
    """What flows into and out of every vintage, and the vintages and standing works of every asset."""
    m = statement.model
    builds, works, left, retirable = frames.builds, frames.works, frames.left, frames.retirable
    old = left[~left["first"]]
    statement.lookup(
        "left_before",
        m.LEFT,
        {
            (a, v, int(y)): [(a, v, int(p))]
            for a, v, y, p in zip(old["asset"], old["vintage"], old["year"], old["previous"], strict=True)
        },
        dimen=3,
    )
    statement.lookup(
        "retired_from",
        m.LEFT,
        {key: [key] for key in zip(retirable["asset"], retirable["vintage"], retirable["year"], strict=True)},
        dimen=3,
    )
    statement.lookup(
        "worked_from",
        m.LEFT,
        grouped(zip(works["asset"], works["vintage"], works["year"], strict=True), work_keys),
        dimen=4,
    )
    statement.lookup(
        "worked_into",
        m.LEFT,
        grouped(zip(works["to_asset"], works["to_vintage"], works["year"], strict=True), work_keys),
        dimen=4,
    )
    statement.lookup(
        "built_into",
        m.LEFT,
        grouped(
            zip(builds["asset"], builds["vintage"], builds["year"], strict=True),
            zip(builds["asset"], builds["year"], strict=True),
        ),
        dimen=2,
    )
    statement.lookup("vintages_of", m.ALIVE, grouped(zip(left["asset"], left["year"], strict=True), left["vintage"]))
    halted = works[works["standstill"] > 0]
    statement.lookup(
        "halted_for",
        m.ALIVE,
        grouped(
            zip(halted["to_asset"], halted["year"], strict=True),
            zip(halted["asset"], halted["vintage"], halted["work"], halted["year"], strict=True),
        ),
        dimen=4,
    )
    statement.lookup("standing_still", m.ALIVE, {pair: [pair] for pair in m.STANDSTILL}, dimen=2)


def _work_shares(statement: Statement, frames: Frames) -> None:
    """Works that only a part of the plant can have: which years' works count together against the share."""
    works = frames.works[frames.works["share"] < 1]
    keys = list(dict.fromkeys(zip(works["asset"], works["vintage"], works["work"], strict=True)))
    over = statement.set("PARTIAL_WORK", keys, dimen=3)
    initial = frames.left[frames.left["first"]].set_index(["asset", "vintage"])["initial"].to_dict()
    share = works.drop_duplicates(["asset", "vintage", "work"])["share"].to_numpy()
    statement.parameter(
        "workable", over, np.array([initial[a, v] * s for (a, v, _), s in zip(keys, share, strict=True)]), unit="GW"
    )
    statement.lookup(
        "work_years", over, grouped(zip(works["asset"], works["vintage"], works["work"], strict=True), works["year"])
    )


def _potentials(statement: Statement, system: xr.Dataset, frames: Frames) -> None:
    rows = rows_of(system, "potential_member")
    rows = rows.merge(pd.DataFrame(frames.alive, columns=["asset", "year"]), on="asset")
    keys = list(dict.fromkeys(zip(rows["name"], rows["year"], strict=True)))
    over = statement.set("POTENTIAL", keys, dimen=2)
    limits = dict(zip(rows["name"], rows["limit"], strict=True))
    statement.parameter("potential", over, np.array([limits[name] for name, _ in keys]), unit="GW")
    statement.lookup("potential_members", over, grouped(zip(rows["name"], rows["year"], strict=True), rows["asset"]))


def _project_rules(statement: Statement, system: xr.Dataset, frames: Frames) -> None:
    """Which projects need or exclude each other, and by what their capacity counts as a share of their full size."""
    rules, alive = rows_of(system, "project_rule"), set(frames.alive)
    sides = [(a, s) for one in ("project", "other") for a, s in zip(rules[one], rules[f"{one}_size"], strict=True)]
    size = dict(sides)
    shares = statement.set("RULED", list(size))
    statement.parameter("built_share", shares, 1 / np.array(list(size.values()), dtype=float))
    keys = [(int(place), year) for place in rules.index for year in frames.years[1:]]
    over = statement.set("PROJECT_RULE", keys, dimen=2)
    for rule in ("requires", "excludes"):
        own = [key for key in keys if rules.at[key[0], "rule"] == rule]
        statement.set(f"RULE_{rule.upper()}", own, dimen=2)
    for side, name in (("project", "project_built"), ("other", "other_built")):
        members = {(i, y): [(rules.at[i, side], y)] for i, y in keys if (rules.at[i, side], y) in alive}
        statement.lookup(name, over, members, dimen=2)


def _build_limits(statement: Statement, system: xr.Dataset, frames: Frames) -> None:
    """What counts in a limit on the pace of building: new capacity, works, or both."""
    members, limits = rows_of(system, "build_limit_member"), rows_of(system, "build_limit")
    since = dict(zip(frames.years, system["years_since_previous"].to_numpy(), strict=True))
    rate = system["build_rate"].to_pandas() if system.sizes.get("build_limit", 0) else pd.DataFrame()
    over = statement.set("PACE", [(limit, year) for limit in limits.index for year in frames.years[1:]], dimen=2)
    statement.parameter("pace", over, np.array([rate.at[limit, year] * since[year] for limit, year in over]), unit="GW")
    for name, counted, rows, asset in (
        ("paced_builds", ("new", "both"), frames.builds, "asset"),
        ("paced_works", ("works", "both"), frames.works, "to_asset"),
    ):
        chosen = members[members["name"].map(limits["counts"]).isin(counted)] if len(limits) else members
        merged = rows.merge(chosen.rename(columns={"asset": asset}), on=asset)
        merged = merged[merged["year"] > frames.years[0]]
        columns = ["asset", "year"] if name == "paced_builds" else ["asset", "vintage", "work", "year"]
        statement.lookup(
            name,
            over,
            grouped(
                zip(merged["name"], merged["year"], strict=True), merged[columns].itertuples(index=False, name=None)
            ),
            dimen=len(columns),
        )


def _operation(statement: Statement, system: xr.Dataset, time: xr.Dataset, frames: Frames) -> None:
    """Modes by how finely they are decided, availability, energy limits and annual limits."""
    m = statement.model
    slots = {"step": m.STEP, "period": m.PERIOD}
    for runs in RESOLUTIONS:
        rows = statement.set(f"RUN_BY_{runs.upper()}", frames.running_as(runs), dimen=3)
        over = rows if runs == "year" else rows * slots[runs]
        dims = ("asset", "mode", "year") if runs == "year" else ("asset", "mode", "year", runs)
        statement.variable(f"operation{suffix(runs)}", over, dims, unit="GW", long_name="operation of a mode")
        own = frames.modes[frames.modes["runs"] == runs]
        statement.lookup(f"modes{suffix(runs)}", m.ASSET, grouped([(a,) for a in own["asset"]], own["name"]))
    kinds = frames.modes.groupby("asset")["runs"].agg(set)
    finest = {asset: next(r for r in RESOLUTIONS if r in runs) for asset, runs in kinds.items()}
    for runs in RESOLUTIONS:
        pairs = [(a, y) for a, y in frames.alive if finest.get(a) == runs]
        statement.set(f"LIMITED_BY_{runs.upper()}", pairs, dimen=2)
    assets = frames.assets
    statement.map("availability_profile", m.ASSET, list(assets["availability"]))
    statement.parameter("availability_factor", m.ALIVE, frames.at("availability_factor", frames.alive))
    forced = assets.index[assets["must_run"] != ""]
    statement.set("HEAT_LED", [pair for pair in frames.alive if pair[0] in set(forced)], dimen=2)
    statement.map("must_run_profile", m.ASSET, [profile or "constant" for profile in assets["must_run"]])
    _energy_limits(statement, system, time, frames)
    running = list(dict.fromkeys(zip(frames.running["asset"], frames.running["year"], strict=True)))
    limited = [
        pair for pair, limit in zip(running, frames.at("annual_limit", running), strict=True) if np.isfinite(limit)
    ]
    hours = np.array([assets["hours"][asset] for asset, _ in limited], dtype=float)
    statement.parameter(
        "annual_limit",
        statement.set("ANNUAL_LIMIT", limited, dimen=2),
        frames.at("annual_limit", limited) * hours,
        unit="GWh per year",
    )
    given = set(assets.index[(assets["kind"] == "supply") & (assets["availability"] != "constant")])
    for runs in ("step", "period"):
        pairs = [(a, y) for a, _, y in frames.running_as(runs) if a in given]
        statement.set(f"SUPPLY_BY_{runs.upper()}", pairs, dimen=2)


def _energy_limits(statement: Statement, system: xr.Dataset, time: xr.Dataset, frames: Frames) -> None:
    rows = rows_of(system, "energy_limit")
    shares = dict(zip(time["monthly_profile"].to_numpy(), time["monthly_share"].to_numpy(), strict=True))
    alive = set(frames.alive)
    for sense in ("max", "min"):
        chosen = rows[rows["sense"] == sense]
        keys = [(a, y) for a in chosen["asset"] for y in frames.years if (a, y) in alive]
        statement.set(f"ENERGY_{sense.upper()}", keys, dimen=2)
        over = statement.set(f"ENERGY_{sense.upper()}_ASSET", list(chosen["asset"]))
        hours = [
            full * shares[profile] for full, profile in zip(chosen["full_load_hours"], chosen["profile"], strict=True)
        ]
        statement.parameter(
            f"energy_hours_{sense}",
            over * statement.model.PERIOD,
            np.array(hours).reshape(len(chosen), time.sizes["period"]),
            unit="h",
        )
