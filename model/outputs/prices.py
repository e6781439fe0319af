"""Prices: duals of rows, undone for weights, durations and discounting, so that each is money per physical unit.

A price is what one more unit of demand, of a goal or of scarce capacity costs (or is worth) in a year, in the money of
the price year. The row dual of a yearly right-hand side is a present value; divided by the discount weight of the year
it is a yearly payment. A step balance is a rate and also divides by the hours that the step stands for.
The dual of an inequality has one sign, so its size is what tightening the row by one unit costs.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from model.lp.compile import give_back_duals
from model.lp.program import Floats, LinearProgram
from model.solve.accounts import Accounts

THOUSAND = 1000.0
"""Million USD per GWh to USD per MWh."""


class Prices:
    """Prices of one solved program; every method gives a labelled array with its unit."""

    def __init__(self, program: LinearProgram, row_dual: Floats, accounts: Accounts) -> None:
        self.program, self.accounts = program, accounts
        self.duals, _ = give_back_duals(program, row_dual, program.cost - program.matrix.T @ row_dual)
        years = accounts.years
        self.weight = xr.DataArray(accounts.system["discount_weight"].to_numpy(), coords={"year": years}, dims="year")
        self.hours = xr.DataArray(accounts.step_hours, coords={"step": accounts.steps}, dims="step")

    def _dual(self, equation: str) -> xr.DataArray:
        return self.program.row_family(equation).to_array(self.duals)

    def _has(self, equation: str) -> bool:
        return any(f.name == equation and f.size for f in self.program.row_families)

    def nodal(self) -> xr.DataArray:
        """Price of a commodity that balances by step, (node, commodity, year, step): USD per 1/1000 unit (MWh)."""
        price = self._dual("balance") / self.weight / self.hours * THOUSAND
        return _named(price, "price", "USD per MWh", "price of one more MWh at the node")

    def by_period(self) -> xr.DataArray:
        """Price of a commodity that balances by period, (node, commodity, year, period): million USD per unit."""
        price = self._dual("balance_by_period") / self.weight
        return _named(price, "price_by_period", "million USD per commodity unit", "price of one more unit at the node")

    def by_year(self) -> xr.DataArray:
        """Price of a commodity that balances over the year, (node, commodity, year): million USD per unit."""
        price = self._dual("balance_by_year") / self.weight
        return _named(price, "price_by_year", "million USD per commodity unit", "price of one more unit at the node")

    def capacity(self) -> xr.DataArray:
        """What one more unit of an asset in operation in a year is worth, (asset, year): million USD per unit and year.

        The unit is that of the asset's technology: GW, bcm a year, Mt a year.
        """
        worth = -self._dual("installed_capacity") / self.weight
        unit = "million USD per technology unit and year"
        return _named(worth, "capacity_price", unit, "worth of one more unit of capacity in the year")

    def co2(self) -> xr.DataArray:
        """What one more Mt of CO2 costs, price and cap together, (year): USD per t."""
        price = self._dual("emission_account").mean("period") / self.weight
        return _named(price, "co2_marginal_cost", "USD per t", "cost of one more tonne of CO2")

    def interface(self) -> xr.DataArray:
        """What one more MW across an interface is worth, (interface, year, step): USD per MWh."""
        worth = abs(self._dual("interface_limit")) / self.weight / self.hours * THOUSAND
        return _named(worth, "interface_price", "USD per MWh", "worth of one more MWh across the interface")

    def pace(self) -> xr.DataArray:
        """Present value of one more GW within a limit on pace, (build_limit, year): million USD per GW."""
        worth = abs(self._dual("build_pace")).rename(limit="build_limit")
        return _named(
            worth, "build_pace_value", "million USD per GW", "present value of one more GW within the pace limit"
        )

    def margin(self) -> xr.DataArray:
        """What one more GW of firm capacity is worth, (zone, year): million USD per GW and year (USD/kW a year)."""
        worth = abs(self._dual("reserve_margin")).sum("step") / self.weight
        text = "worth of one more GW of firm capacity in the zone"
        return _named(worth, "margin_price", "million USD per GW and year", text)

    def reserve(self) -> xr.DataArray:
        """What one more MW that stands ready for an hour is worth, (zone, year, step): USD per MWh."""
        worth = abs(self._dual("operating_reserve")) / self.weight / self.hours * THOUSAND
        text = "worth of one more MW of operating reserve for an hour"
        return _named(worth, "reserve_price_by_step", "USD per MWh", text)

    def contingency(self) -> xr.DataArray:
        """What a GW less to be lost after each contingency is worth, (contingency, year): million USD per GW and year.

        Over the contingencies it sums to what the goal on insecurity pays for a GW.
        """
        worth = abs(self._dual("insecurity_limit")).sum("step") / self.weight
        text = "worth of one GW less shed after the contingency"
        return _named(worth, "contingency_price", "million USD per GW and year", text)

    def contingency_capacity(self) -> xr.DataArray:
        """What one more unit of a link is worth because of each contingency, (contingency, link, year).

        Million USD per GW and year. What capacity adds to the rows after a contingency, times their duals: with the
        worth of the link in other rows it sums to ``capacity`` before the link's fixed cost.
        """
        names, links, years = (
            {label: i for i, label in enumerate(labels)}
            for labels in (self.accounts.system["contingency"].to_numpy(), self.accounts.links, self.accounts.years)
        )
        worth, program = np.zeros((len(names), len(links), len(years))), self.program
        capacity = program.column_family("capacity")
        asset, year = (
            np.array(axis, dtype=object)[own] for axis, own in zip(capacity.labels, capacity.positions, strict=True)
        )
        own = np.flatnonzero([a in links for a in asset])
        part = program.matrix[:, capacity.start + own].tocoo()
        stated = program.kept_rows[part.row]
        link_at, year_at = np.array([(links[a], years[y]) for a, y in zip(asset[own], year[own], strict=True)], int).T
        for equation in ("after_limit", "after_interface"):
            if self._has(equation):
                family = program.row_family(equation)
                inside = (stated >= family.start) & (stated < family.start + family.size)
                row, column = stated[inside], part.col[inside]
                dim = family.dims.index("contingency")
                contingency = np.array([names[label] for label in family.labels[dim]])
                places = contingency[family.positions[dim][row - family.start]], link_at[column], year_at[column]
                np.add.at(worth, places, part.data[inside] * self.duals[row])
        coords = {"contingency": list(names), "link": list(links), "year": list(years)}
        found = xr.DataArray(worth, coords=coords, dims=tuple(coords)) / self.weight
        text = "worth of one more unit of the link because of the contingency"
        return _named(found, "contingency_capacity_price", "million USD per GW and year", text)

    def target(self) -> xr.DataArray:
        """Marginal cost of every goal, (target, year): million USD per unit and year; zero where it is slack."""
        targets = list(self.accounts.system["target"].to_numpy())
        price = xr.DataArray(
            np.zeros((len(targets), len(self.accounts.years))),
            dims=("target", "year"),
            coords={"target": targets, "year": self.accounts.years},
        )
        for equation in ("target_floor", "target_ceiling"):
            if self._has(equation):
                own = abs(self._dual(equation))
                price = price + own.reindex(target=targets, year=self.accounts.years).fillna(0.0)
        price = price / self.weight
        return _named(
            price, "target_price", "million USD per target unit and year", "what one more unit of the goal costs"
        )


def _named(array: xr.DataArray, name: str, unit: str, long_name: str) -> xr.DataArray:
    array = array.rename(name)
    array.attrs = {"units": unit, "long_name": long_name}
    return array
