"""Results in the format of the Integrated Assessment Modeling Consortium: one row per region and variable, years wide.

Names and units follow the AR6 and openENTRANCE templates: EJ/yr, GW, Mt CO2/yr, direct equivalent of nuclear, water,
wind and sun in primary energy. Money is in that of the study and its price year, such as USD_2025, not in US$2010.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from model.interop.iamc_check import COLUMNS, check_iamc
from model.outputs.long_tables import widened
from model.outputs.netcdf import written
from model.system.network import ELECTRICITY
from model.system.units import UnitProblem, factor
from model.version import VERSION

EJ_PER_TWH = 3.6e-3
SOURCES = {
    "coal": "Coal",
    "gas": "Gas",
    "oil": "Oil",
    "nuclear": "Nuclear",
    "hydro": "Hydro",
    "wind": "Wind",
    "solar": "Solar|PV",
    "bio": "Biomass",
    "geothermal": "Geothermal",
}
"""What the templates call the families of power plants; others are Other, what keeps electricity is Storage."""

NO_PLANTS = ("demand_side", "freight")
"""Families that give electricity by asking for less of it."""

DIRECT = ("Nuclear", "Hydro", "Wind", "Solar|PV", "Geothermal")
"""Sources whose primary energy is the electricity made of it."""

FUELS = {"coal": "Coal", "gas": "Gas", "biogas": "Biomass", "biomass": "Biomass"}
"""Commodities whose consumption is primary energy."""

PRODUCTS = ("gasoline", "diesel", "jet", "fuel_oil", "lpg", "bitumen", "other_products")
CRUDE, SHIPPED = "crude", "oil_transport"
"""Crude that this family of technologies takes is only carried on."""


class Heat(NamedTuple):
    """Lower heating value: how many PJ are in a unit of a commodity."""

    petajoules: float
    unit: str


CONTENT = {
    "crude": Heat(42.3, "Mt"),
    "gasoline": Heat(44.3, "Mt"),
    "diesel": Heat(43.0, "Mt"),
    "jet": Heat(44.1, "Mt"),
    "fuel_oil": Heat(40.4, "Mt"),
    "lpg": Heat(47.3, "Mt"),
    "bitumen": Heat(40.2, "Mt"),
    "other_products": Heat(41.4, "Mt"),
    "gas": Heat(33.48, "bcm"),
}
"""Lower heating values of what is not told as energy, as in the inputs of Kazakhstan (IPCC 2006, volume 2)."""

PJ_PER_EJ = 1000.0
NOISE = 1e-12
"""Figures in the units of the templates below which there is nothing."""

CONSUMED = ("use", "demand", "unserved", "transport_losses", "charge", "discharge")
CROSSING = ("transfers", "imports", "exports")
"""Items of the balance that make up what a node consumes, and what enters or leaves it."""

STORE, LINES = "Electricity Storage", "Transmission and Distribution"
"""What investments in these are called."""

COSTS = {
    "investment": "Annualised Investment",
    "works": "Annualised Works",
    "fixed": "Fixed Operation and Maintenance",
    "variable": "Variable Operation and Maintenance",
    "fuel": "Fuel",
    "import": "Imports",
    "export": "Exports",
    "starts": "Starts",
    "emissions": "Carbon",
    "unserved": "Unserved Demand",
    "excess": "Excess",
    "targets": "Missed Targets",
    "margins": "Missed Reserve Margins",
    "reserve": "Missed Operating Reserve",
}


class Quantity(NamedTuple):
    """A variable of the template: ``values`` of the country (year), and ``by_node`` (node, year) if it is told so."""

    variable: str
    unit: str
    values: xr.DataArray
    by_node: xr.DataArray | None = None


def iamc_table(results: xr.Dataset) -> pd.DataFrame:
    """The long table: Model, Scenario, Region, Variable, Unit, then the planning years.

    The country is the title of the study up to its comma; nodes within it are regions below it, Kazakhstan|Akmola.
    Rows that are zero in every year are left out. Quantities of the country are sums over its nodes.
    """
    results = widened(results.drop_dims("step", errors="ignore"))
    country, regions = _regions(results)
    years = [int(year) for year in results["year"].to_numpy()]
    rows: list[list[object]] = []
    for quantity in _quantities(results, list(regions)):
        found = {country: quantity.values.to_numpy()}
        if quantity.by_node is not None:
            found |= {regions[n]: quantity.by_node.sel(node=n).to_numpy() for n in regions}
        # amounts that cancel, such as transfers, leave a rest of the last digits
        found = {region: np.where(np.abs(values) < NOISE, 0.0, values) for region, values in found.items()}
        head = (f"Shanyraq {VERSION}", str(results.attrs.get("scenario", "base")))
        rows += [
            [*head, region, quantity.variable, quantity.unit, *map(float, values)]
            for region, values in found.items()
            if np.nan_to_num(values).any()
        ]
    frame = pd.DataFrame(rows, columns=[*COLUMNS, *years])
    return frame.sort_values(["Variable", "Region"], kind="stable", ignore_index=True)


def write_iamc(results: xr.Dataset, path: Path) -> None:
    """Write the table as CSV, whole or not at all; ValueError with every problem if it would break the format."""
    frame = iamc_table(results)
    if problems := check_iamc(frame):
        raise ValueError("\n".join(problems))
    text = frame.to_csv(index=False, float_format="%.9g", lineterminator="\n")
    written(path, lambda part: part.write_text(text, encoding="utf-8"))


def _regions(results: xr.Dataset) -> tuple[str, dict[str, str]]:
    """The country, and the name of the region of each node within it."""
    title = str(results.attrs.get("title", "")).partition(",")[0].strip()
    country = (title or str(results.attrs.get("study", "")) or "Country").replace("|", "/")
    nodes = [str(node) for node in results["node"].to_numpy()]
    outside = np.zeros(len(nodes), dtype=bool)
    for told in ("node_kind", "node_zone"):
        if told in results:
            outside |= results[told].to_numpy() == "outside"
    names = (
        [str(name) for name in results["node_name"].to_numpy()]
        if "node_name" in results
        else [node.replace("_", " ").title() for node in nodes]
    )
    # two nodes of one name would be one region: their labels tell them apart
    told_twice = {name for name in names if names.count(name) > 1}
    return country, {
        node: f"{country}|{(node if name in told_twice else name).strip().replace('|', '/')}"
        for node, name, away in zip(nodes, names, outside, strict=True)
        if not away
    }


def _quantities(results: xr.Dataset, inside: list[str]) -> Iterator[Quantity]:
    home = results.sel(node=inside)
    generation = _by_source(home, home["generation"] * EJ_PER_TWH)
    additions = home["new_capacity"] / home["year"].diff("year", label="upper").reindex(year=home["year"])
    power = _gigawatts(home)
    yield from _tree("Capacity|Electricity", "GW", _by_source(home, home["capacity"] * power, True))
    yield from _tree("Capacity Additions|Electricity", "GW/yr", _by_source(home, additions * power, True))
    yield from _tree("Secondary Energy|Electricity", "EJ/yr", generation)
    yield from _tree("Primary Energy", "EJ/yr", _primary(home, generation))
    yield from _energy(home)
    yield from _money(results, home)


def _tree(top: str, unit: str, leaves: Mapping[str, xr.DataArray]) -> Iterator[Quantity]:
    """Variables below ``top`` and ``top`` itself, told by node as by the country; ``leaves`` are (node, year)."""
    yield from (_summed(name, unit, values) for name, values in _sums(top, leaves).items())


def _sums(top: str, leaves: Mapping[str, xr.DataArray]) -> dict[str, xr.DataArray]:
    """The leaves by their full names, and every variable above them up to ``top`` as the sum of what is below."""
    sums: dict[str, xr.DataArray] = {}
    for leaf, values in leaves.items():
        parts = [top, *leaf.split("|")]
        for depth in range(1, len(parts) + 1):
            _add(sums, "|".join(parts[:depth]), values)
    return sums


def _add(sums: dict[str, xr.DataArray], name: str, values: xr.DataArray) -> None:
    sums[name] = sums[name] + values if name in sums else values


def _summed(variable: str, unit: str, by_node: xr.DataArray) -> Quantity:
    return Quantity(variable, unit, by_node.sum("node", skipna=False), by_node)


def _gigawatts(home: xr.Dataset) -> xr.DataArray:
    """GW of a unit of each technology; zero of what is not sized in power."""
    factors = {"kW": 1e-6, "MW": 1e-3, "GW": 1.0}
    values = [factors.get(str(unit), 0.0) for unit in home["technology_unit"].to_numpy()]
    return xr.DataArray(values, coords={"technology": home["technology"].to_numpy()})


def _sources(results: xr.Dataset, storage: bool) -> dict[str, str]:
    """The source of electricity that each technology stands for; Storage for what keeps it, if ``storage``."""
    names = ("technology", "technology_group", "technology_product", "technology_keeps")
    found = {}
    for technology, group, product, keeps in zip(*(results[name].to_numpy() for name in names), strict=True):
        if keeps == ELECTRICITY and storage:
            found[str(technology)] = "Storage"
        elif product == ELECTRICITY and not keeps and group not in NO_PLANTS:
            found[str(technology)] = SOURCES.get(str(group), "Other")
    return found


def _by_source(home: xr.Dataset, values: xr.DataArray, storage: bool = False) -> dict[str, xr.DataArray]:
    """(technology, node, year) summed to sources of electricity, with what keeps it if ``storage``."""
    sources = _sources(home, storage)
    return {
        name: values.sel(technology=[kind for kind, own in sources.items() if own == name]).sum(
            "technology", skipna=False
        )
        for name in dict.fromkeys(sources.values())
    }


def _primary(home: xr.Dataset, generation: Mapping[str, xr.DataArray]) -> dict[str, xr.DataArray]:
    """Primary energy by source, (node, year), EJ: consumption of fuels and the direct equivalent of the rest.

    Oil is what refineries take and what liquids are made of gas at fields, less the products that leave.
    """
    found = {name: generation[name] for name in DIRECT if name in generation}
    parts = [(name, _consumed(home, commodity)) for commodity, name in FUELS.items() if _known(home, commodity)]
    if _known(home, CRUDE):
        parts.append(("Oil", _refined(home)))
    products = [product for product in PRODUCTS if _known(home, product)]
    parts += [("Oil", _from_fields(home, product) - _leaving(home, product)) for product in products]
    for name, values in parts:
        _add(found, name, values)
    return found


def _energy(home: xr.Dataset) -> Iterator[Quantity]:
    """Secondary and final energy beyond electricity made, and trade; EJ a year."""
    final = {ELECTRICITY: "Electricity", "heat": "Heat", "gas": "Gases", **dict.fromkeys(PRODUCTS, "Liquids")}
    made = {"heat": "Heat", **dict.fromkeys(PRODUCTS, "Liquids|Oil")}
    trade = {
        ELECTRICITY: "Secondary Energy|Electricity",
        **dict.fromkeys(PRODUCTS, "Secondary Energy|Liquids|Oil"),
        "coal": "Primary Energy|Coal",
        "gas": "Primary Energy|Gas",
        CRUDE: "Primary Energy|Oil",
    }
    for names, form, measure in (
        (final, "Final Energy|{}", _met),
        (made, "Secondary Energy|{}", _made),
        (trade, "Trade|{}|Volume", _leaving),
    ):
        sums: dict[str, xr.DataArray] = {}
        for commodity, name in names.items():
            if _known(home, commodity):
                _add(sums, name, measure(home, commodity))
        yield from (_summed(form.format(name), "EJ/yr", values) for name, values in sums.items())


def _known(home: xr.Dataset, commodity: str) -> bool:
    """Whether the study has the commodity and its energy can be told."""
    return commodity in home["commodity"].to_numpy() and _content(home, commodity) > 0


def _content(home: xr.Dataset, commodity: str) -> float:
    """EJ in a unit of the commodity, zero where nothing tells it."""
    unit = str(home["commodity_unit"].sel(commodity=commodity).item())
    told = [Heat(EJ_PER_TWH * PJ_PER_EJ, "TWh"), *([CONTENT[commodity]] if commodity in CONTENT else [])]
    for heat in told:
        try:
            return factor(unit, heat.unit) * heat.petajoules / PJ_PER_EJ
        except UnitProblem:
            continue
    return 0.0


def _items(home: xr.Dataset, commodity: str, items: Iterable[str]) -> xr.DataArray:
    """Sum of items of the balance, (node, year), EJ a year."""
    balance = home["balance"].sel(commodity=commodity, balance_item=list(items), drop=True)
    return balance.sum("balance_item") * _content(home, commodity)


def _consumed(home: xr.Dataset, commodity: str) -> xr.DataArray:
    return -_items(home, commodity, CONSUMED)


def _made(home: xr.Dataset, commodity: str) -> xr.DataArray:
    """What is made; demand that is saved is none."""
    return _detail(home, commodity, "production", ~home["balance_row_group"].isin(NO_PLANTS))


def _met(home: xr.Dataset, commodity: str) -> xr.DataArray:
    """Demand that is met."""
    return -_items(home, commodity, ("demand", "unserved"))


def _leaving(home: xr.Dataset, commodity: str) -> xr.DataArray:
    """What leaves a node for others and for abroad, less what enters; transfers within a country cancel in its sum."""
    return -_items(home, commodity, CROSSING)


def _refined(home: xr.Dataset) -> xr.DataArray:
    """Crude that is used and not only carried on, (node, year), EJ a year."""
    return -_detail(home, CRUDE, "use", home["balance_row_group"] != SHIPPED)


def _from_fields(home: xr.Dataset, product: str) -> xr.DataArray:
    """A product made of what is not counted itself, such as LPG of gas as it comes from the well; as ``_refined``."""
    counted = home["balance_row_commodity"].isin([CRUDE, *FUELS, *PRODUCTS]) & (home["balance_row_item"] == "use")
    takers = set(home["balance_row_technology"].to_numpy()[counted.to_numpy()])
    own = ~home["balance_row_technology"].isin(list(takers)) & ~home["balance_row_group"].isin(NO_PLANTS)
    return _detail(home, product, "production", own)


def _detail(home: xr.Dataset, commodity: str, item: str, own: xr.DataArray) -> xr.DataArray:
    """Sum of the rows of an item of the balance that are ``own``, (node, year), EJ a year."""
    own = own & (home["balance_row_commodity"] == commodity) & (home["balance_row_item"] == item)
    rows = home["balance_detail"].isel(balance_row=np.flatnonzero(own.to_numpy()))
    places = home["balance_row_node"].to_numpy()[own.to_numpy()]
    parts = [rows.isel(balance_row=np.flatnonzero(places == node)).sum("balance_row") for node in home["node"].values]
    return xr.concat(parts, dim=home["node"]) * _content(home, commodity)


def _money(results: xr.Dataset, home: xr.Dataset) -> Iterator[Quantity]:
    """Emissions of the country, prices, and costs of an average year."""
    money = f"{results.attrs.get('currency', 'USD')}_{results.attrs.get('price_year', '')}"
    yield Quantity("Emissions|CO2", "Mt CO2/yr", results["emissions"])
    if "co2_marginal_cost" in results:
        yield Quantity("Price|Carbon", f"{money}/t CO2", results["co2_marginal_cost"])
    if "mean_price" in home:
        price = home["mean_price"]
        weight = home["demand"].sel(commodity=ELECTRICITY, drop=True).where(price.notnull(), 0.0)
        whole = weight.sum("node")
        mean = (price.fillna(0.0) * weight).sum("node") / whole.where(whole > 0)
        yield Quantity("Price|Secondary Energy|Electricity", f"{money}/MWh", mean, price)
    costs = results["cost"]
    for kind in costs["cost_kind"].to_numpy():
        name = COSTS.get(str(kind), str(kind).replace("_", " ").title())
        yield Quantity(f"Cost|Energy System|{name}", f"million {money}/yr", costs.sel(cost_kind=kind))
    yield Quantity("Cost|Energy System", f"million {money}/yr", costs.sum("cost_kind"))
    if "asset_cost" in results:
        yield from _annualised(results, list(home["node"].to_numpy()), f"million {money}/yr")


def _annualised(results: xr.Dataset, inside: list[str], unit: str) -> Iterator[Quantity]:
    """Annuities of builds and works in power, by source, and of lines; what is spent in each year is not told."""
    yearly = results["asset_cost"].sel(cost_kind=["investment", "works"]).sum("cost_kind")
    sources = {name: STORE if source == "Storage" else source for name, source in _sources(results, True).items()}
    carries = zip(results["link"].to_numpy(), results["link_commodity"].to_numpy(), strict=True)
    lines = {str(link) for link, commodity in carries if commodity == ELECTRICITY}
    told = (results[name].to_numpy() for name in ("asset", "asset_technology", "asset_node"))
    named = [
        LINES if str(asset) in lines else sources.get(str(kind), "") if node in inside else ""
        for asset, kind, node in zip(*told, strict=True)
    ]
    leaves = {
        name: yearly.isel(asset=[i for i, own in enumerate(named) if own == name]).sum("asset")
        for name in dict.fromkeys(filter(None, named))
    }
    for name, values in _sums("Annualised Investment|Energy Supply|Electricity", leaves).items():
        yield Quantity(name, unit, values)
