"""The map: power plants, lines, pipelines and corridors by planning year, and the numbers behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from model.outputs.maps import Layer
from model.outputs.report.charts import plain
from model.outputs.report.map_data import (
    LEAST,
    POWER,
    THEMES,
    courses_of,
    drawn_table,
    electric_groups,
    link_table,
    node_table,
    told_layers,
)
from model.outputs.report.map_rows import group_keys, map_rows
from model.outputs.report.map_scales import scales
from model.outputs.report.map_spec import map_spec
from model.outputs.report.parts import Figure, Section, Told, Words


def map_section(told: Sequence[Told], words: Words) -> Section | None:
    """A map for every plan, all at one scale, then the numbers of nodes; None where nodes have no coordinates."""
    found = [told_layers(plan.results) for plan in told]
    if not told or not all(found):
        return None
    groups = list(dict.fromkeys(g for plan in told for g in electric_groups(plan.results, plan.electric)))
    nodes = [nodes_of(plan, layers["node_point"], groups, words) for plan, layers in zip(told, found, strict=True)]
    links = [link_table(plan.results, layers) for plan, layers in zip(told, found, strict=True)]
    drawn = [drawn_table(frame) for frame in links]
    scale = scales(nodes, drawn, found)
    titles = headings(told[0], groups, words)
    figures = []
    for i, plan in enumerate(told):
        rows = map_rows(nodes[i], drawn[i], courses_of(found[i]), found[i], groups, scale, words)
        present = set(drawn[i]["theme"])
        themes = [theme for theme in THEMES if theme in present] or [POWER]
        fields = group_keys(groups)
        of_nodes = {fields.get(name, name): title for name, title in titles.items() if nodes[i][name].notna().any()}
        figures.append(
            Figure(
                key=f"map-{i + 1}",
                title=words("Map of the plan") + (f": {plan.name}" if len(told) > 1 else ""),
                words=words(MAP_WORDS),
                table=links_told(links[i], nodes[i], words),
                spec=map_spec(rows, plan.years, themes, of_nodes, words),
                digits=2,
            )
        )
    table = nodes_told(told, nodes, titles, words)
    figures.append(Figure("map-nodes", words("Power system by node"), words(NODE_WORDS), table, digits=2))
    return Section("map", words("Map"), words(SECTION_WORDS), figures)


def nodes_of(plan: Told, layer: Layer, groups: Sequence[str], words: Words) -> pd.DataFrame:
    """The nodes of a plan, with their names in the language of the report, ``label`` a short one, and a column for
    every group of all plans; 0 where this plan has none of it."""
    own = node_table(layer, electric_groups(plan.results, plan.electric))
    return own.assign(
        label=[label(node, name, words) for node, name in own[["node", "name"]].to_numpy()],
        name=own["name"].map(words),
        **{group: 0.0 for group in groups if group not in own},
    )


def label(node: str, name: str, words: Words) -> str:
    """A short name: the translation of the node's key where there is one, else its name without additions, such as
    "Akmola" for "Akmola incl. Astana city"."""
    key = node.replace("_", " ")
    translated = words(key)
    return translated if translated != key else words(name).partition(" incl.")[0].partition(" (")[0].strip()


def headings(plan: Told, groups: Sequence[str], words: Words) -> dict[str, str]:
    """What readers see over each number of a node, by its column, with the unit."""
    money = plan.unit("mean_price") if "mean_price" in plan.results else "USD per MWh"
    power, energy = words("GW"), words("TWh per year")
    return {group: f"{plain(group, words)}, {power}" for group in groups} | {
        "capacity": f"{words('capacity')}, {power}",
        "generation": f"{words('generation')}, {energy}",
        "demand": f"{words('demand of electricity')}, {energy}",
        "unserved": f"{words('unserved')}, {energy}",
        "price": f"{words('mean price of electricity')}, {words(money)}",
    }


SECTION_WORDS = "Where the plan builds, and what its lines, pipelines and corridors carry."

MAP_WORDS = (
    "Choose the planning year and what is shown. Circles are power plants, their area is capacity; the width of power "
    "lines is capacity, that of all other links is flow; the colour is the mean loading. Point at a node or a link to "
    "read its numbers. Tracks of one railway corridor are drawn together."
)

NODE_WORDS = "Capacity of power plants by group in GW, energy in TWh per year, and the mean price paid by the load."


def links_told(links: pd.DataFrame, nodes: pd.DataFrame, words: Words) -> pd.DataFrame:
    """The numbers of links by planning year in which they stand, with the headings that readers see."""
    names = dict(zip(nodes["node"], nodes["label"], strict=True))
    stands = links[links["capacity"] > LEAST]
    if stands.empty:
        return pd.DataFrame()
    order = {theme: i for i, theme in enumerate(THEMES)}
    stands = stands.sort_values(by=["theme"], key=lambda column: column.map(order), kind="stable")
    return pd.DataFrame(
        {
            words("shown"): stands["theme"].map(words),
            words("link"): stands["name"].map(words),
            words("from"): stands["start"].map(names),
            words("to"): stands["end"].map(names),
            words("year"): stands["year"],
            words("unit"): stands["unit"].map(words),
            words("capacity"): stands["capacity"],
            words("new"): stands["new_capacity"].where(stands["new_capacity"] > LEAST, 0.0),
            words("unit of flow"): stands["flow_unit"].map(words),
            words("net flow"): stands["flow"],
            words("mean loading, %"): stands["loading"],
            words("hours at the limit"): stands["hours_at_limit"],
        }
    ).reset_index(drop=True)


def nodes_told(
    told: Sequence[Told], nodes: Sequence[pd.DataFrame], titles: Mapping[str, str], words: Words
) -> pd.DataFrame:
    """The numbers of nodes inside the country by planning year; ``titles`` are their headings by column."""
    frames = []
    for plan, frame in zip(told, nodes, strict=True):
        own = frame[~frame["outside"]]
        columns = {words("plan"): plan.name} if len(told) > 1 else {}
        columns |= {words("node"): own["label"], words("year"): own["year"]}
        frames.append(pd.DataFrame(columns | {title: own[name] for name, title in titles.items()}))
    return pd.concat(frames, ignore_index=True).dropna(axis="columns", how="all")
