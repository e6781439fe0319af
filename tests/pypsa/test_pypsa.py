"""An independent second tool: the same system in PyPSA, stated by its own code and solved by the same solver.

Four nodes, thermal and wind power, a store and lossy lines, all built for one planning year of one typical day; random
costs, so that the optimum is unique. In the year before there is no demand, so that it costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pypsa
import pytest

from model.study import Plan
from tests.lp.solved import cost, solved, value
from tests.studies import HOURS, Row, Rows, flat, only, technology

# PyPSA announces its own version 2.0; what it will change there is not ours to heed.
pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning")

NODES = ("north", "south", "east", "west")
LINES = {
    "north_south": ("north", "south", 310),
    "north_east": ("north", "east", 540),
    "south_west": ("south", "west", 270),
    "east_west": ("east", "west", 420),
}
STEP = 3
LIFE, WACC = 20, 0.07
ANNUITY = WACC / (1 - (1 + WACC) ** -LIFE)
STORE: dict[str, Any] = {"duration": 5, "charge_efficiency": 0.93, "discharge_efficiency": 0.91, "standing_loss": 0.002}
LOSS_PER_KM = 0.05 / 500


@dataclass(frozen=True)
class Numbers:
    """The random numbers of one system: USD/kW, USD/kW and year, USD/MWh, GW."""

    capital: dict[str, float]
    fixed: dict[str, float]
    variable: dict[str, float]
    load: dict[str, float]
    potential: dict[str, float]


def numbers(seed: int) -> Numbers:
    """Costs, loads and potentials by technology and node."""
    rng = np.random.default_rng(seed)
    return Numbers(
        capital={
            "thermal": rng.uniform(900, 1400),
            "wind": rng.uniform(700, 1000),
            "store": rng.uniform(250, 500),
            "line": rng.uniform(0.3, 0.8),
        },
        fixed={name: rng.uniform(5, 30) for name in ("thermal", "wind", "store")},
        variable={"thermal": rng.uniform(35, 70), "wind": rng.uniform(0.5, 2)},
        load={node: rng.uniform(0.4, 2) for node in NODES},
        potential={node: rng.uniform(0.3, 4) for node in NODES},
    )


def technologies(given: Numbers) -> list[Rows]:
    """The technologies with their costs."""
    money: dict[str, Any] = {
        name: {"capital_cost": given.capital[name], "fixed_cost": given.fixed[name], "lifetime": LIFE, "wacc": WACC}
        for name in ("thermal", "wind", "store")
    }
    return [
        technology("thermal", variable_cost=given.variable["thermal"], **money["thermal"]),
        technology(
            "wind",
            variable_cost=given.variable["wind"],
            declared={"availability": "wind_cf", "group": "wind"},
            **money["wind"],
        ),
        technology("store", kind="storage", declared={"group": "storage"}, **STORE, **money["store"]),
        technology(
            "line", kind="link", length_cost=given.capital["line"], loss=0.05, loss_length=500, lifetime=LIFE, wacc=WACC
        ),
    ]


def ours(folder: Path, given: Numbers) -> Plan:
    """The plan of this program."""
    candidates: list[Row] = [
        {"technology": name, "node": node, "potential": given.potential[node] if name == "wind" else 50}
        for name, places in (("thermal", ("north", "west")), ("wind", NODES), ("store", NODES))
        for node in places
    ]
    rng = np.random.default_rng(1)
    return solved(
        folder,
        *technologies(given),
        years=(2025, 2026),
        step_hours=STEP,
        nodes=[{"node": node} for node in NODES],
        plants=only(),
        links=only(
            *(
                {
                    "link": link,
                    "from_node": a,
                    "to_node": b,
                    "status": "candidate",
                    "capacity": 50,
                    "first_year": 2026,
                    "length": km,
                }
                for link, (a, b, km) in LINES.items()
            )
        ),
        candidates=candidates,
        demands=only(*(flat(n, gw if y == 2026 else 0, y) for n, gw in given.load.items() for y in (2025, 2026))),
        load=lambda month, hour: 1 + 0.35 * np.sin((hour - 6) / 24 * 2 * np.pi) + 0.1 * np.cos(hour / 2),
        weather=[
            {"node": node, "month": month, "wind_cf": cf, "wind_diurnal": swing}
            for node, cf, swing in ((n, rng.uniform(0.25, 0.45), rng.uniform(0.2, 0.7)) for n in NODES)
            for month in range(1, 13)
        ],
    )


def add_places(network: pypsa.Network, plan: Plan, given: Numbers) -> None:
    """Buses with their loads, and what can be built there."""
    profiles = plan.study.time["profile_value"]

    def yearly(name: str) -> float:
        return given.capital[name] * ANNUITY + given.fixed[name]

    for node in NODES:
        network.add("Bus", node)
        network.add(
            "Load",
            node,
            bus=node,
            p_set=given.load[node] * profiles.sel(profile=f"load@{node}").to_numpy(),
        )
        network.add(
            "Generator",
            f"wind@{node}",
            bus=node,
            p_nom_extendable=True,
            p_nom_max=given.potential[node],
            p_max_pu=profiles.sel(profile=f"wind_cf@{node}").to_numpy(),
            capital_cost=yearly("wind"),
            marginal_cost=given.variable["wind"] / 1000,
        )
        network.add(
            "StorageUnit",
            f"store@{node}",
            bus=node,
            p_nom_extendable=True,
            max_hours=STORE["duration"],
            efficiency_store=STORE["charge_efficiency"],
            efficiency_dispatch=STORE["discharge_efficiency"],
            standing_loss=STORE["standing_loss"],
            cyclic_state_of_charge=True,
            capital_cost=yearly("store"),
        )
    for node in ("north", "west"):
        network.add(
            "Generator",
            f"thermal@{node}",
            bus=node,
            p_nom_extendable=True,
            capital_cost=yearly("thermal"),
            marginal_cost=given.variable["thermal"] / 1000,
        )


def add_lines(network: pypsa.Network, given: Numbers) -> None:
    """A pair of directed links for every line, the first with the cost of both."""
    for link, (start, end, km) in LINES.items():
        for name, bus0, bus1, price in (
            (link, start, end, given.capital["line"] * km * ANNUITY),
            (f"{link} back", end, start, 0.0),
        ):
            network.add(
                "Link",
                name,
                bus0=bus0,
                bus1=bus1,
                p_nom_extendable=True,
                efficiency=1 - LOSS_PER_KM * km,
                capital_cost=price,
            )


def theirs(plan: Plan, given: Numbers) -> pypsa.Network:
    """PyPSA's network over the same profiles, in GW and million USD, solved."""
    network = pypsa.Network()
    network.set_snapshots(pd.RangeIndex(24 // STEP))
    network.snapshot_weightings = pd.DataFrame(
        {"objective": STEP * 365.0, "generators": STEP * 365.0, "stores": float(STEP)}, index=network.snapshots
    )

    add_places(network, plan, given)
    add_lines(network, given)

    def both_directions(n: pypsa.Network, snapshots: Any) -> None:
        size = n.model["Link-p_nom"]
        for link in LINES:
            n.model.add_constraints(size.sel(name=link) - size.sel(name=f"{link} back") == 0, name=f"one line {link}")

    status, condition = network.optimize(
        solver_name="highs", extra_functionality=both_directions, include_objective_constant=False, log_to_console=False
    )
    assert (status, condition) == ("ok", "optimal")
    return network


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 7])
def test_pypsa_finds_the_same_plan(tmp_path: Path, seed: int) -> None:
    """Proves: cost and every capacity agree with an independent tool to a millionth: investment with annuities and
    fixed cost, profiles, losses on lines and in stores, a store that closes its day. Without it a misunderstanding
    common to our equations, accounts and tests could stay."""
    given = numbers(seed)
    plan = ours(tmp_path, given)
    network = theirs(plan, given)
    assert cost(plan) == pytest.approx(network.objective, rel=1e-6)
    built = {**network.generators["p_nom_opt"], **network.storage_units["p_nom_opt"], **network.links["p_nom_opt"]}
    sizes = {name: size for name, size in built.items() if not name.endswith(" back")}
    assert sum(size > 0.01 for size in sizes.values()) >= 7
    for name, size in sizes.items():
        assert value(plan, "build", name, 2026) == pytest.approx(size, rel=1e-6, abs=1e-6), name
    assert plan.results["demand"].sel(year=2026).sum().item() == pytest.approx(sum(given.load.values()) * HOURS)
