"""Maps: courses of links, layers, the border of the country and areas of nodes; none of it is in the linear program."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from shapely.geometry import MultiPoint, Point, shape

from model.outputs.files import program_digest
from model.system.geography import LAYERS, way_points
from model.system.geojson import read_polygons
from model.system.read import Inputs
from tests.sources import ROOT
from tests.studies import Row, compiled, only, small_study, technology, write_study
from tests.system.rich import setting
from tests.system.test_wrong_inputs import problems_of

SQUARE = [[60, 40], [60, 50], [80, 50], [80, 40], [60, 40]]
"""A ring that runs clockwise."""
HOLE = [[65, 44], [66, 44], [66, 45], [65, 44]]
"""A ring that runs anticlockwise."""
SAID = {"ship": "sea_corridor", "river": "none"}
"""Layers of technologies of links."""
CROSSING = 0.2
"""Degrees from the border within which a crossing may lie."""


def feature(coordinates: Any, kind: str = "Polygon", **properties: Any) -> dict[str, Any]:
    """A feature of GeoJSON."""
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def written(folder: Path, name: str, *features: Any) -> Path:
    """A FeatureCollection in a file."""
    path = folder / name
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)}), encoding="utf-8")
    return path


def drawn(folder: Path, *links: Row, **settings: Any) -> Inputs:
    """Two nodes with a border, their areas and a link with a way point."""
    inputs = small_study(
        folder,
        nodes=[{"node": "north", "lon": 70, "lat": 50}, {"node": "south", "lon": 75, "lat": 43}],
        links=[{"link": "north_south", "route": "71.5 48; 72 -1.25"}, *links],
        outline="border.geojson",
        areas="areas.geojson",
        **settings,
    )
    written(folder, "border.geojson", feature([SQUARE, HOLE]), feature([[SQUARE], [HOLE]], "MultiPolygon"))
    written(
        folder,
        "areas.geojson",
        feature([SQUARE], node="south"),
        feature([[HOLE], [SQUARE]], "MultiPolygon", node="north"),
    )
    return Inputs.read(inputs.folder)


def vertices(system: xr.Dataset, prefix: str, *columns: str) -> list[tuple[Any, ...]]:
    """Some of what is said of the vertices of routes or polygons."""
    return list(zip(*(system[f"{prefix}_{column}"].to_numpy().tolist() for column in columns), strict=True))


def test_a_route_leads_from_node_to_node(tmp_path: Path) -> None:
    """Proves: the course of a link is its first node, its way points in order and its second node; a link without way
    points is a straight line. Without it a map would draw the way points backwards, or leave the ends open."""
    system = drawn(tmp_path, {"link": "back", "from_node": "south", "to_node": "north"}).system
    assert vertices(system, "route", "link", "lon", "lat") == [
        ("north_south", 70, 50),
        ("north_south", 71.5, 48),
        ("north_south", 72, -1.25),
        ("north_south", 75, 43),
        ("back", 75, 43),
        ("back", 70, 50),
    ]


def test_a_study_without_links_has_no_route(tmp_path: Path) -> None:
    """Proves: routes of no link are empty arrays of numbers. Without it a study of one node could not be read."""
    system = small_study(tmp_path, links=only()).system
    assert [(system[f"route_{name}"].size, system[f"route_{name}"].dtype.kind) for name in ("lon", "lat")] == [
        (0, "f")
    ] * 2
    assert system["link_layer"].size == 0
    assert way_points("") == []
    assert way_points(" 51.2 43;  -1 -2.5 ") == [(51.2, 43), (-1, -2.5)]


def test_polygons_keep_their_parts_and_rings(tmp_path: Path) -> None:
    """Proves: parts are numbered over all features of the border and by node of the areas, ring 0 is the exterior and
    runs anticlockwise, and a hole clockwise. Without it a hole would be filled, or the rest of the world coloured."""
    system = drawn(tmp_path).system
    rings: dict[tuple[int, int], list[list[float]]] = {}
    for part, ring, lon, lat in vertices(system, "outline", "part", "ring", "lon", "lat"):
        rings.setdefault((part, ring), []).append([lon, lat])
    assert rings == {
        (0, 0): SQUARE[::-1],
        (0, 1): HOLE[::-1],
        (1, 0): SQUARE[::-1],
        (2, 0): HOLE,
    }
    owners = dict.fromkeys(vertices(system, "area", "node", "part", "ring"))
    assert list(owners) == [("south", 0, 0), ("north", 0, 0), ("north", 1, 0)]


def test_links_are_drawn_on_the_layer_of_their_technology(tmp_path: Path) -> None:
    """Proves: what a technology says, else line for what carries electricity and other_route for the rest; none is not
    drawn. Without it a railway that takes electricity on its way would be drawn as a power line."""
    electric = technology("railway", kind="link", gives={"coal": 1.0})
    electric["ports"].append(
        {"technology": "railway", "mode": "forward", "commodity": "electricity", "place": "from", "yield": -0.01}
    )
    said = {name: technology(name, kind="link", declared={"layer": layer}) for name, layer in SAID.items()}
    links = [{"link": f"by {name}", "technology": name} for name in ("railway", *said)]
    inputs = small_study(tmp_path, electric, *said.values(), commodities=[{"commodity": "coal"}], links=links)
    assert inputs.check() == []
    layer = dict(zip(inputs.system["link"].to_numpy(), inputs.system["link_layer"].to_numpy(), strict=True))
    expected = {"north_south": "line", "by railway": "other_route", "by ship": "sea_corridor", "by river": ""}
    assert layer == expected


def test_maps_are_no_part_of_the_program(tmp_path: Path) -> None:
    """Proves: way points, layers, border and areas leave the linear program as it was, bit by bit. Without it a plan
    could change with the picture of it."""
    bare = small_study(tmp_path / "bare", technology("line", kind="link", lifetime=40, wacc=0))
    full = drawn(tmp_path / "full", technologies=[{"technology": "line", "layer": "sea_corridor"}])
    assert program_digest(compiled(full)) == program_digest(compiled(bare))


def test_files_of_maps_are_among_the_digests(tmp_path: Path) -> None:
    """Proves: a plan records the border it was drawn with, that of an override too, and not one it does not use.
    Without it a result could not be traced to its files."""
    inputs = drawn(tmp_path)
    assert {"border.geojson", "areas.geojson"} <= set(inputs.digests)
    written(tmp_path, "other.geojson", feature([HOLE]))
    other = inputs.override({"study.outline": "other.geojson"})
    assert {"other.geojson", "areas.geojson"} <= set(other.digests)
    assert "border.geojson" not in other.digests
    assert other.scenario_named("base").digests == other.digests
    assert other.system.sizes["outline_vertex"] == len(HOLE)
    before = inputs.digests["border.geojson"]
    written(tmp_path, "border.geojson", feature([HOLE]))
    assert Inputs.read(tmp_path).digests["border.geojson"] != before


def test_a_study_takes_the_border_of_its_base(tmp_path: Path) -> None:
    """Proves: a file that the study lacks is that of its base, as a table is. Without it the back-cast would need a
    copy of the country's border."""
    drawn(tmp_path / "mother")
    own = tmp_path / "daughter"
    own.mkdir()
    (own / "study.yaml").write_bytes((tmp_path / "mother" / "study.yaml").read_bytes())
    setting(base="mother")(own)
    inputs = Inputs.read(own)
    assert "../mother/border.geojson" in inputs.digests
    assert inputs.system.sizes["outline_vertex"] == 2 * (len(SQUARE) + len(HOLE))
    written(own, "border.geojson", feature([HOLE]))
    assert Inputs.read(own).system.sizes["outline_vertex"] == len(HOLE)


