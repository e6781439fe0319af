"""The table of the IAMC: names, units, sums, and what another program makes of it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from model.interop.iamc import iamc_table, write_iamc
from model.interop.iamc_check import COLUMNS, check_iamc
from model.study import Study
from tests.lp import everything as whole

PYAM = os.environ.get("SHANYRAQ_PYAM", "")

READS = """
import json, sys
import pyam
data = pyam.IamDataFrame(sys.argv[1])
tops = [name for name in sys.argv[2:] if name in data.variable]
country = data.filter(region="*", level=None).region[0].split("|")[0]
wrong = [top for top in tops if data.filter(region=country).check_aggregate(top) is not None]
areas = [top for top in tops if not top.startswith("Annualised") and not top.startswith("Cost")]
wrong += [top for top in areas if data.check_aggregate_region(
    top, region=country, subregions=[r for r in data.region if r.startswith(country + "|")]) is not None]
print(json.dumps({"rows": len(data.data), "years": [int(y) for y in data.year], "checked": tops, "wrong": wrong}))
"""
"""Run by the Python that has pyam: loads the table and sets sums against their parts."""

TOPS = ("Capacity|Electricity", "Secondary Energy|Electricity", "Primary Energy", "Cost|Energy System")


@pytest.fixture(scope="module")
def results() -> xr.Dataset:
    """The results of the small study."""
    return Study.read("inputs/small").solve().results


@pytest.fixture(scope="module")
def table(results: xr.Dataset) -> pd.DataFrame:
    """Its table."""
    return iamc_table(results)


def row(table: pd.DataFrame, variable: str, region: str = "Three regions") -> pd.Series:
    """The figures of a variable by year."""
    found = table[(table["Variable"] == variable) & (table["Region"] == region)]
    assert len(found) == 1, variable
    return found.iloc[0].drop(COLUMNS).astype(float)


def plain(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    """A table of one year: region, variable, unit and value."""
    return pd.DataFrame([["M", "S", *told] for told in rows], columns=[*COLUMNS, 2030])


def test_figures_are_those_of_the_results(table: pd.DataFrame, results: xr.Dataset) -> None:
    """Proves: wind in GW, coal power as 3.6 PJ a TWh, additions a year over the five years since 2025, and the price
    that loads pay. Without it a unit of the template could be a thousand off."""
    wind = results["capacity"].sel(technology="wind").sum("node")
    assert row(table, "Capacity|Electricity|Wind").to_numpy() == pytest.approx(wind.to_numpy())
    new = results["new_capacity"].sel(technology="wind", year=2030).sum().item()
    additions = row(table, "Capacity Additions|Electricity|Wind")
    assert np.isnan(additions[2025])
    assert additions[2030] == pytest.approx(new / 5)
    coal = results["generation"].sel(technology=results["technology_group"] == "coal").sum(["technology", "node"])
    power = row(table, "Secondary Energy|Electricity|Coal").to_numpy()
    assert power == pytest.approx(3.6e-3 * coal.to_numpy())
    fuel = -results["balance"].sel(commodity="coal", balance_item="use").sum("node")  # TWh
    assert row(table, "Primary Energy|Coal").to_numpy() == pytest.approx(3.6e-3 * fuel.to_numpy())
    paid = (results["mean_price"] * results["demand"].sel(commodity="electricity", drop=True)).sum("node")
    mean = paid / results["demand"].sel(commodity="electricity", drop=True).sum("node")
    assert row(table, "Price|Secondary Energy|Electricity").to_numpy() == pytest.approx(mean.to_numpy())
    assert row(table, "Cost|Energy System").to_numpy() == pytest.approx(results["cost"].sum("cost_kind").to_numpy())
    built = results["cost"].sel(cost_kind=["investment", "works"]).sum("cost_kind")
    annuities = row(table, "Annualised Investment|Energy Supply|Electricity")
    assert annuities.to_numpy() == pytest.approx(built.to_numpy())
    assert row(table, "Emissions|CO2").to_numpy() == pytest.approx(results["emissions"].to_numpy())


def test_the_form_of_the_table(table: pd.DataFrame) -> None:
    """Proves: columns as the format asks, the country by the title up to its comma, nodes as regions below it, money
    of the study's price year. Without it databases of scenarios would refuse the file."""
    assert list(table.columns) == [*COLUMNS, 2025, 2030]
    assert set(table["Scenario"]) == {"base"}
    assert set(table["Model"].str.split().str[0]) == {"Shanyraq"}
    assert set(table["Region"].str.split("|").str[0]) == {"Three regions"}
    assert table["Region"].nunique() == 4
    units = dict(zip(table["Variable"], table["Unit"], strict=True))
    assert units["Price|Secondary Energy|Electricity"] == "USD_2025/MWh"
    assert units["Cost|Energy System"] == "million USD_2025/yr"
    assert units["Capacity|Electricity"] == "GW"


