"""The System that the tables make: years, costs and limits that a person can work out by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from tests.studies import HOURS, Row, flat, only, small_study, technology

FIVE_YEARS = (2025, 2030, 2035, 2040)


def rows(system: xr.Dataset, dim: str, *columns: str) -> list[tuple[Any, ...]]:
    """The rows of a long dim, some of its columns."""
    return list(zip(*(system[f"{dim}_{column}"].to_numpy().tolist() for column in columns), strict=True))


def port_yields(system: xr.Dataset, asset: str) -> dict[tuple[str, str], float]:
    """What an asset's ports give and take, by mode and node."""
    return {(m, n): v for a, m, n, v in rows(system, "port", "asset", "mode", "node", "yield") if a == asset}


def test_plants_end_by_closing_year_lifetime_or_renewal(tmp_path: Path) -> None:
    """Proves: closing year, else the later of start and renewal plus 40. Without it plants would close early."""
    system = small_study(
        tmp_path,
        technology("steam", lifetime=40),
        run_on_until=2030,
        plants=only(
            {"plant": "Closing", "technology": "steam", "closing_year": 2027},
            {"plant": "Aging", "technology": "steam", "start_year": 1995},
            {"plant": "Renewed", "technology": "steam", "start_year": 1980, "modernisation_year": 2015},
            {"plant": "Overdue", "technology": "steam", "start_year": 1970},
        ),
    ).system
    assert rows(system, "plant", "end_year") == [(2027,), (2035,), (2055,), (2031,)]


def test_small_plants_share_a_vintage_by_the_year_they_end(tmp_path: Path) -> None:
    """Proves: small plants of one end year are one vintage of 0.09 GW. Without it the program would grow."""
    system = small_study(
        tmp_path,
        plants=only(
            {"plant": "Large", "capacity": 0.5, "closing_year": 2040},
            {"plant": "Small A", "capacity": 0.05, "closing_year": 2040},
            {"plant": "Small B", "capacity": 0.04, "closing_year": 2040},
            {"plant": "Small C", "capacity": 0.03, "closing_year": 2041},
        ),
    ).system
    assert rows(system, "vintage", "asset", "label", "end_year", "capacity")[:3] == [
        ("old@north", "Large", 2040, 0.5),
        ("old@north", "existing-2040", 2040, pytest.approx(0.09)),
        ("old@north", "existing-2041", 2041, 0.03),
    ]


def test_works_of_a_named_plant_stand_before_the_general_ones(tmp_path: Path) -> None:
    """Proves: plant B has its own price, plant A the general one. Without it a contract would count twice."""
    system = small_study(
        tmp_path,
        technology("new", wacc=0, lifetime=30),
        plants=only({"plant": "A"}, {"plant": "B", "capacity": 2}),
        options=[
            {"option": "modernise", "to_technology": "new", "capital_cost": 100, "years": 20},
            {"option": "modernise", "to_technology": "new", "plant": "B", "capital_cost": 300, "years": 10},
        ],
    ).system
    assert rows(system, "work", "vintage", "to_asset", "capital_cost", "annuity") == [
        ("A", "new@north", 100, 5),
        ("B", "new@north", 300, 30),
    ]


def test_an_extension_leads_back_to_its_own_asset(tmp_path: Path) -> None:
    """Proves: extended capacity stays in its pool. Without it an extension would need a technology of its own."""
    system = small_study(tmp_path, options=[{"option": "extend", "years": 12}]).system
    assert rows(system, "work", "asset", "to_asset", "years") == [("old@north", "old@north", 12)]


def test_potentials_count_all_assets_of_a_technology_at_a_node(tmp_path: Path) -> None:
    """Proves: what stands, is committed and may come share a potential. Without it a site could be used twice."""
    system = small_study(
        tmp_path,
        technology("new", capital_cost=1000, lifetime=20, wacc=0),
        years=(2025, 2030),
        plants=[
            {"plant": "Standing", "technology": "new", "start_year": 2020},
            {"plant": "Coming", "technology": "new", "status": "committed", "start_year": 2028},
            {"plant": "Maybe", "technology": "new", "status": "candidate", "start_year": 2028, "capacity": 0.7},
        ],
        candidates=[{"technology": "new", "node": "north", "potential": 5}],
        links=[{"link": "north_south", "expansion": 0.5, "capital_cost": 100}],
    ).system
    assert sorted(rows(system, "potential_member", "name", "asset", "limit")) == [
        ("Maybe", "Maybe", 0.7),
        ("new@north", "Coming", 5),
        ("new@north", "Maybe", 5),
        ("new@north", "new@north", 5),
        ("north_south", "north_south", 1.5),
    ]


