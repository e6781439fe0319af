"""Combined heat and power as modes: the corners of what a station can do, peak boilers and a hot-water tank.

The station has 1 GW, gives 0.6 of power with each unit of heat at back-pressure (c_b) and loses 0.2 of power for each
unit of heat (c_v); its efficiency without heat is 0.4 and fuel costs 10 USD/MWh. Its nameplate is given in heat mode,
so that full power and full heat, 1 / (0.6 + 0.2) = 1.25, come together. Corners as (power, heat, cost of fuel):
condensing (1, 0, 25), extraction (1, 1.25, 31.25), back-pressure (0.75, 1.25, 25), and standing still.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from model.study import Plan
from tests.lp.solved import YEAR, cost, solved, value
from tests.studies import Row, Rows, flat, only, technology

HALF = YEAR / 2
"""Million USD for a year of 1 GW at 1 USD/MWh in half of all hours."""

CORNERS = {"condensing": (1.0, 0.0), "extraction": (1.0, 1.25), "backpressure": (0.75, 1.25)}
"""Power and heat of each mode with the whole capacity in use."""

LIMITED = {"condensing": (1.0, 0.0), "extraction": (0.9, 0.5), "backpressure": (0.3, 0.5)}
"""The same station where its turbine gives no more than 0.5 of heat."""

CASE = Path(__file__).parents[2] / "inputs" / "kazakhstan"


def station(corners: Mapping[str, tuple[float, float]]) -> Rows:
    """The technology ``chp``; fuel of a corner is (power + 0.2 x heat) / 0.4."""
    ports: list[Row] = []
    for mode, (power, heat) in corners.items():
        moved = {"electricity": power, "heat": heat, "coal": -(power + 0.2 * heat) / 0.4}
        ports += [{"technology": "chp", "mode": mode, "commodity": c, "yield": y} for c, y in moved.items() if y]
    return {
        **technology("chp", lifetime=100),
        "modes": [{"technology": "chp", "mode": mode} for mode in corners],
        "ports": ports,
        "commodities": [{"commodity": "heat"}, {"commodity": "coal", "resolution": "period", "excess_price": ""}],
        "fuels": [{"commodity": "coal", "price": 10}],
    }


def heated(
    folder: Path,
    power: float,
    heat: float,
    *parts: Rows,
    corners: Mapping[str, tuple[float, float]] = CORNERS,
    prices: tuple[float, float] = (20.0, 30.0),
    plants: Sequence[Row] = (),
    **options: Any,
) -> Plan:
    """The plan for so many GW of power and heat, with the station, ``Old`` of 5 GW and boilers of 5 GW in the north.

    ``prices`` are those of ``Old`` and of the boilers, USD/MWh; ``plants`` and ``options`` come on top.
    """
    return solved(
        folder,
        station(corners),
        technology("old", variable_cost=prices[0]),
        technology("boiler", gives={"heat": 1}, variable_cost=prices[1], lifetime=100),
        *parts,
        plants=[
            {"plant": "Old", "capacity": 5},
            {"plant": "Chp", "technology": "chp"},
            {"plant": "Boiler", "technology": "boiler", "capacity": 5},
            *plants,
        ],
        demands=only(flat("north", power), flat("north", heat, commodity="heat")),
        **options,
    )


def runs(plan: Plan, step: str = "all/00") -> dict[str, float]:
    """GW of capacity that the station uses in each mode in a step."""
    modes = plan.study.system["mode_name"].to_numpy()[plan.study.system["mode_asset"].to_numpy() == "chp@north"]
    used = {str(mode): value(plan, "operation", "chp@north", mode, 2025, step) for mode in modes}
    return {mode: amount for mode, amount in used.items() if abs(amount) > 1e-9}


@pytest.mark.parametrize(
    ("prices", "mode", "gain"),
    [
        ((10.0, 5.0), "", 0.0),
        ((40.0, 2.0), "condensing", 40 - 25.0),
        ((40.0, 20.0), "extraction", 40 + 1.25 * 20 - 31.25),
        ((20.0, 20.0), "backpressure", 0.75 * 20 + 1.25 * 20 - 25.0),
    ],
)
def test_the_prices_of_power_and_heat_choose_the_corner(
    tmp_path: Path, prices: tuple[float, float], mode: str, gain: float
) -> None:
    """Proves: with 2 GW of power and of heat to be had elsewhere at these prices the station goes to the corner that
    saves most: none below its fuel cost, condensing 15, extraction 33.75, back-pressure 15 USD/MWh of its capacity.
    Without the mode of a corner the next best is left: 0, 11.25, 30 and 13.75; a station with power and heat in one
    fixed ratio has a single corner."""
    plan = heated(tmp_path, 2, 2, prices=prices)
    assert runs(plan) == pytest.approx({mode: 1.0} if mode else {})
    assert cost(plan) == pytest.approx(YEAR * (2 * prices[0] + 2 * prices[1] - gain))


def test_a_point_inside_is_a_mix_of_corners(tmp_path: Path) -> None:
    """Proves: 0.5 GW of power and 0.5 of heat with nothing else at hand take 0.4 of the capacity at back-pressure (0.3
    and 0.5) and 0.2 without heat: fuel (0.5 + 0.2 x 0.5) / 0.4 = 1.5, 8.76 x 15 = 131.4. Without the loss of power by
    heat the fuel would be 1.25: 109.5."""
    plan = heated(tmp_path, 0.5, 0.5, prices=(500.0, 500.0))
    assert cost(plan) == pytest.approx(YEAR * 15)
    assert sum(runs(plan).values()) <= 1 + 1e-9


def test_heat_forces_power(tmp_path: Path) -> None:
    """Proves: 1.25 GW of heat give at least 0.75 of power, 0.25 more than is wanted, at 100 USD/MWh of surplus: 8.76 x
    (25 + 25) = 438. Without the line of back-pressure it would take 1.875 of fuel and no surplus: 164.25."""
    plan = heated(
        tmp_path,
        0.5,
        1.25,
        prices=(20.0, 500.0),
        commodities=[{"commodity": "electricity", "excess_price": 100}],
    )
    assert runs(plan) == pytest.approx({"backpressure": 1.0})
    assert cost(plan) == pytest.approx(438)


def test_a_turbine_gives_no_more_heat_than_its_limit(tmp_path: Path) -> None:
    """Proves: a station limited to 0.5 of heat gives 0.3 of power with it, from 1.0 of fuel, and takes its whole
    capacity in that mode; 0.75 GW of heat come from boilers and 1.7 of power from ``Old``: 8.76 x (10 + 0.75 x 30 + 1.7
    x 20) = 582.54. Without the limit the station gives all heat and 0.75 of power: 8.76 x (25 + 1.25 x 20) = 438."""
    plan = heated(tmp_path, 2, 1.25, corners=LIMITED)
    assert runs(plan) == pytest.approx({"backpressure": 1.0})
    assert value(plan, "operation", "boiler@north", "run", 2025, "all/00") == pytest.approx(0.75)
    assert cost(plan) == pytest.approx(582.54)


DAY_AND_NIGHT: dict[str, Any] = {"load": lambda month, hour: 1.5 if hour < 12 else 0.5, "step_hours": 12}
"""Half a day with 1.5 times the mean, half with 0.5."""


def test_peak_boilers_give_what_the_turbine_cannot(tmp_path: Path) -> None:
    """Proves: of 1.5 GW of heat in the cold half the turbine gives 1.25 and peak boilers 0.25 at 30 USD/MWh; in the
    mild half 0.4 of the station do. Power is 3 and 1 GW at 20: 4.38 x (25 + 2.25 x 20 + 7.5 + 10 + 0.7 x 20) = 444.57.
    Without the limit of the turbine the boilers would stand still: 4.38 x (30 + 2.1 x 20 + 24) = 420.48."""
    plan = heated(tmp_path, 2, 1, **DAY_AND_NIGHT)
    assert runs(plan) == pytest.approx({"backpressure": 1.0})
    assert runs(plan, "all/12") == pytest.approx({"backpressure": 0.4})
    assert value(plan, "operation", "boiler@north", "run", 2025, "all/00") == pytest.approx(0.25)
    assert cost(plan) == pytest.approx(444.57)


def test_a_tank_carries_heat_of_the_turbine_to_the_peak(tmp_path: Path) -> None:
    """Proves: a tank that gives back 0.8 takes 0.3125 GW in the mild half in place of 0.25 GW of boilers in the cold
    one: the station runs at 0.65 and gives 0.4875 of power: 4.38 x (25 + 45 + 16.25 + 0.5125 x 20) = 422.67. Without
    the tank 444.57; without its loss 420.48."""
    store: dict[str, Any] = {"duration": 20, "charge_efficiency": 1, "discharge_efficiency": 0.8, "lifetime": 100}
    plan = heated(
        tmp_path,
        2,
        1,
        technology("tank", kind="storage", gives={"heat": 1}, **store),
        plants=[{"plant": "Tank", "technology": "tank"}],
        **DAY_AND_NIGHT,
    )
    assert runs(plan, "all/12") == pytest.approx({"backpressure": 0.65})
    assert value(plan, "operation", "boiler@north", "run", 2025, "all/00") == pytest.approx(0)
    assert cost(plan) == pytest.approx(422.67)


def _case_rows(name: str) -> list[dict[str, str]]:
    """Rows of a table of the Kazakhstan case, those of its heat folder included."""
    rows: list[dict[str, str]] = []
    for folder in (CASE, CASE / "heat"):
        with (folder / name).open(encoding="utf-8", newline="") as stream:
            rows += csv.DictReader(stream)
    return rows


def _case_corners() -> dict[str, dict[str, dict[str, float]]]:
    """Yields of every technology of the case that gives heat and power, by mode and commodity."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for row in _case_rows("ports.csv"):
        fuel = row["commodity"] if row["commodity"] in ("electricity", "heat") else "fuel"
        found.setdefault(row["technology"], {}).setdefault(row["mode"], {})[fuel] = float(row["yield"])
    both = {"electricity", "heat", "fuel"}
    return {name: modes for name, modes in found.items() if any(both <= set(mode) for mode in modes.values())}


