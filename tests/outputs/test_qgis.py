"""QGIS itself opens what a plan is written to; a test for machines that have it.

``apt-get install python3-qgis qgis-providers``, then ``SHANYRAQ_QGIS=1 python -m pytest tests/outputs/test_qgis.py``.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from model.outputs.files import write_plan
from model.outputs.geopackage import write_geopackage
from model.outputs.maps import layers
from model.outputs.netcdf import read_results
from model.study import Study
from tests.sources import ROOT

PYTHON = "/usr/bin/python3"
"""The system's own Python: QGIS is no package that could be installed beside ours."""

LOOK = """
import json, os, sys
from qgis.core import QgsApplication, QgsRenderContext, QgsVectorLayer

def look(layer):
    renderer, context, drawn = layer.renderer().clone(), QgsRenderContext(), 0
    context.setExpressionContext(layer.createExpressionContext())
    renderer.startRender(context, layer.fields())
    for feature in layer.getFeatures():
        context.expressionContext().setFeature(feature)
        drawn += renderer.willRenderFeature(feature, context)
    renderer.stopRender(context)
    times = layer.temporalProperties()
    return {
        "features": layer.featureCount(),
        "crs": layer.crs().authid(),
        "renderer": renderer.type(),
        "labels": layer.labelsEnabled(),
        "pies": layer.diagramRenderer() is not None,
        "moment": times.startField() if times.isActive() else "",
        "drawn": drawn,
    }

application = QgsApplication([], False)
application.initQgis()
said = {}
for name in sys.argv[2:]:
    layer = QgsVectorLayer(f"{sys.argv[1]}|layername={name}", name, "ogr")
    assert layer.isValid(), name
    layer.loadDefaultStyle()
    said[name] = look(layer)
print(json.dumps(said), flush=True)
os._exit(0)  # Taking QGIS down from Python crashes it in some versions.
"""


def has_qgis() -> bool:
    """Whether the test is asked for and QGIS is there."""
    if os.environ.get("SHANYRAQ_QGIS") != "1" or not Path(PYTHON).exists():
        return False
    return subprocess.run([PYTHON, "-c", "import qgis.core"], capture_output=True).returncode == 0


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not has_qgis(), reason="SHANYRAQ_QGIS=1 and python3-qgis are needed"),
]


def seen(file: Path, names: list[str]) -> dict[str, dict[str, Any]]:
    """What QGIS says of the layers of a file, without a screen."""
    place = {"QT_QPA_PLATFORM": "offscreen", "HOME": str(file.parent), "XDG_RUNTIME_DIR": str(file.parent)}
    done = subprocess.run(
        [PYTHON, "-c", LOOK, str(file), *names], env={**os.environ, **place}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return said


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with results.nc and results.gpkg of the small study."""
    made = tmp_path_factory.mktemp("qgis")
    written = write_plan(Study.read(ROOT / "inputs" / "small").solve(), made)
    write_geopackage(read_results(written), made / "results.gpkg")
    return made


def test_qgis_opens_every_layer_of_the_netcdf_file(folder: Path) -> None:
    """Proves: results.nc is a map as it is. Without it a reader would have to write a program first."""
    expected = {name: len(layer.shapes) for name, layer in layers(read_results(folder / "results.nc")).items()}
    said = seen(folder / "results.nc", list(expected))
    assert {name: one["features"] for name, one in said.items()} == expected
    assert all(one["crs"] == "EPSG:4326" for one in said.values())


def test_qgis_draws_every_layer_of_the_geopackage(folder: Path) -> None:
    """Proves: layers open with our styles: every node and area lies in a class, pies and names on nodes, and views know
    their moments. Without it a map would be grey dots."""
    results = read_results(folder / "results.nc")
    expected = {name: len(layer.shapes) for name, layer in layers(results).items()}
    years = results.sizes["year"]
    views = {"node_by_year": expected["node_point"] * years, "line_capacity_by_year": expected["line_route"] * years}
    said = seen(folder / "results.gpkg", [*expected, *views, "node_capacity_by_year"])
    assert {name: said[name]["features"] for name in expected | views} == expected | views
    assert all(one["crs"] == "EPSG:4326" for one in said.values())
    for name in ("node_point", "node_area", "node_by_year"):
        if name in said:
            assert said[name]["drawn"] == said[name]["features"], name
    assert said["node_point"]["pies"]
    assert said["node_point"]["labels"]
    kinds = {name: one["renderer"] for name, one in said.items() if name != "country_outline"}
    assert kinds.pop("node_capacity_by_year") == "categorizedSymbol"
    assert set(kinds.values()) == {"graduatedSymbol"}
    assert {said[view]["moment"] for view in (*views, "node_capacity_by_year")} == {"year_start"}
