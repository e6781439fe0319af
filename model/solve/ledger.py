"""Costs by kind and year, and what every goal of the programme comes to, from the accounts of a plan."""

from __future__ import annotations

import numpy as np
import pandas as pd

from model.solve.accounts import Accounts

KINDS = (
    "investment",
    "works",
    "fixed",
    "variable",
    "fuel",
    "import",
    "export",
    "starts",
    "emissions",
    "unserved",
    "excess",
    "targets",
    "margins",
    "reserve",
)
"""Kinds of cost in the order in which they are shown; export revenue is negative."""


def costs(accounts: Accounts) -> np.ndarray:
    """Cost of an average calendar year by (kind, year), million USD; times the discount weight a present value."""
    yearly = {
        **dict(zip(KINDS, asset_costs(accounts).sum(axis=1), strict=True)),
        "emissions": accounts.emissions.sum(axis=1) * accounts.system["co2_price"].to_numpy(),
        "unserved": _slack(accounts, "unserved", accounts.unserved),
        "excess": _slack(accounts, "excess", accounts.excess),
        "targets": accounts.system["target_penalty"].to_numpy().astype(float) @ shortfalls(accounts),
        "margins": _missing(accounts, "margin", accounts.dense("margin_shortfall", "zone", "year")),
        "reserve": _missing(
            accounts, "reserve", accounts.dense("reserve_shortfall", "zone", "year", "step") @ accounts.step_hours
        ),
    }
    return np.array([yearly[kind] for kind in KINDS])


def asset_costs(accounts: Accounts) -> np.ndarray:
    """What each asset costs in an average calendar year by (kind, asset, year), million USD; zero of other kinds.

    Works are a cost of the asset that comes out of them; fuel is a cost of what supplies it, not of who burns it.
    """
    found = np.zeros((len(KINDS), len(accounts.assets), len(accounts.years)))
    found[KINDS.index("investment")] = _annuities(accounts)
    found[KINDS.index("works")] = _works(accounts)
    found[KINDS.index("fixed")] = accounts.system["fixed_cost"].to_numpy() * accounts.capacity
    found[KINDS.index("starts")] = _starts(accounts)
    _add_running(accounts, found)
    return found


def _annuities(accounts: Accounts) -> np.ndarray:
    """Annuities of builds by (asset, year), in every planning year that starts within their life."""
    build = accounts.columns["build"]
    annuity = accounts.system["annuity"].to_numpy()
    assets, years = build.on("asset", accounts.assets), build.on("year", accounts.years)
    start = np.array(accounts.years)[years] if years.size else np.empty(0)
    paid = _paid(accounts, start, accounts.of_asset("lifetime")[assets])
    total = np.zeros((len(accounts.assets), len(accounts.years)))
    np.add.at(total, assets, (annuity[assets, years] * build.values)[:, None] * paid)
    return total


def _works(accounts: Accounts) -> np.ndarray:
    """Annuities of works by (asset that comes out, year)."""
    rows = accounts.works
    paid = _paid(accounts, rows["year"].to_numpy(dtype=float), rows["years"].to_numpy(dtype=float))
    annuity = (rows["annuity"] * rows["ratio"] * rows["value"]).to_numpy(dtype=float)
    total = np.zeros((len(accounts.assets), len(accounts.years)))
    np.add.at(total, rows["to_asset"].map(accounts.place).to_numpy(dtype=int), annuity[:, None] * paid)
    return total


def _paid(accounts: Accounts, start: np.ndarray, life: np.ndarray) -> np.ndarray:
    """Whether what begins in ``start`` (row) is still paid for in each planning year, (row, year)."""
    years, end = np.array(accounts.years), start + np.ceil(life)
    within: np.ndarray = (years >= start[:, None]) & (years < end[:, None])
    return within


def _add_running(accounts: Accounts, found: np.ndarray) -> None:
    """Add to ``found`` (kind, asset, year) what running the modes of every asset costs."""
    kind = [KINDS.index(name) for name in accounts.system["mode_cost_kind"].to_numpy()]
    asset = [accounts.place[name] for name, _ in accounts.mode_place]
    if asset:
        price = accounts.system["variable_cost"].to_numpy() / accounts.of_asset("hours").astype(float)[asset][:, None]
        np.add.at(found, (kind, asset), price * (accounts.mode_activity @ accounts.step_hours))