@pytest.mark.parametrize(
    "name", ["../border.geojson", "/border.geojson", "maps/border.geojson", "border.json", ".geojson"]
)
def test_names_of_files_are_no_paths(name: str, tmp_path: Path) -> None:
    """Proves: only a plain name that ends in .geojson is looked for. Without it a study could make a program read any
    file of the computer."""
    written(tmp_path, "border.geojson", feature([SQUARE]))
    folder = write_study(tmp_path / "study", outline=name)
    assert [(p.file, p.column, p.value) for p in problems_of(folder)] == [("study.yaml", "outline", name)]
    assert not [digest for digest in Inputs.read(folder).digests if "json" in digest]


def test_mistakes_of_maps_come_at_once(tmp_path: Path) -> None:
    """Proves: routes, layers, a missing file and features are told together, each with its place. Without it a planner
    would mend one, run, and meet the next."""
    folder = write_study(
        tmp_path,
        nodes=[{"node": "north"}, {"node": "south"}],
        technologies=[{"technology": "old", "layer": "line"}, {"technology": "line", "layer": "air"}],
        links=[
            {"link": "north_south", "route": "70 50; 71,5 48"},
            {"link": "second", "route": "70 95"},
            {"link": "third", "route": "70 50;"},
        ],
        outline="border.geojson",
        areas="areas.geojson",
    )
    written(folder, "areas.geojson", feature([SQUARE], node="nort"), feature([SQUARE[:-1]], node="south"))
    assert [(p.file, p.row, p.column, p.value) for p in problems_of(folder)] == [
        ("areas.geojson", 1, "node", "nort"),
        ("areas.geojson", 2, "coordinates", "[80, 40]"),
        ("links.csv", 2, "route", "70 50; 71,5 48"),
        ("links.csv", 3, "route", "70 95"),
        ("links.csv", 4, "route", "70 50;"),
        ("study.yaml", None, "outline", "border.geojson"),
        ("technologies.csv", 2, "layer", "line"),
        ("technologies.csv", 3, "layer", "air"),
    ]