def test_the_stations_of_the_case_burn_as_much_as_their_corners_say() -> None:
    """Proves: at every corner of every station of the case the fuel is (power + c_v x heat) / efficiency with one c_v
    from 0.15 to 0.17, and power and heat together are less than 0.85 of the fuel. Without it a slip in one port would
    make heat for nothing."""
    stations = _case_corners()
    tagged = {row["technology"] for row in _case_rows("technologies.csv") if "chp" in row["tags"].split(";")}
    assert tagged <= set(stations)
    for name, modes in stations.items():
        efficiency = -1 / modes["condensing"]["fuel"]
        for mode in (mode for mode in modes.values() if "heat" in mode):
            loss = (-mode["fuel"] * efficiency - mode["electricity"]) / mode["heat"]
            assert 0.1499 < loss < 0.1701, name
            assert (mode["electricity"] + mode["heat"]) / -mode["fuel"] < 0.85, name


def test_boilers_of_the_case_count_for_no_goal_of_power() -> None:
    """Proves: what gives heat alone has neither the tag nor the group that the goals and paces of power plants select.
    Without it new boilers would meet the goal of 3.7 GW and use up the pace of coal and gas plants."""
    selected = {row["select"] for name in ("target_terms.csv", "build_limits.csv") for row in _main_rows(name)}
    for row in _case_rows("technologies.csv"):
        if row["technology"].startswith(("boiler", "heat_")):
            assert not selected & {row["technology"], row["group"], *row["tags"].split(";")}


def _main_rows(name: str) -> list[dict[str, str]]:
    with (CASE / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
