"""The map of the report: its numbers are those of the layers, and what it draws changes with the year."""

from __future__ import annotations

import copy
import re
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import pytest
import vl_convert
import xarray as xr

from model.outputs.maps import layers
from model.outputs.report.map import label, map_section
from model.outputs.report.map_data import drawn_table, link_table
from model.outputs.report.map_rows import placed
from model.outputs.report.map_scales import GAP, LARGEST
from model.outputs.report.map_shapes import EDGE, View, beside, fitted, halfway, labels, turned
from model.outputs.report.map_spec import quoted
from model.outputs.report.parts import Figure, Section, Told
from model.study import Study

VERSION = alt.SCHEMA_VERSION.removeprefix("v").rsplit(".", 1)[0]


@pytest.fixture(scope="module")
def results() -> xr.Dataset:
    """The plan of the small study: three nodes, a line of 0.75 GW built by 2030, three plain areas."""
    return Study.read("inputs/small").solve().results


@pytest.fixture(scope="module")
def section(results: xr.Dataset) -> Section:
    """Its chapter."""
    return made(results)


def made(*plans: xr.Dataset) -> Section:
    """The chapter of plans A, B, ..., in English."""
    section = map_section([Told(name, plan) for name, plan in zip("ABCD", plans, strict=False)], str)
    assert section is not None
    return section


def spec_of(figure: Figure) -> dict[str, Any]:
    """A copy of the specification that a test may change."""
    assert figure.spec is not None
    return copy.deepcopy(dict(figure.spec))


def drawn(spec: dict[str, Any], **values: object) -> str:
    """The map as SVG with parameters set as a reader sets them."""
    for parameter in spec["params"]:
        parameter["value"] = values.get(parameter["name"], parameter["value"])
    return str(vl_convert.vegalite_to_svg(spec, vl_version=VERSION))


def marks(svg: str, kind: str) -> int:
    """How many marks of a kind there are: shapes, lines (one to a group), or arcs."""
    pattern = r'aria-roledescription="arc mark"' if kind == "arc" else rf'class="mark-{kind} role-mark[^>]*><path'
    return len(re.findall(pattern, svg))


def rows(spec: dict[str, Any], name: str) -> pd.DataFrame:
    """A data set of the specification."""
    return pd.DataFrame(spec["datasets"][name])


def outlined(results: xr.Dataset) -> xr.Dataset:
    """The same with the border of a country: a square around all nodes, and a square hole."""
    exterior = [(65, 40), (80, 40), (80, 55), (65, 55), (65, 40)]
    hole = [(70, 46), (71, 46), (71, 47), (70, 47), (70, 46)]
    table = pd.DataFrame([(0, ring, *point) for ring, course in enumerate((exterior, hole)) for point in course])
    return results.assign(
        {f"outline_{name}": ("outline_vertex", table[i]) for i, name in enumerate(("part", "ring", "lon", "lat"))}
    )


def test_numbers_of_links_are_those_of_the_layer(results: xr.Dataset, section: Section) -> None:
    """Proves: what is told of lines is the layer of lines, in GW and TWh per year. Without it the map could tell
    another plan than the files."""
    spec, layer = spec_of(section.figures[0]), layers(results)["line_route"].table
    loads = rows(spec, "loads").set_index("key")
    courses = rows(spec, "courses").set_index("name")["key"]
    assert len(courses) == 3
    for link in layer["line"].to_numpy():
        here = layer.sel(line=link)
        for year in (2025, 2030):
            capacity = here[f"capacity_{year}"].item() / 1000
            if not capacity:
                assert f"{courses[link]}|{year}" not in loads.index
                continue
            row = loads.loc[f"{courses[link]}|{year}"]
            assert row["capacity"] == pytest.approx(capacity, rel=1e-4)
            assert row["added"] == pytest.approx(here[f"new_capacity_{year}"].item() / 1000, rel=1e-4)
            assert row["flow"] == pytest.approx(here[f"flow_{year}"].item() / 1000, rel=1e-4)
            assert row["loading"] == pytest.approx(here[f"loading_{year}"].item(), abs=0.05)
    told = section.figures[0].table
    assert told["capacity"].sum() == pytest.approx(
        sum(layer[f"capacity_{year}"].sum().item() for year in (2025, 2030)) / 1000
    )