TURNED = [[43, 170], [44, 170], [44, 171], [43, 170]]
BROKEN: list[tuple[str, Any, int | None, str, str]] = [
    ("no collection", {"type": "Feature"}, None, "type", "must be FeatureCollection"),
    ("a list", [1], None, "type", "must be FeatureCollection"),
    ("no features", {"type": "FeatureCollection", "features": []}, None, "features", "at least one feature"),
    ("no feature", [3], 1, "type", "must be Feature"),
    ("no geometry", [{"type": "Feature", "geometry": None}], 1, "geometry", "must be a Polygon or MultiPolygon"),
    ("a point", [feature([70, 50], "Point")], 1, "geometry", "must be a Polygon or MultiPolygon"),
    ("no polygon", [feature([], "MultiPolygon")], 1, "coordinates", "at least one polygon"),
    ("no ring", [feature([[]], "MultiPolygon")], 1, "coordinates", "must be a list of rings"),
    ("ring no list", [feature([SQUARE]), feature(["x"])], 2, "coordinates", "must be a list of positions"),
    ("turned", [feature([TURNED])], 1, "coordinates", "position 1 of a ring, and 3 more, must be a longitude"),
    ("text", [feature([[["70", 50], *SQUARE]])], 1, "coordinates", "position 1 of a ring, must be a longitude"),
    ("yes", [feature([[[True, 50], *SQUARE]])], 1, "coordinates", "position 1 of a ring, must be a longitude"),
    ("one number", [feature([[*SQUARE, [1]]])], 1, "coordinates", "position 6 of a ring, must be a longitude"),
    ("short", [feature([SQUARE[:3]])], 1, "coordinates", "at least 4 positions"),
    ("open", [feature([SQUARE, [*HOLE[:-1], [67, 45]]])], 1, "coordinates", "must end where it begins"),
]


@pytest.mark.parametrize(
    ("content", "row", "column", "rule"), [case[1:] for case in BROKEN], ids=[b[0] for b in BROKEN]
)
def test_a_mistake_in_a_file_of_polygons_is_told(
    content: Any, row: int | None, column: str, rule: str, tmp_path: Path
) -> None:
    """Proves: whatever stands in the file, the number of the feature and the rule are told once. Without it a wrong
    export would be drawn askew, or end in a traceback."""
    features = isinstance(content, list) and content != [1]
    said = {"type": "FeatureCollection", "features": content} if features else content
    path = tmp_path / "border.geojson"
    path.write_text(json.dumps(said), encoding="utf-8")
    found = read_polygons(path.name, path)[1]
    assert [(p.file, p.row, p.column) for p in found] == [("border.geojson", row, column)]
    assert rule in found[0].rule


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"type": NaN'], ids=range(5))
def test_what_is_no_json_is_told(data: bytes, tmp_path: Path) -> None:
    """Proves: an empty, cut, binary or endlessly nested file is a problem of the file. Without it reading would end in
    a traceback."""
    path = tmp_path / "border.geojson"
    path.write_bytes(data)
    vertices, found = read_polygons(path.name, path)
    assert len(vertices) == 0
    assert [(p.file, p.row, "cannot be read as JSON" in p.rule) for p in found] == [("border.geojson", None, True)]


