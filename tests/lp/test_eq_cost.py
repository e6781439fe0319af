"""Every kind of cost: paid once, in the years it falls in, whoever decides it and how finely. Worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lp.solved import YEAR, Proofs, cost, cost_of, solved
from tests.studies import HOURS, flat, only, technology

ONE = {"demands": only(flat("north", 1))}


def test_every_yearly_cost_weighs_what_its_year_is_worth(tmp_path: Path) -> None:
    """Proves: keeping (10), running (1 USD/MWh), fuel (2 x 4), CO2 (2 x 0.2 t at 5) and 0.1 GW unserved cost 10 +
    96.36 + 876 = 982.36 a year, in 2025 and 2026 and the three years from 2027, at 10 %: 982.36 x 4.169866 = 4,096.31.
    Without a weight on any of them the sum would be 4,911.8 or in between."""
    plan = solved(
        tmp_path,
        technology("engine", variable_cost=1, fixed_cost=10, takes={"gas": 2}, lifetime=100),
        commodities=[{"commodity": "gas", "resolution": "period", "co2_factor": 0.2}],
        fuels=[{"price": 4}],
        plants=only({"plant": "Engine", "technology": "engine"}),
        demands=only(flat("north", 1.1)),
        emissions=[{"price": 5}],
        years=(2025, 2027),
        horizon_end=2030,
        social_discount_rate=0.1,
    )
    weight = sum(1.1**-year for year in range(5))
    yearly = {"fixed": 10, "variable": YEAR, "fuel": YEAR * 8, "emissions": YEAR * 2, "unserved": 876}
    # Engine cannot be closed for 2027: its output is worth more than it costs.
    assert cost(plan) == pytest.approx(982.36 * weight)
    for kind, expected in yearly.items():
        assert cost_of(plan, kind) == pytest.approx(expected * weight), kind


def test_capital_weighs_what_the_years_of_its_annuities_are_worth(tmp_path: Path) -> None:
    """Proves: at 10 % the annuity of 50 million USD falls in the years from 2027 to 2029, with a weight of 2.260775:
    175.2 x 1.909091 + 50 x 2.260775 = 447.51. Without the weight: 600.4; were capital spent at once, nobody would
    build."""
    plan = solved(
        tmp_path,
        technology("new", capital_cost=1000, lifetime=20, wacc=0),
        candidates=[{"technology": "new", "node": "north"}],
        years=(2025, 2027),
        horizon_end=2030,
        social_discount_rate=0.1,
        **ONE,
    )
    assert cost(plan) == pytest.approx(175.2 * (1 + 1 / 1.1) + 50 * (1.1**-2 + 1.1**-3 + 1.1**-4))


def test_trade_is_paid_however_finely_it_is_decided(tmp_path: Path) -> None:
    """Proves: gas from abroad for a demand of 1 costs 5 USD/MWh and 2,190 GWh are sold back at 8 where gas balances by
    step, period or year: 8.76 x 1.25 x 5 - 2.19 x 8 = 37.23. Without the sum of one resolution a trade would be
    free."""
    for resolution in ("step", "period", "year"):
        plan = solved(
            tmp_path / resolution,
            technology("pipe", kind="link", gives={"gas": 1}),
            nodes=[{"node": "abroad", "kind": "outside"}, {"node": "beyond", "kind": "outside"}],
            commodities=[{"commodity": "gas", "resolution": resolution}],
            plants=only(),
            periods={"a": range(1, 7), "b": range(7, 13)},
            links=only(
                {"link": "in", "from_node": "abroad", "to_node": "north", "technology": "pipe", "capacity": 2},
                {"link": "out", "from_node": "north", "to_node": "beyond", "technology": "pipe", "capacity": 2},
            ),
            markets=[
                {"market": "seller", "commodity": "gas", "price": 5, "capacity": 2, "annual_limit": 2 * HOURS},
                {
                    "market": "buyer",
                    "commodity": "gas",
                    "price": 8,
                    "node": "beyond",
                    "direction": "export",
                    "annual_limit": HOURS / 4,
                },
            ],
            demands=only(flat("north", 1, commodity="gas")),
        )
        assert cost(plan) == pytest.approx(37.23), resolution
        assert cost_of(plan, "import") == pytest.approx(YEAR * 1.25 * 5)
        assert cost_of(plan, "export") == pytest.approx(-2.19 * 8)


PROOFS: Proofs = {
    **dict.fromkeys(
        ("fixed", "variable", "fuel", "emissions", "unserved"), (test_every_yearly_cost_weighs_what_its_year_is_worth,)
    ),
    "investment": (test_capital_weighs_what_the_years_of_its_annuities_are_worth,),
    "import": (test_trade_is_paid_however_finely_it_is_decided,),
    "export": (test_trade_is_paid_however_finely_it_is_decided,),
}