def test_the_table_keeps_its_own_rules(table: pd.DataFrame, tmp_path: Path) -> None:
    """Proves: the small study and one in which every equation has rows make tables in which the check finds nothing,
    though the check finds sums to look at. Without it parts and wholes could differ unseen."""
    assert check_iamc(table) == []
    assert {f"Capacity|Electricity|{name}" for name in ("Coal", "Gas", "Wind")} <= set(table["Variable"])
    assert check_iamc(iamc_table(whole.everything(tmp_path).solve().results)) == []


def test_what_lies_outside_is_no_region(results: xr.Dataset) -> None:
    """Proves: a node outside the country has no region and what it has is not the country's; what crosses the border
    is trade. Without it a neighbour's plants would count at home."""
    node = str(results["node"].to_numpy()[0])
    kind = xr.DataArray(["outside" if n == node else "inside" for n in results["node"].to_numpy()], dims="node")
    abroad = results.assign(node_kind=kind)
    home = iamc_table(abroad)
    assert home["Region"].nunique() == 3
    capacity = results["capacity"].sel(technology="wind").drop_sel(node=node).sum("node")
    assert row(home, "Capacity|Electricity|Wind").to_numpy() == pytest.approx(capacity.to_numpy())
    electricity = results["balance"].sel(commodity="electricity")
    moved = electricity.sel(balance_item=["transfers", "imports", "exports"]).drop_sel(node=node)
    leaves = -moved.sum(["balance_item", "node"]) * 3.6e-6
    assert abs(leaves.to_numpy()).max() > 1e-6
    assert row(home, "Trade|Secondary Energy|Electricity|Volume").to_numpy() == pytest.approx(leaves.to_numpy())
    assert check_iamc(home) == []


def test_gas_and_oil_by_their_heat(results: xr.Dataset) -> None:
    """Proves: gas in bcm counts 33.48 PJ each, crude in Mt 42.3 PJ each, and crude that tankers carry on is not
    refined. Without heating values fuels that are not told as energy would be missing or counted as EJ."""
    renamed = results.copy(deep=True)
    names = results["commodity"].to_numpy()
    renamed["commodity_unit"] = ("commodity", np.where(names == "gas", "bcm", results["commodity_unit"].to_numpy()))
    bcm = -results["balance"].sel(commodity="gas", balance_item="use").sum("node")
    assert bcm.max() > 0
    assert row(iamc_table(renamed), "Primary Energy|Gas").to_numpy() == pytest.approx(bcm.to_numpy() * 33.48e-3)
    crude = renamed.assign_coords(commodity=["crude" if name == "gas" else name for name in names])
    crude["commodity_unit"] = ("commodity", np.where(names == "gas", "Mt", results["commodity_unit"].to_numpy()))
    rows = crude["balance_row_commodity"].to_numpy()
    crude["balance_row_commodity"] = ("balance_row", np.where(rows == "gas", "crude", rows))
    refined = row(iamc_table(crude), "Primary Energy|Oil").to_numpy()
    assert refined == pytest.approx(bcm.to_numpy() * 42.3e-3)
    crude["balance_row_group"] = ("balance_row", ["oil_transport"] * len(rows))
    assert "Primary Energy|Oil" not in set(iamc_table(crude)["Variable"])


def test_liquids_of_gas_fields_are_oil(results: xr.Dataset) -> None:
    """Proves: LPG counts as oil where it is made of what is not counted itself, such as gas from the well; not where it
    is made of coal, which is counted, nor where less is asked for. Without it exported LPG of gas plants would be taken
    from the oil of refineries."""
    names = {"electricity": "lpg", "gas": "raw_gas"}
    rows = results["balance_row_commodity"].to_numpy()
    found = results.drop_vars("mean_price").assign_coords(
        commodity=[names.get(name, name) for name in results["commodity"].to_numpy()]
    )
    found["commodity_unit"] = ("commodity", ["Mt", "TWh", "bcm"])
    found["balance_row_commodity"] = ("balance_row", [names.get(name, name) for name in rows])
    balance = found["balance"].sel(commodity="lpg").sum("node")
    made = balance.sel(balance_item="production").to_numpy()
    coal = found["balance_row_group"] == "coal"
    own = coal & (found["balance_row_commodity"] == "lpg") & (found["balance_row_item"] == "production")
    of_coal = found["balance_detail"].where(own, 0.0).sum("balance_row").to_numpy()
    assert of_coal.min() > 0
    oil = row(iamc_table(found), "Primary Energy|Oil").to_numpy()
    assert oil == pytest.approx((made - of_coal) * 47.3e-3)
    found["balance_row_group"] = ("balance_row", ["demand_side"] * rows.size)
    saved = iamc_table(found).query("Region == 'Three regions'")
    assert not {"Primary Energy|Oil", "Secondary Energy|Liquids|Oil"} & set(saved["Variable"])


