"""A study in which every equation has a row and every result a value: the small one and a little of everything else."""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import yaml
from pages import INPUTS

from model.passes import first_state
from model.study import Study
from model.system.tables import BY_NAME

SECTOR = "more"
SETTINGS = {
    "commitment": "relaxed",
    "loss_tangents": 2,
    "network": "dc",
    "operating_reserve": True,
    "sectors": [SECTOR],
    "security": "n-1",
}
REPLACED = ("links", "periods")
"""Tables that stand in place of the small study's: lines have reactances; every season has one typical day, so that
levels can be carried over.

All others are the sector folder ``SECTOR`` of the example."""
PROVENANCE = {"price_year": "2025", "source": "made up", "quality": "assumption"}
ADDED = {
    "nodes": """
        node,name,zone,kind,lon,lat
        abroad,Neighbour,outside,outside,70,42
    """,
    "commodities": """
        commodity,name,unit,resolution
        freight,Freight,Mt,year
        water,Water,GWh,step
    """,
    "periods": """
        period,months,days,daytype,wind,sun,peak
        winter,11;12;1;2;3,151,mean,1,1,0
        summer,4;5;6;7;8;9;10,214,mean,1,1,0
    """,
    "technologies": """
        technology,name,group,kind,capacity_unit,must_run,tags,cycle
        railway,Railway,transport,conversion,Mt/year,,,
        mine,Coal mine,fuel,conversion,TWh/year,,,
        hydro,Hydro,hydro,conversion,GW,,renewable,
        chp,"Coal, heat and power",coal,conversion,GW,cold,,
        dam,Hydro with a lake,hydro,conversion,GW,,renewable,
        lake,Lake,reservoir,storage,GW,,,year
        reach,Reach of a river,river,conversion,GW,,,
        yard,Coal yard,coal,storage,TWh/year,,,year
        conveyor,Conveyor,fuel,link,TWh/year,,,
        rails,Rails,transport,link,Mt/year,,,
    """,
    "modes": """
        technology,mode,variable_cost,unit,follows,delay [hour]
        railway,run,1,USD/t
        mine,run,1,USD/MWh
        hydro,run,1,USD/MWh
        chp,run,1,USD/MWh
        dam,run,1,USD/MWh
        lake,run,0,USD/MWh
        reach,enter,0,USD/MWh
        reach,arrive,0,USD/MWh,enter,7
        yard,run,0,USD/MWh
        conveyor,forward,0.1,USD/MWh
        rails,forward,1,USD/t
        rails,backward,1,USD/t
    """,
    "ports": """
        technology,mode,commodity,place,yield,unit,length_yield [kWh/t/km]
        railway,run,freight,here,1,t/t
        railway,run,electricity,here,-10,kWh/t
        mine,run,coal,here,1,MWh/MWh
        mine,run,electricity,here,-0.01,MWh/MWh
        hydro,run,electricity,here,1,MWh/MWh
        chp,run,electricity,here,1,MWh/MWh
        chp,run,coal,here,-3,MWh/MWh
        dam,run,electricity,here,1,MWh/MWh
        dam,run,water,here,-1,MWh/MWh
        lake,run,water,here,1,MWh/MWh
        reach,enter,water,here,-1,MWh/MWh
        reach,arrive,water,here,1,MWh/MWh
        yard,run,coal,here,1,MWh/MWh
        conveyor,forward,coal,from,-1,MWh/MWh
        conveyor,forward,coal,to,1,MWh/MWh
        rails,forward,freight,from,-1,t/t
        rails,forward,freight,to,1,t/t
        rails,forward,electricity,from,-1,kWh/t,-0.01
        rails,backward,freight,to,-1,t/t
        rails,backward,freight,from,1,t/t
    """,
    "technology_values": """
        technology,quantity,value,unit
        coal_old,minimum_load,0.5,1
        coal_old,ramp_rate,0.1,1/hour
        coal_old,start_cost,50,USD/MW
        railway,lifetime,60,year
        mine,lifetime,60,year
        hydro,lifetime,90,year
        chp,lifetime,45,year
        dam,lifetime,90,year
        lake,lifetime,200,year
        reach,lifetime,200,year
        lake,duration,1000,hour
        lake,charge_efficiency,1,1
        lake,discharge_efficiency,1,1
        yard,lifetime,90,year
        yard,duration,500,hour
        yard,charge_efficiency,1,1
        yard,discharge_efficiency,1,1
        conveyor,lifetime,60,year
        rails,lifetime,60,year
        wind,capacity_credit,0.1,1
        coal_old,response,0.1,1
        gas_ccgt,response,0.4,1
        hydro,response,1,1
        battery,response,1,1
    """,
    "plants": """
        plant,node,technology,status,capacity [{capacity}],start_year
        River dam,north,hydro,operating,0.3,2000
        Town station,north,chp,operating,0.2,2000
        Main line,south,railway,operating,5,2000
        Open pit,north,mine,operating,80,2000
        Lake dam,north,dam,operating,0.1,2000
        Lake,north,lake,operating,0.2,2000
        Reach,north,reach,operating,0.1,2000
        Yard,north,yard,operating,5,2000
    """,
    "options": """
        option,from_technology,to_technology,ratio,capital_cost [USD/kW],years [year],first_year,share
        convert,coal_old,gas_ccgt,1,600,25,2027,0.5
    """,
    "links": """
        link,name,from_node,to_node,technology,status,capacity [{capacity}],expansion [GW],\
            first_year,length [km],voltage,circuits,reactance [ohm],emergency,ring
        north_south,North - South 500 kV,north,south,line,existing,1,1,,1100,500,2,330,1.2,
        old_line,North - South 220 kV,north,south,line,existing,0.2,,,1100,220,1,400,1.2,
        north_steppe,North - Steppe 500 kV,north,steppe,line,existing,0.8,1,,400,500,1,120,1.2,
        steppe_south,Steppe - South 500 kV,steppe,south,line,candidate,0.8,,2028,900,500,1,270,1.2,1
        border,,south,abroad,line,existing,0.5,,,200,,,,,
        northern_border,,north,abroad,line,existing,0.1,,,300,,,,,
        coal_belt,,north,steppe,conveyor,existing,5,,,400,,,,,
        coal_abroad,,north,abroad,conveyor,existing,5,,,300,,,,,
        coal_from_abroad,,abroad,steppe,conveyor,existing,5,,,300,,,,,
        main_rails,,north,south,rails,existing,2,,,1100,,,,,
        northern_rails,,north,abroad,rails,existing,2,,,300,,,,,
        southern_rails,,abroad,south,rails,existing,2,,,200,,,,,
    """,
    "project_rules": """
        project,rule,other
        wind@steppe,requires,steppe_south
        battery@south,excludes,battery@steppe
    """,
    "fuels": """
        commodity,node,year,price,unit,annual_limit [TWh],profile
        gas,north,2025,20,USD/MWh,,
        gas,steppe,2025,20,USD/MWh,200,even
        water,north,2025,0,USD/MWh,0.4,even
    """,
    "interfaces": """
        interface,limit,unit,flow,emergency
        southward,1.5,GW,net,1.1
        coal_out,8,TWh/year,net,
        tracks,3,Mt/year,gross,
    """,
    "interface_members": """
        interface,link,direction,uplift [MW]
        southward,north_south,1,0
        southward,steppe_south,1,800
        coal_out,coal_belt,1,
        coal_out,coal_abroad,1,
        tracks,main_rails,1,
        tracks,northern_rails,1,
    """,
    "demands": """
        node,commodity,year,value,unit
        south,freight,2025,3,Mt
    """,
    "markets": """
        market,node,commodity,direction,year,price,unit,capacity [GW],annual_limit [GWh]
        abroad_import,abroad,electricity,import,2025,60,USD/MWh,0.5,1000
        abroad_export,abroad,electricity,export,2025,15,USD/MWh,0.5,1000
    """,
    "energy_limits": """
        technology,node,sense,full_load_hours [hour/year],profile
        hydro,,max,4000,even
        hydro,,min,1000,even
    """,
    "monthly_profiles": "profile,node,month,value\n" + "\n".join(f"cold,,{month},0.3" for month in range(1, 13)),
    "emissions": """
        year,price [USD/t],cap [Mt]
        2028,4,40
    """,
    "targets": """
        target,name,sense,year,value,unit,hard,penalty [million_USD/({unit})]
        coal_ceiling,Coal power stays below 25 TWh a year,max,2030,25,TWh,0,200
        n_minus_1,No load shed after the loss of a line or a unit,max,2030,0,GW,0,300
    """,
    "target_terms": """
        target,measure,select,coefficient,commodity
        coal_ceiling,delivered,coal,1,electricity
        n_minus_1,insecure,all,1,
    """,
    "contingencies": """
        contingency,link,share,node,lost [MW],first_year
        "loss of North - South 500 kV, one circuit",north_south,,,,2030
        loss of North - Steppe 500 kV,north_steppe,,,,2030
        loss of a unit in the south,,,south,300,2030
    """,
    "reserve_margins": """
        zone,year,margin,firm_imports [MW],penalty [USD/kW/year]
        north,2025,0.1,0,120
        south,2025,0.1,100,120
        all,2030,0.15,100,150
    """,
    "operating_reserves": """
        zone,year,largest_unit [MW],load_share,wind_share,solar_share,penalty [USD/MWh]
        north,2025,300,0.01,0.1,0.1,200
        south,2025,300,0.01,0.1,0.1,200
    """,
}
"""Rows by table; what they do not say is empty, and where they come from is made up."""


