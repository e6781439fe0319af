"""Freight by hand: traction by length of the route, wires as a project, and a track that several links share.

The power system is next to nothing: 0.0001 GW in the north, made at 20 USD/MWh, and a line to the south. The sector
folder ``freight`` carries 100 thousand containers a year over 500 km from north to south. Diesel costs 800 USD/t;
traction takes 0.3 kWh or 0.06 kg of diesel per container and km, half of it at each end. So a year takes 15 GWh, 0.3
million USD, or 3,000 t, 2.4 million USD. A container that is not carried costs 3,000 USD, 3 million USD per thousand.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from model.study import Plan, Study
from tests.lp.solved import cost, value
from tests.studies import flat, only, write_study

POWER = 0.0001 * 8.76 * 20
"""Million USD a year for the little power that is always used."""

MADE_UP = "price_year,source,quality"
GIVEN = "2025,made up,assumption"
ELECTRIC = "electric", "electricity", 0.00015
DIESEL = "diesel", "diesel", 3e-8
"""Mode, what traction takes, and how much of it (GWh or Mt) at each end per thousand containers and km."""

BASIS = {
    "commodities": (
        f"commodity,name,unit,resolution,unserved_price [million_USD/({{unit}})],{MADE_UP}",
        f"container,Containers,kTEU,year,3,{GIVEN}",
        f"diesel,Diesel,Mt,year,2500,{GIVEN}",
    ),
    "fuels": (
        f"commodity,node,year,price,unit,{MADE_UP}",
        f"container,north,2025,0,USD/TEU,{GIVEN}",
        f"diesel,north,2025,800,USD/t,{GIVEN}",
        f"diesel,south,2025,800,USD/t,{GIVEN}",
    ),
    "demands": ("node,commodity,year,value,unit,profile,source,quality", "south,container,2025,100,kTEU,constant,x,assumption"),
}
"""Containers that wait in the north, fuel at both ends, and who wants the containers."""


def railway(name: str, *tractions: tuple[str, str, float]) -> dict[str, tuple[str, ...]]:
    """A technology of railways, with a mode for each traction."""
    ports = []
    for mode, energy, amount in tractions:
        ports += [f"{name},{mode},container,from,-1,TEU/TEU,", f"{name},{mode},container,to,1,TEU/TEU,"]
        ports += [f"{name},{mode},{energy},{end},0,({{commodity}})/({{activity}}),{-amount}" for end in ("from", "to")]
    return {
        "technologies": (f"{name},{name},freight,link,kTEU/year",),
        "modes": tuple(f"{name},{mode},{GIVEN}" for mode, _, _ in tractions),
        "ports": tuple(f"{port},x,assumption" for port in ports).__add__(()),
        "technology_values": (f"{name},lifetime,20,year,{GIVEN}", f"{name},wacc,0,1/year,{GIVEN}"),
    }


HEADERS = {
    "technologies": "technology,name,group,kind,capacity_unit",
    "modes": f"technology,mode,{MADE_UP}",
    "ports": "technology,mode,commodity,place,yield,unit,length_yield [({commodity})/({activity})/km],source,quality",
    "technology_values": f"technology,quantity,value,unit,{MADE_UP}",
    "links": "link,from_node,to_node,technology,status,capacity [{capacity}],first_year,length [km],"
    f"capital_cost [million_USD/({{capacity}})],{MADE_UP}",
    "interfaces": "interface,limit,unit,flow,source,quality",
    "interface_members": "interface,link,direction,uplift [{capacity}],source,quality",
}
