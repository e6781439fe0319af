"""Loops of the power network, over which Kirchhoff's second law holds, from its links and their capacity."""

from __future__ import annotations

import re
from collections.abc import Iterator

import networkx as nx
import numpy as np
import pandas as pd

LEAST = 1e-3
"""Capacity in GW from which a link is part of the network."""

COLUMNS = ["loop", "year", "contingency", "link", "drop"]


def voltages(text: str) -> list[float]:
    """The voltages in kV that a link's text tells, ``500+220`` as 500 and 220; empty if it tells none."""
    return [float(part) for part in re.findall(r"\d+(?:\.\d+)?", text.split("(")[0])]


def largest_circuit_share(voltage: str, circuits: str) -> float:
    """Share of a corridor that its largest circuit is: circuits carry by the square of their voltage.

    A corridor of which only one circuit, or nothing, is told is lost as a whole.
    """
    levels, counts = voltages(voltage), voltages(circuits)
    if not counts or len(levels) != len(counts):
        return 1.0
    weights = [level**2 for level in levels]
    return max(weights) / sum(weight * count for weight, count in zip(weights, counts, strict=True))


def per_unit_reactance(ohm: float, voltage: str) -> float:
    """Drop of the voltage angle in radian per GW over a link of ``ohm`` at its highest voltage; nan if unknown."""
    levels = voltages(voltage)
    return 1000.0 * ohm / max(levels) ** 2 if levels else np.nan


def loop_members(links: pd.DataFrame, capacity: pd.DataFrame, contingencies: pd.DataFrame) -> pd.DataFrame:
    """Which link drops by how much over each independent loop, in each year and after each contingency.

    ``links``: ``from_node, to_node, reactance`` (rad per GW at full size), ``size`` (GW) by link; those without a
    reactance are in no loop. ``capacity``: GW by (link, year); a link's reactance is that of its size times size over
    capacity. ``contingencies``: ``link, share`` by name, of those that lose a link. Rows: ``loop, year, contingency``
    (empty before any), ``link, drop``: rad per GW of flow forward over the link, against the sense of the loop
    negative. A loop has the name of the link that closes it.
    """
    wired = links[links["reactance"] > 0]
    rows = []
    for year in capacity.columns:
        there = capacity[year].reindex(wired.index).fillna(0.0)
        for contingency, lost in _states(contingencies):
            left = there * [1 - lost.get(link, 0.0) for link in there.index]
            for loop, link, drop in _loops(wired, left):
                rows.append((loop, int(year), contingency, link, drop))
    return pd.DataFrame(rows, columns=COLUMNS)


def _states(contingencies: pd.DataFrame) -> Iterator[tuple[str, dict[str, float]]]:
    yield "", {}
    for name, link, share in zip(contingencies.index, contingencies["link"], contingencies["share"], strict=True):
        yield str(name), {link: float(share)} if link else {}


def _loops(links: pd.DataFrame, capacity: pd.Series) -> Iterator[tuple[str, str, float]]:
    """Every link of every loop: the links of a spanning tree are walked from the ends of each that is not in it."""
    standing = links[capacity.to_numpy() >= LEAST]
    drop = standing["reactance"] * standing["size"] / capacity[capacity >= LEAST]
    network = nx.MultiGraph()
    for link, start, end, reactance in zip(
        standing.index, standing["from_node"], standing["to_node"], standing["reactance"], strict=True
    ):
        network.add_edge(start, end, key=link, weight=float(reactance))
    tree = nx.minimum_spanning_tree(network)
    inside = {link for _, _, link in tree.edges(keys=True)}
    for link in standing.index.difference(list(inside), sort=False):
        start, end = standing.at[link, "from_node"], standing.at[link, "to_node"]
        yield link, link, float(drop[link])
        for here, there in nx.utils.pairwise(nx.shortest_path(tree, end, start)):
            (passed,) = tree[here][there]
            sense = 1.0 if standing.at[passed, "from_node"] == here else -1.0
            yield link, passed, sense * float(drop[passed])
