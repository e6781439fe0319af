"""Where results say that things are: nodes, courses of links, border and areas, and the names of technologies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import xarray as xr

from model.outputs.geography import geography
from model.study import Study
from tests.studies import only, technology, write_study

TRIANGLE = [[60, 40], [80, 40], [70, 50], [60, 40]]
HOLE = [[69, 44], [70, 45], [71, 44], [69, 44]]


def places(folder: Path, **changes: Any) -> xr.Dataset:
    """Where things are in a study of two nodes, a line with a way point and a pipe."""
    write_study(
        folder,
        technology("pipe", kind="link", gives={"gas": 1.0}, declared={"name": "Gas pipe", "layer": "pipeline"}),
        technology("old", declared={"name": "Old steam"}),
        technology("line", kind="link", declared={"name": "Overhead line"}),
        commodities=[{"commodity": "gas"}],
        nodes=only(
            {"node": "north", "name": "The north", "lon": 70, "lat": 50, "zone": "n"},
            {"node": "south", "name": "The south", "lon": 75, "lat": 43, "zone": "s"},
        ),
        links=[
            {"link": "north_south", "route": "71.5 48", "voltage": "500", "circuits": "2", "length": 850},
            {"link": "gas line", "technology": "pipe", "from_node": "south", "to_node": "north", "length": 900},
        ],
        **changes,
    )
    return geography(Study.read(folder).solve().accounts)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> xr.Dataset:
    """With a border that has a hole, and areas."""
    folder = tmp_path_factory.mktemp("places")
    said = {
        "border": [({"name": "Country"}, [TRIANGLE, HOLE])],
        "areas": [({"node": "south"}, [TRIANGLE]), ({"node": "north"}, [HOLE])],
    }
    for name, features in said.items():
        collection = [
            {"type": "Feature", "properties": own, "geometry": {"type": "Polygon", "coordinates": rings}}
            for own, rings in features
        ]
        text = json.dumps({"type": "FeatureCollection", "features": collection})
        (folder / f"{name}.geojson").write_text(text, encoding="utf-8")
    return places(folder, outline="border.geojson", areas="areas.geojson")


def course(results: xr.Dataset, prefix: str, *columns: str) -> list[tuple[Any, ...]]:
    """What is said of vertices."""
    return list(zip(*(results[f"{prefix}_{column}"].to_numpy().tolist() for column in columns), strict=True))


def test_nodes_links_and_technologies_are_told_by_name(results: xr.Dataset) -> None:
    """Proves: each node, link and technology has its full name, its place and what it is. Without it a reader would
    meet `south` and `pipe` where the tables say The south and Gas pipe."""
    south = results.sel(node="south")
    assert [south[name].item() for name in ("node_name", "node_kind", "node_zone", "lon", "lat")] == [
        "The south",
        "inside",
        "s",
        75,
        43,
    ]
    assert results["technology_name"].sel(technology="old").item() == "Old steam"
    columns = ("from", "to", "technology", "technology_name", "status", "length", "voltage", "circuits", "layer")
    told = {link: [results[f"link_{c}"].sel(link=link).item() for c in columns] for link in ("north_south", "gas line")}
    assert told == {
        "north_south": ["north", "south", "line", "Overhead line", "existing", 850, "500", "2", "line"],
        "gas line": ["south", "north", "pipe", "Gas pipe", "existing", 900, "", "", "pipeline"],
    }


def test_courses_and_polygons_come_from_the_study_to_the_results(results: xr.Dataset) -> None:
    """Proves: the line bends at 71.5, 48, the pipe is straight; the border keeps its hole, each area its node. Without
    it maps could not be drawn from results alone."""
    assert course(results, "route", "link", "lon", "lat") == [
        ("north_south", 70, 50),
        ("north_south", 71.5, 48),
        ("north_south", 75, 43),
        ("gas line", 75, 43),
        ("gas line", 70, 50),
    ]
    ring = [(0, 0, *position) for position in TRIANGLE] + [(0, 1, *position) for position in HOLE]
    assert course(results, "outline", "part", "ring", "lon", "lat") == ring
    owners = dict.fromkeys(course(results, "area", "node", "part", "ring"))
    assert list(owners) == [("south", 0, 0), ("north", 0, 0)]


def test_a_study_without_polygons_has_none(tmp_path: Path) -> None:
    """Proves: a study that names no file has no border and no areas, and its links are still drawn; one without links
    has no vertex. Without it every study would need files of polygons."""
    bare = places(tmp_path / "bare")
    assert not [name for name in bare if str(name).startswith(("outline", "area"))]
    assert bare.sizes["route_vertex"] == 5
    write_study(tmp_path / "lone", links=only())
    lone = geography(Study.read(tmp_path / "lone").solve().accounts)
    assert {lone.sizes["route_vertex"], lone.sizes["link"]} == {0}
    assert lone["route_link"].dtype.kind == "U"


def test_every_place_has_a_unit_and_a_meaning(results: xr.Dataset) -> None:
    """Proves: units that are degrees, km or none, and a sentence on each variable. Without it a GIS would not know
    longitude from latitude."""
    degrees = {"lon": "degrees_east", "lat": "degrees_north"}
    for name, variable in results.data_vars.items():
        assert variable.attrs["long_name"], name
        expected = degrees.get(str(name).rpartition("_")[2], "km" if name == "link_length" else "1")
        assert variable.attrs["units"] == expected, name