def test_numbers_of_nodes_are_those_of_the_layer(results: xr.Dataset, section: Section) -> None:
    """Proves: pies and the table of nodes are the layer of nodes: slices in their shares, areas as capacity. Without
    it a pie could show another node."""
    spec, table = spec_of(section.figures[0]), layers(results)["node_point"].table
    pies, states = rows(spec, "pies"), rows(spec, "states").set_index("key")
    told = section.figures[-1].table
    total = {
        (node, year): table[f"capacity_total_{year}"].sel(node=node).item() / 1000
        for node in table["node"].to_numpy()
        for year in (2025, 2030)
    }
    assert told["capacity, GW"].sum() == pytest.approx(sum(total.values()))
    for (node, year), capacity in total.items():
        row = states.loc[f"{node}|{year}"]
        assert row["capacity"] == pytest.approx(capacity, rel=1e-4)
        assert row["radius"] == pytest.approx(LARGEST * np.sqrt(capacity / max(total.values())), abs=0.06)
        assert row["price"] == pytest.approx(table[f"mean_price_{year}"].sel(node=node).item(), rel=1e-4)
    steppe = rows(spec, "nodes").set_index("node").loc["steppe"]
    own = pies[(pies["year"] == 2025) & (pies["x"] == steppe["x"])].set_index("group")
    assert list(own.index) == ["coal", "wind"]
    assert (own["end"] - own["begin"]).to_numpy() == pytest.approx(np.array([6, 1]) / 7 * 2 * np.pi, abs=1e-3)


def test_the_map_changes_with_the_year(section: Section) -> None:
    """Proves: the specification is valid, draws a pie for every node and a line for every link that stands in the year
    shown, and a halo around the new one. Without it the slider would move nothing."""
    spec = spec_of(section.figures[0])
    assert alt.Chart.from_dict(spec).to_dict()["params"][0]["name"] == "year"
    bind = spec["params"][0]["bind"]
    assert (bind["input"], bind["min"], bind["max"], bind["step"]) == ("range", 2025, 2030, 5)
    before, after = drawn(spec, year=2025), drawn(spec, year=2030)
    assert before != after
    assert [marks(svg, "line") for svg in (before, after)] == [2, 4]
    assert [marks(svg, "arc") for svg in (before, after)] == [5, 6]
    assert ">2025, power<" in before
    assert ">2030, power<" in after
    for name in ("Northern coal basin", "Southern cities", "Windy steppe"):
        assert f">{name}<" in after


def test_outline_is_drawn_where_there_is_one(results: xr.Dataset, section: Section) -> None:
    """Proves: the border is drawn under the map, its hole turned the other way, and a study without one has a map
    all the same. Without it the rest of the world would be filled, or such studies have no report."""
    plain, bordered = spec_of(section.figures[0]), spec_of(made(outlined(results)).figures[0])
    shapes = [layer for layer in bordered["layer"] if "projection" in layer]
    assert len(shapes) == 1 + len([layer for layer in plain["layer"] if "projection" in layer])
    [exterior, hole] = shapes[1]["data"]["values"][0]["geometry"]["coordinates"][0]
    assert len(exterior) == 5
    assert len(hole) == 5
    assert area(exterior) > 0 > area(hole)
    assert marks(drawn(bordered), "shape") == len(shapes)
    bare = results.drop_vars([name for name in results if str(name).startswith(("area_", "outline_"))])
    assert marks(drawn(spec_of(made(bare).figures[0])), "shape") == 1


def area(ring: list[list[float]]) -> float:
    """Twice the area of a ring of pixels, positive where it runs clockwise as it is seen."""
    x, y = np.array(ring).T
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))


def test_without_coordinates_there_is_no_map(results: xr.Dataset) -> None:
    """Proves: plans without places of nodes, and no plan at all, have no chapter. Without it the report would fail."""
    assert map_section([], str) is None
    assert map_section([Told("A", results.drop_vars(["lon", "lat"]))], str) is None


def test_a_study_without_links_has_a_map(results: xr.Dataset) -> None:
    """Proves: pies alone make a map. Without it a study of one node would have no report."""
    alone = results.isel(link=[]).drop_vars([n for n in results if str(n).startswith(("route_", "area_"))])
    section = made(alone.isel(node=[0]))
    svg = drawn(spec_of(section.figures[0]))
    assert marks(svg, "line") == 0
    assert marks(svg, "arc") == 1
    assert section.figures[0].table.empty


