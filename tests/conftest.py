"""What every test can rely on: the same random examples each time, no network, programs outside Python by name."""

from __future__ import annotations

import shutil
import socket
from ctypes.util import find_library
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from model.study import Plan, Study
from tests.sources import ROOT

PACKAGES = {
    "ncdump": "netcdf-bin",
    "gdalinfo": "gdal-bin",
    "ogrinfo": "gdal-bin",
    "ogr2ogr": "gdal-bin",
    "libudunits2": "libudunits2-0",
}
"""The Debian package that brings each program or shared library."""

# The same examples on every machine and no time limit per example: a failure here is a failure everywhere.
hypothesis.settings.register_profile("shanyraq", derandomize=True, deadline=None, database=None, print_blob=True)
hypothesis.settings.load_profile("shanyraq")


REDUCED: dict[str, object] = {
    "study.years": [2025, 2035, 2045],
    "study.representative_periods": 4,
    "study.kept_days": ["dec-07"],
    "study.segments": 3,
}
"""The default study cut to four days of three years."""


@pytest.fixture(scope="session")
def kazakhstan() -> Plan:
    """A plan of the default study at reduced size: all its plants, links, sectors and goals."""
    return Study.read(ROOT / "inputs" / "kazakhstan").override(REDUCED).solve()


@pytest.fixture(scope="session")
def kazakhstan_file(kazakhstan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its results.nc, not to be changed."""
    return kazakhstan.write(tmp_path_factory.mktemp("kazakhstan"))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test marked ``needs("program")`` where the program or library is not installed, and say how to get it."""
    for mark in item.iter_markers("needs"):
        for program in mark.args:
            if shutil.which(program) is None and find_library(program.removeprefix("lib")) is None:
                pytest.skip(f"{program} is not installed: apt-get install {PACKAGES.get(program, program)}")


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only this machine can be reached: a test that asks another one fails instead of depending on it."""
    connect = socket.socket.connect

    def connect_here(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else "localhost"
        if host not in ("localhost", "::1") and not str(host).startswith("127."):
            raise AssertionError(f"a test asked the network for {host}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect_here)
