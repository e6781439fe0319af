"""Planning block by block from the command line: on workers, and again after a kill."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from model.solve.decompose.memory import Memory
from tests.commands import answer, call
from tests.sources import ROOT

STARTED = 60.0
"""Seconds in which a busy machine gets to where it is killed."""
PLAN = ["plan", "study", "--solver", "blocks", "--gap", "1e-5", "--no-report"]


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the small study, to be in."""
    shutil.copytree(ROOT / "inputs" / "small", tmp_path / "study")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--workers", "2"], "--workers: only with --solver blocks"),
        (["--resume", "--scheduler", "tcp://x:1"], "--scheduler and --resume: only with --solver blocks"),
        (["--solver", "blocks", "--workers", "0"], "0 is not in the range x>=1"),
        (["--solver", "blocks", "--workers", "2", "--scheduler", "tcp://x:1"], "give one of them"),
        (["--solver", "blocks", "--scheduler", "x"], "give an address such as tcp://"),
    ],
)
def test_options_that_do_not_go_together(options: list[str], told: str) -> None:
    """Proves: each is told as wrong usage before anything is read. Without it workers would be started for nothing."""
    result = call("plan", "inputs/none", *options)
    assert result.exit_code == 2
    assert told in " ".join(result.stderr.split())


def test_killed_and_resumed(own: Path) -> None:
    """Proves: after kill -9 in the middle of a checkpoint the one before is whole, and --resume goes on from it to the
    same cost in fewer rounds; the plan takes the checkpoint away. Without it a search of hours would begin afresh."""
    out = own / "out"
    with subprocess.Popen(
        [sys.executable, "-m", "tests.stopped", "write 4", "wait", *PLAN[:1], str(own / "study"), *PLAN[2:],
         "--out", str(out)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as run:  # fmt: skip
        try:
            assert run.stdout is not None
            assert run.stdout.readline() == "there\n"
        finally:
            run.kill()
    assert run.returncode == -signal.SIGKILL
    assert not (out / "results.nc").exists()
    assert Memory.read(out / "checkpoint.npz").cuts
    resumed = call(*PLAN, "--out", out, "--resume", "--json")
    assert resumed.exit_code == 0, resumed.stderr
    assert re.search(r"checkpoint\.npz: \d+ cuts of 6 of 6 blocks are used again", resumed.stderr)
    assert {path.name for path in out.iterdir()} == {"results.nc", "certificate.nc", "run.log"}
    again = call(*PLAN, "--out", own / "afresh", "--resume", "--json")
    assert "begins afresh" in again.stderr
    assert answer(resumed)["objective"] == pytest.approx(answer(again)["objective"], rel=1e-5)
    rounds = [(folder / "run.log").read_text(encoding="utf-8").count("round ") for folder in (out, own / "afresh")]
    assert rounds[0] < rounds[1]


def test_a_damaged_checkpoint(own: Path) -> None:
    """Proves: it is told in a line, and nothing is planned. Without it the user would see a traceback."""
    checkpoint = Path("results", "small", "base", "checkpoint.npz")
    checkpoint.parent.mkdir(parents=True)
    checkpoint.write_bytes(b"half")
    result = call(*PLAN, "--resume")
    assert result.exit_code == 1
    assert "checkpoint.npz is damaged or was not written by a search" in result.stderr


def test_workers_from_the_command_line(own: Path) -> None:
    """Proves: two processes plan what this process plans. Without it the option would do nothing, or another thing."""
    there = call(*PLAN, "--out", own / "there", "--workers", "2", "--json")
    here = call(*PLAN, "--out", own / "here", "--json")
    assert there.exit_code == 0, there.stderr
    assert answer(there)["objective"] == answer(here)["objective"]