def test_builds_are_bounded_by_status_and_year(tmp_path: Path) -> None:
    """Proves: committed 2028 comes in 2030, candidates from their year. Without it plants would come at will."""
    system = small_study(
        tmp_path,
        technology("new", capital_cost=1000, lifetime=20, wacc=0, first_year=2034),
        technology("line", kind="link", lifetime=40, wacc=0),
        years=FIVE_YEARS,
        plants=[
            {"plant": "Coming", "technology": "new", "status": "committed", "start_year": 2028, "capacity": 0.5},
            {"plant": "Maybe", "technology": "new", "status": "candidate", "start_year": 2031, "capacity": 0.7},
        ],
        candidates=[
            {"technology": "new", "node": "north", "potential": 5},
            {"technology": "new", "node": "south", "potential": 6, "first_year": 2029},
        ],
        links=[
            {"link": "Cable", "status": "committed", "first_year": 2032, "capital_cost": 1},
            {"link": "Second", "status": "candidate", "first_year": 2030, "capital_cost": 1, "capacity": 2},
            {"link": "north_south", "expansion": 0.5, "capital_cost": 1},
        ],
    ).system
    expected = {
        "Coming": ([0, 0.5, 0, 0], [0, 0.5, 0, 0]),
        "Maybe": ([0, 0, 0, 0], [0, 0, 0.7, 0.7]),
        "new@north": ([0, 0, 0, 0], [0, 0, 5, 5]),
        "new@south": ([0, 0, 0, 0], [0, 6, 6, 6]),
        "Cable": ([0, 0, 1, 0], [0, 0, 1, 0]),
        "Second": ([0, 0, 0, 0], [0, 2, 2, 2]),
        "north_south": ([0, 0, 0, 0], [0, 0.5, 0.5, 0.5]),
        "old@north": ([0, 0, 0, 0], [0, 0, 0, 0]),
    }
    lower, upper = system["build_lower"], system["build_upper"]
    assert {
        a: (lower.sel(asset=a).to_numpy().tolist(), upper.sel(asset=a).to_numpy().tolist()) for a in expected
    } == expected


def test_links_cost_and_lose_by_length(tmp_path: Path) -> None:
    """Proves: 2 USD/kW/km over 250 km are 500, 2 % per 100 km are 5 %. Without it long lines would be cheap."""
    line = technology(
        "line", kind="link", lifetime=40, wacc=0, length_cost=2, length_fixed_cost=0.01, loss=0.02, loss_length=100
    )
    links: list[Row] = [
        {"link": "long", "status": "candidate", "first_year": 2025, "length": 250},
        {"link": "priced", "status": "candidate", "first_year": 2025, "length": 250, "capital_cost": 321},
    ]
    system = small_study(tmp_path / "a", line, links=links).system
    assert system["capital_cost"].sel(asset=["long", "priced"], year=2025).to_numpy().tolist() == [500, 321]
    assert float(system["fixed_cost"].sel(asset="long", year=2025)) == pytest.approx(2.5)
    assert port_yields(system, "long") == {
        ("forward", "north"): -1,
        ("forward", "south"): pytest.approx(0.95),
        ("backward", "south"): -1,
        ("backward", "north"): pytest.approx(0.95),
    }
    lossless = small_study(tmp_path / "b", line, links=links, link_losses=False).system
    assert port_yields(lossless, "long")["forward", "south"] == 1


@pytest.mark.parametrize(("link_losses", "expected"), [(True, 0.97), (False, 1.0)])
def test_demand_leaves_out_the_losses_that_links_have_themselves(
    link_losses: bool, expected: float, tmp_path: Path
) -> None:
    """Proves: 3 % come off demand only where links lose. Without it losses would be paid twice, or never."""
    settings = {"transmission_loss_share": 0.03, "link_losses": link_losses}
    system = small_study(tmp_path, demands=only(flat("north", 1)), **settings).system
    assert system["annual_demand"].to_numpy().tolist() == [[pytest.approx(expected * HOURS)]]


def test_a_year_of_a_loan_is_an_annuity(tmp_path: Path) -> None:
    """Proves: 10 % over 2 years is 121/210, 0 % over 20 is 1/20. Without it investment would be too cheap."""
    system = small_study(
        tmp_path,
        technology("loan", capital_cost=1000, lifetime=2, wacc=0.1),
        technology("gift", capital_cost=1000, lifetime=20, wacc=0),
        candidates=[{"technology": "loan"}, {"technology": "gift"}],
    ).system
    annuity = system["annuity"].sel(asset=["loan@north", "gift@north"], year=2025).to_numpy()
    assert annuity.tolist() == pytest.approx([1000 * 121 / 210, 50])


