"""What a plan comes to, recomputed from the System and the decisions alone.

Nothing here uses the equations of the linear program: quantities are followed from decision to consequence in NumPy, so
that a mistake in an equation shows as a difference. The certificate compares, the results report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
import xarray as xr

from model.solve.columns import Column

Floats = np.ndarray
HOURS_PER_YEAR = 8760.0
RUNS = ("operation", "operation_by_period", "operation_by_year")


@dataclass(frozen=True)
class Accounts:
    """Quantities of a plan by asset, place, year and step; ``system`` and ``time`` as read, ``columns`` as solved."""

    system: xr.Dataset
    time: xr.Dataset
    columns: Mapping[str, Column]
    _memo: dict[str, Floats] = field(default_factory=dict, repr=False)

    @cached_property
    def assets(self) -> list[str]:
        """All assets."""
        return list(self.system["asset"].to_numpy())

    @cached_property
    def years(self) -> list[int]:
        """The planning years."""
        return [int(year) for year in self.system["year"].to_numpy()]

    @cached_property
    def steps(self) -> list[str]:
        """All steps."""
        return list(self.time["step"].to_numpy())

    @cached_property
    def periods(self) -> list[str]:
        """All periods."""
        return list(self.time["period"].to_numpy())

    @cached_property
    def step_hours(self) -> Floats:
        """Hours of the year that each step stands for."""
        return (self.time["duration"] * self.time["weight"]).to_numpy().astype(float)

    @cached_property
    def period_of_step(self) -> Floats:
        """Position of each step's period."""
        place = {period: i for i, period in enumerate(self.periods)}
        return np.array([place[period] for period in self.time["step_period"].to_numpy()], dtype=int)

    @cached_property
    def place(self) -> dict[str, int]:
        """Position of each asset."""
        return {asset: i for i, asset in enumerate(self.assets)}

    def of_asset(self, name: str) -> np.ndarray:
        """The System's variable ``asset_<name>``."""
        return self.system[f"asset_{name}"].to_numpy()

    def per_step(self, asset: str, mode: str) -> Floats:
        """Operation of a mode by (year, step), coarser decisions spread flat."""
        key = f"{asset}\0{mode}"
        if key not in self._memo:
            self._memo[key] = self.mode_activity[self.mode_place[asset, mode]]
        return self._memo[key]

    @cached_property
    def mode_place(self) -> dict[tuple[str, str], int]:
        """Position of each (asset, mode)."""
        return {
            key: i
            for i, key in enumerate(
                zip(self.system["mode_asset"].to_numpy(), self.system["mode_name"].to_numpy(), strict=True)
            )
        }

    @cached_property
    def mode_activity(self) -> Floats:
        """Operation by (mode, year, step), whatever it was decided by."""
        modes = list(self.mode_place)
        dense = np.zeros((len(modes), len(self.years), len(self.steps)))
        for name in RUNS:
            column = self.columns[name]
            if not column.values.size:
                continue
            rows = np.array(
                [self.mode_place[key] for key in zip(column.names("asset"), column.names("mode"), strict=True)]
            )
            years = column.on("year", self.years)
            if name == "operation":
                dense[rows, years, column.on("step", self.steps)] += column.values
            elif name == "operation_by_period":
                by_period = np.zeros((len(modes), len(self.years), len(self.periods)))
                by_period[rows, years, column.on("period", self.periods)] = column.values
                dense += by_period[:, :, self.period_of_step]
            else:
                dense[rows, years] += column.values[:, None]
        return dense

    @cached_property
    def finest_runs(self) -> np.ndarray:
        """How finely the finest mode of each asset is decided: step, period or year; empty without modes."""
        order = ("step", "period", "year")
        found = np.full(len(self.assets), "", dtype=object)
        for asset, runs in zip(self.system["mode_asset"].to_numpy(), self.system["mode_runs"].to_numpy(), strict=True):
            i = self.place[asset]
            found[i] = runs if not found[i] else min(found[i], runs, key=order.index)
        return found

    @cached_property
    def activity(self) -> Floats:
        """Operation of all modes by (asset, year, step)."""
        dense = np.zeros((len(self.assets), len(self.years), len(self.steps)))
        owner = np.array([self.place[asset] for asset, _ in self.mode_place], dtype=int)
        np.add.at(dense, owner, self.mode_activity)
        return dense

    @cached_property
    def capacity(self) -> Floats:
        """Capacity by (asset, year) as decided."""
        return self.columns["capacity"].sum_to([("asset", self.assets), ("year", self.years)])

    @cached_property
    def vintage_left(self) -> pd.DataFrame:
        """``asset, vintage, year, left``: every vintage followed through builds, works, closures and its own end."""
        inflow: dict[tuple[str, str], dict[int, float]] = {}
        ends: dict[tuple[str, str], int] = {}
        first = self.years[0]
        for a, v, end, size in zip(
            *(self.system[f"vintage_{c}"].to_numpy() for c in ("asset", "label", "end_year", "capacity")), strict=True
        ):
            ends[a, v] = int(end)
            inflow.setdefault((a, v), {})[first] = float(size)
        build = self.columns["build"]
        life = dict(zip(self.assets, self.of_asset("lifetime"), strict=True))
        for a, y, value in zip(build.names("asset"), build.names("year"), build.values, strict=True):
            end = int(y) + int(np.ceil(life[a]))
            ends[a, f"{y}-{end}"] = end
            flow = inflow.setdefault((a, f"{y}-{end}"), {})
            flow[int(y)] = flow.get(int(y), 0.0) + value
        for row in self.works.itertuples():
            end = row.year + int(np.ceil(row.years))
            target = (row.to_asset, f"{row.year}-{end}")
            ends[target] = end
            flow = inflow.setdefault(target, {})
            flow[row.year] = flow.get(row.year, 0.0) + row.ratio * row.value
            source = inflow.setdefault((row.asset, row.vintage), {})
            source[row.year] = source.get(row.year, 0.0) - row.value
        retire = self.columns["retire"]
        for a, v, y, value in zip(*(retire.names(d) for d in ("asset", "vintage", "year")), retire.values, strict=True):
            inflow[a, v][int(y)] = inflow[a, v].get(int(y), 0.0) - value
        rows = []
        for (a, v), flow in inflow.items():
            left = 0.0
            for year in self.years:
                left = left + flow.get(year, 0.0) if year < ends[a, v] else 0.0
                rows.append((a, v, year, left, year < ends[a, v], flow.get(year, 0.0)))
        return pd.DataFrame(rows, columns=["asset", "vintage", "year", "left", "alive", "change"])

    @cached_property
    def works(self) -> pd.DataFrame:
        """Every decision on works: ``asset, vintage, work, year, value`` and what the option says of it."""
        convert = self.columns["convert"]
        decided = pd.DataFrame({d: convert.names(d) for d in ("asset", "vintage", "work", "year")}).assign(
            value=convert.values
        )
        columns = (
            "asset",
            "vintage",
            "option",
            "to_asset",
            "ratio",
            "years",
            "annuity",
            "outage_years",
            "first_year",
            "share",
        )
        offered = pd.DataFrame({c: self.system[f"work_{c}"].to_numpy() for c in columns})
        technology = dict(zip(self.assets, self.of_asset("technology"), strict=True))
        named = [f"{o} to {technology[a]}" for o, a in zip(offered["option"], offered["to_asset"], strict=True)]
        offered["work"] = pd.Series(named, index=offered.index, dtype=object)
        return decided.astype({"year": int}).merge(
            offered, on=["asset", "vintage", "work"], how="left", validate="many_to_one"
        )

    @cached_property
    def standstill(self) -> Floats:
        """Capacity that stands still for works, by (asset, year)."""
        dense = np.zeros((len(self.assets), len(self.years)))
        length = dict(zip(self.years, self.system["period_length"].to_numpy(), strict=True))
        for row in self.works.itertuples():
            share = min(1.0, row.outage_years / length[row.year])
            dense[self.place[row.to_asset], self.years.index(row.year)] += share * row.ratio * row.value
        return dense

    @cached_property
    def available(self) -> Floats:
        """Available share of capacity by (asset, year, step)."""
        factor = self.system["availability_factor"].to_numpy()
        rows = {name: i for i, name in enumerate(self.time["profile"].to_numpy())}
        profile = self.time["profile_value"].to_numpy()[[rows[name] for name in self.of_asset("availability")]]
        available: Floats = factor[:, :, None] * profile[:, None, :]
        return available

    @cached_property
    def net_injection(self) -> Floats:
        """What assets give to each (node, commodity, year, step) in an hour, less what they take."""
        nodes, commodities = list(self.system["node"].to_numpy()), list(self.system["commodity"].to_numpy())
        at_node, at_commodity = {n: i for i, n in enumerate(nodes)}, {c: i for i, c in enumerate(commodities)}
        dense = np.zeros((len(nodes), len(commodities), len(self.years), len(self.steps)))
        hours = dict(zip(self.assets, self.of_asset("hours"), strict=True))
        stores = set(self.store_assets)
        shape: list[tuple[str, list[object]]] = [
            ("asset", list(self.assets)),
            ("year", list(self.years)),
            ("step", list(self.steps)),
        ]
        given = self.columns["discharge"].sum_to(shape) - self.columns["charge"].sum_to(shape)
        for asset, mode, node, commodity, amount in zip(
            *(self.system[f"port_{c}"].to_numpy() for c in ("asset", "mode", "node", "commodity", "yield")), strict=True
        ):
            flow = given[self.place[asset]] if asset in stores else amount / hours[asset] * self.per_step(asset, mode)
            dense[at_node[node], at_commodity[commodity]] += flow
        return dense

    @cached_property
    def store_assets(self) -> list[str]:
        """Assets that store."""
        return [asset for asset, kind in zip(self.assets, self.of_asset("kind"), strict=True) if kind == "storage"]

    @cached_property
    def demand(self) -> Floats:
        """Demand of each (node, commodity, year, step) in an hour."""
        nodes, commodities = list(self.system["node"].to_numpy()), list(self.system["commodity"].to_numpy())
        dense = np.zeros((len(nodes), len(commodities), len(self.years), len(self.steps)))
        rows = {name: i for i, name in enumerate(self.time["profile"].to_numpy())}
        profile = self.time["profile_value"].to_numpy()
        annual = self.system["annual_demand"].to_numpy()
        for i, (n, c, p) in enumerate(
            zip(*(self.system[f"demand_{x}"].to_numpy() for x in ("node", "commodity", "profile")), strict=True)
        ):
            dense[nodes.index(n), commodities.index(c)] += (
                annual[i][:, None] / HOURS_PER_YEAR * profile[rows[p]][None, :]
            )
        return dense

    def slack(self, name: str) -> Floats:
        """Unserved demand or excess by (node, commodity, year, step) in an hour, coarser decisions spread flat."""
        nodes, commodities = list(self.system["node"].to_numpy()), list(self.system["commodity"].to_numpy())
        shape: list[tuple[str, list[object]]] = [
            ("node", nodes),
            ("commodity", commodities),
            ("year", list(self.years)),
        ]
        dense = self.columns[name].sum_to([*shape, ("step", list(self.steps))])
        by_period = self.columns[f"{name}_by_period"].sum_to([*shape, ("period", list(self.periods))])
        dense += by_period[..., self.period_of_step]
        dense += self.columns[f"{name}_by_year"].sum_to(shape)[..., None]
        return dense

    def over_periods(self, rate: Floats) -> Floats:
        """Quantity per year in each period of a rate by (..., step)."""
        member = np.zeros((len(self.steps), len(self.periods)))
        member[np.arange(len(self.steps)), self.period_of_step] = self.step_hours
        summed: Floats = rate @ member
        return summed

    @cached_property
    def emissions(self) -> Floats:
        """CO2 by (year, period) in Mt a year: carbon taken in by plants and links, less what they pass on."""
        factor = dict(
            zip(
                self.system["commodity"].to_numpy(),
                np.nan_to_num(self.system["commodity_co2_factor"].to_numpy()),
                strict=True,
            )
        )
        kind = dict(zip(self.assets, self.of_asset("kind"), strict=True))
        hours = dict(zip(self.assets, self.of_asset("hours"), strict=True))
        rate = np.zeros((len(self.years), len(self.steps)))
        for asset, mode, commodity, amount in zip(
            *(self.system[f"port_{c}"].to_numpy() for c in ("asset", "mode", "commodity", "yield")), strict=True
        ):
            if kind[asset] in ("conversion", "link") and factor[commodity]:
                rate -= amount / hours[asset] * factor[commodity] * self.per_step(asset, mode)
        return self.over_periods(rate)
