"""Rivers between two dams, worked out by hand.

Every day has four steps of six hours. The load is 2.2 GW from 06 to 12 and 0.6 GW else; ``Old`` gives 1 GW at 20
USD/MWh, the peaker any amount at 200. 3.6 GWh of water come to the upper dam in a day; its lake of a day keeps them for
the peak, 0.6 GW in six hours. The lower dam has 0.6 GW and no lake: it takes water as it comes, or lets it by.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from model.lp.cascade import arriving_shares
from model.study import Plan
from tests.lp.solved import Proofs, cost, solved, value
from tests.studies import Row, Rows, flat, only, technology

WATER = 3.6
"""Water of a day as the electricity that either dam makes of it, GWh."""
REACH = "reach@north"


def _load(month: int, hour: int) -> float:
    return 2.2 if 6 <= hour < 12 else 0.6


def _reach(delay: float, kind: str, places: tuple[str, str]) -> Rows:
    """A reach of river: what is let go above enters it and arrives below after ``delay`` hours."""
    given = (("enter", "let_go", places[0], -1), ("arrive", "below", places[1], 1))
    return {
        "technologies": [{"technology": "reach", "kind": kind}],
        "modes": [
            {"technology": "reach", "mode": "enter"},
            {"technology": "reach", "mode": "arrive", "follows": "enter", "delay": delay},
        ],
        "ports": [
            {"technology": "reach", "mode": mode, "commodity": c, "place": place, "yield": amount}
            for mode, c, place, amount in given
        ],
        "technology_values": [{"technology": "reach", "quantity": "lifetime", "value": 100, "unit": "year"}],
    }


def _river(folder: Path, delay: float, **changes: Any) -> Plan:
    """Two dams with a reach of ``delay`` hours between them, within the north."""
    whole: dict[str, Any] = {"charge_efficiency": 1, "discharge_efficiency": 1, "lifetime": 100}
    reach: list[Row] = [{"plant": "Reach", "technology": "reach", "capacity": 9}]
    case: dict[str, Any] = {
        "plants": [
            {"plant": "Old", "capacity": 1},
            {"plant": "Peak", "technology": "peaker", "capacity": 3},
            {"plant": "Upper", "technology": "upper", "capacity": 0.6},
            {"plant": "Lake", "technology": "lake", "capacity": 9},
            {"plant": "Lower", "technology": "lower", "capacity": 0.6, "node": changes.pop("lower_node", "north")},
            *changes.pop("reach", reach),
        ],
        "commodities": [
            {"commodity": c, "unserved_price": "", "excess_price": 0} for c in ("water", "let_go", "below")
        ],
        "fuels": [{"commodity": "water", "price": 0, "annual_limit": 365 * WATER, "profile": "even"}],
        "demands": only(flat("north", 1)),
        "load": _load,
        "step_hours": 6,
    }
    return solved(
        folder,
        technology("peaker", variable_cost=200, lifetime=100),
        technology("upper", gives={"electricity": 1, "let_go": 1}, takes={"water": 1}, lifetime=100),
        technology("lower", takes={"below": 1}, lifetime=100),
        technology("lake", kind="storage", gives={"water": 1}, duration=24, **whole),
        _reach(delay, *changes.pop("kind", ("conversion", ("here", "here")))),
        **{**case, **changes},
    )


def _cost(old: float, peak: float) -> float:
    """Million USD a year for so many GWh a day of ``Old`` and of the peaker."""
    return 365 * (20 * old + 200 * peak) / 1000


def test_water_that_arrives_late_misses_the_peak(tmp_path: Path) -> None:
    """Proves: with six hours on the way, 3.6 GWh of water meet the peak once, at one of the two dams: of the 7.2 GWh
    that the peak lacks the peaker gives 3.6, ``Old`` 24 - 7.2 - 3.6 = 13.2: 359.16 million USD. Without the equation
    water would come to the lower dam from nowhere, and without the delay both dams would serve the peak: 122.64."""
    assert cost(_river(tmp_path / "late", 6)) == pytest.approx(_cost(13.2, 3.6)) == pytest.approx(359.16)
    assert cost(_river(tmp_path / "at once", 0)) == pytest.approx(_cost(16.8, 0)) == pytest.approx(122.64)


def test_a_delay_of_a_whole_period_changes_nothing(tmp_path: Path) -> None:
    """Proves: days that stand for themselves close on themselves, so that a day on the way is none and 30 hours are 6.
    Without it the coarse plan would lose or make water at the ends of its days."""
    assert cost(_river(tmp_path / "day", 24)) == pytest.approx(_cost(16.8, 0))
    assert cost(_river(tmp_path / "more", 30)) == pytest.approx(_cost(13.2, 3.6))


def test_water_that_arrives_between_steps_is_shared_out(tmp_path: Path) -> None:
    """Proves: what is let go from 06 to 12, 0.6 GW, and takes nine hours comes from 15 to 21: half of the step from 12
    and half of that from 18, 0.3 GW in each. A GWh let go at the peak saves 200 + 20, one let go before it 20 + 110,
    so that all is let go at the peak: 359.16. Without shares it would come too early or too late."""
    plan = _river(tmp_path, 9)
    arrived = [value(plan, "operation", REACH, "arrive", 2025, f"all/{hour}") for hour in ("00", "06", "12", "18")]
    assert arrived == pytest.approx([0, 0, 0.3, 0.3], abs=1e-7)
    assert cost(plan) == pytest.approx(_cost(13.2, 3.6))


def test_a_river_runs_to_another_node(tmp_path: Path) -> None:
    """Proves: a reach that is a link takes water from one node to the other, where the lower dam stands behind a line:
    359.16 with six hours, 122.64 at once. Without places of modes a river could not leave its node."""
    for delay, wanted in ((6, 359.16), (0, 122.64)):
        plan = _river(
            tmp_path / str(delay),
            delay,
            kind=("link", ("from", "to")),
            lower_node="south",
            reach=[],
            links=[{"link": "river", "technology": "reach", "capacity": 9}],
        )
        assert cost(plan) == pytest.approx(wanted)


def test_shares_of_uneven_steps() -> None:
    """Proves: steps of 3, 9 and 12 hours and 4 hours on the way. From 0 to 3 there arrives what left from 20 to 23, in
    the third; from 3 to 12 an hour of the third, three of the first, five of the second; from 12 to 24 four of the
    second and eight of the third. Every hour that leaves arrives once. Without the overlap of hours, uneven steps would
    make or lose water."""
    names = ["a", "b", "c"]
    time = xr.Dataset(
        {"duration": ("step", [3, 9, 12]), "step_period": ("step", ["day"] * 3)},
        coords={"step": names},
    )
    shares = {(step, sent): share for step, sent, share in arriving_shares(time, 4)}
    wanted = {("a", "c"): 1, ("b", "c"): 1 / 9, ("b", "a"): 3 / 9, ("b", "b"): 5 / 9, ("c", "b"): 4 / 12}
    assert shares == pytest.approx({**wanted, ("c", "c"): 8 / 12})
    hours = dict(zip(names, (3, 9, 12), strict=True))
    left = [sum(hours[step] * share for (step, sent), share in shares.items() if sent == name) for name in names]
    assert np.allclose(left, [3, 9, 12])


PROOFS: Proofs = {"arrival": (test_water_that_arrives_late_misses_the_peak, test_a_river_runs_to_another_node)}
