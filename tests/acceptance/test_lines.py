"""Every acceptance line is shown by something that exists."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.commands import ALWAYS, COMMANDS, last_json
from tests.acceptance.lines import Limit, Line, is_test, read_lines
from tests.acceptance.run import rows, shown_tests

LINES = read_lines()


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.id)
def test_line_is_shown_by_something(line: Line) -> None:
    """Proves: every line has a test or a full-size command. Without it a promise could go unchecked."""
    assert line.tests or line.accept, f"{line.id} names neither a test nor a command: {line.says}"


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.id)
def test_named_tests_and_figures_exist(line: Line) -> None:
    """Proves: what a line names is there. Without it a renamed test would leave its line unchecked."""
    assert [name for name in line.tests if not is_test(name)] == []
    for name, limits in line.accept.items():
        assert name in COMMANDS
        assert limits, f"{line.id}: {name} has no limit, so it could never fail"
        assert {limit.figure for limit in limits} <= {*ALWAYS, *COMMANDS[name].figures}


def test_names_of_lines_differ() -> None:
    """Proves: a line is found by its name. Without it two lines could share one verdict."""
    assert len({line.id for line in LINES}) == len(LINES)


def test_limits_are_read_and_kept() -> None:
    """Proves: 180 seconds keep ``<= 180``, 181 and none do not. Without it a missing figure would pass."""
    limit = Limit.read("wall_seconds <= 180")
    assert [limit.holds(figures) for figures in ({"wall_seconds": 180.0}, {"wall_seconds": 181.0}, {})] == [
        True,
        False,
        False,
    ]
    assert limit.shown({"wall_seconds": 143.21}) == "wall_seconds 143.2 (<= 180)"
    with pytest.raises(ValueError, match="is not 'figure operator number'"):
        Limit.read("wall_seconds about 180")


def test_unknown_key_is_refused(tmp_path: Path) -> None:
    """Proves: ``tests:`` for ``test:`` is an error. Without it a mistyped key would drop its tests in silence."""
    path = tmp_path / "lines.yaml"
    path.write_text("- {id: a, says: b, tests: [c]}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="a: unknown tests"):
        read_lines(path)


def test_tests_are_found_by_name() -> None:
    """Proves: only a test that is written counts. Without it a line could name a helper or a test long gone."""
    here = "tests/acceptance/test_lines.py"
    assert is_test(f"{here}::test_tests_are_found_by_name")
    for name in (
        here,
        f"{here}::test_long_gone",
        f"{here}::LINES",
        "tests/test_nowhere.py::test_it",
        "README.md::test_it",
    ):
        assert not is_test(name)


def test_verdict_of_a_line() -> None:
    """Proves: all tests and limits of a line must hold. Without it one passing part would hide another that fails."""
    line = Line("x", "", ("tests/lp/test_a.py::test_b",), {"plan": (Limit("exit", "==", 0),)})
    passed, failed = {"tests.lp.test_a::test_b[1]": "passed"}, {"tests.lp.test_a::test_b[1]": "failed"}
    verdicts = [[row.passed for row in rows(line, {"plan": {"exit": code}}, passed)] for code in (0.0, 1.0)]
    assert verdicts == [[True, True], [True, False]]
    assert [shown_tests(line, cases).passed for cases in (passed, failed, {}, None)] == [True, False, False, None]
    assert [row.passed for row in rows(Line("x", "", (), {}), {}, {})] == [False]


def test_json_stands_on_the_last_line() -> None:
    """Proves: a table before the JSON does no harm. Without it the benchmark's figures could not be read."""
    assert last_json('path  rows\nours  5\n{"rows": 5}\n') == {"rows": 5}