def test_units_of_fuels_are_read(results: xr.Dataset) -> None:
    """Proves: coal told in PJ comes out as the energy that it is in TWh. Without it the fuels of a study in other units
    would be missing."""
    for coal, gas, size in (("TWh", "bcm", 1.0), ("PJ", "bcm", 3.6)):
        told = results.assign(commodity_unit=("commodity", ["GWh", coal, gas]))
        told["balance"] = results["balance"].copy()
        told["balance"].loc[{"commodity": "coal"}] *= size
        used = -results["balance"].sel(commodity=["coal", "gas"], balance_item="use").sum("node").to_numpy()
        table = iamc_table(told)
        assert row(table, "Primary Energy|Coal").to_numpy() == pytest.approx(used[0] * 3.6e-3)
        assert row(table, "Primary Energy|Gas").to_numpy() == pytest.approx(used[1] * 33.48e-3)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (plain(("X", "A||B", "GW", 1.0)), "empty part"),
        (plain(("X", "A| B", "GW", 1.0)), "blanks"),
        (plain(("X", "A", "bananas", 1.0)), "is none"),
        (plain(("X", "A", "GW", 1.0), ("Y", "A", "EJ/yr", 1.0)), "several units"),
        (plain(("X", "A", "GW", 1.0), ("X", "A", "GW", 2.0)), "told twice"),
        (plain(("X", "A", "GW", np.inf)), "without end"),
        (plain(("X", "Capacity|Electricity|Coal", "GW", 1.0)), "is not told"),
        (
            plain(("X", "Capacity|Electricity|Coal", "GW", 1.0), ("X", "Capacity|Electricity", "GW", 3.0)),
            "not the sum of its parts",
        ),
        (plain(("X", "A", "GW", 3.0), ("X|Y", "A", "GW", 1.0)), "not the sum of its regions"),
        (plain(("X", "A", "GW", 1.0)).rename(columns={2030: "later"}), "no years"),
        (plain(("X", "A", "GW", 1.0)).rename(columns={"Unit": "unit"}), "instead of"),
    ],
)
def test_each_slip_is_named(wrong: pd.DataFrame, said: str) -> None:
    """Proves: each way to break the format is found and said in words. Without it the check could pass anything."""
    problems = check_iamc(wrong)
    assert len(problems) == 1
    assert said in problems[0]


def test_prices_are_no_sums() -> None:
    """Proves: a price of the country is no sum of those of its regions. Without it every table would be refused."""
    assert (
        check_iamc(plain(("X", "Price|Carbon", "USD_2025/t CO2", 3.0), ("X|Y", "Price|Carbon", "USD_2025/t CO2", 3.0)))
        == []
    )


def test_the_file_is_repeatable(results: xr.Dataset, table: pd.DataFrame, tmp_path: Path) -> None:
    """Proves: two files of one result are equal, and read again they hold the table to nine digits. Without it figures
    could be lost on the way."""
    for name in ("one.csv", "two.csv"):
        write_iamc(results, tmp_path / name)
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
    again = pd.read_csv(tmp_path / "one.csv").rename(columns={"2025": 2025, "2030": 2030})
    pd.testing.assert_frame_equal(again, table, check_dtype=False, rtol=1e-8)


def test_a_table_that_breaks_the_format_is_not_written(results: xr.Dataset, tmp_path: Path) -> None:
    """Proves: results with a figure without end are refused in words and no file appears. Without it a database would
    be the one to find it."""
    endless = results.copy(deep=True)
    endless["emissions"].loc[{"year": 2030}] = np.inf
    with pytest.raises(ValueError, match=r"Emissions\|CO2 of Three regions"):
        write_iamc(endless, tmp_path / "out.csv")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.skipif(not PYAM, reason="SHANYRAQ_PYAM names no Python with pyam")
def test_pyam_reads_it(results: xr.Dataset, tmp_path: Path) -> None:
    """Proves: the community's own program reads the file, and its sums over parts and regions are ours. Without it only
    our own check would vouch for the format."""
    write_iamc(results, tmp_path / "table.csv")
    (tmp_path / "reads.py").write_text(READS, encoding="utf-8")
    told = subprocess.run(
        [PYAM, str(tmp_path / "reads.py"), str(tmp_path / "table.csv"), *TOPS],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    answer = json.loads(told.stdout.splitlines()[-1])
    assert answer["years"] == [2025, 2030]
    assert answer["checked"] == list(TOPS)
    assert answer["wrong"] == []
