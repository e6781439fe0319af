"""The tutorial does what it says: its commands run, its Python runs, and what it shows comes out."""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sources import ROOT

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: str) -> list[tuple[str, str]]:
    """The fenced blocks of a page: language and text."""
    return BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))


def run_shell(folder: Path, text: str) -> str:
    """What a block of shell prints in ``folder``; a failing command fails the test."""
    programs = folder / "bin"
    env = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(["sh", "-ec", text], cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def run_python(text: str, names: dict[str, object]) -> str:
    """What a block of Python prints; ``names`` are the variables that blocks share."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(text, names)
    return printed.getvalue()


def clone_in(folder: Path) -> None:
    """Let ``python run.py`` in ``folder`` mean this interpreter and this repository."""
    (folder / "bin").mkdir()
    python = folder / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    (folder / "run.py").symlink_to(ROOT / "run.py")


def test_tutorial_runs_and_shows_what_comes_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: a newcomer who follows the tutorial gets its numbers. Without it the first hour would end in an error."""
    clone_in(tmp_path)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    printed, shown, missing = "", 0, []
    for language, text in blocks("docs/tutorial.md"):
        if language == "text":
            shown += 1
            lines = [line.rstrip() for line in printed.splitlines()]
            missing += [line for line in text.splitlines() if line.rstrip() not in lines]
        elif language == "python":
            printed = run_python(text, names)
        elif "activate" not in text:
            printed = run_shell(tmp_path, text)
    assert missing == []
    assert shown >= 5


def test_readme_names_commands_that_exist() -> None:
    """Proves: the first page's commands and targets are there. Without it the first thing a reader types could fail."""
    from model.cli import main

    text = "\n".join(block for language, block in blocks("README.md") if language == "sh")
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(re.findall(r"^make ([\w-]+)", text, re.MULTILINE)) <= set(targets)
    assert set(re.findall(r"^python run\.py ([a-z-]+)", text, re.MULTILINE)) - {"--help"} <= set(main.commands)
    for scenario in re.findall(r"--scenario ([\w-]+)", text):
        assert (ROOT / "inputs" / "kazakhstan" / "scenarios" / f"{scenario}.yaml").exists()