def test_plans_beside_each_other_share_their_scales(results: xr.Dataset) -> None:
    """Proves: of two plans, one with twice the capacity of the other, pies are twice as large and lines twice as wide.
    Without it maps side by side could not be compared."""
    double = results.assign({name: results[name] * 2 for name in ("capacity", "link_capacity")})
    whole = made(results, double)
    assert [figure.key for figure in whole.figures] == ["map-1", "map-2", "map-nodes"]
    one, two = (spec_of(figure) for figure in whole.figures[:2])
    for name, column, ratio in (("states", "radius", np.sqrt(2)), ("loads", "width", 2)):
        first, second = rows(one, name)[column].to_numpy(), rows(two, name)[column].to_numpy()
        assert second == pytest.approx(first * ratio, abs=0.11)
    assert set(whole.figures[-1].table["plan"]) == {"A", "B"}


def test_years_without_even_spacing_are_chosen_from_a_list(results: xr.Dataset) -> None:
    """Proves: 2025, 2030 and 2040 give a list of three years, one year gives nothing to choose. Without it a slider
    would stop at years that were not planned."""
    third = results.isel(year=[-1]).assign_coords(year=[2040])
    three = xr.concat([results, third], "year", data_vars="minimal")
    parameter = spec_of(made(three).figures[0])["params"][0]
    assert parameter["bind"]["options"] == [2025, 2030, 2040]
    assert "bind" not in spec_of(made(results.isel(year=[0])).figures[0])["params"][0]


def test_subjects_follow_what_is_carried(results: xr.Dataset) -> None:
    """Proves: a tanker of crude is shown with the pipelines of crude, a railway of coal with other transport. Without
    it half of a way of exports would be missing from the map of oil."""
    changed = results.assign(
        link_layer=("link", np.array(["oil_route", "sea_corridor", "rail_corridor"])),
        link_commodity=("link", np.array(["crude", "crude", "coal"])),
    )
    links = link_table(changed, layers(changed))
    theme = links.drop_duplicates("link").set_index("link")["theme"]
    assert dict(theme) == {"north_south": "oil", "north_steppe": "oil", "steppe_south": "rail, road and sea"}
    spec = spec_of(made(changed).figures[0])
    assert spec["params"][1]["bind"]["options"] == ["oil", "rail, road and sea"]
    assert drawn(spec, shown="oil") != drawn(spec, shown="rail, road and sea")


def corridor() -> pd.DataFrame:
    """Two links of one railway, the second told the other way round: 10 Mt with 50 %, 30 Mt with 90 % loading."""
    about: dict[str, Any] = {"layer": "rail_corridor", "commodity": "coal", "theme": "rail, road and sea"}
    about |= {"unit": "Mt per year", "flow_unit": "Mt per year", "year": 2030, "new_capacity": 0.0}
    table = pd.DataFrame({"link": ["track", "second"], "name": ["Track", "Second"], "start": ["a", "b"]})
    numbers = {"capacity": [10.0, 30.0], "flow": [5.0, 27.0], "loading": [50.0, 90.0], "hours_at_limit": [0.0, 8.0]}
    return table.assign(end=["b", "a"], **numbers, **about)


def test_tracks_of_a_corridor_are_one_line() -> None:
    """Proves: capacities and flows of tracks between two nodes add up, 40 Mt and 5 - 27 = -22 Mt, at a loading of
    (5 + 27) / 40 = 80 %. Without it the map would tell which track a train takes, which the plan does not know."""
    [line] = drawn_table(corridor()).to_dict("records")
    assert (line["course"], line["more"], line["capacity"], line["flow"]) == ("track", 1, 40.0, -22.0)
    assert line["loading"] == pytest.approx(80)
    assert line["hours_at_limit"] == 8
    assert len(drawn_table(corridor().assign(layer="pipeline"))) == 2
    assert len(drawn_table(corridor().assign(commodity=["coal", "ore"]))) == 2