def write_example(folder: Path) -> Path:
    """Write the study into ``folder``, which is there and empty; returns it."""
    (folder / SECTOR).mkdir()
    for path in sorted((INPUTS / "small").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        write_rows(folder / path.name, added(path.stem) if path.stem in REPLACED else rows)
    for name in sorted(set(ADDED) - set(REPLACED)):
        write_rows(folder / SECTOR / f"{name}.csv", added(name))
    for path in (INPUTS / "small").glob("*.geojson"):
        shutil.copy(path, folder)
    settings = yaml.safe_load((INPUTS / "small" / "study.yaml").read_text(encoding="utf-8"))
    (folder / "study.yaml").write_text(yaml.safe_dump({**settings, **SETTINGS}), encoding="utf-8")
    return folder


def example_study(folder: Path) -> Study:
    """The study of ``write_example``, with the loops and the moments after a contingency of its first pass."""
    study = Study.read(write_example(folder))
    return replace(study, network_state=first_state(study.system, study.time))


def added(name: str) -> list[dict[str, str]]:
    """The rows that the example adds to a table."""
    lines = [line.strip() for line in ADDED[name].split("\n") if line.strip()]
    return [PROVENANCE | row for row in csv.DictReader(lines, skipinitialspace=True)]


def write_rows(path: Path, rows: list[dict[str, str]]) -> None:
    """Write rows as a CSV file with every column of the table that one of them has."""
    known = BY_NAME[path.stem].names()
    columns = [name for name in dict.fromkeys(name for row in rows for name in row) if name.split(" [")[0] in known]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, restval="", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