def _starts(accounts: Accounts) -> np.ndarray:
    """What starts cost, by (asset, year)."""
    if "start" not in accounts.columns:
        return np.zeros((len(accounts.assets), len(accounts.years)))
    started = accounts.dense("start", "asset", "year", "step") @ accounts.time["weight"].to_numpy()
    total: np.ndarray = accounts.of_asset("start_cost")[:, None] * started
    return total


def _slack(accounts: Accounts, name: str, quantity: np.ndarray) -> np.ndarray:
    price = np.nan_to_num(accounts.system[f"commodity_{name}_price"].to_numpy())
    total: np.ndarray = np.einsum("ncyt,c,t->y", quantity, price, accounts.step_hours)
    return total


def _missing(accounts: Accounts, dim: str, quantity: np.ndarray) -> np.ndarray:
    """What zones lack, by (zone, year), at the price of their margin or reserve."""
    price = dict(zip(accounts.system[dim].to_numpy(), accounts.system[f"{dim}_penalty"].to_numpy(), strict=True))
    total: np.ndarray = np.nan_to_num([price.get(zone, 0.0) for zone in accounts.zones]) @ quantity
    return total


def asset_emissions(accounts: Accounts) -> np.ndarray:
    """CO2 that each asset releases, less what it passes on in what it makes, by (asset, year): Mt per year.

    Counted are plants and links that are in the scheme; over all assets it is ``accounts.emissions`` over the year.
    """
    factor = dict(
        zip(accounts.commodities, np.nan_to_num(accounts.system["commodity_co2_factor"].to_numpy()), strict=True)
    )
    counted = accounts.of_asset("co2") != "outside"
    released = np.zeros((len(accounts.assets), len(accounts.years)))
    for port in accounts.ports:
        i = accounts.place[port.asset]
        if port.kind in ("conversion", "link") and factor[port.commodity] and counted[i]:
            released[i] -= factor[port.commodity] * (accounts.flow(port) @ accounts.step_hours)
    return released


def shortfalls(accounts: Accounts) -> np.ndarray:
    """What the plan says is missing of each goal, by (target, year)."""
    return accounts.dense("shortfall", "target", "year")


def target_values(accounts: Accounts) -> np.ndarray:
    """What each goal's measure comes to, by (target, year): capacities, additions, works and deliveries."""
    system = accounts.system
    value = system["target_constant"].to_numpy().astype(float).copy()
    years, since = np.array(accounts.years), system["target_counts_from"].to_numpy().astype(float)
    worked = accounts.out_of(accounts.works[accounts.works["option"] != "extend"])
    output, intake = _moved(accounts, 1.0), _moved(accounts, -1.0)
    largest: dict[tuple[int, str], float] = {}
    terms = pd.DataFrame(
        {c: system[f"target_term_{c}"].to_numpy() for c in ("target", "measure", "asset", "commodity", "coefficient")}
    )
    for term in terms.itertuples():
        g = accounts.targets.index(term.target)
        if term.measure == "insecure":
            value[g] += term.coefficient * accounts.dense("insecurity", "year")
            continue
        a = accounts.place[term.asset]
        counts = years >= (since[g] if np.isfinite(since[g]) else -np.inf)
        if term.measure == "capacity":
            value[g] += term.coefficient * accounts.capacity[a]
        elif term.measure == "used":
            value[g] += term.coefficient * intake.get((term.asset, term.commodity), 0.0)
        elif term.measure == "delivered":
            value[g] += term.coefficient * output.get((term.asset, term.commodity), 0.0)
            largest[g, term.commodity] = max(largest.get((g, term.commodity), 0.0), term.coefficient)
        else:
            value[g] += term.coefficient * np.cumsum(
                (accounts.built if term.measure == "added" else worked)[a] * counts
            )
    for (g, commodity), weight in largest.items():
        left_over = accounts.excess[:, accounts.commodities.index(commodity)].sum(axis=0)
        value[g] -= weight * (left_over @ accounts.step_hours)
    return value


def _moved(accounts: Accounts, sign: float) -> dict[tuple[str, str], np.ndarray]:
    """Quantity that an asset gives (sign 1) or takes (-1) of a commodity, by year."""
    found: dict[tuple[str, str], np.ndarray] = {}
    for port in accounts.ports:
        if sign * port.per_hour > 0 and port.kind != "storage":
            key, given = (port.asset, port.commodity), sign * accounts.flow(port) @ accounts.step_hours
            found[key] = found.get(key, 0.0) + given
    return found
