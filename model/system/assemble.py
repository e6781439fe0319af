"""From checked tables to the System: one Dataset that says what the country looks like, in the product's units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import xarray as xr

from model.system import units
from model.system.assemble_modes import growing_losses, link_loss, mode_frames, mode_variables
from model.system.assemble_policy import policy_variables
from model.system.assemble_security import security_variables
from model.system.assets import (
    FOREVER,
    asset_frame,
    build_bounds,
    existing_vintages,
    fleet,
    inflow,
    pool,
    potentials,
    work_rows,
)
from model.system.geography import Shapes, geography_variables
from model.system.loops import per_unit_reactance
from model.system.network import ELECTRICITY, border_places
from model.system.rows import Variables, array, table_dims
from model.system.settings import Settings
from model.system.values import TechnologyValues, annuity, discount_weights, line, period_lengths

Tables = Mapping[str, pd.DataFrame]


def assemble(tables: Tables, settings: Settings, shapes: Shapes) -> xr.Dataset:
    """The System of a study; ``shapes`` are the polygons that its settings name.

    Dims: ``year, node, commodity, asset, mode, port, vintage, work, plant, potential_member, demand, energy_limit,
    interface, interface_member, build_limit, build_limit_member, target, target_term``, and those of
    ``geography_variables``. Long dims hold rows that refer
    to others by label, as the tables do: ``port_asset``, ``vintage_asset`` and so on. Money is million USD of the price
    year, capacity GW (or the technology's own unit), quantities the commodity's unit. Assumes that every check has
    passed.
    """
    plants = fleet(tables, settings)
    assets = asset_frame(tables, plants)
    modes, ports = mode_frames(tables, settings, assets)
    parts: list[Variables] = [
        _years(settings),
        _nodes(tables),
        _commodities(tables),
        _assets(tables, settings, assets),
        mode_variables(tables, settings, modes),
        table_dims("port", ports, {"yield": "1"}),
        _vintages(tables, plants),
        _works(tables, settings, plants),
        _plants(plants),
        _potentials(tables, assets),
        _demands(tables, settings),
        _links(tables, settings, assets),
        geography_variables(tables, shapes),
        policy_variables(tables, settings, assets, plants),
        security_variables(tables, settings, assets, _due_links(tables, settings), wires(tables)),
    ]
    system = xr.Dataset({name: variable for part in parts for name, variable in part.items()})
    system.attrs = {
        "name": settings.name,
        "title": settings.title,
        "currency": settings.currency,
        "price_year": settings.price_year,
        "horizon_end": settings.horizon_end,
        "social_discount_rate": settings.social_discount_rate,
        "commitment": settings.commitment,
        "network": settings.network,
        "security": settings.security,
        "loss_tangents": settings.loss_tangents if settings.link_losses else 0,
        "peak_steps": settings.peak_steps,
        "capacity_credits": settings.capacity_credits,
    }
    return system


def _years(settings: Settings) -> Variables:
    years = list(settings.years)
    since = np.diff(np.array([years[0], *years], dtype=float))
    return {
        "period_length": array(
            ("year",), {"year": years}, period_lengths(settings), "year", "calendar years it stands for"
        ),
        "years_since_previous": array(
            ("year",), {"year": years}, since, "year", "years since the previous planning year"
        ),
        "discount_weight": array(
            ("year",),
            {"year": years},
            discount_weights(settings),
            "year",
            "present value of one a year over the calendar years it stands for",
        ),
    }


def _nodes(tables: Tables) -> Variables:
    nodes = tables["nodes"][["node", "name", "zone", "kind", "lon", "lat", "population", "transit"]].set_index("node")
    return table_dims("node", nodes, {"lon": "degrees_east", "lat": "degrees_north"}, labels=list(nodes.index))


def _commodities(tables: Tables) -> Variables:
    commodities = tables["commodities"].set_index("commodity")
    kept = commodities[["name", "unit", "resolution", "unserved_price", "excess_price", "co2_factor"]]
    return table_dims(
        "commodity",
        kept,
        {"unserved_price": "million USD per unit", "excess_price": "million USD per unit", "co2_factor": "Mt per unit"},
        labels=list(kept.index),
    )


def _assets(tables: Tables, settings: Settings, assets: pd.DataFrame) -> Variables:
    values = TechnologyValues(tables["technology_values"])
    technologies = tables["technologies"].set_index("technology")
    frame = assets.set_index("asset")
    known = frame["technology"].isin(technologies.index)
    frame["technology_name"] = frame["technology"].map(technologies["name"]).where(known, "")
    for column in ("group", "availability", "must_run", "tags", "cycle", "co2"):
        frame[column] = frame["technology"].map(technologies[column]).where(known, "")
    frame.loc[frame["kind"].isin(("market", "supply")), "group"] = "trade"
    frame["availability"] = [
        _profile(a, t, n) for a, t, n in zip(frame["availability"], frame["technology"], frame["node"], strict=True)
    ]
    frame["must_run"] = [
        f"{profile}@{node}" if profile else "" for profile, node in zip(frame["must_run"], frame["node"], strict=True)
    ]
    frame["hours"] = frame["capacity_unit"].map(units.hours_per_unit)
    constants = {
        "lifetime": FOREVER,
        "wacc": 0.0,
        "minimum_load": 0.0,
        "ramp_rate": np.inf,
        "start_cost": 0.0,
        "duration": np.nan,
        "charge_efficiency": 1.0,
        "discharge_efficiency": 1.0,
        "standing_loss": 0.0,
        "response": 0.0,
    }
    for quantity, default in constants.items():
        of_technology = {t: values.constant(t, quantity, default) for t in frame["technology"].unique()}
        frame[quantity] = frame["technology"].map(of_technology).astype(float)
    _market_profiles(tables, frame)
    found = table_dims(
        "asset", frame, {"hours": "h", "lifetime": "year", "wacc": "1", "duration": "h"}, labels=list(frame.index)
    )
    return {**found, **_asset_years(tables, settings, assets, values)}


def _profile(availability: str, technology: str, node: str) -> str:
    if availability in ("", "constant"):
        return "constant"
    return f"maintenance@{technology}" if availability == "maintenance" else f"{availability}@{node}"


def _market_profiles(tables: Tables, frame: pd.DataFrame) -> None:
    for row in tables["markets"].drop_duplicates("market").itertuples():
        if row.profile:
            frame.loc[row.market, "availability"] = f"{row.profile}@{row.node}"
    for row in tables["fuels"].drop_duplicates(["commodity", "node"]).itertuples():
        if row.profile:
            frame.loc[pool(f"{row.commodity} supply", row.node), "availability"] = inflow(row.profile, row.node)


def _asset_years(tables: Tables, settings: Settings, assets: pd.DataFrame, values: TechnologyValues) -> Variables:
    years = settings.years
    coords = {"asset": list(assets["asset"]), "year": list(years)}
    capital, fixed = _costs(tables, settings, assets, values)
    factor = np.array(
        [
            _factor(values, t, a, years)
            for t, a in zip(
                assets["technology"],
                assets["technology"].map(tables["technologies"].set_index("technology")["availability"]),
                strict=True,
            )
        ]
    )
    limit = np.full((len(assets), len(years)), np.inf)
    at = {asset: i for i, asset in enumerate(assets["asset"])}
    for market, rows in tables["markets"].groupby("market"):
        capacity = line(rows["year"], rows["capacity"], years)
        factor[at[market]] = capacity / max(rows["capacity"].max(), 1e-12)
        limit[at[market]] = line(rows["year"], rows["annual_limit"], years)
    for (commodity, node), rows in tables["fuels"].groupby(["commodity", "node"]):
        if rows["annual_limit"].notna().all():
            limit[at[pool(f"{commodity} supply", node)]] = line(rows["year"], rows["annual_limit"], years)
    for link, share in zip(tables["links"]["link"], tables["links"]["availability"], strict=True):
        factor[at[link]] *= share
    lower, upper = build_bounds(tables, settings, assets)
    rate = np.array([values.constant(t, "wacc", 0.0) for t in assets["technology"]])
    life = np.array([values.constant(t, "lifetime", FOREVER) for t in assets["technology"]])
    share = np.array([annuity(r, n) for r, n in zip(rate, life, strict=True)])
    dims = ("asset", "year")
    return {
        "capital_cost": array(dims, coords, capital, "million USD per GW", "overnight cost of building"),
        "annuity": array(
            dims, coords, capital * share[:, None], "million USD per GW and year", "yearly payment for what is built"
        ),
        "fixed_cost": array(dims, coords, fixed, "million USD per GW and year", "yearly cost of keeping capacity"),
        "availability_factor": array(dims, coords, factor, "1", "constant part of availability"),
        "annual_limit": array(dims, coords, limit, "activity unit per year", "largest activity in a year"),
        "build_lower": array(dims, coords, lower, "GW", "committed new capacity"),
        "build_upper": array(dims, coords, upper, "GW", "largest new capacity"),
    }


def _costs(
    tables: Tables, settings: Settings, assets: pd.DataFrame, values: TechnologyValues
) -> tuple[np.ndarray, np.ndarray]:
    years = settings.years
    capital = np.array([values.by_year(t, "capital_cost", years, 0.0) for t in assets["technology"]])
    fixed = np.array([values.by_year(t, "fixed_cost", years, 0.0) for t in assets["technology"]])
    links = tables["links"].set_index("link")
    for i, asset in enumerate(assets["asset"]):
        if assets["kind"].iloc[i] == "link":
            technology, length = assets["technology"].iloc[i], links.at[asset, "length"]
            own = links.at[asset, "capital_cost"]
            by_length = capital[i] + values.by_year(technology, "length_cost", years, 0.0) * length
            capital[i] = own if np.isfinite(own) else by_length
            fixed[i] = fixed[i] + values.by_year(technology, "length_fixed_cost", years, 0.0) * length
    return capital, fixed


def _factor(values: TechnologyValues, technology: str, availability: object, years: Sequence[int]) -> np.ndarray:
    """Constant part of availability; measured capacity factors hold their outages, maintenance has its own season."""
    if availability not in ("constant", "maintenance"):
        return np.ones(len(years))
    running = (1 - values.by_year(technology, "forced_outage", years, 0.0)) * values.by_year(
        technology, "condition", years, 1.0
    )
    return (
        running
        if availability == "maintenance"
        else running * (1 - values.by_year(technology, "planned_outage", years, 0.0))
    )


def _vintages(tables: Tables, plants: pd.DataFrame) -> Variables:
    frame = existing_vintages(tables, plants)[["asset", "vintage", "end_year", "capacity"]]
    return table_dims("vintage", frame.rename(columns={"vintage": "label"}), {"capacity": "GW"})


def _works(tables: Tables, settings: Settings, plants: pd.DataFrame) -> Variables:
    works = work_rows(tables, plants)
    values = TechnologyValues(tables["technology_values"])
    rate = [values.constant(t, "wacc", 0.0) for t in works["to_technology"]]
    works["annuity"] = [c * annuity(r, n) for c, r, n in zip(works["capital_cost"], rate, works["years"], strict=True)]
    shares = works.groupby(["asset", "vintage", "option", "to_asset"], sort=False, as_index=False)
    frame = shares.agg(
        ratio=("ratio", "first"),
        capital_cost=("capital_cost", "first"),
        annuity=("annuity", "first"),
        years=("years", "first"),
        first_year=("first_year", "first"),
        outage_years=("outage_years", "first"),
        share=("share", "first"),
    )
    technology = dict(zip(works["to_asset"], works["to_technology"], strict=True))
    names = [f"{o} to {technology[a]}" for o, a in zip(frame["option"], frame["to_asset"], strict=True)]
    frame["name"] = pd.Series(names, index=frame.index, dtype=object)
    return table_dims(
        "work", frame, {"capital_cost": "million USD per GW", "annuity": "million USD per GW and year", "years": "year"}
    )


def _plants(plants: pd.DataFrame) -> Variables:
    frame = plants[
        [
            "technology",
            "node",
            "status",
            "capacity",
            "start_year",
            "end_year",
            "asset",
            "vintage",
            "lon",
            "lat",
            "heat_capacity",
        ]
    ]
    return table_dims(
        "plant", frame, {"capacity": "GW", "lon": "degrees_east", "lat": "degrees_north"}, labels=list(plants["plant"])
    )


def _potentials(tables: Tables, assets: pd.DataFrame) -> Variables:
    frame = pd.DataFrame(potentials(tables, assets), columns=["name", "asset", "limit"])
    return table_dims("potential_member", frame, {"limit": "GW"})


def _demands(tables: Tables, settings: Settings) -> Variables:
    demands = tables["demands"]
    ports, technologies = tables["ports"], tables["technologies"]
    commodities = tables["commodities"]
    by_step = commodities.loc[commodities["resolution"] == "step", "commodity"]
    linked = ports["technology"].isin(technologies.loc[technologies["kind"] == "link", "technology"])
    carried = set(ports.loc[linked, "commodity"]) & set(by_step)
    keep = 1 - settings.transmission_loss_share if settings.link_losses else 1.0
    rows, values = [], []
    for (node, commodity, load, profile), group in demands.groupby(
        ["node", "commodity", "load", "profile"], sort=False
    ):
        rows.append((node, commodity, load, profile if profile == "constant" else f"{profile}@{node}"))
        values.append(line(group["year"], group["value"], settings.years) * (keep if commodity in carried else 1.0))
    frame = pd.DataFrame(rows, columns=["node", "commodity", "load", "profile"])
    table = array(
        ("demand", "year"),
        {"year": list(settings.years)},
        np.array(values).reshape(len(rows), len(settings.years)),
        "commodity unit per year",
        "what is used in a year, without the losses of links",
    )
    return {**table_dims("demand", frame, {}), "annual_demand": table}


def _links(tables: Tables, settings: Settings, assets: pd.DataFrame) -> Variables:
    links = tables["links"].set_index("link")
    columns = ["from_node", "to_node", "length", "voltage", "circuits", "reactance", "status", "ring", "emergency"]
    frame = links[columns].assign(
        name=[name or link for link, name in links["name"].items()],
        size=links["capacity"],
        drop=wires(tables)["reactance"],
        loss=_full_load_loss(tables, settings),
    )
    units = {"length": "km", "reactance": "ohm", "size": "GW", "drop": "rad per GW"}
    return table_dims("link", frame, units, labels=list(links.index))


def wires(tables: Tables) -> pd.DataFrame:
    """``from_node, to_node, reactance`` (rad per GW), ``size`` (GW) by link, of links between places within.

    An outside node is a market, not a junction: no loop goes through it unless power may pass there.
    """
    links, nodes = tables["links"].set_index("link"), tables["nodes"].set_index("node")
    closed = {node for node, commodity in border_places(nodes, [ELECTRICITY])}
    inner = ~links["from_node"].isin(closed) & ~links["to_node"].isin(closed)
    pairs = zip(links["reactance"], links["voltage"], strict=True)
    drop = [per_unit_reactance(ohm, voltage) for ohm, voltage in pairs]
    frame = links[["from_node", "to_node"]].assign(reactance=drop, size=links["capacity"])
    frame["reactance"] = frame["reactance"].where(inner)
    return frame


def _due_links(tables: Tables, settings: Settings) -> pd.DataFrame:
    """Capacity by (link, year) of what stands or is committed."""
    links = tables["links"]
    start = np.where(links["status"] == "existing", -np.inf, links["first_year"].astype(float))
    there = (start[:, None] <= np.array(settings.years)) & (links["status"] != "candidate").to_numpy()[:, None]
    capacity = links["capacity"].to_numpy(dtype=float)[:, None] * there
    return pd.DataFrame(capacity, index=list(links["link"]), columns=list(settings.years))


def _full_load_loss(tables: Tables, settings: Settings) -> list[float]:
    """Share that a link loses at full load, where losses grow with the square of the flow; else 0."""
    links, values, growing = (
        tables["links"],
        TechnologyValues(tables["technology_values"]),
        growing_losses(tables, settings),
    )
    return [
        link_loss(values, technology, length) if technology in growing else 0.0
        for technology, length in zip(links["technology"], links["length"], strict=True)
    ]
