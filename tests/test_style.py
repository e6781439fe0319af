"""What style asks and a linter does not check: length, nothing of one machine, full signatures, tests that say why."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sources import files, python_files, shown, tree

LONGEST_FILE = 380
LONGEST_FUNCTION = 60
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Function = ast.FunctionDef | ast.AsyncFunctionDef

# Written in pieces, or this file would find itself.
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b|NotImplemented" r"Error")
MACHINE_PATHS = re.compile(r"(?<![\w.}])/(home|root|Users|work|tmp|opt|mnt|media)" r"/\w|\b[A-Z]:\\\\?\w")
REGISTRIES = re.compile(r"py" r"pi\.org|python" r"hosted|--(extra-)?index" r"-url|find" r"-links|anaconda\.(com|org)")


def lines() -> Iterator[tuple[Path, int, str]]:
    """Every line of every text file of the repository."""
    for path in files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        yield from ((path, number, line) for number, line in enumerate(text.splitlines(), 1))


def test_files_are_short() -> None:
    """Proves: a file is about one thing. Without it files would grow until nobody reads them whole."""
    lengths = {shown(path): len(path.read_text(encoding="utf-8").splitlines()) for path in python_files()}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_functions_are_short() -> None:
    """Proves: a function fits on a screen, docstring included. Without it functions would do several things."""
    wrong = {
        f"{shown(path, node.lineno)} {node.name}": length
        for path in python_files()
        for node in ast.walk(tree(path))
        if isinstance(node, FUNCTIONS)
        if (length := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    }
    assert wrong == {}


@pytest.mark.parametrize("pattern", [UNFINISHED, MACHINE_PATHS, REGISTRIES], ids=["unfinished", "paths", "registries"])
def test_nothing_is_left_in_a_file(pattern: re.Pattern[str]) -> None:
    """Proves: nothing unfinished and nothing of one machine. Without it a clone would not work elsewhere."""
    assert [f"{shown(path, number)}: {line.strip()}" for path, number, line in lines() if pattern.search(line)] == []


def public(body: list[ast.stmt]) -> Iterator[ast.ClassDef | Function]:
    """Public classes and functions of a module, and the methods of public classes, special ones too."""
    for node in body:
        if isinstance(node, FUNCTIONS) and (not node.name.startswith("_") or node.name.endswith("__")):
            yield node
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield node
            yield from public(node.body)


def test_public_names_are_explained() -> None:
    """Proves: every public class and function has a docstring. Without it help() would be empty."""
    wrong = [
        f"{shown(path, node.lineno)} {node.name}"
        for path in python_files("model")
        for node in public(tree(path).body)
        if not node.name.endswith("__") and not ast.get_docstring(node)
    ]
    assert wrong == []


def test_signatures_are_typed() -> None:
    """Proves: every argument and result of a public function has a type. Without it mistakes show only when run."""
    wrong = [
        f"{shown(path, node.lineno)} {node.name}"
        for path in python_files("model")
        for node in public(tree(path).body)
        if isinstance(node, FUNCTIONS) and not _typed(node)
    ]
    assert wrong == []


def _typed(function: Function) -> bool:
    given = function.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, (given.vararg, given.kwarg))]
    return function.returns is not None and all(a.annotation for a in every if a.arg not in ("self", "cls"))


def test_tests_say_what_they_prove() -> None:
    """Proves: every test names its claim and what it guards against. Without it a failing test explains nothing."""
    wrong = [
        f"{shown(path, node.lineno)} {node.name}"
        for path in python_files("tests")
        if path.name.startswith("test_")
        for node in ast.walk(tree(path))
        if isinstance(node, FUNCTIONS) and node.name.startswith("test_")
        if not re.search(r"\bProves\b[^:]*: .*\bWithout\b", ast.get_docstring(node) or "", re.DOTALL)
    ]
    assert wrong == []
