"""Sets and parameters of commitment, emissions and goals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from model.lp.frames import Frames, grouped, rows_of
from model.lp.sets import RESOLUTIONS, suffix
from model.lp.statement import Statement


def declare(statement: Statement, system: xr.Dataset, time: xr.Dataset, frames: Frames) -> None:
    """Put what policies need on the statement, after the sets of the system itself."""
    _emissions(statement, system, frames)
    _targets(statement, system, frames)
    _commitment(statement, system, time, frames)


def _emissions(statement: Statement, system: xr.Dataset, frames: Frames) -> None:
    m = statement.model
    factors = dict(
        zip(system["commodity"].to_numpy(), np.nan_to_num(system["commodity_co2_factor"].to_numpy()), strict=True)
    )
    burning = frames.assets.index[
        frames.assets["kind"].isin(("conversion", "link")) & (frames.assets["co2"] != "outside")
    ]
    ports = frames.ports[frames.ports["asset"].isin(burning)]
    carbon = (
        (-ports["flow"] * ports["commodity"].map(factors)).groupby([ports["asset"], ports["mode"]], sort=False).sum()
    )
    carbon = carbon[carbon.abs() > 1e-15]
    statement.parameter(
        "carbon", statement.set("EMITTER", list(carbon.index), dimen=2), carbon.to_numpy(), unit="Mt per hour"
    )
    for runs in RESOLUTIONS:
        rows = [(a, k, y) for a, k, y in frames.running_as(runs) if (a, k) in carbon.index]
        statement.lookup(
            f"emitters{suffix(runs)}",
            m.YEAR,
            grouped([(y,) for _, _, y in rows], [(a, k) for a, k, _ in rows]),
            dimen=2,
        )
    statement.variable(
        "emission", m.YEAR * m.PERIOD, ("year", "period"), lower=-np.inf, unit="Mt per year", long_name="CO2 released"
    )
    cap = system["co2_cap"].to_numpy()
    over = statement.set(
        "CAPPED_YEAR", [year for year, limit in zip(frames.years, cap, strict=True) if np.isfinite(limit)]
    )
    statement.parameter("co2_cap", over, cap[np.isfinite(cap)], unit="Mt per year")


def _targets(statement: Statement, system: xr.Dataset, frames: Frames) -> None:
    m = statement.model
    targets, terms = rows_of(system, "target"), rows_of(system, "target_term")
    required = (system["target_required"] - system["target_constant"]).transpose("target", "year").to_numpy()
    place = {year: j for j, year in enumerate(frames.years)}
    needs = {
        (g, y): required[i, place[y]]
        for i, g in enumerate(targets.index)
        for y in frames.years
        if np.isfinite(required[i, place[y]])
    }
    over = statement.set("TARGET_YEAR", list(needs), dimen=2)
    statement.parameter("target_need", over, np.array(list(needs.values())), unit="target unit")
    for name, sense in (("FLOOR", "min"), ("CEILING", "max")):
        statement.set(f"TARGET_{name}", [key for key in needs if targets.at[key[0], "sense"] == sense], dimen=2)
    soft = [key for key in needs if targets.at[key[0], "hard"] == 0]
    statement.set("SOFT", soft, dimen=2)
    statement.variable(
        "shortfall", m.SOFT, ("target", "year"), unit="target unit", long_name="what is missing of a goal"
    )
    statement.lookup("softened", over, {key: [key] for key in soft}, dimen=2)
    weights = {measure: terms[terms["measure"] == measure] for measure in ("capacity", "added", "modernised")}
    _capacity_terms(statement, frames, weights, needs, targets)
    _delivery_terms(statement, frames, terms[terms["measure"].isin(("delivered", "used"))], needs)


def _weight(rows: pd.DataFrame, columns: list[str]) -> pd.Series:
    return rows.groupby(columns, sort=False)["coefficient"].sum()


def _capacity_terms(
    statement: Statement,
    frames: Frames,
    weights: dict[str, pd.DataFrame],
    needs: dict[tuple[str, int], float],
    targets: pd.DataFrame,
) -> None:
    """Terms of capacity that stands, that was built since the first year that counts, and that was modernised.

    An extension changes nothing about a plant but its end, so it is no modernisation.
    """
    over = statement.model.TARGET_YEAR
    standing = _weight(weights["capacity"], ["target", "asset"])
    statement.parameter(
        "capacity_weight", statement.set("CAPACITY_TERM", list(standing.index), dimen=2), standing.to_numpy(dtype=float)
    )
    alive = set(frames.alive)
    statement.lookup(
        "capacity_counted",
        over,
        {(g, y): [a for t, a in standing.index if t == g and (a, y) in alive] for g, y in needs},
    )
    since = targets["counts_from"].fillna(-np.inf).to_dict() if len(targets) else {}
    added = _weight(weights["added"], ["target", "asset"])
    statement.parameter(
        "added_weight", statement.set("ADDED_TERM", list(added.index), dimen=2), added.to_numpy(dtype=float)
    )
    builds = list(zip(frames.builds["asset"], frames.builds["year"], strict=True))
    of_target = grouped([(t,) for t, _ in added.index], [a for _, a in added.index])
    statement.lookup(
        "builds_counted",
        over,
        {
            (g, y): [(a, v) for a, v in builds if a in set(of_target.get(g, [])) and since[g] <= v <= y]
            for g, y in needs
        },
        dimen=2,
    )
    rows = frames.works[frames.works["option"] != "extend"].merge(
        _weight(weights["modernised"], ["target", "asset"])
        .reset_index()
        .rename(columns={"asset": "to_asset", "coefficient": "weight"}),
        on="to_asset",
    )
    keys = list(zip(rows["target"], rows["asset"], rows["vintage"], rows["work"], rows["year"], strict=True))
    own = statement.set("WORKS_TERM", keys, dimen=5)
    statement.parameter("works_weight", own, (rows["weight"] * rows["ratio"]).to_numpy(dtype=float))
    statement.lookup(
        "works_counted",
        over,
        {(g, y): [key[1:] for key in keys if key[0] == g and since[g] <= key[4] <= y] for g, y in needs},
        dimen=4,
    )


def _delivery_terms(
    statement: Statement, frames: Frames, terms: pd.DataFrame, needs: dict[tuple[str, int], float]
) -> None:
    """Terms of what is delivered, by mode, with the excess that is taken off, and of what is used."""
    m = statement.model
    rows = terms.merge(frames.ports, on=["asset", "commodity"])
    rows = rows[(rows["flow"] > 0) == (rows["measure"] == "delivered")]
    rows["weight"] = rows["coefficient"] * rows["flow"].abs()
    weight = rows.groupby(["target", "asset", "mode"], sort=False)["weight"].sum()
    statement.parameter(
        "delivery_weight", statement.set("DELIVERY_TERM", list(weight.index), dimen=3), weight.to_numpy(dtype=float)
    )
    delivering = set(terms["target"])
    counted = statement.set("COUNTED", [key for key in needs if key[0] in delivering], dimen=2)
    for runs in RESOLUTIONS:
        running = pd.DataFrame(frames.running_as(runs), columns=["asset", "mode", "year"])
        own = running.merge(weight.reset_index(), on=["asset", "mode"])
        own = own[np.array([key in needs for key in zip(own["target"], own["year"], strict=True)], dtype=bool)]
        statement.lookup(
            f"delivering{suffix(runs)}",
            counted,
            grouped(zip(own["target"], own["year"], strict=True), zip(own["asset"], own["mode"], strict=True)),
            dimen=2,
        )
    statement.variable(
        "counted",
        counted * m.PERIOD,
        ("target", "year", "period"),
        lower=-np.inf,
        unit="target unit",
        long_name="what counts towards a goal",
    )
    statement.lookup("delivery_of", m.TARGET_YEAR, {key: [key] for key in counted}, dimen=2)
    _excess_terms(statement, terms[terms["measure"] == "delivered"], list(dict.fromkeys(key[0] for key in counted)))


def _excess_terms(statement: Statement, terms: pd.DataFrame, goals: list[str]) -> None:
    """What is left over of a commodity is no delivery: it comes off at the largest weight that the goal gives to it."""
    m = statement.model
    largest = terms.groupby(["target", "commodity"], sort=False)["coefficient"].max()
    largest = largest[[goal in goals for goal, _ in largest.index]]
    own = statement.set("COUNTED_COMMODITY", list(largest.index), dimen=2)
    rate = m.per_rate.array[[list(m.COMMODITY).index(commodity) for _, commodity in largest.index]]
    statement.parameter("excess_weight", own, np.maximum(largest.to_numpy(dtype=float), 0.0) * rate)
    over = statement.set("COUNTED_TARGET", goals)
    for runs in RESOLUTIONS:
        places = m.component(f"EXCESS_BY_{runs.upper()}")
        counted = {g: [(n, c) for n, c in places if (g, c) in largest.index] for g in goals}
        statement.lookup(f"excess_counted{suffix(runs)}", over, counted, dimen=2)


def _commitment(statement: Statement, system: xr.Dataset, time: xr.Dataset, frames: Frames) -> None:
    """Units with a minimum load, where the study asks for commitment; else none is online, which reserves look at."""
    m = statement.model
    dims = ("asset", "year", "step")
    if system.attrs["commitment"] != "relaxed":
        nothing = statement.set("COMMITTED", [], dimen=2) * m.STEP
        statement.variable("online", nothing, dims, unit="GW", long_name="capacity that runs")
        return
    assets = frames.assets
    thermal = assets.index[(assets["minimum_load"].astype(float) > 0) & (assets["kind"] == "conversion")]
    by_step = set(m.LIMITED_BY_STEP)
    pairs = [pair for pair in frames.alive if pair[0] in set(thermal) and pair in by_step]
    statement.set("COMMITTED", pairs, dimen=2)
    units = statement.set("UNIT", list(thermal))
    statement.parameter("minimum_load", units, assets.loc[thermal, "minimum_load"].to_numpy(dtype=float))
    rate = assets.loc[thermal, "ramp_rate"].to_numpy(dtype=float)
    share = np.minimum(np.where(np.isfinite(rate), rate, 1.0)[:, None] * time["duration"].to_numpy()[None, :], 1.0)
    statement.parameter("ramp_share", units * m.STEP, share)
    statement.set("RAMPING", [pair for pair in pairs if share[list(thermal).index(pair[0])].min() < 1], dimen=2)
    for name, text in (("online", "capacity that runs"), ("start", "capacity that starts")):
        statement.variable(name, m.COMMITTED * m.STEP, dims, unit="GW", long_name=text)
    weight = dict(zip(frames.years, system["discount_weight"].to_numpy(), strict=True))
    statement.parameter(
        "present_start", m.COMMITTED, np.array([weight[y] * float(assets.at[a, "start_cost"]) for a, y in pairs])
    )
    statement.parameter("times", m.STEP, time["weight"].to_numpy())
