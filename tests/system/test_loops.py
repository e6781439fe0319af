"""Loops of random networks close and are as many as they must be; what a capacity or a contingency does to them."""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from model.system.loops import COLUMNS, LEAST, largest_circuit_share, loop_members, per_unit_reactance, voltages

YEARS = (2025, 2030)
NO_CONTINGENCY = pd.DataFrame({"link": [], "share": []}, index=[])


@dataclass(frozen=True)
class Network:
    """Links with their ends, reactance and size, and their capacity by year."""

    links: pd.DataFrame
    capacity: pd.DataFrame

    def loops(self, contingencies: pd.DataFrame = NO_CONTINGENCY) -> pd.DataFrame:
        """The rows of ``loop_members``."""
        return loop_members(self.links, self.capacity, contingencies)

    def standing(self, year: int, shares: dict[str, float]) -> pd.Series:
        """Capacity of what has a reactance and is part of the network."""
        left = self.capacity[year] * [1 - shares.get(link, 0.0) for link in self.links.index]
        return left[(self.links["reactance"] > 0) & (left >= LEAST)]


def network(*rows: tuple[str, str, float, float], capacity: list[float] | None = None) -> Network:
    """A network of one year: ends, reactance and size of each link ``l0``, ``l1`` and so on."""
    names = [f"l{i}" for i in range(len(rows))]
    links = pd.DataFrame(list(rows), columns=["from_node", "to_node", "reactance", "size"], index=names)
    own = links["size"] if capacity is None else pd.Series(capacity, index=names, dtype=float)
    return Network(links, own.to_frame(2025))


RING = (("a", "b", 2.0, 1.0), ("b", "c", 3.0, 1.0), ("a", "c", 9.0, 1.0))
"""The spanning tree takes the two of least reactance; a-c closes the loop against a-b-c."""


def drops(rows: pd.DataFrame, contingency: str = "", year: int = 2025) -> dict[str, float]:
    """Drop by link of the only loop of a state; empty if there is none."""
    own = rows[(rows["contingency"] == contingency) & (rows["year"] == year)]
    assert own["loop"].nunique() <= 1
    return dict(zip(own["link"], own["drop"], strict=True))


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Up to 7 places and 14 links, some parallel, some without a reactance, some not there in a year."""
    places = st.integers(0, draw(st.integers(1, 6)))
    ends = draw(st.lists(st.tuples(places, places).filter(lambda pair: pair[0] != pair[1]), min_size=1, max_size=14))
    count = len(ends)
    ohm = st.one_of(st.just(float("nan")), st.floats(0.01, 10))
    sizes = st.one_of(st.just(0.0), st.floats(0.0001, 5))

    def some(values: st.SearchStrategy[float]) -> list[float]:
        return draw(st.lists(values, min_size=count, max_size=count))

    names = [f"l{i}" for i in range(count)]
    links = pd.DataFrame(
        {
            "from_node": [f"n{a}" for a, _ in ends],
            "to_node": [f"n{b}" for _, b in ends],
            "reactance": some(ohm),
            "size": some(st.floats(0.1, 5)),
        },
        index=names,
    )
    return Network(links, pd.DataFrame({year: some(sizes) for year in YEARS}, index=names))


@st.composite
def contingencies(draw: st.DrawFn) -> tuple[Network, pd.DataFrame]:
    """A network and the loss of up to three of its links, in part or whole."""
    given_network = draw(networks())
    lost = draw(st.lists(st.sampled_from(list(given_network.links.index)), max_size=3))
    shares = draw(st.lists(st.sampled_from([0.25, 0.5, 1.0]), min_size=len(lost), max_size=len(lost)))
    frame = pd.DataFrame({"link": lost, "share": shares}, index=[f"loss {i}" for i in range(len(lost))])
    return given_network, frame


def graph(links: pd.DataFrame, standing: pd.Series) -> nx.MultiGraph:
    """The network of what stands."""
    found = nx.MultiGraph()
    for link in standing.index:
        found.add_edge(links.at[link, "from_node"], links.at[link, "to_node"], key=link)
    return found


@given(contingencies())
def test_loops_are_as_many_as_they_must_be(case: tuple[Network, pd.DataFrame]) -> None:
    """Proves: in each year, before and after each contingency, there are links - places + components loops, and every
    way round that the network has is a sum of them. Without it a flow could go round without a drop in the angle."""
    given_network, lost = case
    rows = given_network.loops(lost)
    assert list(rows.columns) == COLUMNS
    states = {"": {}, **{name: {row.link: row.share} for name, row in zip(lost.index, lost.itertuples(), strict=True)}}
    for year in YEARS:
        for name, shares in states.items():
            standing = given_network.standing(year, shares)
            there = graph(given_network.links, standing)
            count = len(standing) - there.number_of_nodes() + nx.number_connected_components(there)
            own = rows[(rows["year"] == year) & (rows["contingency"] == name)]
            assert own["loop"].nunique() == count
            members = pd.crosstab(own["loop"], own["link"]) if count else pd.DataFrame()
            assert count == 0 or np.linalg.matrix_rank(members.to_numpy()) == count
            assert set(own["link"]) <= set(standing.index)


@given(networks())
def test_every_loop_closes(given_network: Network) -> None:
    """Proves: a flow of 1 round a loop in its sense leaves every place as it was, each link once. Without it the signs
    could be those of no loop at all, and no flow would satisfy Kirchhoff's law."""
    for _, own in given_network.loops().groupby(["loop", "year"]):
        assert own["link"].is_unique
        left: dict[str, float] = {}
        for link, drop in zip(own["link"], own["drop"], strict=True):
            for end, sign in (("from_node", -1.0), ("to_node", 1.0)):
                place = given_network.links.at[link, end]
                left[place] = left.get(place, 0.0) + sign * float(np.sign(drop))
        assert set(left.values()) == {0.0}


