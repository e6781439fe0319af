"""What every decision costs, as present values."""

from __future__ import annotations

import numpy as np
import xarray as xr

from model.lp.cost import MODE_KINDS
from model.lp.frames import Frames, grouped, rows_of
from model.lp.sets import RESOLUTIONS, suffix
from model.lp.statement import Statement


def declare(statement: Statement, system: xr.Dataset, frames: Frames) -> None:
    """Present values: the discount weight of the year, or of every year that an annuity is paid in."""
    m = statement.model
    weights = dict(zip(frames.years, system["discount_weight"].to_numpy(), strict=True))

    def paid(start: int, end: int) -> float:
        return float(sum(weight for year, weight in weights.items() if start <= year < end))

    builds, works = frames.builds, frames.works
    spans = np.array([paid(r.year, r.end_year) for r in builds.itertuples()])
    statement.parameter(
        "present_build",
        m.BUILD,
        frames.at("annuity", list(zip(builds["asset"], builds["year"], strict=True))) * spans,
        unit="million USD per GW",
    )
    statement.parameter(
        "present_work",
        m.WORK,
        np.array([r.annuity * r.ratio * paid(r.year, r.end_year) for r in works.itertuples()]),
        unit="million USD per GW",
    )
    statement.parameter(
        "present_fixed",
        m.ALIVE,
        frames.at("fixed_cost", frames.alive) * np.array([weights[y] for _, y in frames.alive]),
        unit="million USD per GW",
    )
    commodities = rows_of(system, "commodity")
    for name in ("unserved", "excess"):
        price = np.nan_to_num(commodities[f"{name}_price"].to_numpy(dtype=float))
        statement.parameter(
            f"present_{name}",
            m.COMMODITY * m.YEAR,
            (price * m.per_rate.array)[:, None] * system["discount_weight"].to_numpy()[None, :],
        )
    statement.parameter("present_co2", m.YEAR, system["co2_price"].to_numpy() * system["discount_weight"].to_numpy())
    penalty = dict(zip(system["target"].to_numpy(), system["target_penalty"].to_numpy(), strict=True))
    statement.parameter("present_penalty", m.SOFT, np.array([penalty[g] * weights[y] for g, y in m.SOFT]))
    for name, dim, over in (("margin", "margin", m.SOFT_MARGIN), ("reserve", "reserve", m.SOFT_RESERVE)):
        price = dict(zip(system[dim].to_numpy(), system[f"{dim}_penalty"].to_numpy(), strict=True))
        statement.parameter(f"present_{name}", over, np.array([price[z] * weights[y] for z, y in over]))
    _mode_costs(statement, system, frames)


def _mode_costs(statement: Statement, system: xr.Dataset, frames: Frames) -> None:
    m = statement.model
    cost = system["variable_cost"].transpose("mode", "year").to_numpy() * system["discount_weight"].to_numpy()[None, :]
    year_at = {year: j for j, year in enumerate(frames.years)}
    kinds = statement.set("COST_KIND", MODE_KINDS)
    for runs in RESOLUTIONS:
        rows = frames.running[frames.running["runs"] == runs]
        hours = rows["asset"].map(frames.assets["hours"]).to_numpy(dtype=float)
        unit = cost[rows["place"].to_numpy(dtype=int), rows["year"].map(year_at).to_numpy(dtype=int)] / hours
        statement.parameter(
            f"present_cost{suffix(runs)}", m.component(f"RUN_BY_{runs.upper()}"), unit, unit="million USD per GWh"
        )
        dear = rows[unit != 0]
        statement.lookup(
            f"paid{suffix(runs)}",
            kinds,
            grouped(
                [(kind,) for kind in dear["cost_kind"]], zip(dear["asset"], dear["name"], dear["year"], strict=True)
            ),
            dimen=3,
        )
