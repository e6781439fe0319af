"""Checks of technologies: their numbers, modes, ports and stores."""

from __future__ import annotations

import numpy as np
import pandas as pd

from model.system.check_tables import Tables, problems_at
from model.system.problems import Problem
from model.system.settings import Settings

BUILT = ("capital_cost", "lifetime", "wacc")
"""Quantities without which nothing can be built."""

STORED = ("duration", "charge_efficiency", "discharge_efficiency")
"""Quantities without which nothing can be stored."""

TRADERS = ("import", "export")
"""Names under which markets run."""


def check_technologies(tables: Tables, settings: Settings) -> list[Problem]:
    """Every technology says the numbers that what is done with it needs."""
    technologies, values = tables["technologies"], tables["technology_values"]
    given = set(zip(values["technology"], values["quantity"], strict=True))
    needed = _needed(tables)
    found = []
    for technology, rows in technologies.groupby("technology", sort=False):
        for quantity in needed.get(str(technology), ()):
            if (technology, quantity) not in given:
                found += problems_at(
                    "technologies",
                    rows,
                    "technology",
                    f"has no {quantity} in technology_values.csv",
                    f"Add a row with quantity {quantity}.",
                )
    reserved = technologies["technology"].isin(TRADERS) | technologies["technology"].str.endswith(" supply")
    return found + problems_at(
        "technologies",
        technologies[reserved],
        "technology",
        "is a name that markets and supplies have",
        "Choose another name.",
    )


def _needed(tables: Tables) -> dict[str, list[str]]:
    """Quantities each technology must have, in the order in which one would give them."""
    plants, links, technologies = tables["plants"], tables["links"], tables["technologies"]
    needed: dict[str, list[str]] = {}

    def need(names: pd.Series, *quantities: str) -> None:
        for name in names.drop_duplicates():
            needed.setdefault(name, []).extend(quantities)

    need(tables["candidates"]["technology"], *BUILT)
    need(plants.loc[plants["status"] != "operating", "technology"], *BUILT)
    need(plants.loc[plants["closing_year"].isna(), "technology"], "lifetime")
    built = links[(links["status"] != "existing") | (links["expansion"] > 0)]
    need(built["technology"], "lifetime", "wacc")
    need(built.loc[built["capital_cost"].isna(), "technology"], "length_cost")
    need(tables["options"]["to_technology"], "wacc")
    need(technologies.loc[technologies["kind"] == "storage", "technology"], *STORED)
    return {technology: list(dict.fromkeys(quantities)) for technology, quantities in needed.items()}


def check_modes(tables: Tables, settings: Settings) -> list[Problem]:
    """Every mode has ports, every port a mode, and ports stand where the technology has a place."""
    modes, ports, technologies = tables["modes"], tables["ports"], tables["technologies"]
    kinds = dict(zip(technologies["technology"], technologies["kind"], strict=True))
    of_mode = pd.MultiIndex.from_frame(modes[["technology", "mode"]])
    of_port = pd.MultiIndex.from_frame(ports[["technology", "mode"]])
    found = problems_at(
        "ports",
        ports[~of_port.isin(of_mode)],
        "mode",
        "the technology has no such mode in modes.csv",
        "Add the mode or correct its name.",
    )
    found += problems_at(
        "modes",
        modes[~of_mode.isin(of_port)],
        "mode",
        "the mode takes and gives nothing",
        "Add its ports to ports.csv.",
    )
    at_link = ports["technology"].map(kinds) == "link"
    here = ports["place"] == "here"
    found += problems_at(
        "ports", ports[at_link & here], "place", "a link has the places from and to", "Write from or to."
    )
    found += problems_at("ports", ports[~at_link & ~here], "place", "only a link has two places", "Write here.")
    found += problems_at(
        "ports",
        ports[~at_link & (ports["length_yield"] != 0)],
        "length_yield",
        "only a link has a length",
        "Leave it empty.",
    )
    runs = (technologies["capacity_unit"] == "GW") | technologies["capacity_unit"].str.endswith("/year")
    without = technologies[runs & ~technologies["technology"].isin(modes["technology"])]
    found += problems_at("technologies", without, "technology", "has no mode in modes.csv", "Say how it runs.")
    return found + _check_following(tables) + _check_stores(tables, kinds)


