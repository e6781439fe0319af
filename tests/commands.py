"""Commands run inside a test, and a folder with a small study and its result to run them in."""

from __future__ import annotations

import contextlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from model.cli import main

RESULTS = Path("results", "small", "base", "results.nc")
"""Where the result of the small study lies, from the folder in which it was planned."""


def call(*arguments: str | Path) -> Result:
    """Run a command in this process; an exception that is no exit fails the test."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def answer(result: Result) -> Any:
    """The one JSON object on stdout."""
    return json.loads(result.stdout)


def planned(folder: Path) -> Path:
    """``folder`` with a copy of the small study, its result, and ``plan.json``, what `plan --json` printed."""
    with contextlib.chdir(folder):
        assert call("new", "study").exit_code == 0
        result = call("plan", "study", "--no-report", "--json")
    assert result.exit_code == 0, result.stderr
    (folder / "plan.json").write_text(result.stdout, encoding="utf-8")
    return folder


def copied(home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of ``home`` as ``folder``, which is the working folder from now on."""
    shutil.copytree(home, folder)
    monkeypatch.chdir(folder)
    return folder
