"""Freight by hand: traction by length of the route, wires as a project, and a track that several links share.

The power system is next to nothing: 0.0001 GW in the north, made at 20 USD/MWh, and a line to the south without losses.
The sector folder ``freight`` carries 100 thousand containers a year over 500 km from north to south. Diesel costs 800
USD/t; traction takes 0.3 kWh of electricity or 0.06 kg of diesel per container and km, half of it at each end. So a
year takes 15 GWh, 0.3 million USD, or 3,000 t, 2.4 million USD. A container that is not carried costs 3,000 USD, which
is 3 million USD per thousand.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from model.study import Plan, Study
from tests.lp.solved import cost, value
from tests.studies import flat, only, write_study

POWER = 0.0001 * 8.76 * 20
"""Million USD a year for the little power that is always used."""

KNOWN = "2025,made up,assumption"
HEADERS = {
    "commodities": "commodity,name,unit,resolution,unserved_price [million_USD/({unit})],price_year,source,quality",
    "technologies": "technology,name,group,kind,capacity_unit",
    "technology_values": "technology,quantity,value,unit,price_year,source,quality",
    "modes": "technology,mode,price_year,source,quality",
    "ports": "technology,mode,commodity,place,yield,unit,length_yield [({commodity})/({activity})/km],source,quality",
    "fuels": "commodity,node,year,price,unit,price_year,source,quality",
    "demands": "node,commodity,year,value,unit,profile,source,quality",
    "links": "link,from_node,to_node,technology,status,capacity [{capacity}],first_year,length [km],"
    "capital_cost [million_USD/({capacity})],price_year,source,quality",
    "interfaces": "interface,limit,unit,flow,source,quality",
    "interface_members": "interface,link,direction,uplift [{capacity}],source,quality",
}
BASIS = {
    "commodities": [
        f"container,Containers,kTEU,year,3,{KNOWN}",
        f"empty,Empty containers,kTEU,year,3,{KNOWN}",
        f"diesel,Diesel,Mt,year,2500,{KNOWN}",
    ],
    "fuels": [
        f"container,north,2025,0,USD/TEU,{KNOWN}",
        f"empty,south,2025,0,USD/TEU,{KNOWN}",
        f"diesel,north,2025,800,USD/t,{KNOWN}",
        f"diesel,south,2025,800,USD/t,{KNOWN}",
    ],
}
TRACTION = {"electric": ("electricity", 0.00015, "GWh/kTEU"), "diesel": ("diesel", 3e-8, "Mt/kTEU")}
"""What each takes at either end per thousand containers and km: GWh, Mt."""


def railway(name: str, *tractions: str, cargo: str = "container") -> dict[str, list[str]]:
    """A technology of railways with one mode for each traction, paid off in 20 years."""
    ports = []
    for mode in tractions:
        energy, amount, unit = TRACTION[mode]
        for end, moved in (("from", -1), ("to", 1)):
            ports.append(f"{name},{mode},{cargo},{end},{moved},TEU/TEU,,x,assumption")
            ports.append(f"{name},{mode},{energy},{end},0,{unit},{-amount},x,assumption")
    return {
        "technologies": [f"{name},{name},freight,link,kTEU/year"],
        "technology_values": [f"{name},lifetime,20,year,{KNOWN}", f"{name},wacc,0,1/year,{KNOWN}"],
        "modes": [f"{name},{mode},{KNOWN}" for mode in tractions],
        "ports": ports,
    }


def wanted(*rows: tuple[str, str, float]) -> dict[str, list[str]]:
    """Thousand containers a year: node, commodity and number."""
    return {"demands": [f"{node},{cargo},2025,{number},kTEU,constant,x,assumption" for node, cargo, number in rows]}


HUNDRED = wanted(("south", "container", 100))


def track(name: str, technology: str, capacity: float, length: float = 500, ends: str = "north,south") -> str:
    """A row of an existing link."""
    return f"{name},{ends},{technology},existing,{capacity},,{length},,{KNOWN}"


def carried(folder: Path, *parts: dict[str, list[str]], **options: Any) -> Plan:
    """The certified plan of the power system and a sector ``freight`` of the given rows."""
    tables: dict[str, list[str]] = {}
    for part in (BASIS, *parts):
        for name, rows in part.items():
            tables.setdefault(name, []).extend(rows)
    write_study(folder, demands=only(flat("north", 0.0001)), sectors=["freight"], **options)
    (folder / "freight").mkdir()
    for name, rows in tables.items():
        (folder / "freight" / f"{name}.csv").write_text("\n".join([HEADERS[name], *rows]) + "\n", encoding="utf-8")
    return Study.read(folder).solve()


def freight_cost(plan: Plan) -> float:
    """Million USD without those of the little power."""
    return cost(plan) - POWER


def steps(plan: Plan) -> list[str]:
    """The steps of the plan."""
    return [str(step) for step in plan.accounts.time["step"].to_numpy()]


def test_traction_takes_what_its_kilometres_need(tmp_path: Path) -> None:
    """Proves: 100 thousand containers over 500 km of diesel line take 3,000 t, 2.4 million USD, over 250 km half of it.
    Without the yield per length both would be free; were it taken once more per link, both would cost the same."""
    for length, spent in ((500, 2.4), (250, 1.2)):
        links = {"links": [track("railway", "diesel_line", 100, length)]}
        plan = carried(tmp_path / str(length), railway("diesel_line", "diesel"), HUNDRED, links)
        assert freight_cost(plan) == pytest.approx(spent)


def test_under_wires_trains_go_by_electricity(tmp_path: Path) -> None:
    """Proves: a line with both tractions takes 15 GWh at 20 USD/MWh, 0.3 million USD, half of it at each end. Without
    the electric mode it would burn diesel for 2.4; with all of it at one end the power line to the south would be
    idle."""
    links = {"links": [track("railway", "electric_line", 100)]}
    plan = carried(tmp_path, railway("electric_line", "electric", "diesel"), HUNDRED, links)
    assert freight_cost(plan) == pytest.approx(0.3)
    south = sum(value(plan, "operation", "north_south", "forward", 2025, step) for step in steps(plan)) / len(
        steps(plan)
    )
    assert south * 8760 == pytest.approx(7.5)


def test_dear_power_sends_trains_back_to_diesel(tmp_path: Path) -> None:
    """Proves: at 200 USD/MWh electric traction would cost 3.0 million USD, so that trains burn diesel for 2.4 under the
    wires. Without the diesel mode on the electric line: 3.0."""
    links = {"links": [track("railway", "electric_line", 100)]}
    modes = [{"technology": "old", "mode": "run", "variable_cost": 200}]
    plan = carried(tmp_path, railway("electric_line", "electric", "diesel"), HUNDRED, links, modes=modes)
    assert cost(plan) - 10 * POWER == pytest.approx(2.4)


def test_wires_are_built_where_they_save_more_than_they_cost(tmp_path: Path) -> None:
    """Proves: wires over the track for 20 million USD, 1 a year, save 2.1 a year; they stand from 2030 on: 5 x 2.4 + 5
    x (0.3 + 1) = 18.5 million USD. Without the candidate 24.0; at 60 million USD, 3 a year, nothing is built. The
    track carries 100 in all, whatever draws the trains."""
    for capital, total in ((0.2, 5 * 2.4 + 5 * 1.3), (0.6, 10 * 2.4)):
        links = {
            "links": [
                track("railway", "diesel_line", 100),
                f"wires,north,south,electric_line,candidate,100,2030,500,{capital},{KNOWN}",
            ],
            "interfaces": ["track,100,kTEU/year,gross,x,assumption"],
            "interface_members": ["track,railway,1,0,x,assumption", "track,wires,1,0,x,assumption"],
        }
        plan = carried(
            tmp_path / str(capital),
            railway("diesel_line", "diesel"),
            railway("electric_line", "electric"),
            HUNDRED,
            links,
            years=(2025, 2030),
        )
        assert cost(plan) - 10 * POWER == pytest.approx(total)


def test_two_links_share_a_track(tmp_path: Path) -> None:
    """Proves: 60 thousand containers go south and 60 thousand empty ones north over one track for 100 in all, so that
    20 thousand stay behind: 60 million USD besides 2.4 of diesel. Without the joint limit nothing stays; were it on
    the net flow, south less north, nothing would either."""
    lines = {
        "links": [
            track("southward", "diesel_line", 80),
            track("northward", "empties_line", 80, ends="south,north"),
        ],
        "interface_members": ["track,southward,1,0,x,assumption", "track,northward,1,0,x,assumption"],
    }
    both = wanted(("south", "container", 60), ("north", "empty", 60))
    kinds = railway("diesel_line", "diesel"), railway("empties_line", "diesel", cargo="empty")
    for limit, missing in ((100, 20), (120, 0)):
        joint = {"interfaces": [f"track,{limit},kTEU/year,gross,x,assumption"]}
        plan = carried(tmp_path / str(limit), *kinds, both, lines, joint)
        assert freight_cost(plan) == pytest.approx(3 * missing + 2.4 * (120 - missing) / 100)


def test_a_second_track_widens_what_is_shared(tmp_path: Path) -> None:
    """Proves: a second track for 40 thousand containers more, 0.1 million USD a year per thousand, widens the limit of
    50 by what is built: 10, for 60 in all. First 50 are carried and 10 are missing, 1.2 + 30 million USD a year,
    then 1.44 + 1. Without the uplift the second track would have no room on the shared limit."""
    lines = {
        "links": [
            track("southward", "diesel_line", 100),
            f"second track,north,south,diesel_line,candidate,40,2030,500,2,{KNOWN}",
        ],
        "interfaces": ["track,50,kTEU/year,gross,x,assumption"],
        "interface_members": ["track,southward,1,0,x,assumption", "track,second track,1,40,x,assumption"],
    }
    sixty = wanted(("south", "container", 60))
    plan = carried(tmp_path, railway("diesel_line", "diesel"), sixty, lines, years=(2025, 2030))
    assert value(plan, "build", "second track", 2030) == pytest.approx(10)
    assert cost(plan) - 10 * POWER == pytest.approx(5 * (1.2 + 30) + 5 * (1.44 + 1))
