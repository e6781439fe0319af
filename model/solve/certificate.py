"""The certificate: a plan is optimal because its matrix says so, and real because the inputs say so.

Two examinations that share no code: ``optimality.examine`` looks at the matrix, rows, duals and the gap;
``physical_checks`` recomputes balances, limits, accounts and goals from the System. A result is written only if both
pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from model.lp.program import Floats, LinearProgram
from model.solve import adequacy, ledger, network
from model.solve.accounts import Accounts
from model.solve.optimality import FEASIBILITY, Optimality, examine
from model.solve.stores import Store, between_slots, by_slot, inside, stores
from model.solve.violations import as_finely, excess

COST_AGREEMENT = 1e-6
"""Relative difference allowed between the solver's objective and the costs recomputed from the inputs."""


@dataclass(frozen=True)
class Certificate:
    """What was proved. ``physics`` holds the largest relative violation of every recomputed account."""

    optimality: Optimality
    physics: Mapping[str, float]
    cost_difference: float
    gap: float

    @property
    def passed(self) -> bool:
        """Whether the plan may be called certified to ``gap``."""
        return (
            self.optimality.certified(self.gap)
            and self.physical_violation <= FEASIBILITY
            and self.cost_difference <= COST_AGREEMENT
        )

    @property
    def physical_violation(self) -> float:
        """The largest of all physical violations."""
        return max(self.physics.values(), default=0.0)

    def reason(self) -> str:
        """Why it did not pass, in one line; empty if it did."""
        found = []
        if not self.optimality.certified(self.gap):
            o, wanted = self.optimality, f"wanted {self.gap:.0e}"
            found.append(f"primal {o.primal:.1e}, dual {o.dual:.1e}, gap {o.gap:.1e} ({wanted})")
            found.append(f"worst {o.worst_row} {o.worst_column}")
        if self.physical_violation > FEASIBILITY:
            worst = max(self.physics, key=lambda name: self.physics[name])
            found.append(f"{worst} is violated by {self.physics[worst]:.1e}")
        if self.cost_difference > COST_AGREEMENT:
            found.append(f"costs recomputed from the inputs differ by {self.cost_difference:.1e}")
        return "; ".join(found)

    def as_dict(self) -> dict[str, float]:
        """Primal, dual, gap and the rest as plain numbers."""
        numbers = {name: value for name, value in asdict(self.optimality).items() if not isinstance(value, str)}
        return {
            **numbers,
            "physical": self.physical_violation,
            "cost_difference": self.cost_difference,
            "wanted_gap": self.gap,
        }


def certify(program: LinearProgram, primal: Floats, row_dual: Floats, accounts: Accounts, gap: float) -> Certificate:
    """Both examinations of a solution; nothing is raised, ``passed`` tells."""
    optimality = examine(program, primal, row_dual)
    weights = accounts.system["discount_weight"].to_numpy()
    recomputed = float((ledger.costs(accounts) @ weights).sum())
    difference = abs(recomputed - optimality.objective) / max(1.0, abs(optimality.objective))
    return Certificate(optimality, physical_checks(accounts), difference, gap)


def physical_checks(accounts: Accounts) -> dict[str, float]:
    """Largest violation / max(1, largest term) of every account, by its name."""
    return {
        "signs of decisions": _signs(accounts),
        "capacity accounts": _capacity(accounts),
        "balances": _balances(accounts),
        "available capacity": _available(accounts),
        "heat-led output": _heat_led(accounts),
        "energy limits": _energy(accounts),
        "annual limits": _annual(accounts),
        "stores": _stores(accounts),
        "interfaces": network.interfaces(accounts),
        "borders": network.borders(accounts),
        "arrivals": network.arrivals(accounts),
        "power flow": adequacy.loops(accounts),
        "losses of links": adequacy.losses(accounts),
        "reserve margins": adequacy.margins(accounts),
        "operating reserve": adequacy.operating_reserve(accounts),
        "security": adequacy.secure(accounts),
        "project rules": network.project_rules(accounts),
        "emissions": _emissions(accounts),
        "goals": _goals(accounts),
        "potentials and pace": _pace(accounts),
        "both ways at once": network.both_ways(accounts),
    }


def _signs(accounts: Accounts) -> float:
    free = {"emission", "counted", "level", "level_lowest"}
    return max(
        (excess(-c.values, np.zeros(1)) for name, c in accounts.columns.items() if name not in free), default=0.0
    )