def _check_following(tables: Tables) -> list[Problem]:
    """A mode follows one of its own technology that follows none, and both move only what balances by step."""
    modes, ports, commodities = tables["modes"], tables["ports"], tables["commodities"]
    following = modes[modes["follows"] != ""]
    leading = pd.MultiIndex.from_frame(modes.loc[modes["follows"] == "", ["technology", "mode"]])
    wanted = pd.MultiIndex.from_frame(following[["technology", "follows"]])
    coarse = set(commodities.loc[commodities["resolution"] != "step", "commodity"])
    slow = pd.MultiIndex.from_frame(ports.loc[ports["commodity"].isin(coarse), ["technology", "mode"]])
    own = pd.MultiIndex.from_frame(following[["technology", "mode"]])
    return (
        problems_at(
            "modes",
            following[~wanted.isin(leading)],
            "follows",
            "the technology has no such mode, or that one follows another",
            "Name a mode of the same technology that follows none.",
        )
        + problems_at(
            "modes",
            following[wanted.isin(slow) | own.isin(slow)],
            "follows",
            "a delay of hours needs what balances by step",
            "Move only commodities whose resolution is step.",
        )
        + problems_at(
            "modes",
            modes[(modes["follows"] == "") & (modes["delay"] > 0)],
            "delay",
            "the mode follows none",
            "Say in follows what it gives on, or leave the delay empty.",
        )
    )


def _check_stores(tables: Tables, kinds: dict[str, str]) -> list[Problem]:
    """A store keeps one commodity, one that balances within the year, and is measured like it."""
    ports, commodities = tables["ports"], tables["commodities"]
    stores = ports[ports["technology"].map(kinds) == "storage"]
    several = stores[stores.groupby("technology")["commodity"].transform("size") > 1]
    found = problems_at("ports", several, "commodity", "a store keeps one commodity", "Keep one port.")
    resolution = dict(zip(commodities["commodity"], commodities["resolution"], strict=True))
    yearly = stores[stores["commodity"].map(resolution) == "year"]
    size = dict(zip(tables["technologies"]["technology"], tables["technologies"]["capacity_unit"], strict=True))
    by_step = (stores["commodity"].map(resolution) == "step") & (stores["technology"].map(size) != "GW")
    found += problems_at(
        "ports",
        stores[by_step | ~np.isclose(stores["yield"], 1)],
        "yield",
        "a store gives back what it keeps, in the unit of its capacity",
        "Write 1, and measure the store in GW, or in units of the commodity a year if that balances by period.",
    )
    return found + problems_at(
        "ports",
        yearly,
        "commodity",
        "what balances over the year needs no store",
        "Its resolution in commodities.csv must be step or period.",
    )


def check_cycles(tables: Tables, settings: Settings) -> list[Problem]:
    """A store returns to its level within what is modelled: its period, or a year whose days have an order."""
    technologies, ports = tables["technologies"], tables["ports"]
    stores = technologies[technologies["kind"] == "storage"]
    resolution = dict(zip(tables["commodities"]["commodity"], tables["commodities"]["resolution"], strict=True))
    kept = dict(zip(ports["technology"], ports["commodity"].map(resolution), strict=True))
    seasonal = stores["cycle"] == "year"
    found = problems_at(
        "technologies",
        stores[~seasonal & (stores["technology"].map(kept) == "period")],
        "cycle",
        "it keeps what balances by period, so that its level cannot return within one",
        "Write year.",
    )
    values = tables["technology_values"]
    held = values[values["quantity"] == "duration"].drop_duplicates("technology").set_index("technology")["value"]
    hours = 24 * (settings.period_days if settings.aggregation == "representative" else 1)
    found += problems_at(
        "technologies",
        stores[~seasonal & (stores["technology"].map(held) > hours)],
        "cycle",
        f"it holds more hours of full output than the {hours} of a period, in which its level must return",
        "Write year, or model longer periods (period_days).",
    )
    if settings.aggregation == "typical" and not _ordered(tables["periods"]):
        found += problems_at(
            "technologies",
            stores[seasonal],
            "cycle",
            "several typical days share a month, so that the year has no order in which a level could be carried over",
            "Set aggregation: representative in study.yaml, or give every month one typical day.",
        )
    return found


def _ordered(periods: pd.DataFrame) -> bool:
    """Whether every month belongs to one typical day."""
    months = [month.strip() for text in periods["months"] for month in str(text).split(";")]
    return len(months) == len(set(months))
