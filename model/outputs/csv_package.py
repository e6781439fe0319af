"""Results as a folder of CSV tables that describe themselves: a Frictionless Data Package, version 1.

Every table is a CSV file, and ``datapackage.json`` says what each column is, its unit, which columns name a row and
which hold labels of another table. Source of the format: specs.frictionlessdata.io, Tabular Data Package 1.0.
"""

from __future__ import annotations

import glob
import hashlib
import json
import math
import os
import re
import shutil
import uuid
from pathlib import Path
from typing import Any

import xarray as xr

from model.outputs.long_tables import Field, LongTable, each_table

DESCRIPTION = "datapackage.json"
DIGITS = "%.9g"
"""Nine digits are more than the solver vouches for."""

ABOUT = (
    "Results of a least-cost energy plan as tidy tables. Tables of labels (technologies, nodes, years) say what is "
    "told of each; tables named after several of them hold numbers. Where rows have units of their own, a column "
    "ending in _unit tells them, named by unitColumn. A row that is not there has the value that `absent` names: zero, "
    "or none. Numbers have nine digits. Texts stand as they are in the study: a program that takes a text beginning "
    "with =, +, - or @ for a formula must be told that columns of type string are texts."
)
_JSON = ("changes", "overrides", "settings", "input_digests", "assumptions", "versions", "passes", "fidelity")


def write_csv_package(results: xr.Dataset, folder: Path) -> None:
    """Write ``results`` as a data package into ``folder``, whole or not at all; an older package there is replaced.

    The same results give the same bytes. FileExistsError if ``folder`` holds something that is no package.
    """
    folder = folder.resolve()
    if folder.exists() and not _replaceable(folder):
        raise FileExistsError(17, "is there and no package of tables: give another folder", str(folder))
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:8]}.new")
    part.mkdir()
    try:
        _fill(results, part)
        _put(part, folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    for leftover in folder.parent.glob(f".{glob.escape(folder.name)}.????????.*"):
        if leftover.suffix in (".new", ".old"):
            shutil.rmtree(leftover, ignore_errors=True)


def descriptor(results: xr.Dataset, resources: list[dict[str, Any]]) -> dict[str, Any]:
    """What ``datapackage.json`` says: the tables with their columns, and where the results came from."""
    attrs = {str(name): _plain(str(name), value) for name, value in results.attrs.items()}
    name = "-".join(filter(None, ("results", str(attrs.get("study", "")), str(attrs.get("scenario", "")))))
    found = {
        "profile": "tabular-data-package",
        "name": re.sub(r"[^a-z0-9._-]+", "-", name.lower()),
        "title": ", ".join(filter(None, (str(attrs.get("title", "")), str(attrs.get("scenario_title", ""))))),
        "description": ABOUT,
        **({"created": attrs["date_created"]} if "date_created" in attrs else {}),
        "resources": resources,
        "provenance": attrs,
    }
    return found


def _fill(results: xr.Dataset, folder: Path) -> None:
    resources = []
    for table in each_table(results):
        content = _text(table).encode()
        _write(folder / f"{table.name}.csv", content)
        resources.append(_resource(table, content))
    told = descriptor(results, resources)
    _write(folder / DESCRIPTION, (json.dumps(told, indent=2, ensure_ascii=False) + "\n").encode())
    _flush(folder)


def _text(table: LongTable) -> str:
    return str(table.frame.to_csv(index=False, float_format=DIGITS, lineterminator="\n"))


def _resource(table: LongTable, content: bytes) -> dict[str, Any]:
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "path": f"{table.name}.csv",
        "title": table.title,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "schema": {
            "fields": [_field(field, field.name in table.key) for field in table.fields],
            "missingValues": [""],
            "primaryKey": list(table.key),
            "foreignKeys": [
                {"fields": [column], "reference": {"resource": other, "fields": [label]}}
                for column, (other, label) in table.references.items()
            ],
        },
    }


def _field(field: Field, key: bool) -> dict[str, Any]:
    return {
        "name": field.name,
        "type": field.kind,
        "title": field.name.replace("_", " "),
        "description": field.meaning,
        **({"unit": field.unit} if field.unit else {}),
        **({"unitColumn": field.unit_column} if field.unit_column else {}),
        **({"absent": field.absent} if field.kind == "number" else {}),
        **({"constraints": {"required": True}} if key else {}),
    }


def _plain(name: str, value: Any) -> Any:
    """An attribute as JSON holds it: texts that are JSON themselves unpacked, numbers as numbers."""
    if name in _JSON and isinstance(value, str):
        return json.loads(value)
    plain = value.tolist() if hasattr(value, "tolist") else value
    return None if isinstance(plain, float) and not math.isfinite(plain) else plain


def _replaceable(folder: Path) -> bool:
    """Whether a folder is empty or an older package, with nothing else in it."""
    if not folder.is_dir():
        return False
    names = {path.name for path in folder.iterdir()}
    return not names or (DESCRIPTION in names and all(n == DESCRIPTION or n.endswith(".csv") for n in names))


def _put(part: Path, folder: Path) -> None:
    """Move a whole folder to its name; what stood there moves aside, and back if that fails."""
    old = part.with_suffix(".old")
    replaces = folder.exists()
    if replaces:
        os.rename(folder, old)
    try:
        os.rename(part, folder)
    except OSError:
        if replaces:
            os.rename(old, folder)
        raise
    _flush(folder.parent)


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _flush(folder: Path) -> None:
    """Let the names in a folder reach the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
