"""The statistics as the synthesiser takes them from the tables."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from model.time.statistics import MONTHLY, SITES, weather_statistics
from tests.time.weather_years import (
    MADE_UP_MONTHS,
    MADE_UP_SITES,
    kazakh_statistics,
    made_up_tables,
    of_the_year,
    values,
)


def test_every_node_with_sites_has_its_months() -> None:
    """Proves: values stand where their node and month are, with units, and a node abroad has none. Without it January
    of one node could be July of another."""
    found = weather_statistics(made_up_tables())
    assert found["node"].to_numpy().tolist() == ["west", "east"]
    assert found["month"].to_numpy().tolist() == list(range(1, 13))
    for name, unit in MONTHLY.items():
        assert found[name].sel(node="east").to_numpy().tolist() == MADE_UP_MONTHS[name]
        assert found[name].attrs["units"] == unit
    for place, name in enumerate(SITES):
        assert found[name].to_numpy().tolist() == [MADE_UP_SITES["west"][place], MADE_UP_SITES["east"][place]]
    assert found["lon"].to_numpy().tolist() == [61.0, 65.0]


def test_the_order_of_rows_does_not_matter() -> None:
    """Proves: shuffled rows of weather.csv and nodes.csv give the same statistics. Without it sorting a table by hand
    would move the weather."""
    tables = made_up_tables()
    shuffled = {**tables, **{name: tables[name].sample(frac=1, random_state=1) for name in ("weather", "nodes")}}
    xr.testing.assert_identical(weather_statistics(shuffled), weather_statistics(tables))


def test_the_kazakh_tables_hold_the_published_levels() -> None:
    """Proves: 17 nodes without a gap; the region of Yereymentau, 35.8 % in 2016, has a wind factor of 0.32-0.36; the
    south has 1.2-1.5 times the sun of the north; Astana's January is below -10 degrees. Without it a slip in a column
    would pass for a climate."""
    found = kazakh_statistics()
    assert found.sizes == {"node": 17, "month": 12}
    assert all(np.isfinite(array.to_numpy()).all() for array in found.data_vars.values())
    wind = dict(zip(found["node"].to_numpy(), of_the_year(values(found, "wind_cf")), strict=True))
    assert 0.32 < wind["akmola"] < 0.36
    sun = found["ghi"].sum("month")
    assert 1.2 < float(sun.sel(node="turkistan") / sun.sel(node="north_kazakhstan")) < 1.5
    assert float(found["temperature"].sel(node="akmola", month=1)) < -10
    assert float(found["clear_sky_index"].min()) == pytest.approx(0.42, abs=0.01)