def _capacity(accounts: Accounts) -> float:
    """Vintages followed from their start give the capacities, never fall below zero and add nothing after their end."""
    followed = accounts.vintage_left
    total = np.zeros_like(accounts.capacity)
    rows = followed["asset"].map(accounts.place).to_numpy(dtype=int)
    years = followed["year"].map({y: j for j, y in enumerate(accounts.years)}).to_numpy(dtype=int)
    np.add.at(total, (rows, years), followed["left"].to_numpy())
    dead = followed.loc[~followed["alive"], "change"].abs().to_numpy()
    lower, upper = accounts.system["build_lower"].to_numpy(), accounts.system["build_upper"].to_numpy()
    built, works = accounts.built, accounts.works
    early = works.loc[works["year"] < works["first_year"], "value"].to_numpy(dtype=float)
    sizes = dict(
        zip(
            zip(accounts.system["vintage_asset"].to_numpy(), accounts.system["vintage_label"].to_numpy(), strict=True),
            accounts.system["vintage_capacity"].to_numpy(),
            strict=True,
        )
    )
    done = (
        works.groupby(["asset", "vintage", "work"], sort=False)
        .agg(value=("value", "sum"), share=("share", "first"))
        .reset_index()
    )
    part = np.array(
        [share * sizes[a, v] for a, v, share in zip(done["asset"], done["vintage"], done["share"], strict=True)]
    )
    supply = accounts.of_asset("kind") == "supply"
    return max(
        excess(np.abs(total - accounts.capacity)[~supply], np.zeros(1)),
        excess(-followed["left"].to_numpy(), np.zeros(1)),
        excess(dead, np.zeros(1)),
        excess(built, upper),
        excess(lower, built),
        excess(early, np.zeros(1)),
        excess(done["value"].to_numpy(dtype=float), part),
    )


def _balances(accounts: Accounts) -> float:
    """What assets give and take, with unserved and excess, meets demand as finely as the commodity balances.

    What balances by step is compared as a rate, what balances more coarsely as a quantity.
    """
    rest = accounts.net_injection + accounts.unserved - accounts.excess - accounts.demand
    size = np.maximum(np.abs(accounts.net_injection), accounts.demand)
    worst = 0.0
    for c, resolution in enumerate(accounts.system["commodity_resolution"].to_numpy()):
        open_balance, scale = as_finely(accounts, rest[:, c], resolution), as_finely(accounts, size[:, c], resolution)
        worst = max(worst, float(np.max(np.abs(open_balance) / np.maximum(1.0, scale), initial=0.0)))
    return worst


def _usable(accounts: Accounts) -> Floats:
    usable: Floats = accounts.capacity - accounts.standstill
    return usable


def _available(accounts: Accounts) -> float:
    """Activity stays within what is available, as finely as the finest of an asset's modes is decided."""
    running = np.isin(accounts.of_asset("kind"), ("conversion", "link", "market"))
    used, room = accounts.activity, accounts.available * _usable(accounts)[:, :, None]
    hours = accounts.over_periods(np.ones(len(accounts.steps)))
    finest = accounts.finest_runs
    worst = excess(used[running & (finest == "step")], room[running & (finest == "step")])
    used, room = accounts.over_periods(used), accounts.over_periods(room)
    by_period, by_year = running & (finest == "period"), running & (finest == "year")
    return max(
        worst,
        excess(used[by_period] / hours, room[by_period] / hours),
        excess(used[by_year].sum(axis=-1) / hours.sum(), room[by_year].sum(axis=-1) / hours.sum()),
    )


def _heat_led(accounts: Accounts) -> float:
    led = [(i, accounts.profiles[name]) for i, name in enumerate(accounts.of_asset("must_run")) if name]
    if not led:
        return 0.0
    assets, profiles = (np.array(part) for part in zip(*led, strict=True))
    least = profiles[:, None, :] * _usable(accounts)[assets][:, :, None]
    return excess(least, accounts.activity[assets])


def _energy(accounts: Accounts) -> float:
    system = accounts.system
    shares = dict(
        zip(accounts.time["monthly_profile"].to_numpy(), accounts.time["monthly_share"].to_numpy(), strict=True)
    )
    worst = 0.0
    for asset, sense, hours, profile in zip(
        *(system[f"energy_limit_{c}"].to_numpy() for c in ("asset", "sense", "full_load_hours", "profile")), strict=True
    ):
        i = accounts.place[asset]
        done = accounts.over_periods(accounts.activity[i])
        limit = accounts.capacity[i][:, None] * hours * shares[profile][None, :]
        worst = max(worst, excess(done, limit) if sense == "max" else excess(limit, done))
    return worst


