"""NetCDF files: packed so that every client reads them, there whole or not at all, and read again as they were."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from xarray.backends import NetCDF4DataStore
from xarray.backends.common import ArrayWriter

from model.outputs.cf.units import NONE

LARGE = 1000
"""Numbers from which a variable is compressed."""

FILL = 9.969209968386869e36
"""What stands for a missing number: GIS programs take it for null, but show nan as a number."""

PIECE = 4_000_000
"""Bytes from which an array is cut into pieces, each with all steps of one year."""

NEEDED = (
    "study_folder", "scenario", "resolution", "overrides", "input_digests", "equations_digest", "solution_id",
    "wanted_gap", "objective",
)  # fmt: skip
"""Attributes of a result without which nothing can be repeated."""

CF_ATTRIBUTES = (
    "unit", "unit_variable", "currency", "price_year", "geometry", "grid_mapping", "coordinates",
    "standard_name", "axis", "coverage_content_type",
)  # fmt: skip
"""What the file says of a variable beyond its unit in the trade's words and its meaning."""


def write_netcdf(dataset: xr.Dataset, path: Path) -> None:
    """Write ``dataset`` to ``path``: first beside it, flushed to disk, then under its name in one move.

    A process that dies leaves the old file or none; OSError if the folder cannot be written.
    """
    written(path, lambda part: write_plainly(dataset, part))


def write_plainly(dataset: xr.Dataset, path: Path) -> None:
    """Write ``dataset`` to ``path`` as it goes: every variable is declared before any is filled.

    The library goes through all variables whenever one is filled after another was declared, which for hundreds of
    small ones takes most of the time.
    """
    store = NetCDF4DataStore.open(str(path), mode="w", format="NETCDF4", clobber=True)  # type: ignore[no-untyped-call]
    try:
        values = KeptValues()
        dataset.dump_to_store(store, writer=values, encoding=packing(dataset))
        values.fill()
    finally:
        store.close()


class KeptValues(ArrayWriter):
    """Values that wait until all variables are declared."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: list[tuple[Any, Any]] = []

    def add(self, source: Any, target: Any, region: Any = None) -> None:
        """Keep the values for a variable that has just been declared."""
        self.kept.append((source, target))

    def fill(self) -> None:
        """Write them all."""
        for source, target in self.kept:
            target[...] = source


def packing(dataset: xr.Dataset) -> dict[Hashable, dict[str, Any]]:
    """How the variables are stored: texts as characters, large numbers packed by zlib, which every client has."""
    return {name: _packed(str(name), variable) for name, variable in dataset.variables.items()}


def _packed(name: str, variable: xr.Variable) -> dict[str, Any]:
    if variable.dtype.kind in "OUS":
        return {"dtype": "S1", "char_dim_name": f"strlen_{name}"}
    large: dict[str, Any] = {"zlib": True, "complevel": 4, "shuffle": True} if variable.size > LARGE else {}
    if variable.nbytes > PIECE and "step" in variable.dims:
        large["chunksizes"] = tuple(
            1 if dim in ("technology", "commodity", "year") else size
            for dim, size in zip(variable.dims, variable.shape, strict=True)
        )
    missing = variable.dtype.kind == "f" and bool(np.isnan(variable.to_numpy()).any())
    return {**large, "_FillValue": variable.dtype.type(FILL) if missing else None}


def read_results(path: Path | str) -> xr.Dataset:
    """The results in a file that ``plan`` has written, as ``plan.results`` gave them; large arrays in single precision.

    OSError if the file is no result of this program.
    """
    with _opened(path) as file:
        if lacking := [name for name in NEEDED if name not in file.attrs]:
            raise OSError(f"{path} is no result of this program: it does not say its {', '.join(lacking)}")
        kept = [name for name, variable in file.variables.items() if "purpose" not in variable.attrs]
        found = file[[name for name in kept if name not in file.dims]].load()
    for name, variable in found.variables.items():
        variable.attrs = {} if name in found.dims else _as_told(variable)
        variable.encoding = {}
    return found


def read_file(path: Path | str) -> xr.Dataset:
    """All that a NetCDF file holds, loaded as it stands there; OSError if it is none."""
    with _opened(path) as file:
        return file.load()


def _opened(path: Path | str) -> xr.Dataset:
    """A file as it stands there, of which only what is asked for is read."""
    return xr.open_dataset(path, engine="netcdf4", decode_times=False, decode_coords=False)


def _as_told(variable: xr.Variable) -> dict[str, Any]:
    """The attributes that a variable had before it was written."""
    plain = {name: value for name, value in variable.attrs.items() if name not in CF_ATTRIBUTES}
    return {"units": variable.attrs.get("unit", NONE), **{k: v for k, v in plain.items() if k != "units"}}


def written(path: Path, write: Callable[[Path], object]) -> None:
    """Let ``write`` fill a temporary file beside ``path`` and move it there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        write(part)
        with part.open("rb+") as stream:
            os.fsync(stream.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def remove_leftovers(folder: Path) -> None:
    """Take away temporary files that a killed run has left."""
    for part in folder.glob(".*.part"):
        part.unlink(missing_ok=True)
