"""Files appear whole or not at all."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any

import xarray as xr

LARGE = 1000
"""Numbers from which a variable is compressed."""


def write_netcdf(dataset: xr.Dataset, path: Path) -> None:
    """Write ``dataset`` to ``path``: first beside it, flushed to disk, then under its name in one move.

    A process that dies leaves the old file or none; OSError if the folder cannot be written.
    """
    written(path, lambda part: dataset.to_netcdf(part, engine="netcdf4", encoding=compression(dataset)))


def compression(dataset: xr.Dataset) -> dict[Hashable, dict[str, Any]]:
    """How the variables are packed: large numbers lightly, the rest not at all."""
    return {
        name: {"zlib": True, "complevel": 2}
        for name, variable in dataset.data_vars.items()
        if variable.dtype.kind == "f" and variable.size > LARGE
    }


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
