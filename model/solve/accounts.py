"""What a plan comes to, recomputed from the System and the decisions alone.

Nothing here uses the equations of the linear program: quantities are followed from decision to consequence in NumPy, so
that a mistake in an equation shows as a difference. The certificate compares, the results report.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from model.solve.columns import Column
from model.system.assets import new_label
from model.system.network import ELECTRICITY
from model.system.units import HOURS_PER_YEAR, hours_per_unit, rate_unit

Floats = np.ndarray
DIMS = ("asset", "year", "step", "period", "slot", "node", "commodity", "target", "zone", "link")
RUNS = ("operation", "operation_by_period", "operation_by_year")


class Port(NamedTuple):
    """What a mode of an asset gives (or takes, negative) of a commodity at a node, per hour of full operation."""

    asset: str
    kind: str
    mode: str
    node: str
    commodity: str
    per_hour: float


@dataclass(frozen=True)
class Accounts:
    """Quantities of a plan by asset, place, year and step; ``system`` and ``time`` as read, ``columns`` as solved."""

    system: xr.Dataset
    time: xr.Dataset
    columns: Mapping[str, Column]

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
    def nodes(self) -> list[str]:
        """All nodes."""
        return list(self.system["node"].to_numpy())

    @cached_property
    def commodities(self) -> list[str]:
        """All commodities."""
        return list(self.system["commodity"].to_numpy())

    @cached_property
    def zones(self) -> list[str]:
        """Zones, and ``all`` for the country, of which a margin or a reserve is asked."""
        return list(dict.fromkeys([*self.system["margin"].to_numpy(), *self.system["reserve"].to_numpy()]))

    @cached_property
    def targets(self) -> list[str]:
        """All goals."""
        return list(self.system["target"].to_numpy())

    @cached_property
    def links(self) -> list[str]:
        """All links, which are assets."""
        return list(self.system["link"].to_numpy())

    def dense(self, variable: str, *dims: str) -> Floats:
        """A variable summed into a dense array over ``dims``, which are of `DIMS`."""
        slots = list(self.time["slot"].to_numpy())
        known: tuple[Sequence[object], ...] = (self.assets, self.years, self.steps, self.periods, slots, self.nodes)
        known += (self.commodities, self.targets, self.zones, self.links)
        labels = dict(zip(DIMS, known, strict=True))
        return self.columns[variable].sum_to([(dim, labels[dim]) for dim in dims])

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
        activity: Floats = self.mode_activity[self.mode_place[asset, mode]]
        return activity

    @cached_property
    def ports(self) -> list[Port]:
        """All ports of all assets; those of a store only say what it stores."""
        kind = dict(zip(self.assets, self.of_asset("kind"), strict=True))
        hours = dict(zip(self.assets, self.of_asset("hours"), strict=True))
        rows = (self.system[f"port_{c}"].to_numpy() for c in ("asset", "mode", "node", "commodity", "yield"))
        return [Port(a, kind[a], k, n, c, amount / hours[a]) for a, k, n, c, amount in zip(*rows, strict=True)]

    def flow(self, port: Port) -> Floats:
        """What goes through a port in an hour, by (year, step)."""
        return port.per_hour * self.per_step(port.asset, port.mode)

    @cached_property
    def link_flows(self) -> tuple[Floats, Floats]:
        """What runs forward and backward over each (link, year, step): modes by the end at which they deliver."""
        shape = (len(self.links), len(self.years), len(self.steps))
        forward, backward = np.zeros(shape), np.zeros(shape)
        row = {link: i for i, link in enumerate(self.links)}
        ends = dict(zip(self.links, self.system["link_to_node"].to_numpy(), strict=True))
        for asset, mode, node in dict.fromkeys((p.asset, p.mode, p.node) for p in self.ports if p.per_hour > 0):
            if asset in row:
                (forward if node == ends[asset] else backward)[row[asset]] += self.per_step(asset, mode)
        return forward, backward

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
        return self.dense("capacity", "asset", "year")

    @cached_property
    def built(self) -> Floats:
        """New capacity by (asset, year) as decided."""
        return self.dense("build", "asset", "year")

    def out_of(self, works: pd.DataFrame) -> Floats:
        """Capacity that comes out of some of ``self.works``, by (asset, year)."""
        dense = np.zeros((len(self.assets), len(self.years)))
        for row in works.itertuples():
            dense[self.place[row.to_asset], self.years.index(row.year)] += row.ratio * row.value
        return dense

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
            label = new_label(int(y), life[a])
            ends[a, label] = int(y) + int(np.ceil(life[a]))
            flow = inflow.setdefault((a, label), {})
            flow[int(y)] = flow.get(int(y), 0.0) + value
        for row in self.works.itertuples():
            target = (row.to_asset, new_label(row.year, row.years))
            ends[target] = row.year + int(np.ceil(row.years))
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
        said = ("asset", "vintage", "name", "option", "to_asset", "ratio", "years", "annuity", "outage_years")
        offered = pd.DataFrame({c: self.system[f"work_{c}"].to_numpy() for c in (*said, "first_year", "share")})
        return decided.astype({"year": int}).merge(
            offered.rename(columns={"name": "work"}),
            on=["asset", "vintage", "work"],
            how="left",
            validate="many_to_one",
        )

    @cached_property
    def standstill(self) -> Floats:
        """Capacity that stands still for works, by (asset, year)."""
        works = self.works
        length = works["year"].map(dict(zip(self.years, self.system["period_length"].to_numpy(), strict=True)))
        share = np.minimum(1.0, (works["outage_years"] / length).to_numpy(dtype=float))
        return self.out_of(works.assign(value=works["value"] * share))

    @cached_property
    def profiles(self) -> dict[str, Floats]:
        """Every profile by (step), under its name."""
        return dict(zip(self.time["profile"].to_numpy(), self.time["profile_value"].to_numpy(), strict=True))

    @cached_property
    def available(self) -> Floats:
        """Available share of capacity by (asset, year, step)."""
        factor = self.system["availability_factor"].to_numpy()
        profile = np.array([self.profiles[name] for name in self.of_asset("availability")])
        available: Floats = factor[:, :, None] * profile[:, None, :]
        return available

    @cached_property
    def net_injection(self) -> Floats:
        """What assets give to each (node, commodity, year, step) in an hour, less what they take."""
        at_node, at_commodity = ({x: i for i, x in enumerate(labels)} for labels in (self.nodes, self.commodities))
        dense = np.zeros((len(self.nodes), len(self.commodities), len(self.years), len(self.steps)))
        charge, discharge = self.store_rates
        hours = self.of_asset("hours").astype(float)
        for port in self.ports:
            i = self.place[port.asset]
            flow = (discharge[i] - charge[i]) / hours[i] if port.kind == "storage" else self.flow(port)
            dense[at_node[port.node], at_commodity[port.commodity]] += flow
        for end in ("from_node", "to_node") if ELECTRICITY in at_commodity else ():
            for loss, node in zip(self.link_losses, self.system[f"link_{end}"].to_numpy(), strict=True):
                dense[at_node[node], at_commodity[ELECTRICITY]] -= loss / 2
        return dense

    @cached_property
    def link_losses(self) -> Floats:
        """What links lose by (link, year, step) where losses grow with the square of the flow; else nothing."""
        return self.dense("link_loss", "link", "year", "step")

    @cached_property
    def store_rates(self) -> tuple[Floats, Floats]:
        """What stores take in and give back by (asset, year, step), coarser decisions spread flat.

        What a store without losses takes in and gives back at once comes to nothing and is left out of both.
        """
        charge, discharge = (
            self.dense(name, "asset", "year", "step")
            + self.dense(f"{name}_by_period", "asset", "year", "period")[..., self.period_of_step]
            for name in ("charge", "discharge")
        )
        lossless = self.of_asset("charge_efficiency") * self.of_asset("discharge_efficiency") == 1
        at_once = np.minimum(charge, discharge) * lossless[:, None, None]
        return charge - at_once, discharge - at_once

    @cached_property
    def store_assets(self) -> list[str]:
        """Assets that store."""
        return [asset for asset, kind in zip(self.assets, self.of_asset("kind"), strict=True) if kind == "storage"]

    @cached_property
    def demand(self) -> Floats:
        """Demand of each (node, commodity, year, step) in an hour."""
        dense = np.zeros((len(self.nodes), len(self.commodities), len(self.years), len(self.steps)))
        annual = self.system["annual_demand"].to_numpy() / HOURS_PER_YEAR
        rows = (self.system[f"demand_{c}"].to_numpy() for c in ("node", "commodity", "profile"))
        for hourly, node, commodity, profile in zip(annual, *rows, strict=True):
            place = self.nodes.index(node), self.commodities.index(commodity)
            dense[place] += hourly[:, None] * self.profiles[profile][None, :]
        return dense

    @cached_property
    def unserved(self) -> Floats:
        """Unserved demand by (node, commodity, year, step) in an hour."""
        return self._slack("unserved")

    @cached_property
    def excess(self) -> Floats:
        """What is left over, by (node, commodity, year, step) in an hour."""
        return self._slack("excess")

    def _slack(self, name: str) -> Floats:
        """A slack by (node, commodity, year, step), coarser decisions spread flat."""
        dims = ("node", "commodity", "year")
        dense = self.dense(name, *dims, "step")
        dense += self.dense(f"{name}_by_period", *dims, "period")[..., self.period_of_step]
        dense += self.dense(f"{name}_by_year", *dims)[..., None]
        per_rate = [1 / hours_per_unit(rate_unit(unit)) for unit in self.system["commodity_unit"].to_numpy()]
        slack: Floats = dense * np.array(per_rate)[None, :, None, None]
        return slack

    def over_periods(self, rate: Floats) -> Floats:
        """Quantity per year in each period of a rate by (..., step)."""
        member = np.zeros((len(self.steps), len(self.periods)))
        member[np.arange(len(self.steps)), self.period_of_step] = self.step_hours
        summed: Floats = rate @ member
        return summed

    @cached_property
    def emissions(self) -> Floats:
        """CO2 by (year, period) in Mt a year: carbon taken in by plants and links, less what they pass on."""
        factor = dict(zip(self.commodities, np.nan_to_num(self.system["commodity_co2_factor"].to_numpy()), strict=True))
        outside = {a for a, scope in zip(self.assets, self.of_asset("co2"), strict=True) if scope == "outside"}
        rate = np.zeros((len(self.years), len(self.steps)))
        for port in self.ports:
            if port.kind in ("conversion", "link") and factor[port.commodity] and port.asset not in outside:
                rate -= factor[port.commodity] * self.flow(port)
        return self.over_periods(rate)
