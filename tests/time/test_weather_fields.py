"""The random drivers: distances, how like two places are, and how long an hour is remembered."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.time.fields import distances, filtered, white

HOURS = 40_000
"""Enough that an estimate of a correlation of a tenth is good to two hundredths."""


def test_a_degree_of_latitude_is_111_km() -> None:
    """Proves: one degree north is 111.19 km, one degree east at 60 degrees north half of it, a quarter round the globe
    10,007.5 km. Without it nodes would be nearer or farther than they are."""
    away = distances(np.array([0.0, 0.0, 1.0, 1.0, 0.0]), np.array([0.0, 1.0, 60.0, 60.0, 90.0]))
    assert away[0, 1] == pytest.approx(111.19, abs=0.01)
    assert distances(np.array([70.0, 71.0]), np.array([60.0, 60.0]))[0, 1] == pytest.approx(111.19 / 2, abs=0.02)
    assert away[0, 4] == pytest.approx(10_007.5, abs=0.1)
    assert away[2, 3] == 0


@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=1, max_size=8))
def test_distances_are_the_same_both_ways(places: list[tuple[float, float]]) -> None:
    """Proves: for any places distances are symmetric, at most half round the globe, and 0 to oneself. Without it the
    covariance would not be one."""
    away = distances(*np.array(places).T)
    assert away == pytest.approx(away.T)
    assert (np.diag(away) == 0).all()
    assert (away <= 20_016).all()


def test_likeness_falls_with_distance() -> None:
    """Proves: points 0, 500 and 1,000 km apart are alike by 1, exp(-1) and exp(-2) at a length of 500 km, and two
    points at one place are no fault. Without it weather would be the same everywhere, or nowhere twice."""
    away = np.array([[0, 0, 500, 1000], [0, 0, 500, 1000], [500, 500, 0, 500], [1000, 1000, 500, 0]], dtype=float)
    rows = white(np.random.default_rng(1), away, 500.0, HOURS)
    assert np.corrcoef(rows) == pytest.approx(np.exp(-away / 500), abs=0.02)
    assert rows.std(axis=1) == pytest.approx(1, abs=0.02)


def test_one_filter_forgets_exponentially() -> None:
    """Proves: with a constant of 10 hours an hour is like the next by exp(-0.1) and like that ten hours on by exp(-1);
    the spread stays 1. Without it weather would change too fast or too slowly."""
    rows = filtered(np.random.default_rng(2), np.zeros((1, 1)), 100.0, HOURS, 10.0)[0]
    assert np.corrcoef(rows[1:], rows[:-1])[0, 1] == pytest.approx(np.exp(-0.1), abs=0.01)
    assert np.corrcoef(rows[10:], rows[:-10])[0, 1] == pytest.approx(np.exp(-1), abs=0.05)
    assert rows.std() == pytest.approx(1, abs=0.05)


def test_two_filters_make_changes_smooth() -> None:
    """Proves: behind filters of 8 and 2 hours an hour is like the next by (a + b) / (1 + a b), a = exp(-1/8), b =
    exp(-1/2), more than behind the slower one alone, and the spread is still 1. Without it wind power of a node would
    step twice as far as measured."""
    a, b = np.exp(-1 / 8), np.exp(-1 / 2)
    rows = filtered(np.random.default_rng(3), np.zeros((1, 1)), 100.0, HOURS, 8.0, 2.0)[0]
    near = np.corrcoef(rows[1:], rows[:-1])[0, 1]
    assert near == pytest.approx((a + b) / (1 + a * b), abs=0.005)
    assert near > a
    assert rows.std() == pytest.approx(1, abs=0.04)


def test_the_first_hour_is_as_wild_as_any() -> None:
    """Proves: over 2,000 independent points the first hour has spread 1. Without it 1 January would be calm, because
    the filters start from nothing."""
    points = 2000
    away = 1e6 * (1 - np.eye(points))
    first = filtered(np.random.default_rng(4), away, 100.0, 2, 28.0, 2.5)[:, 0]
    assert first.std() == pytest.approx(1, abs=0.05)