def test_lines_on_one_course_lie_beside_each_other() -> None:
    """Proves: two lines of 4 and 2 pixels on one course, told either way round, are 3 pixels and the gap apart.
    Without it one would hide the other."""
    view = View((0, 0), 1000, (0, 0), 400, 200)
    lines = pd.DataFrame({"course": ["broad", "thin"], "theme": "power", "width": [4.0, 2.0]})
    east = np.array([[-5.0, 0.0], [5.0, 0.0]])
    found = placed(lines, {"broad": east, "thin": east[::-1]}, view)
    assert abs(found["broad"][0, 1] - found["thin"][0, 1]) == pytest.approx(3 + GAP)
    other = placed(lines.assign(theme=["power", "gas"]), {"broad": east, "thin": east}, view)
    assert other["broad"] == pytest.approx(other["thin"])


def test_projection_keeps_areas_and_what_is_far_at_the_edge() -> None:
    """Proves: a degree of latitude at the centre is pi / 180 of the scale, up; a square of one degree has the same
    area anywhere; what lies beyond the frame is held at its edge. Without it distances on the map would mislead."""
    country = np.array([[46.5, 48.0], [87.3, 49.0], [70.0, 55.4], [68.0, 40.6]])
    view = fitted(country, np.array([[66.0, 39.5], [36.0, 36.9]]), 900)
    [centre, north] = view.pixels(np.array([view.centre, (view.centre[0], view.centre[1] + 1)]))
    assert centre[1] - north[1] == pytest.approx(view.scale * np.pi / 180, rel=1e-4)
    assert centre[0] == pytest.approx(north[0])
    squares = []
    for lon in (50.0, 80.0):
        x, y = view.pixels(np.array([[lon, 48], [lon + 1, 48], [lon + 1, 49], [lon, 49]])).T
        squares.append(abs(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)))
    assert squares[0] == pytest.approx(squares[1], rel=1e-3)
    shown = view.pixels(np.vstack([country, [[66.0, 39.5]]]))
    assert ((shown > 0) & (shown < [view.width, view.height])).all()
    course = view.course(np.array([[51.0, 43.6], [42.0, 42.0], [36.0, 36.9]]))
    assert len(course) == 2
    assert course[-1] == pytest.approx([EDGE, min(view.height - EDGE, view.pixels(np.array([[36.0, 36.9]]))[0, 1])])


def test_shapes_in_pixels() -> None:
    """Proves: a course moved by 2 pixels lies 2 pixels to its right, also at a corner; its middle is half its length;
    rings run as they are told to. Without it arrows and parallel lines would stand beside their links."""
    course = np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 10.0]])
    assert beside(course, 2) == pytest.approx(np.array([[0, 2], [8, 2], [8, 10]]))
    assert beside(course[:1].repeat(2, axis=0), 2) == pytest.approx(course[:1].repeat(2, axis=0))
    assert halfway(np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 10.0]])) == pytest.approx((4, 3, 90))
    ring = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]])
    assert turned(ring, clockwise=True) == pytest.approx(ring)
    assert turned(ring, clockwise=False) == pytest.approx(ring[::-1])


def test_labels_keep_clear() -> None:
    """Proves: a name stands to the right of its point, to the left where a line runs to the right, and within the
    frame. Without it names would hide links and each other."""
    point, line = np.array([[100.0, 100.0]]), np.array([[100.0, 100.0], [300.0, 100.0]])
    assert labels(point, [5], ["name"], [], (400, 200))[0].align == "left"
    assert labels(point, [5], ["name"], [line], (400, 200))[0].align != "left"
    assert labels(np.array([[390.0, 100.0]]), [5], ["name"], [], (400, 200))[0].align == "right"


def test_names_are_short_and_harmless(results: xr.Dataset) -> None:
    """Proves: additions to names are left out of labels, and names that look like code stay text. Without it labels
    would not fit, and a name could run in the page."""
    assert label("akmola", "Akmola incl. Astana city", str) == "Akmola"
    assert label("sea", "Sea (Caspian)", str) == "Sea"
    assert label("sea", "Sea (Caspian)", lambda text: {"sea": "Meer"}.get(text, text)) == "Meer"
    assert quoted("it's \\ it") == "'it\\'s \\\\ it'"
    evil = "'+alert(1)+\"</script><b>"
    named = results.assign(node_name=results["node_name"].astype(object).where(results["node"] != "north", evil))
    svg = drawn(spec_of(made(named).figures[0]))
    assert "&lt;/script&gt;&lt;b&gt;" in svg
    assert not re.search(r"</script", svg)
