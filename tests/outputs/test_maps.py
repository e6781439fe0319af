"""What maps show of a plan, with the units that they say."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from model.outputs.gis_tables import gis_tables
from model.outputs.maps import layers
from tests.lp import everything as whole


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> xr.Dataset:
    """Results of a plan in which every equation has rows."""
    return whole.everything(tmp_path_factory.mktemp("maps")).solve().results


def test_only_power_is_in_megawatts(results: xr.Dataset) -> None:
    """Proves: a plant that gives electricity and is sized in tonnes a year adds no megawatts to a map. Without it
    0.3 Mt of waste a year would be 300 MW."""
    units = results["technology_unit"].to_series()
    units["wind"] = "Mt/year"
    tonnes = results.assign(technology_unit=("technology", units.to_numpy(), results["technology_unit"].attrs))
    drawn, before = layers(tonnes), layers(results)["node_point"].table["capacity_total_2040"]
    wind = results["capacity"].sel(technology="wind", year=2040) * 1000
    assert wind.sum() > 100
    np.testing.assert_allclose(drawn["node_point"].table["capacity_total_2040"], before - wind.to_numpy())
    table = gis_tables(tonnes, drawn)["capacity"].frame
    assert table.loc[table["technology"] == "wind", "capacity_mw"].isna().all()


def test_flows_of_mixed_layers_say_their_unit(results: xr.Dataset) -> None:
    """Proves: where links of one layer carry tonnes and containers, a flow is in the unit of its link, and half of the
    year at 2 Mt a year is 1 Mt. Without it the unit would be no unit."""
    hours = results["step_hours"].to_numpy()
    half = np.where(np.cumsum(hours) <= 4380, 2.0, 0.0)
    flow = results["flow"] * 0 + xr.DataArray(half, dims="step", coords={"step": results["step"].to_numpy()})
    count = results.sizes["link"]
    mixed = results.assign(
        flow=flow.assign_attrs(results["flow"].attrs),
        link_layer=("link", np.full(count, "sea_corridor"), {"units": "1", "long_name": "layer"}),
        link_unit=("link", np.array(["Mt/year", "kTEU/year"] * count)[:count], results["link_unit"].attrs),
    )
    table = layers(mixed)["sea_corridor"].table
    assert table["flow_2030"].attrs["units"] == table["capacity_2030"].attrs["units"] == "link unit"
    np.testing.assert_allclose(table["flow_2030"], half @ hours / 8760)