def test_planning_years_weigh_the_calendar_years_they_stand_for(tmp_path: Path) -> None:
    """Proves: at 50 % 2025 and 2026 weigh 1 + 2/3, 2027 weighs 4/9. Without it later costs would count in full."""
    system = small_study(tmp_path, years=(2025, 2027), horizon_end=2028, social_discount_rate=0.5).system
    assert system["discount_weight"].to_numpy().tolist() == pytest.approx([5 / 3, 4 / 9])
    assert system["period_length"].to_numpy().tolist() == [2, 1]
    assert system["years_since_previous"].to_numpy().tolist() == [0, 2]


def test_values_lie_on_straight_lines_between_their_years(tmp_path: Path) -> None:
    """Proves: 10 in 2025 and 20 in 2035 are 15 in 2030 and 20 after. Without it a price would jump."""
    system = small_study(
        tmp_path,
        technology("steam", takes={"gas": 2}),
        years=FIVE_YEARS,
        commodities=[{"commodity": "gas", "unit": "TWh", "resolution": "period"}],
        fuels=[{"year": 2025, "price": 10, "annual_limit": 1000}, {"year": 2035, "price": 20, "annual_limit": 3000}],
    ).system
    place = system["mode_asset"].to_numpy().tolist().index("gas supply@north")
    assert system["variable_cost"][place].to_numpy().tolist() == pytest.approx([10, 15, 20, 20])
    assert system["annual_limit"].sel(asset="gas supply@north").to_numpy().tolist() == pytest.approx([1, 2, 3, 3])


def test_modes_run_as_finely_as_what_they_move(tmp_path: Path) -> None:
    """Proves: power runs by step, gas by period, freight by year. Without it gas would follow windy hours."""
    system = small_study(
        tmp_path,
        technology("plant", takes={"gas": 1}, lifetime=40),
        technology("field", gives={"gas": 1}, takes={"electricity": 0.01}, lifetime=40),
        technology("road", gives={"freight": 1}, takes={"electricity": 0.01}, lifetime=40),
        commodities=[
            {"commodity": "gas", "resolution": "period"},
            {"commodity": "freight", "resolution": "year"},
        ],
        plants=[{"plant": name.title(), "technology": name} for name in ("plant", "field", "road")],
    ).system
    runs = dict(rows(system, "mode", "asset", "runs"))
    assert [runs[f"{name}@north"] for name in ("plant", "field", "road")] == ["step", "period", "year"]


def test_markets_have_price_size_and_quantity(tmp_path: Path) -> None:
    """Proves: exports earn, the flow grows from 0.5 to 1 GW. Without it a country could sell without end."""
    market: Row = {"market": "sale", "direction": "export", "price": 30}
    system = small_study(
        tmp_path,
        years=(2025, 2030),
        nodes=[{"node": "abroad", "kind": "outside"}],
        markets=[{**market, "capacity": 0.5, "annual_limit": 100}, {**market, "year": 2030, "annual_limit": 400}],
    ).system
    place = system["mode_asset"].to_numpy().tolist().index("sale")
    assert system["variable_cost"][place].to_numpy().tolist() == pytest.approx([-0.03, -0.03])
    assert port_yields(system, "sale") == {("export", "abroad"): -1}
    assert system["availability_factor"].sel(asset="sale").to_numpy().tolist() == [0.5, 1]
    assert system["annual_limit"].sel(asset="sale").to_numpy().tolist() == [100, 400]
    assert ("sale", 1.0) in rows(system, "vintage", "asset", "capacity")


def test_availability_is_what_outages_and_age_leave(tmp_path: Path) -> None:
    """Proves: 0.9 x 0.8 x 0.95; with months of maintenance 0.9 x 0.95. Without it outages would count twice."""
    outages: dict[str, Any] = {"forced_outage": 0.1, "planned_outage": 0.2, "condition": 0.95}
    system = small_study(
        tmp_path,
        technology("plain", **outages),
        technology("seasonal", declared={"availability": "maintenance"}, **outages),
        technology("wind", declared={"availability": "wind_cf"}, **outages),
        monthly_profiles=[{"profile": "maintenance", "month": month, "value": 1} for month in range(1, 13)],
        plants=[{"plant": n.title(), "technology": n, "closing_year": 2050} for n in ("plain", "seasonal", "wind")],
    ).system
    assets = [f"{name}@north" for name in ("plain", "seasonal", "wind")]
    assert system["availability_factor"].sel(asset=assets, year=2025).to_numpy().tolist() == pytest.approx(
        [0.684, 0.855, 1]
    )
    assert system["asset_availability"].sel(asset=assets).to_numpy().tolist() == [
        "constant",
        "maintenance@seasonal",
        "wind_cf@north",
    ]


