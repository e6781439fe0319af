"""Checks of the goals: what they measure exists, moves what they count, and is told in a unit that fits."""

from __future__ import annotations

from model.system import units
from model.system.check_policy import converts, same_throughout
from model.system.check_tables import Tables, guess, problems_at
from model.system.network import WHOLE_COUNTRY
from model.system.problems import Problem
from model.system.select import selected_technologies
from model.system.settings import Settings


def check_targets(tables: Tables, settings: Settings) -> list[Problem]:
    """Every goal measures something that exists, in a unit that fits."""
    targets, terms = tables["targets"], tables["target_terms"]
    without = targets[~targets["target"].isin(terms["target"])]
    found = problems_at(
        "targets", without, "target", "nothing counts towards the goal", "Add rows to target_terms.csv."
    )
    soft = targets[(targets["hard"] == 0) & (targets["penalty"] <= 0)]
    found += problems_at("targets", soft, "penalty", "a goal that may be missed needs a penalty", "Or make it hard.")
    found += same_throughout(
        "targets", targets, ["target"], ["name", "sense", "unit", "reached", "counts_from", "hard", "penalty"]
    )
    commodities = set(tables["commodities"]["commodity"])
    named = set(_technology_of(tables)) | set(tables["markets"]["market"])
    for place, (measure, select) in enumerate(zip(terms["measure"], terms["select"], strict=True)):
        meets = (
            select in commodities
            if measure == "demand"
            else select == WHOLE_COUNTRY
            if measure == "insecure"
            else (select in named or bool(selected_technologies(tables, select)))
        )
        if not meets:
            known = {"demand": commodities, "insecure": {WHOLE_COUNTRY}}.get(
                measure, {*tables["technologies"]["technology"], *named}
            )
            rule = {
                "demand": "meets no commodity",
                "insecure": f"load shed after a contingency is that of the whole country: `{WHOLE_COUNTRY}`",
            }.get(measure, "meets no technology, group, tag, plant, link or market")
            found += problems_at("target_terms", terms.iloc[[place]], "select", rule, guess(select, known))
    return found + _check_target_units(tables) + _check_moved(tables)


def _technology_of(tables: Tables) -> dict[str, str]:
    """The technology of every plant and link, by name."""
    return {
        name: technology
        for table, key in (("plants", "plant"), ("links", "link"))
        for name, technology in zip(tables[table][key], tables[table]["technology"], strict=True)
    }


def _check_target_units(tables: Tables) -> list[Problem]:
    """What a term measures can be told in the unit of its goal."""
    targets, terms, technologies = tables["targets"], tables["target_terms"], tables["technologies"]
    commodity_unit = dict(zip(tables["commodities"]["commodity"], tables["commodities"]["unit"], strict=True))
    size = dict(zip(technologies["technology"], technologies["capacity_unit"], strict=True))
    of_name = {name: size.get(technology, "") for name, technology in _technology_of(tables).items()}
    markets = zip(tables["markets"]["market"], tables["markets"]["commodity"].map(commodity_unit), strict=True)
    of_name |= {market: units.rate_unit(unit) for market, unit in markets if isinstance(unit, str)}
    unit_of = dict(zip(targets["target"], targets["unit"], strict=True))
    found = []
    columns = (terms[name] for name in ("target", "measure", "select", "commodity"))
    for place, (target, measure, select, commodity) in enumerate(zip(*columns, strict=True)):
        if measure in ("delivered", "used", "demand"):
            measured = {commodity_unit.get(select if measure == "demand" else commodity, "")}
        elif measure == "insecure":
            measured = {"GW"}
        else:
            measured = {size.get(name, "") for name in selected_technologies(tables, select)}
            measured.add(of_name.get(select, ""))
        wanted = unit_of.get(target, "")
        wrong = sorted(unit for unit in measured if wanted and unit and not converts(unit, wanted))
        if wrong:
            found += problems_at(
                "target_terms",
                terms.iloc[[place]],
                "measure",
                f"is in {wrong[0]}, which cannot be converted to {wanted}, the unit of the goal",
                "Correct the measure or the unit in targets.csv.",
            )
    return found


def _check_moved(tables: Tables) -> list[Problem]:
    """What counts as delivered, or used, is given, or taken, by something that the term selects; stores do neither."""
    terms, ports, markets, technologies = (
        tables[name] for name in ("target_terms", "ports", "markets", "technologies")
    )
    stores = technologies.loc[technologies["kind"] == "storage", "technology"]
    ports = ports[~ports["technology"].isin(stores)]
    of_name = _technology_of(tables)
    ways = {True: "delivered", False: "used"}
    moved = {
        (name, ways[bool(amount > 0)], commodity)
        for column in ("yield", "length_yield")
        for name, commodity, amount in zip(ports["technology"], ports["commodity"], ports[column], strict=True)
        if amount
    }
    trades = zip(markets["market"], markets["direction"], markets["commodity"], strict=True)
    moved |= {(name, ways[direction == "import"], commodity) for name, direction, commodity in trades}
    found = []
    for place, (measure, select, commodity) in enumerate(
        zip(terms["measure"], terms["select"], terms["commodity"], strict=True)
    ):
        names = selected_technologies(tables, select) | {select, of_name.get(select, select)}
        if measure in ways.values() and not any((name, measure, commodity) in moved for name in names):
            rule = f"nothing that it selects {'gives' if measure == 'delivered' else 'takes'} {commodity}"
            found += problems_at("target_terms", terms.iloc[[place]], "select", rule, "Correct select or commodity.")
    return found