@given(networks())
def test_the_drop_falls_with_the_capacity(given_network: Network) -> None:
    """Proves: a link drops by its reactance times its size over its capacity. Without it a corridor that is widened
    would keep the reactance of one circuit."""
    for row in given_network.loops().itertuples():
        link = given_network.links.loc[row.link]
        full = link["reactance"] * link["size"] / given_network.capacity.at[row.link, row.year]
        assert abs(row.drop) == pytest.approx(full)


@given(networks(), st.floats(0.2, 5))
def test_loops_do_not_depend_on_the_unit(given_network: Network, factor: float) -> None:
    """Proves: all capacities times a factor leave the same loops with drops over that factor, so passes that widen
    everything alike keep their rows. Without it loops could be called something else from pass to pass, and a basis
    could not be carried over."""
    there = given_network.capacity.to_numpy()
    assume(((there * factor >= LEAST) == (there >= LEAST)).all())
    before = given_network.loops()
    after = Network(given_network.links, given_network.capacity * factor).loops()
    assert before.drop(columns="drop").equals(after.drop(columns="drop"))
    assert (after["drop"] * factor).to_numpy() == pytest.approx(before["drop"].to_numpy())


def test_signs_of_a_ring_by_hand() -> None:
    """Proves: round a-c, then back by c-b and b-a, against the way both are defined: 9 - 3 - 2; with b-c turned round
    its sign turns. Without it a flow would split the wrong way."""
    assert drops(network(*RING).loops()) == {"l2": 9, "l1": -3, "l0": -2}
    turned = network(RING[0], ("c", "b", 3.0, 1.0), RING[2])
    assert drops(turned.loops()) == {"l2": 9, "l1": 3, "l0": -2}


def test_a_contingency_weakens_or_removes_a_link() -> None:
    """Proves: half of a corridor lost doubles its drop, from 3 to 6; all of it lost leaves no loop; the loss of a link
    without a reactance, or of a unit, changes nothing. Without it flows after a loss would split as before it."""
    lost = pd.DataFrame(
        {"link": ["l1", "l1", "l3", ""], "share": [0.5, 1.0, 1.0, 0.0]}, index=["half", "whole", "direct", "unit"]
    )
    rows = network(*RING, ("a", "c", float("nan"), 1.0)).loops(lost)
    before = {"l2": 9, "l1": -3, "l0": -2}
    assert drops(rows) == before
    assert drops(rows, "half") == {"l2": 9, "l1": -6, "l0": -2}
    assert drops(rows, "whole") == {}
    assert drops(rows, "direct") == before
    assert drops(rows, "unit") == before


@pytest.mark.parametrize(("gigawatt", "loops"), [(0.00099, 0), (0.001, 1)])
def test_what_is_under_a_megawatt_is_not_there(gigawatt: float, loops: int) -> None:
    """Proves: a link counts from 1 MW on. Without it a line that is hardly built would have a reactance near infinity,
    and one that is not built would divide by zero."""
    rows = network(*RING, capacity=[1, gigawatt, 1]).loops()
    assert rows["loop"].nunique() == loops


@pytest.mark.parametrize(
    ("voltage", "circuits", "share"),
    [
        ("500", "1", 1.0),
        ("500", "3", 1 / 3),
        ("220", "2", 0.5),
        ("500+220", "1+2", 500**2 / (500**2 + 2 * 220**2)),
        ("500 + 220", "2 + 1", 500**2 / (2 * 500**2 + 220**2)),
        ("220 (500 planned)", "2 (1 more planned)", 0.5),
        ("500+220", "3", 1.0),
        ("500", "", 1.0),
        ("", "2", 1.0),
        ("", "", 1.0),
    ],
)
def test_the_largest_circuit_by_hand(voltage: str, circuits: str, share: float) -> None:
    """Proves: one of three like circuits is a third; beside two of 220 kV, one of 500 kV carries by the square of its
    voltage, 250,000 of 346,800; where circuits and voltages do not match all is lost. Without it the loss of a circuit
    would be that of a corridor, or less than its largest."""
    assert largest_circuit_share(voltage, circuits) == pytest.approx(share)


def test_reactance_in_radian_per_gigawatt() -> None:
    """Proves: 1 GW over 25 ohm at 500 kV turns the angle by 1,000 MW x 25 / 250,000 = 0.1 rad; the highest voltage of
    a text counts, and one that tells none gives none. Without it ohms of different voltages would be added up."""
    assert per_unit_reactance(25, "500") == pytest.approx(0.1)
    assert per_unit_reactance(25, "220+500 (one at 110)") == pytest.approx(0.1)
    assert per_unit_reactance(25, "250") == pytest.approx(0.4)
    assert np.isnan(per_unit_reactance(25, "unknown"))
    assert np.isnan(per_unit_reactance(float("nan"), "500"))
    assert voltages("500+220 (2 x 110 planned)") == [500, 220]
