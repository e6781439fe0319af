"""Steps put together to longer ones."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from model.time.chronological import chronological
from model.time.longer import in_longer_steps
from tests.time.cut_years import made_up_year

YEAR = made_up_year(np.linspace(0, 1, 8760), np.sin(np.arange(8760.0)) ** 2, np.ones(8760))


@pytest.mark.parametrize("hours", [6, 12, 24])
def test_three_hours_put_together_are_the_year_cut_in_longer_steps(hours: int) -> None:
    """Proves: labels, lengths, neighbours and means are those of a year that was cut so from the first. Without it a
    plan in longer steps would be of another year."""
    found = in_longer_steps(chronological(YEAR, 3), hours)
    wanted = chronological(YEAR, hours)
    xr.testing.assert_allclose(found, wanted)
    assert found["previous"].to_numpy().tolist() == wanted["previous"].to_numpy().tolist()


def test_the_last_step_of_a_week_of_eight_days_is_what_is_left() -> None:
    """Proves: steps of a week do not cross its end, and a week of one step follows itself. Without it the eighth day of
    the last week would be lost, or stand in two weeks."""
    found = in_longer_steps(chronological(YEAR, 24), 168)
    assert found["duration"].to_numpy().tolist() == [168.0] * 52 + [24.0]
    assert found["previous"].to_numpy().tolist()[:51] == found["step"].to_numpy().tolist()[:51]
    assert found["previous"].to_numpy().tolist()[51:] == found["step"].to_numpy().tolist()[:50:-1]
    assert float(found["duration"] @ found["weight"]) == 8760.0
