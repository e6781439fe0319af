"""A run that is killed or interrupted leaves the old result or the new one, whole, and never half of one."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from model.cli import main
from model.outputs.files import read_companion
from model.outputs.netcdf import KeptValues
from model.verify import verify
from tests.sources import ROOT
from tests.stopped import before

PROMISED = 2.0
"""Seconds in which Ctrl-C ends the program, whatever the solver does."""
STARTED = 60.0
"""Seconds in which even a busy machine has read the default study and started to solve it."""
FILES = {"results.nc", "certificate.nc", "run.log"}
MOVES_RESULTS = 4
"""Step of writing that puts results.nc in place: before it the companion is filled and moved, and the file filled."""
LAST = 5
"""Step of writing that gives the companion its usual name."""


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a study and the result of one of its scenarios; not to be changed."""
    folder = tmp_path_factory.mktemp("old")
    shutil.copytree(ROOT / "inputs" / "small", folder / "study")
    plan = ["plan", str(folder / "study"), "--scenario", "dear-co2", "--no-report", "--out", str(folder / "out")]
    assert CliRunner().invoke(main, plan).exit_code == 0
    return folder


@pytest.fixture
def own(old: Path, tmp_path: Path) -> Path:
    """A copy of ``old``, to be run in."""
    shutil.copytree(old, tmp_path / "own")
    return tmp_path / "own"


def solution(folder: Path) -> str:
    """Which solution the results in ``folder`` are of; fails without a companion that belongs to it."""
    dataset, _ = read_companion(folder / "results.nc")
    return str(dataset.attrs["solution_id"])


def command(moment: str, deed: str, study: Path, out: Path) -> list[str]:
    """The command that plans ``study`` into ``out`` and stops at ``moment``."""
    return [sys.executable, "-m", "tests.stopped", moment, deed, "plan", "--no-report", str(study), "--out", str(out)]


@contextmanager
def stopped(moment: str, deed: str, folder: Path, study: Path | None = None) -> Iterator[subprocess.Popen[str]]:
    """A run of a study into ``folder``/out that has come to ``moment``; killed at the end if it still lives."""
    run = subprocess.Popen(
        command(moment, deed, study or folder / "study", folder / "out"),
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert run.stdout is not None
        assert run.stdout.readline() == "there\n", run.communicate()
        yield run
    finally:
        run.kill()
        run.communicate()


def plan_again(folder: Path) -> None:
    """A second run works, leaves nothing else behind, and can be verified."""
    plan = ["plan", str(folder / "study"), "--no-report", "--out", str(folder / "out")]
    assert CliRunner().invoke(main, plan).exit_code == 0
    assert {path.name for path in (folder / "out").iterdir()} == FILES
    assert verify(folder / "out" / "results.nc").holds


@pytest.mark.parametrize("step", range(1, LAST + 1))
def test_killed_while_writing(own: Path, step: int) -> None:
    """Proves: after kill -9 at any step of writing there is the old result or the new one, with its companion.

    Without the order of writing and the move at the end, half a file or a foreign companion would remain.
    """
    older = solution(own / "out")
    with stopped(f"write {step}", "wait", own) as run:
        run.kill()
        assert run.wait() == -signal.SIGKILL
    after = solution(own / "out")
    assert (after == older) == (step <= MOVES_RESULTS)
    if step in (1, LAST):
        assert verify(own / "out" / "results.nc").holds
        plan_again(own)


def test_writing_has_as_many_steps(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: the steps above are all there are. Without it a new step would not be tested."""
    steps: list[str] = []
    for owner, name in ((KeptValues, "fill"), (os, "replace")):
        # as it is, so that it is put back after the test
        monkeypatch.setattr(owner, name, owner.__dict__[name])
        before(owner, name, lambda *_, name=name, **__: steps.append(name))
    plan_again(own)
    assert steps == ["fill", "replace", "fill", "replace", "replace"]


@pytest.mark.parametrize("moment", ["solve", "write 3"])
def test_killed_in_the_first_run(own: Path, moment: str) -> None:
    """Proves: without an older result there is none after a kill. Without it half a result could be taken for one."""
    shutil.rmtree(own / "out")
    with stopped(moment, "wait", own) as run:
        run.kill()
    names = {path.name for path in (own / "out").iterdir()}
    assert not names & {"results.nc", "certificate.nc"}
    plan_again(own)


@pytest.mark.parametrize("moment", ["read", "write 3"])
def test_interrupted(own: Path, moment: str) -> None:
    """Proves: Ctrl-C outside the solver ends with 130, one line and nothing half-written. Without it temporary files
    would pile up, and a script could not tell an interruption from a failure."""
    older = solution(own / "out")
    with stopped(moment, "interrupt", own) as run:
        _, told = run.communicate(timeout=STARTED)
        assert run.returncode == 130
    assert told.splitlines()[-1].startswith("Interrupted")
    assert "Traceback" not in told
    assert [path.name for path in (own / "out").iterdir() if path.suffix == ".part"] == []
    assert solution(own / "out") == older


@pytest.mark.slow
def test_interrupted_while_solving(own: Path) -> None:
    """Proves: a big program stops within two seconds of Ctrl-C, with 130, and the old result stays.

    Without the solver in a thread of its own, Python would hear of Ctrl-C only when HiGHS is done.
    """
    older = solution(own / "out")
    with stopped("solve", "go", own, ROOT / "inputs" / "kazakhstan") as run:
        # let it get into its work: nothing tells from outside what it does
        with pytest.raises(subprocess.TimeoutExpired):
            run.wait(timeout=1.0)
        begun = time.monotonic()
        run.send_signal(signal.SIGINT)
        code = run.wait(timeout=STARTED)
        took = time.monotonic() - begun
    assert code == 130
    assert took <= PROMISED
    assert solution(own / "out") == older
    assert {path.name for path in (own / "out").iterdir()} == FILES
