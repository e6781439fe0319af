"""Files of renewables.ninja: comment lines, UTC, one place or several; damaged ones are refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from model.system.problems import InvalidStudy
from model.time.ninja import from_ninja
from tests.time.generated import LOCAL_YEAR, UTC_YEAR, factor, ninja


@pytest.mark.parametrize("local", [True, False], ids=["with local_time", "without"])
def test_utc_becomes_local(local: bool, tmp_path: Path) -> None:
    """Proves: 00:00 UTC is 05:00 local, and 31 December closes the year. Without it the sun would rise at midnight."""
    files = {node: ninja(tmp_path / f"{node}.csv", factor(number), local=local) for number, node in enumerate("ab")}
    found = from_ninja(files, "wind_cf")
    assert found.dims == ("node", "time")
    assert (found.name, str(found.dtype), found.attrs["units"]) == ("wind_cf", "float32", "1")
    assert str(found["time"].to_numpy()[0])[:16] == "2023-01-01T00:00"
    for number, node in enumerate("ab"):
        np.testing.assert_allclose(found.sel(node=node)[5:], factor(number)[:-5], rtol=1e-6)
        np.testing.assert_allclose(found.sel(node=node)[:5], factor(number)[-5:], rtol=1e-6)
    assert found.attrs["wrapped_hours"] == 5


def test_hours_of_the_year_before_are_used(tmp_path: Path) -> None:
    """Proves: with hours from 31 December 19:00 UTC nothing is wrapped. Without it true hours would be lost."""
    file = ninja(tmp_path / "a.csv", factor(0, 8761), hours=LOCAL_YEAR)
    found = from_ninja({"a": file}, "wind_cf")
    np.testing.assert_allclose(found.sel(node="a"), factor(0), rtol=1e-6)
    assert found.attrs["wrapped_hours"] == 0


def test_a_column_for_each_place(tmp_path: Path) -> None:
    """Proves: nodes that share a file have a column each, with commas in the comments. Without it all were alike."""
    columns = {"time": UTC_YEAR.strftime("%Y-%m-%dT%H:%M:%SZ")} | {n: factor(k) for k, n in enumerate("ab")}
    file = tmp_path / "both.csv"
    file.write_text("# one, two\n" + pd.DataFrame(columns).to_csv(index=False), encoding="utf-8")
    found = from_ninja({"a": file, "b": file}, "pv_fixed_cf")
    for number, node in enumerate("ab"):
        np.testing.assert_allclose(found.sel(node=node)[5:], factor(number)[:-5], rtol=1e-6)


def without_line(number: int) -> Callable[[list[str]], list[str]]:
    """Lines of a file without one of them."""
    return lambda lines: lines[:number] + lines[number + 1 :]


def changed(number: int, old: str, new: str) -> Callable[[list[str]], list[str]]:
    """Lines of a file with another text in one of them."""
    return lambda lines: [line.replace(old, new) if place == number else line for place, line in enumerate(lines)]


# Three comments and the header stand before the hours: 00:00 on 1 January is line 5, and 04:00 is line 9.
DAMAGES: Mapping[str, tuple[Callable[[list[str]], list[str]], int | None, str, str, str]] = {
    "gap": (without_line(8), None, "time", "the hour is missing", "Fill the gap"),
    "twice": (lambda lines: lines[:9] + lines[8:], None, "time", "the hour comes twice", "every hour once"),
    "order": (
        lambda lines: [*lines[:8], lines[9], lines[8], *lines[10:]],
        None,
        "time",
        "earlier than",
        "Sort the file",
    ),
    "zone": (changed(8, "04:00,", "04:00+05:00,"), 9, "time", "hours must be in UTC", "Shift them to UTC"),
    "no time": (
        changed(8, "2023-01-01 04:00,", "1.1.23 4:00,"),
        9,
        "time",
        "must be a time such as",
        "Correct the cell",
    ),
    "no number": (
        lambda lines: [*lines[:8], lines[8].rpartition(",")[0] + ",", *lines[9:]],
        9,
        "electricity",
        "number",
        "Fill",
    ),
    "percent": (
        lambda lines: [*lines[:8], lines[8].rpartition(",")[0] + ",40", *lines[9:]],
        9,
        "electricity",
        "0 and 1",
        "over",
    ),
    "column": (changed(3, "electricity", "output"), 4, "electricity", "the column is missing", "it has time"),
    "short": (lambda lines: lines[:8000], None, "time", "hours of 2023 are missing", "in UTC from 2022-12-31 19:00"),
    "cut": (lambda lines: [*lines[:5000], lines[5000][:8]], 5001, "time", "must be a time such as", "Correct the cell"),
    "empty": (lambda lines: lines[:3], None, "", "holds no rows", "make it again"),
    "uneven": (changed(8, "04:00,", "04:00,1,2,3,"), None, "", "rows of different lengths", "3 cells"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_files_are_refused_by_name(damage: str, tmp_path: Path) -> None:
    """Proves: each fault is told with file, line, rule and advice. Without it a plan would rest on broken weather."""
    edit, row, column, rule, advice = DAMAGES[damage]
    file = ninja(tmp_path / "a.csv", factor(0))
    file.write_text("\n".join(edit(file.read_text(encoding="utf-8").splitlines())), encoding="utf-8")
    with pytest.raises(InvalidStudy) as caught:
        from_ninja({"a": file}, "wind_cf")
    told = [problem for problem in caught.value.problems if rule in problem.rule]
    assert told, str(caught.value)
    assert (told[0].file, told[0].row, told[0].column) == ("a.csv", row, column)
    assert advice in told[0].advice


def test_faults_of_all_files_come_together(tmp_path: Path) -> None:
    """Proves: a missing file and another year are told at once. Without it a user would mend them one by one."""
    later = pd.date_range("2022-01-01", periods=8760, freq="h")
    files = {
        "a": ninja(tmp_path / "a.csv", factor(0)),
        "b": ninja(tmp_path / "b.csv", factor(1), hours=later),
        "c": tmp_path / "c.csv",
    }
    with pytest.raises(InvalidStudy) as caught:
        from_ninja(files, "wind_cf")
    told = [str(problem) for problem in caught.value.problems]
    assert told[0] == "c.csv: the file cannot be read as CSV in UTF-8. Check its name, and save it again."
    assert "'a 2023, b 2022': the files are of different years" in told[1]


def test_an_unknown_kind_is_an_error_of_the_program() -> None:
    """Proves: only capacity factors are read. Without it a slip of a caller would make an empty variable."""
    with pytest.raises(ValueError, match="kind must be one of wind_cf"):
        from_ninja({}, "wind")
