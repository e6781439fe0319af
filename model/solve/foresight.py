"""What a plan foresaw of a year, carried over to a finer program of the same year: by the labels of both.

The plan's program has few steps; the finer one has every hour of one planning year and the same rows and columns per
year. Levels of stores, the use of yearly limits and their prices are read from the plan's solution and laid over the
calendar of the finer program.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import xarray as xr

from model.lp.compile import compile_lp, give_back_duals
from model.lp.model import state_plan
from model.lp.program import PLAN, Family, Floats, Integers, LinearProgram
from model.lp.sets_time import slot_hours
from model.solve import highs
from model.solve.rolling import Links, NoDispatch, Shared
from model.system.units import HOURS_PER_YEAR
from model.time.runs import runs_of

LEEWAY = 0.25
"""Share of the price of what is stored that a level away from what was foreseen costs on top."""

LEAST = 0.001
"""Million USD per unit that it costs at least: 1 USD/MWh."""

DEAR = 3.0
"""Times the plan's own price that missing a limit of the year costs."""

LINK = "level_between"
CARRIES = ("storage_carry", "storage_carry_by_period")
LAST = ("storage_floor_last", "storage_ceiling_last")


@dataclass(frozen=True)
class Foresight:
    """A solved plan, looked at in one planning year; ``weight`` is the present value of one a year in it.

    kept: share of a level that is left after an hour, by store; all of it where a store is not named.
    """

    program: LinearProgram
    primal: Floats
    row_dual: Floats
    time: xr.Dataset
    year: int
    weight: float
    kept: Mapping[str, float] = field(default_factory=dict)

    def known(self, fine: LinearProgram, fine_time: xr.Dataset, capacity: Mapping[str, float]) -> Floats:
        """Columns of the finer program's plan block; nan for all others and for levels but that of the first slot.

        ``capacity``, by asset, is that of the finer program; all else is what the plan decided.
        """
        values = np.full(fine.columns, np.nan)
        own = fine.column_block == fine.blocks.index(PLAN)
        for family in fine.column_families:
            if not own[family.span].any():
                continue
            if family.name == LINK:
                first = family.start + np.flatnonzero(np.asarray(family.positions[2]) == 0)
                values[first] = self._levels(family, fine_time)[0][first - family.start]
            elif family.name in ("capacity", "left"):
                assets = np.asarray(family.labels[0], dtype=object)[np.asarray(family.positions[0])]
                values[family.span] = [capacity[str(asset)] for asset in assets]
            else:
                decided = self._by_label(family.name)
                values[family.span] = [decided.get(family.label(i), 0.0) for i in range(family.size)]
        return values

    def shared(self, fine: LinearProgram, fine_time: xr.Dataset, known: Floats) -> Shared:
        """Rows of the finer program over several blocks, with what the plan used of each in every block."""
        rows = _rows_over_blocks(fine)
        names = [fine.row_label(int(row)) for row in rows]
        mine = self._rows(set(names))
        hourly = np.zeros((len(rows), int(HOURS_PER_YEAR)))
        lower, upper, price = fine.row_lower[rows].copy(), fine.row_upper[rows].copy(), np.full(len(rows), LEAST)
        matrix, coarse = fine.matrix.tocsr(), self.program.matrix.tocsr()
        plan = np.flatnonzero(fine.column_block == fine.blocks.index(PLAN))
        for i, (row, name) in enumerate(zip(rows, names, strict=True)):
            if name in mine:
                terms = coarse[[mine[name]]].multiply(self.primal[None, :]).tocoo()
                block = self.program.column_block[terms.col]
                constant = terms.data[block == self.program.blocks.index(PLAN)].sum()
                lower[i], upper[i] = (
                    side[mine[name]] - constant for side in (self.program.row_lower, self.program.row_upper)
                )
                hourly[i] = self._hourly(np.bincount(block, terms.data, len(self.program.blocks)).astype(float))
                price[i] = max(LEAST, DEAR * abs(self.row_dual[mine[name]]) / self.weight)
            else:
                constant = float((matrix[[row]][:, plan] @ np.nan_to_num(known[plan]))[0])
                lower[i], upper[i] = lower[i] - constant, upper[i] - constant
        ends = np.cumsum(slot_hours(fine_time)).astype(int)
        planned = np.add.reduceat(hourly, np.concatenate([[0], ends[:-1]]), axis=1)
        return Shared(rows, lower, upper, planned, price)

    def links(self, fine: LinearProgram, fine_time: xr.Dataset) -> Links:
        """Levels between the slots of the finer calendar, as foreseen, and the plan's price of what is stored."""
        families = [family for family in fine.column_families if family.name == LINK and family.size]
        if not families:
            return Links(np.empty(0, dtype=np.int64), np.empty(0), np.empty(0), LEEWAY, LEAST)
        (family,) = families
        level, price = self._levels(family, fine_time)
        return Links(np.arange(family.start, family.start + family.size), level, price, LEEWAY, LEAST)

    def _by_label(self, name: str) -> dict[str, float]:
        """Values of one variable of the plan by label."""
        return {
            family.label(i): float(self.primal[family.start + i])
            for family in self.program.column_families
            if family.name == name
            for i in range(family.size)
        }

    def _rows(self, names: set[str]) -> dict[str, int]:
        """Rows of the plan's matrix by label, where they are among ``names``."""
        equations = {name.partition("[")[0] for name in names}
        kept = {int(row): place for place, row in enumerate(self.program.kept_rows)}
        return {
            family.label(i): kept[family.start + i]
            for family in self.program.row_families
            if family.name in equations
            for i in range(family.size)
            if family.start + i in kept and family.label(i) in names
        }

    def _hourly(self, by_block: Floats) -> Floats:
        """What was used in each block of the year laid over the hours that its period stands for."""
        periods = list(self.time["period"].to_numpy())
        place = {block: i for i, block in enumerate(self.program.blocks)}
        used = np.array([by_block[place[self.year, p]] if (self.year, p) in place else 0.0 for p in periods])
        if not self.time.sizes["slot"]:
            return np.full(int(HOURS_PER_YEAR), used.sum() / HOURS_PER_YEAR)
        standing = np.array([periods.index(p) for p in self.time["slot_period"].to_numpy()])
        of_hour = np.repeat(standing, slot_hours(self.time).astype(int))
        rate: Floats = used[of_hour] / np.bincount(of_hour, minlength=len(periods))[of_hour]
        return rate

    def _levels(self, family: Family, fine_time: xr.Dataset) -> tuple[Floats, Floats]:
        """Level and price of each link of the finer program: those of the plan at the same hour of the year."""
        level = self.program.column_family(LINK).to_array(self.primal, 0.0)
        worth = self._worths()
        own, fine = _starts(self.time), _starts(fine_time)
        found = np.zeros((2, family.size))
        assets, slots = np.asarray(family.positions[0]), np.asarray(family.positions[2])
        for i in np.unique(assets):
            name = str(family.labels[0][i])
            here = np.flatnonzero(assets == i)
            run = np.searchsorted(own, fine[slots[here]], side="right") - 1
            past, whole = fine[slots[here]] - own[run], np.diff(np.append(own, HOURS_PER_YEAR))[run]
            kept = self.kept.get(name, 1.0)
            share = past / whole if kept == 1 else (1 - kept**past) / (1 - kept**whole)
            held = level.sel(asset=name, year=self.year).to_numpy()
            found[0, here] = held[run] + share * (np.roll(held, -1) - held)[run]
            carried, at_last = worth[name]
            # what fades is worth the more the later it is there
            later = (carried + at_last)[run] * kept ** (whole - past)
            found[1, here] = np.where(past > 0, later, np.roll(carried, 1)[run])
        return found[0], found[1]

    def _worths(self) -> dict[str, tuple[Floats, Floats]]:
        """What a unit is worth at the end of each run of slots, and what it is worth more before its last slot.

        There a store may be empty or full: more of it is worth what the floor costs, or less what the ceiling does.
        """
        duals, _ = give_back_duals(
            self.program, self.row_dual, self.program.cost - self.program.matrix.T @ self.row_dual
        )
        rows = {
            family.name: family.to_array(duals, 0.0).rename(store="asset")
            for family in self.program.row_families
            if family.size and family.name in (*CARRIES, *LAST)
        }
        found = {}
        for carries in (rows[name] for name in CARRIES if name in rows):
            for asset in _members(carries):
                carried = -carries.sel(asset=asset, year=self.year)
                at_last = 0.0 * carried
                for own in (rows[name] for name in LAST if name in rows):
                    if asset in _members(own):
                        own = own.sel(asset=asset, year=self.year)
                        at_last = at_last + own.reindex(slot=carried["slot"], fill_value=0.0)
                found[asset] = carried.to_numpy() / self.weight, at_last.to_numpy() / self.weight
        return found