def test_goals_bind_from_the_first_planning_year_on(tmp_path: Path) -> None:
    """Proves: 2029 binds in 2030, what was reached before counts. Without it a goal would ask too much."""
    system = small_study(
        tmp_path,
        years=FIVE_YEARS,
        plants=[{"plant": "Old", "capacity": 2, "added_capacity": 0.25}],
        targets=[{"year": 2029, "value": 3, "reached": 0.5}, {"year": 2036, "value": 4, "reached": 0.5}],
        target_terms=[{"measure": "added"}],
    ).system
    required = system["target_required"].sel(target="goal").to_numpy()
    assert np.isnan(required[0])
    assert required[1:].tolist() == [3, 3, 4]
    assert system["target_constant"].sel(target="goal").to_numpy().tolist() == [0.75] * 4


def test_a_share_of_demand_is_a_constant_of_its_goal(tmp_path: Path) -> None:
    """Proves: 10 % of 1.5 GW x 8,760 h is 1.314 TWh, in the goal's unit. Without it a share would not follow demand."""
    system = small_study(
        tmp_path,
        targets=[{"unit": "TWh", "value": 0}],
        target_terms=[
            {"measure": "delivered"},
            {"measure": "demand", "select": "electricity", "coefficient": -0.1},
        ],
    ).system
    assert system["target_constant"].to_numpy().tolist() == [[pytest.approx(-1.314)]]
    assert rows(system, "target_term", "asset", "coefficient") == [("old@north", pytest.approx(1e-3))]


def test_what_was_added_before_counts_in_the_unit_of_its_goal(tmp_path: Path) -> None:
    """Proves: 0.3 GW added to ``Old`` and 0.2 GW modernised are 300 and 200 MW of a goal in MW. Without it they would
    be taken for 0.5 MW, and the plan would build what stands."""
    system = small_study(
        tmp_path,
        plants=[{"plant": "Old", "added_capacity": 0.3, "modernised_capacity": 0.2}],
        targets=[{"unit": "MW", "value": 800, "penalty": 1}],
        target_terms=[{"measure": "added"}, {"measure": "modernised"}],
    ).system
    assert system["target_constant"].values.tolist() == [[pytest.approx(500)]]


def test_a_cap_holds_from_its_first_year(tmp_path: Path) -> None:
    """Proves: no cap before 2030, then a line to 2040. Without it the first year could be infeasible."""
    system = small_study(
        tmp_path,
        years=FIVE_YEARS,
        emissions=[{"price": 0}, {"year": 2030, "price": 10, "cap": 100}, {"year": 2040, "price": 30, "cap": 50}],
    ).system
    assert system["co2_cap"].to_numpy().tolist() == [np.inf, 100, 75, 50]
    assert system["co2_price"].to_numpy().tolist() == [0, 10, 20, 30]


def test_the_water_of_a_node_stands_before_the_general_rule(tmp_path: Path) -> None:
    """Proves: the south has its own 3,000 hours, the north the general 4,000. Without it both would hold."""
    system = small_study(
        tmp_path,
        plants=[{"plant": "South", "node": "south"}],
        energy_limits=[{"full_load_hours": 4000}, {"node": "south", "full_load_hours": 3000}],
    ).system
    limits = dict(rows(system, "energy_limit", "asset", "full_load_hours"))
    assert limits == {"old@north": 4000, "old@south": 3000}


def test_paces_follow_their_years_and_zones(tmp_path: Path) -> None:
    """Proves: 1 GW a year in 2025, 2 in 2035, in the zone only. Without it a limit would bind the whole country."""
    pace: Row = {"limit": "pace", "select": "old", "zone": "cold", "counts": "new"}
    system = small_study(
        tmp_path,
        years=FIVE_YEARS,
        nodes=[{"node": "north", "zone": "cold"}],
        plants=[{"plant": "South", "node": "south"}],
        build_limits=[{**pace, "rate": 1}, {**pace, "year": 2035, "rate": 2}],
    ).system
    assert system["build_rate"].sel(build_limit="pace cold").to_numpy().tolist() == [1, 1.5, 2, 2]
    assert rows(system, "build_limit_member", "name", "asset") == [("pace cold", "old@north")]