def _annual(accounts: Accounts) -> float:
    limit = accounts.system["annual_limit"].to_numpy()
    done = accounts.activity @ accounts.step_hours / accounts.of_asset("hours").astype(float)[:, None]
    return excess(done, limit)


def _stores(accounts: Accounts) -> float:
    """The level follows charge and discharge, round its period or through the year, within power and size."""
    charge, discharge = accounts.store_rates
    rows = [accounts.place[store] for store in accounts.store_assets]
    room = accounts.available * _usable(accounts)[:, :, None]
    decided = accounts.dense("level", "asset", "year", "step")
    worst = excess((charge + discharge)[rows], room[rows])
    for store in stores(accounts):
        size = store.duration * store.per_hour * accounts.capacity[store.place]
        if store.seasonal:
            worst = max(worst, _season(accounts, store, size))
        else:
            worst = max(worst, _cycle(accounts, store, decided[store.place], size))
    return worst


def _cycle(accounts: Accounts, store: Store, level: Floats, size: Floats) -> float:
    """A store whose level returns within the period: from step to step, and from the last to the first."""
    length = accounts.time["duration"].to_numpy().astype(float)
    charge, discharge = (rates[store.place] for rates in accounts.store_rates)
    place = {step: i for i, step in enumerate(accounts.steps)}
    before = level[:, [place[step] for step in accounts.time["previous"].to_numpy()]]
    expected = (1 - store.loss) ** length * before + length * (store.inward * charge - discharge / store.outward)
    return max(
        excess(np.abs(level - expected), np.zeros(1)),
        excess(-level, np.zeros(1)),
        excess(level, size[:, None]),
    )


def _season(accounts: Accounts, store: Store, size: Floats) -> float:
    """A seasonal store: each slot of the calendar ends where the next begins, never below empty or above full."""
    worst, scale = 0.0, np.maximum(1.0, size)[:, None]
    level = inside(accounts, store)
    between = between_slots(accounts, store, level)
    for slot, during in enumerate(by_slot(accounts, store, level, between)):
        following = between[:, (slot + 1) % between.shape[1]]
        worst = max(
            worst,
            excess(np.abs(during[:, -1] - following) / scale[:, 0], np.zeros(1)),
            excess(-during / scale, np.zeros(1)),
            excess((during - size[:, None]) / scale, np.zeros(1)),
        )
    return max(worst, excess(-between / scale, np.zeros(1)))


def _emissions(accounts: Accounts) -> float:
    decided = accounts.dense("emission", "year", "period")
    total = accounts.emissions.sum(axis=1)
    return max(
        excess(np.abs(decided - accounts.emissions), np.zeros(1)),
        excess(total, accounts.system["co2_cap"].to_numpy()),
    )


def _goals(accounts: Accounts) -> float:
    required = accounts.system["target_required"].to_numpy()
    if not required.size:
        return 0.0
    value, short = ledger.target_values(accounts), ledger.shortfalls(accounts)
    sign = np.where(accounts.system["target_sense"].to_numpy() == "min", 1.0, -1.0)[:, None]
    missing = sign * (required - value) - short
    return float(np.nanmax(np.where(np.isnan(required), 0.0, missing / np.maximum(1.0, np.abs(required)))).clip(0))


def _pace(accounts: Accounts) -> float:
    system = accounts.system
    worst = 0.0
    totals: dict[str, Floats] = {}
    limits = dict(
        zip(system["potential_member_name"].to_numpy(), system["potential_member_limit"].to_numpy(), strict=True)
    )
    for name, asset in zip(
        system["potential_member_name"].to_numpy(), system["potential_member_asset"].to_numpy(), strict=True
    ):
        totals[name] = totals.get(name, 0.0) + accounts.capacity[accounts.place[asset]]
    worst = max(
        (excess(total, np.full(len(accounts.years), limits[name])) for name, total in totals.items()), default=0.0
    )
    built, worked = accounts.built, accounts.out_of(accounts.works)
    most = system["build_rate"].to_numpy() * system["years_since_previous"].to_numpy()[None, :]
    for i, (limit, counts) in enumerate(
        zip(system["build_limit"].to_numpy(), system["build_limit_counts"].to_numpy(), strict=True)
    ):
        own = [
            accounts.place[a]
            for n, a in zip(
                system["build_limit_member_name"].to_numpy(), system["build_limit_member_asset"].to_numpy(), strict=True
            )
            if n == limit
        ]
        done = (built[own].sum(axis=0) if counts != "works" else 0) + (
            worked[own].sum(axis=0) if counts != "new" else 0
        )
        worst = max(worst, excess(np.asarray(done)[1:], most[i][1:]))
    return worst