def test_numbers_that_are_none_are_told(tmp_path: Path) -> None:
    """Proves: NaN, infinity and a number too large for any float are no positions. Without it a map would be empty."""
    ring = "[[70, 50], [NaN, 50], [70, Infinity], [1" + "0" * 400 + ", 50], [70, 50]]"
    path = tmp_path / "border.geojson"
    geometry = '{"type": "Polygon", "coordinates": [' + ring + "]}"
    path.write_text('{"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": ' + geometry + "}]}")
    found = read_polygons(path.name, path)[1]
    assert [(p.row, "position 2 of a ring, and 2 more" in p.rule) for p in found] == [(1, True)]


def test_an_area_has_one_node(tmp_path: Path) -> None:
    """Proves: a node that is unknown, missing, no text or named twice is told. Without it the areas of two features
    would be taken for parts of one."""
    said: list[dict[str, Any]] = [{"node": "north"}, {"node": "north"}, {}, {"node": 7}, {"node": "noth"}]
    path = written(tmp_path, "areas.geojson", *(feature([SQUARE], **properties) for properties in said))
    found = read_polygons(path.name, path, {"north", "south"})[1]
    assert [(p.row, p.column, p.value) for p in found] == [
        (2, "node", "north"),
        (3, "node", ""),
        (4, "node", "7"),
        (5, "node", "noth"),
    ]
    assert found[3].advice == "Did you mean 'north'?"


@pytest.fixture(scope="module", params=["kazakhstan", "kazakhstan-2023", "kazakhstan-power"])
def country(request: pytest.FixtureRequest) -> xr.Dataset:
    """The System of the default study, or of the back-cast."""
    return Inputs.read(ROOT / "inputs" / request.param).system


def test_the_border_of_kazakhstan_holds_its_nodes(country: xr.Dataset) -> None:
    """Proves: one valid polygon of 2.7 million km2, with the 17 nodes inside and those abroad outside or at the
    border. Without it the map would show a wrong country, or none."""
    content = json.loads((ROOT / "inputs" / "kazakhstan" / "outline.geojson").read_text(encoding="utf-8"))
    border = shape(content["features"][0]["geometry"])
    assert border.is_valid
    assert border.exterior.is_ccw
    assert list(border.exterior.coords) == vertices(country, "outline", "lon", "lat")
    km2 = sum_of_area(np.array(border.exterior.coords))
    assert km2 == pytest.approx(2.72e6, rel=0.02)
    places = vertices(country, "node", "kind", "lon", "lat")
    inside = [border.contains(Point(lon, lat)) for kind, lon, lat in places if kind == "inside"]
    assert len(inside) == 17
    assert all(inside)
    deep = border.buffer(-CROSSING)
    assert not [place for place in places if place[0] == "outside" and deep.contains(Point(place[1:]))]


def sum_of_area(course: np.ndarray) -> float:
    """Area of a ring on a sphere, km2."""
    lon, height = np.radians(course[:, 0]), np.sin(np.radians(course[:, 1]))
    return float(6371.0**2 * abs(np.sum(np.diff(lon) * (height[1:] + height[:-1]))) / 2)


def test_links_of_kazakhstan_lead_from_node_to_node(country: xr.Dataset) -> None:
    """Proves: every link is drawn on a known layer or on purpose not at all, its course begins and ends at its nodes,
    and no way point lies more than 11 degrees beyond them. Without it a slip of the pen would cross the map."""
    place = dict(zip(country["node"].to_numpy(), vertices(country, "node", "lon", "lat"), strict=True))
    ends = dict(zip(country["link"].to_numpy(), vertices(country, "link", "from_node", "to_node"), strict=True))
    owner = country["route_link"].to_numpy()
    course = np.array(vertices(country, "route", "lon", "lat"))
    for link, (start, end) in ends.items():
        own = course[owner == link]
        assert tuple(own[0]) == place[start], link
        assert tuple(own[-1]) == place[end], link
        box = MultiPoint([place[start], place[end]]).envelope.buffer(11)
        assert all(box.contains(Point(position)) for position in own), link
    assert set(country["link_layer"].to_numpy()) <= {*LAYERS, ""}
    hidden = country["link"].to_numpy()[country["link_layer"].to_numpy() == ""]
    assert set(hidden) <= {"irtysh", "Swap of Russian crude"}
