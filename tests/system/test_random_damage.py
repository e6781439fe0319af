"""Whatever stands in a cell, the answer is a list of problems or a study that becomes a linear program."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from model.lp.compile import compile_lp
from model.lp.errors import CompileError
from model.lp.model import state_plan
from model.passes import first_state
from model.system.problems import InvalidStudy, Problem
from model.system.read import Inputs
from model.system.tables import TABLES
from model.time.typical import typical_days
from tests.system.rich import SECURE, rich_study, rows_of, setting

TOKENS = """
    0 1 -1 0.5 1e-9 1e9 2025 2026 2030 2031 9999 nan inf -inf 1e400 1_000 ٣ north abroad nowhere electricity
    gas wind old line battery Steam existing committed candidate operating import export conversion storage
    link run forward here from to GW MW TWh USD/MWh bcm/year constant maintenance even load wind_cf step
    period year delivered demand insecure net gross requires 500+220 1+2 home second north_south
    excludes wind@south outside all used max min 1;2 12 workday mean a@b .. [x] m**9**9 (( lambda
"""
WORDS = ("", " ", *TOKENS.split())
"""What a cell may hold by mistake: words and numbers that are right elsewhere, and such as are right nowhere."""

NO_PLAN = ("has no variable and is false", "has no value left")
"""What compiling says of a study that is well formed and has no plan."""

TEXTS = st.one_of(st.sampled_from(WORDS), st.text(max_size=8), st.integers().map(str), st.floats().map(repr))
PLACES = st.tuples(st.sampled_from([table.name for table in TABLES]), st.integers(0, 30), st.integers(0, 20))
CHANGES = st.lists(st.tuples(PLACES, TEXTS), min_size=1, max_size=3)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study that uses every table and every way of looking at the power network."""
    folder = rich_study(tmp_path_factory.mktemp("rich"))
    setting(**SECURE)(folder)
    return folder


def change(folder: Path, changes: list[tuple[tuple[str, int, int], str]]) -> None:
    """Write texts into cells, header cells too; places wrap round."""
    for (table, line, place), text in changes:
        rows = rows_of(folder, table)
        row = rows[line % len(rows)]
        if row:
            row[place % len(row)] = text
        quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
        (folder / f"{table}.csv").write_bytes("\n".join(quoted).encode("utf-8", "surrogatepass"))


def outcome(folder: Path) -> list[Problem]:
    """The problems of a study; if it has none it is assembled, stated as its first pass is, and compiled."""
    try:
        inputs = Inputs.read(folder)
        problems = inputs.check()
        if not problems:
            time = typical_days(inputs.tables, inputs.settings)
            compile_lp(state_plan(first_state(inputs.system, time).applied(inputs.system), time))
    except InvalidStudy as error:
        return list(error.problems)
    except CompileError as error:
        if not any(words in str(error) for words in NO_PLAN):
            raise
        return []
    return problems


@pytest.mark.slow
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES)
@example(changes=[(("periods", 1, 2), "1e-320")])
def test_a_damaged_study_never_ends_in_a_traceback(
    study: Path, changes: list[tuple[tuple[str, int, int], str]]
) -> None:
    """Proves: any text in any cell gives problems or a program. Without it a slip would show Python's insides."""
    with TemporaryDirectory() as place:
        folder = Path(place) / "copy"
        shutil.copytree(study, folder)
        change(folder, changes)
        problems = outcome(folder)
    assert all(problem.file and problem.rule for problem in problems)
