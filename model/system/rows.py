"""Small helpers that put rows of tables into Dataset variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

Variables = dict[str, xr.DataArray]


def array(
    dims: Sequence[str], coords: Mapping[str, Sequence[Any]], values: Any, unit: str, long_name: str
) -> xr.DataArray:
    """A labelled array with unit and meaning."""
    own = {dim: list(labels) for dim, labels in coords.items() if dim in dims}
    return xr.DataArray(np.asarray(values), dims=tuple(dims), coords=own, attrs={"units": unit, "long_name": long_name})


def table_dims(
    dim: str, frame: pd.DataFrame, column_units: Mapping[str, str], labels: Sequence[str] | None = None
) -> Variables:
    """The columns of a frame as variables ``<dim>_<column>`` over ``dim``, with ``labels`` as coordinate if given."""
    coords = {} if labels is None else {dim: list(labels)}
    found = {}
    for column in frame.columns:
        values = frame[column].to_numpy()
        values = values.astype(object) if values.dtype.kind not in "fiub" else values
        found[f"{dim}_{column}"] = array(
            (dim,), coords, values, column_units.get(column, "1"), f"{dim} {column}".replace("_", " ")
        )
    return found
