"""Random statements by both roads: sets, look-ups, bounds and terms drawn by hypothesis, matrices equal by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import numpy as np
import pyomo.environ as pyo
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model.lp import blocks
from model.lp.compile import CompileError, compile_lp
from model.lp.statement import Statement
from tests.lp.compare import assert_same_as_pyomo

LABELS = st.one_of(st.integers(-5, 40), st.text("abc xyz_-,[]'", min_size=1, max_size=4))
NUMBERS = st.floats(-9, 9, allow_nan=False).map(lambda v: round(v, 3))
Term = Callable[[Any, Any, Any, Any], Any]

TERMS: dict[str, Term] = {
    "own": lambda m, a, k, t: m.x[a, k, t],
    "own weighted": lambda m, a, k, t: m.p[a, k] * m.x[a, k, t],
    "next": lambda m, a, k, t: m.x[a, k, m.after[t]] / 4,
    "over pairs": lambda m, a, k, t: sum(m.p[i, j] * m.x[i, j, t] for i, j in m.pair),
    "over members": lambda m, a, k, t: sum(m.x[i, j, t] for i, j in m.pairs_with[a]),
    "over both": lambda m, a, k, t: sum(m.q[s] * m.x[i, j, s] for i, j in m.pairs_at[k, t] for s in m.time),
    "nested": lambda m, a, k, t: m.q[t] * sum(m.p[i, j] * sum(m.x[i, j, s] for s in m.times_of[i]) for i, j in m.pair),
    "negative": lambda m, a, k, t: -(m.y[a] - m.q[t] * m.y[a]),
    "squared factor": lambda m, a, k, t: (m.q[t] ** 2 + 1) * m.y[a],
    "total": lambda m, a, k, t: 3 * m.z - m.r * m.z,
    "constant": lambda m, a, k, t: m.p[a, k] - 2 * m.q[t] + m.r,
    "sum of constants": lambda m, a, k, t: sum(m.p[i, j] * m.q[t] for i, j in m.pairs_with[a]) - sum(m.q[s] for s in
    m.time), "mixed sum": lambda m, a, k, t: sum(m.y[i] + m.p[i, j] for i, j in m.pairs_at[k, t]),
}  # fmt: skip


@st.composite
def statements(draw: st.DrawFn) -> Statement:
    """A statement over drawn sets with three equations (one ranged, one scalar) and two costs made of drawn terms."""
    s = Statement("random")
    first = draw(st.lists(LABELS, min_size=1, max_size=3, unique=True))
    second = draw(st.lists(LABELS, min_size=1, max_size=3, unique=True))
    pairs = draw(st.lists(st.tuples(st.sampled_from(first), st.sampled_from(second)), max_size=5, unique=True))
    times = draw(st.lists(LABELS, min_size=1, max_size=4, unique=True))
    a, k, t = s.set("first", first), s.set("second", second), s.set("time", times)
    pair = s.set("pair", pairs, dimen=2)
    some = st.lists(st.sampled_from(pairs), unique=True) if pairs else st.just([])
    s.lookup("pairs_with", a, {i: draw(some) for i in first}, dimen=2)
    s.lookup("pairs_at", k * t, {(j, u): draw(some) for j in second for u in times}, dimen=2)
    s.lookup("times_of", a, {i: draw(st.lists(st.sampled_from(times), unique=True)) for i in first})
    s.map("after", t, times[1:] + times[:1])
    s.parameter("p", pair, draw(_values(len(pairs))))
    s.parameter("q", t, draw(_values(len(times))))
    s.parameter("r", None, draw(NUMBERS))
    bounds = np.sort(draw(_values(2 * len(pairs) * len(times))).reshape(-1, 2))
    s.variable("x", pair * t, ("first", "second", "time"), lower=bounds[:, 0], upper=bounds[:, 1])
    s.variable("y", a, ("first",))
    s.variable("z", None, (), lower=-np.inf)
    chosen = st.lists(st.sampled_from(sorted(TERMS)), min_size=1, max_size=4).map(
        lambda names: [TERMS[n] for n in names]
    )
    left, right, body, single = draw(chosen), draw(chosen), draw(chosen), draw(chosen)
    sense, width = draw(st.sampled_from(["<=", "==", ">="])), abs(draw(NUMBERS))

    def added(terms: list[Term], *where: Any) -> Any:
        total = terms[0](*where)
        for term in terms[1:]:
            total = total + term(*where)
        return total

    def related(m: Any, i: Any, j: Any, u: Any) -> Any:
        here, there = added(left, m, i, j, u) + m.z, added(right, m, i, j, u)
        return here <= there if sense == "<=" else here >= there if sense == ">=" else here == there

    def ranged(m: Any, u: Any, i: Any, j: Any) -> Any:
        return pyo.inequality(m.q[u] - width, added(body, m, i, j, u) + m.z, m.q[u] + width)

    def scalar(m: Any) -> Any:
        return sum(added(single, m, i, j, u) for i, j in m.pair for u in m.time) + m.z >= 1

    s.equation(related, pair * t)
    s.equation(ranged, t * pair)
    s.equation(scalar, None)
    s.cost("one", lambda m: sum(added(right, m, i, j, u) for u in m.time for i, j in m.pair))
    s.cost("two", lambda m: 2 * m.z + m.r)
    return s


def _values(size: int) -> st.SearchStrategy[Any]:
    return st.lists(NUMBERS, min_size=size, max_size=size).map(np.array)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(statements())
def test_random_statement_gives_the_matrix_of_pyomo(statement: Statement) -> None:
    """Proves: any mix of constructs agrees with Pyomo, without fallback. Without it only our own mixes would."""
    program = assert_same_as_pyomo(statement)
    assert program.fallbacks == ()
    with patch.object(blocks, "ROWS_PER_GROUP", 1):
        grouped = compile_lp(statement, bounds=False)
    assert (grouped.matrix != program.matrix).nnz == 0


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(statements())
def test_random_statement_means_the_same_with_bounds(statement: Statement) -> None:
    """Proves: the bounds pass keeps every row or turns it into a bound. Without it a row could vanish."""
    whole = compile_lp(statement, bounds=False)
    try:
        short = compile_lp(statement)
    except CompileError:
        return  # the drawn bounds contradict each other, which other tests hold
    assert short.bound_rows is not None
    kept, turned = set(short.kept_rows.tolist()), set(short.bound_rows.row.tolist())
    assert kept | turned == set(whole.kept_rows.tolist())
    assert not kept & turned
    assert np.all(short.column_lower >= whole.column_lower)
    assert np.all(short.column_upper <= whole.column_upper)
