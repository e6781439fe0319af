"""One small study in which every equation has rows: for comparisons of the whole statement."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from model.passes import first_state, needs_passes
from model.study import Study
from tests.lp.solved import study
from tests.studies import HOURS, Row, Rows, flat, technology

LIFE: dict[str, Any] = {"lifetime": 20, "wacc": 0.05}


def technologies() -> list[Rows]:
    """A thermal plant with commitment, works into gas, wind, water, a store, works by period and by year, lines."""
    return [
        technology(
            "old",
            variable_cost=3,
            takes={"coal": 2.5},
            fixed_cost=15,
            minimum_load=0.4,
            ramp_rate=0.05,
            start_cost=40,
            response=0.1,
            **LIFE,
        ),
        technology(
            "gas",
            variable_cost=2,
            takes={"fuel_gas": 1.9},
            capital_cost=900,
            fixed_cost=10,
            minimum_load=0.2,
            ramp_rate=0.07,
            start_cost=25,
            response=0.4,
            **LIFE,
        ),
        technology(
            "chp",
            variable_cost=4,
            gives={"electricity": 1, "heat": 0.6},
            takes={"fuel_gas": 2.1},
            lifetime=50,
            wacc=0.05,
            declared={"must_run": "cold"},
        ),
        technology(
            "wind", capital_cost=1100, fixed_cost=25, declared={"availability": "wind_cf", "group": "wind"}, **LIFE
        ),
        technology("hydro", fixed_cost=20, lifetime=100, response=1, declared={"group": "hydro"}),
        technology(
            "store",
            kind="storage",
            capital_cost=700,
            duration=6,
            charge_efficiency=0.9,
            discharge_efficiency=0.85,
            standing_loss=0.001,
            response=0.9,
            declared={"group": "storage"},
            **LIFE,
        ),
        technology("works", gives={"fuel_gas": 1}, takes={"electricity": 0.03}, variable_cost=9, lifetime=60),
        technology("railway", gives={"freight": 1}, takes={"electricity": 0.04}, variable_cost=3, lifetime=60),
        technology("line", kind="link", length_cost=1.5, loss=0.04, loss_length=100, **LIFE),
        technology("pipe", kind="link", gives={"fuel_gas": 1}, loss=0.01, loss_length=100, lifetime=60),
        technology("rails", kind="link", gives={"freight": 1}, lifetime=60),
        *_seasonal(),
    ]


def _seasonal() -> list[Rows]:
    """A lake and what runs on its water, and a cavern for gas, both from season to season."""
    return [
        technology(
            "lake",
            kind="storage",
            gives={"water": 1},
            duration=700,
            charge_efficiency=0.97,
            discharge_efficiency=0.98,
            standing_loss=0.0001,
            lifetime=100,
            declared={"cycle": "year", "group": "storage"},
        ),
        technology("dam", takes={"water": 1.1}, fixed_cost=20, lifetime=100, declared={"group": "hydro"}),
        _reach(),
        technology(
            "cavern",
            kind="storage",
            gives={"fuel_gas": 1},
            duration=2000,
            charge_efficiency=1,
            discharge_efficiency=1,
            standing_loss=0.00001,
            lifetime=100,
            declared={"cycle": "year", "group": "storage"},
        ),
    ]


def _reach() -> Rows:
    """A reach of river on which water of the lake is seven hours under way."""
    return {
        "technologies": [{"technology": "reach"}],
        "modes": [
            {"technology": "reach", "mode": "enter"},
            {"technology": "reach", "mode": "arrive", "follows": "enter", "delay": 7},
        ],
        "ports": [
            {"technology": "reach", "mode": mode, "commodity": "water", "yield": sign}
            for mode, sign in (("enter", -1), ("arrive", 1))
        ],
    }


def plants() -> list[Row]:
    """Two old plants with different ends, a committed and a candidate project, and one of everything else."""
    return [
        {"plant": "Old", "capacity": 1.3, "closing_year": 2037},
        {"plant": "Older", "technology": "old", "closing_year": 2031},
        {"plant": "Chp", "technology": "chp", "node": "south", "capacity": 0.3},
        {"plant": "Dam", "technology": "hydro", "node": "south", "capacity": 0.4},
        {"plant": "River", "technology": "dam", "capacity": 0.003},
        {"plant": "Lake", "technology": "lake", "capacity": 0.002},
        {"plant": "Reach", "technology": "reach", "capacity": 0.01, "closing_year": 2060},
        {"plant": "Cavern", "technology": "cavern", "capacity": 0.0001},
        {"plant": "Works", "technology": "works", "capacity": 3.1},
        {"plant": "Rails", "technology": "railway", "capacity": 0.9},
        {
            "plant": "Sure",
            "technology": "gas",
            "node": "south",
            "status": "committed",
            "start_year": 2029,
            "capacity": 0.2,
        },
        {"plant": "Maybe", "technology": "wind", "status": "candidate", "start_year": 2030, "capacity": 0.5},
    ]


def goals() -> dict[str, Any]:
    """A floor and a ceiling, soft and hard, over every measure."""
    return {
        "targets": [
            {"target": "green", "year": 2030, "value": 0, "unit": "GWh", "penalty": 0.2},
            {"target": "less_coal", "sense": "max", "year": 2030, "value": 9000, "unit": "GWh", "penalty": 0.01},
            {"target": "renewal", "year": 2030, "value": 0.2, "hard": 1, "counts_from": 2026},
        ],
        "target_terms": [
            {"target": "green", "measure": "delivered", "select": "wind"},
            {"target": "green", "measure": "demand", "select": "electricity", "coefficient": -0.1},
            {"target": "less_coal", "measure": "delivered", "select": "old"},
            {"target": "less_coal", "measure": "used", "select": "old", "commodity": "coal", "coefficient": 0.1},
            {"target": "renewal", "measure": "modernised", "select": "gas"},
            {"target": "renewal", "measure": "added", "select": "gas"},
            {"target": "renewal", "measure": "capacity", "select": "second", "coefficient": 0.1},
        ],
    }


def network() -> dict[str, Any]:
    """Two zones, links today and to be built among which power splits, and an interface that grows with them."""
    wire = {"voltage": "500", "emergency": 1.2}
    return {
        "nodes": [
            {"node": "abroad", "kind": "outside"},
            {"node": "north", "zone": "n"},
            {"node": "south", "zone": "s"},
        ],
        "links": [
            {"link": "north_south", "capacity": 0.3, "expansion": 0.3, "reactance": 40, **wire},
            {"link": "twin", "capacity": 0.1, "length": 120, "reactance": 120, **wire},
            {
                "link": "second",
                "status": "candidate",
                "first_year": 2030,
                "capacity": 0.5,
                "length": 140,
                "reactance": 24,
                **wire,
            },
            {"link": "border", "from_node": "abroad", "to_node": "north", "capacity": 0.3},
            {
                "link": "southern_border",
                "from_node": "abroad",
                "capacity": 0.1,
                "variable_cost": 1,
                "availability": 0.9,
            },
            {"link": "pipe", "technology": "pipe", "capacity": 0.3},
            {"link": "loop", "technology": "pipe", "capacity": 0.2},
            {"link": "rails", "technology": "rails", "capacity": 0.2},
            *(
                {"link": f"{name}_{node}", "technology": name, "from_node": "abroad", "to_node": node, "capacity": 0.2}
                for name in ("pipe", "rails")
                for node in ("north", "south")
            ),
        ],
        "ports": [
            {"technology": "rails", "mode": "forward", "place": "from", "yield": -0.01, "length_yield": -0.0001},
        ],
        "interfaces": [
            {"interface": "southward", "limit": 0.45, "emergency": 1.1},
            {"interface": "gas_southward", "limit": 0.4},
            {"interface": "track", "limit": 0.15, "flow": "gross"},
        ],
        "interface_members": [
            {"link": "north_south"},
            {"link": "twin"},
            {"link": "second", "uplift": 0.4},
            *({"interface": "gas_southward", "link": link} for link in ("pipe", "loop")),
            {"interface": "track", "link": "rails"},
        ],
    }


SECURITY: dict[str, Any] = {"network": "dc", "loss_tangents": 2, "security": "n-1", "operating_reserve": True}
"""Settings that look at the network and at reserves."""
PLAIN: dict[str, Any] = {
    "network": "transport",
    "loss_tangents": 0,
    "security": "none",
    "operating_reserve": False,
    "adequacy": False,
}
"""Settings that look at neither."""


def security() -> Rows:
    """What may be lost from 2030 on and what shedding then costs, margins, and operating reserve of both zones."""
    return {
        "contingencies": [
            {"contingency": "half of a line", "link": "north_south", "share": 0.5, "first_year": 2030},
            {"contingency": "a unit in the south", "node": "south", "lost": 0.15, "first_year": 2030},
        ],
        "targets": [{"target": "secure", "sense": "max", "year": 2030, "value": 0.02, "penalty": 50}],
        "target_terms": [{"target": "secure", "measure": "insecure", "select": "all"}],
        "reserve_margins": [
            {"zone": "n", "margin": 0.1, "penalty": 45},
            {"zone": "s", "margin": 0.12, "firm_imports": 0.05, "penalty": 55},
            {"zone": "all", "year": 2030, "margin": 0.15, "penalty": 60},
        ],
        "operating_reserves": [
            {"zone": zone, "largest_unit": unit, "load_share": 0.01, "wind_share": 0.1, "penalty": 90}
            for zone, unit in (("n", 0.12), ("s", 0.07))
        ],
    }


def building() -> dict[str, Any]:
    """Works on old plants, what can be built, and how fast."""
    return {
        "options": [
            {"option": "extend", "from_technology": "old", "capital_cost": 120, "years": 12, "share": 0.7},
            {
                "option": "convert",
                "from_technology": "old",
                "to_technology": "gas",
                "capital_cost": 310,
                "ratio": 1.1,
                "outage_years": 1.5,
            },
        ],
        "candidates": [
            {"technology": "gas", "node": "south", "potential": 1.7},
            {"technology": "wind", "node": "north"},
            {"technology": "store", "node": "south", "potential": 0.8},
        ],
        "project_rules": [
            {"project": "Maybe", "other": "second"},
            {"project": "store@south", "rule": "excludes", "other": "second"},
        ],
        "build_limits": [
            {"select": "wind", "rate": 0.09},
            {"limit": "works", "select": "gas", "rate": 0.11, "counts": "works"},
        ],
    }


def supply() -> dict[str, Any]:
    """Demands of every commodity, fuels, trade, water and carbon."""
    return {
        "demands": [
            row
            for node, grown in (("north", 1.1), ("south", 0.7))
            for row in (flat(node, grown), flat(node, grown * 1.4, 2040))
        ]
        + [
            flat("south", 0.1, commodity="heat"),
            flat("north", 0.2, commodity="fuel_gas"),
            flat("north", 0.6, commodity="freight"),
            flat("south", 0.1, commodity="freight"),
            flat("south", 0.05, load="Park"),
        ],
        "fuels": [
            {"commodity": "coal", "price": 3.1},
            {"commodity": "fuel_gas", "price": 21, "annual_limit": 2 * HOURS},
            {"commodity": "fuel_gas", "node": "south", "price": 24},
            {"commodity": "coal", "node": "south", "price": 4, "annual_limit": HOURS, "profile": "water"},
            {"commodity": "water", "price": 0, "annual_limit": 9, "profile": "water"},
        ],
        "markets": [
            {"market": "seller", "price": 61, "capacity": 0.3, "annual_limit": 900},
            {"market": "buyer", "direction": "export", "price": 17, "capacity": 0.2, "annual_limit": 400},
            {"market": "gas_seller", "commodity": "fuel_gas", "price": 33, "capacity": 0.05, "annual_limit": 300},
            {"market": "waggons", "commodity": "freight", "price": 4, "capacity": 0.02, "annual_limit": 100},
        ],
        "energy_limits": [
            {"technology": "hydro", "full_load_hours": 4100, "profile": "water"},
            {"technology": "hydro", "sense": "min", "full_load_hours": 1500, "profile": "water"},
        ],
        "emissions": [
            {"year": 2025, "price": 4},
            {"year": 2030, "price": 12, "cap": 9.5},
            {"year": 2040, "price": 22, "cap": 6.1},
        ],
    }


def weather() -> dict[str, Any]:
    """Profiles by month."""
    return {
        "monthly_profiles": [
            row
            for month in range(1, 13)
            for row in (
                {"profile": "water", "month": month, "value": (0.05 if month < 7 else 0.7 / 6)},
                {"profile": "cold", "month": month, "value": 0.5 if month < 5 else 0.1},
            )
        ],
        "weather": [
            {"node": node, "month": month, "wind_cf": 0.3 + 0.01 * month, "wind_diurnal": 0.1}
            for node in ("north", "south")
            for month in range(1, 13)
        ],
    }


def everything(folder: Path, **changes: Any) -> Study:
    """The study, with rows or settings changed; the moments after a contingency are those of its first pass."""
    case: dict[str, Any] = {
        "years": (2025, 2030, 2040),
        "horizon_end": 2045,
        "social_discount_rate": 0.07,
        "commitment": "relaxed",
        "transmission_loss_share": 0.03,
        "step_hours": 6,
        "periods": {"winter": [1, 2, 11, 12], "rest": range(3, 11)},
        "load": lambda month, hour: 1.3 if 6 <= hour < 18 else 0.9 if month < 4 else 0.75,
        "plants": plants(),
        **goals(),
        **network(),
        **SECURITY,
        **building(),
        **supply(),
        **weather(),
        "commodities": [
            {"commodity": "heat"},
            {"commodity": "coal", "resolution": "period", "co2_factor": 0.34},
            {"commodity": "fuel_gas", "resolution": "period", "co2_factor": 0.2},
            {"commodity": "freight", "resolution": "year"},
            {"commodity": "water", "unserved_price": "", "excess_price": ""},
        ],
    }
    own = study(folder, *technologies(), security(), **{**case, **changes})
    return replace(own, network_state=first_state(own.system, own.time)) if needs_passes(own.system) else own