def foresee(system: xr.Dataset, time: xr.Dataset) -> Foresight:
    """What the year of an ``operating_system`` holds, from its dispatch in one piece in the longer steps of ``time``.

    A plan of a few periods mixes the months in them, so that rivers swell in its winter too; this knows when water
    comes. NoDispatch if the year has no solution.
    """
    program = compile_lp(state_plan(system, time))
    found = highs.solve(program)
    (year,) = system["year"].to_numpy()
    if found.status != "optimal":
        raise NoDispatch(f"year {year}: {found.status}")
    return Foresight(program, found.primal, found.row_dual, time, int(year), weight=1.0, kept=kept_by_store(system))


def kept_by_store(system: xr.Dataset) -> dict[str, float]:
    """Share of a level that is left after an hour, by asset."""
    lost = system["asset_standing_loss"].to_numpy().astype(float)
    return dict(zip(system["asset"].to_numpy(), 1 - lost, strict=True))


def _members(rows: xr.DataArray) -> list[str]:
    return [str(asset) for asset in rows["asset"].to_numpy()]


def _starts(time: xr.Dataset) -> Floats:
    """Hour of the year at which each run of slots begins."""
    hours = slot_hours(time)
    starts: Floats = (np.cumsum(hours) - hours)[runs_of(time).first]
    return starts


def _rows_over_blocks(program: LinearProgram) -> Integers:
    """Rows of the plan's block that hold columns of other blocks."""
    plan = program.blocks.index(PLAN)
    entries = program.matrix.tocoo()
    over = (program.row_block[entries.row] == plan) & (program.column_block[entries.col] != plan)
    rows: Integers = np.unique(entries.row[over]).astype(np.int64)
    return rows
