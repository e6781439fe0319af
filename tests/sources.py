"""The files of the repository and their syntax trees, for the tests that read code instead of running it."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOT_OURS = {".git", ".venv", "build", "results", "__pycache__"}
"""Folders without files of the repository, where git is not there to say so."""


@cache
def files() -> tuple[Path, ...]:
    """Every file that is in git or would be at the next ``git add``; outside a git checkout, every file."""
    if (ROOT / ".git").exists():
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
        found = [ROOT / name for name in listed if name]
    else:
        found = [path for path in ROOT.rglob("*") if not set(path.relative_to(ROOT).parts) & NOT_OURS]
    return tuple(sorted(path for path in found if path.is_file()))


def python_files(folder: str = "") -> list[Path]:
    """The Python files under ``folder``, by default of the whole repository."""
    return [path for path in files() if path.suffix == ".py" and path.is_relative_to(ROOT / folder)]


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def shown(path: Path, line: int | None = None) -> str:
    """A file as messages name it: relative to the root, with a line where there is one."""
    name = path.relative_to(ROOT).as_posix()
    return name if line is None else f"{name}:{line}"


def module_name(path: Path) -> str:
    """``model.lp.compile`` for model/lp/compile.py, ``model.lp`` for model/lp/__init__.py."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
