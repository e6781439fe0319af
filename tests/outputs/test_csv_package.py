"""Results as a folder of tables that describe themselves: nothing is lost, every number has a unit, nothing is half."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from model.outputs.csv_package import write_csv_package
from model.outputs.long_tables import ZERO, LongTable, decimal, long_tables, plural
from model.study import Study
from tests.lp import everything as whole

frictionless = pytest.importorskip("frictionless")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> xr.Dataset:
    """The results of a study in which every equation has rows."""
    return whole.everything(tmp_path_factory.mktemp("study")).solve().results


@pytest.fixture(scope="module")
def package(results: xr.Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with their tables."""
    folder = tmp_path_factory.mktemp("package") / "results-csv"
    write_csv_package(results, folder)
    return folder


def described(folder: Path) -> dict[str, Any]:
    """What the package says of its tables, by name."""
    told = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    return {resource["name"]: resource for resource in told["resources"]}


def tiny() -> xr.Dataset:
    """Wind and coal in one year: units of their own, a zero, an empty price, a text that looks like a formula."""
    one = {"technology": ["wind", "coal"]}
    told = {"units": "1", "long_name": "unit of the technology"}
    price = xr.DataArray([[0.0], [np.nan]], coords={**one, "year": [2030]}, dims=("technology", "year"))
    return xr.Dataset(
        {
            "technology_unit": ("technology", ["GW", "Mt/year"], told),
            "technology_note": ("technology", ["=1+1", ""], {"units": "1", "long_name": "note"}),
            "capacity": (
                ("technology", "year", "option"),
                [[[3.0, 0.0]], [[0.0, 0.0]]],
                {"units": "technology unit", "long_name": "capacity"},
            ),
            "price": price.assign_attrs(units="USD per MWh", long_name="price"),
        },
        coords={**one, "year": [2030], "option": ["a", "b"]},
        attrs={"study": "Tiny Study", "scenario": "base", "title": "Tiny", "changes": '[["plants.csv", 1]]'},
    )


def test_the_package_is_valid(package: Path) -> None:
    """Proves: another program's check of the format finds keys that are unique, labels that exist, types, sizes and
    digests in order. Without it readers of data packages would refuse the folder."""
    report = frictionless.validate(str(package / "datapackage.json"))
    assert report.valid, [(task.name, [error.message for error in task.errors][:3]) for task in report.tasks]
    tables = described(package)
    assert tables["plants"]["schema"]["foreignKeys"] == [
        {"fields": [f"plant_{name}"], "reference": {"resource": plural(name), "fields": [name]}}
        for name in ("technology", "node")
    ]


def test_the_dataset_can_be_made_again(results: xr.Dataset, package: Path) -> None:
    """Proves: every variable stands in a table, and with rows that are not there taken as the description says, all
    values are those of the Dataset to nine digits. Without it a table could lack rows that say something."""
    tables, seen = long_tables(results), set()
    for name, resource in described(package).items():
        texts = {field["name"]: str for field in resource["schema"]["fields"] if field["type"] == "string"}
        frame = pd.read_csv(package / resource["path"], keep_default_na=False, na_values=[""], dtype=texts)
        dims = list(tables[name].key)
        absent = {field["name"]: field.get("absent") for field in resource["schema"]["fields"]}
        for column in set(frame.columns) & set(results.data_vars):
            variable = results[column]
            if list(variable.dims) != dims:
                assert column.endswith("_unit"), column
                continue
            seen.add(column)
            if variable.dtype.kind in "OU":
                assert frame[column].fillna("").tolist() == variable.to_numpy().tolist(), column
                continue
            own = frame.set_index(dims)[column]
            full = pd.MultiIndex.from_product([results[d].to_numpy() for d in dims], names=dims) if dims[1:] else None
            again = own.reindex(full, fill_value=0.0 if absent[column] == ZERO else np.nan) if full is not None else own
            np.testing.assert_allclose(again.to_numpy(float), variable.to_numpy().ravel(), rtol=1e-8, err_msg=column)
    assert seen == set(results.data_vars)


def test_sums_by_pandas_are_those_of_the_dataset(results: xr.Dataset, package: Path) -> None:
    """Proves: wind capacity by year and all generation, summed in the tables, are those of the results. Without it a
    row could be told twice."""
    table = pd.read_csv(package / "technology_node_year.csv")
    wind = table[table["technology"] == "wind"].groupby("year")["capacity"].sum()
    expected = results["capacity"].sel(technology="wind").sum("node").to_series()
    assert wind.reindex(expected.index, fill_value=0).to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-8)
    assert wind.max() > 0.1
    assert table["generation"].sum() == pytest.approx(results["generation"].sum().item(), rel=1e-8)


@pytest.mark.parametrize("which", ["everything", "small"])
def test_every_number_has_a_unit(results: xr.Dataset, which: str) -> None:
    """Proves: a column of numbers says its unit, or names a column beside it that says one in every row. Without it
    bcm and GW of one table could be added."""
    found = results if which == "everything" else Study.read("inputs/small").solve().results
    for table in long_tables(found).values():
        for field in table.fields:
            assert field.meaning, field
            if field.kind == "number":
                assert field.unit, field
                if field.unit_column and ("asset" not in table.key or "asset_unit" in found):
                    assert (table.frame[field.unit_column] != "").all(), (table.name, field)


def test_units_are_found_by_way_of_what_a_row_is(results: xr.Dataset) -> None:
    """Proves: a plant's unit is its technology's, a balance row's its commodity's, the level of a store of a check that
    of what the store keeps. Without it rows would show the unit of something else."""
    store = str(results["store"].to_numpy()[-1])
    commodity = results["store_commodity"].sel(store=store).item()
    units = results["commodity_unit"].to_numpy().copy()
    units[results["commodity"].to_numpy() == commodity] = "bcm"
    level = xr.DataArray([[5.0]], coords={"seasonal_store": [store], "week": [1]}, dims=("seasonal_store", "week"))
    found = results.assign(
        commodity_unit=results["commodity_unit"].copy(data=units),
        fidelity_level=level.assign_attrs(units="commodity unit", long_name="level"),
    )
    tables = long_tables(found)
    assert tables["seasonal_store_week"].frame.to_numpy().tolist() == [[store, 1, "bcm", 5.0]]
    rows = tables["balance_row_year"].frame.merge(tables["balance_rows"].frame)
    assert set(rows.loc[rows["balance_row_commodity"] == commodity, "commodity_unit"]) == {"bcm"}
    assert set(tables["plants"].frame["technology_unit"]) == {"GW"}


def test_what_is_left_out_is_zero_or_empty() -> None:
    """Proves: of coal at zero no row is left and the description says zero; a price of zero stays where another is
    empty. Without the difference a free MWh and one without a price would look alike."""
    tables = long_tables(tiny())
    capacity, price = tables["technology_year_option"], tables["technology_year"]
    assert capacity.frame.to_numpy().tolist() == [["wind", 2030, "a", "GW", 3.0]]
    assert price.frame.to_numpy().tolist() == [["wind", 2030, 0.0]]
    assert [field.absent for field in (capacity.fields[-1], price.fields[-1])] == ["zero", "empty"]


def test_single_precision_gives_plain_decimals() -> None:
    """Proves: 7.515 that a file holds in single precision comes out as 7.515, zero, empty and tiny numbers as they are.
    Without it tables would show 7.51499987."""
    single = np.array([7.515, 0.0, np.nan, -1.25e-20, 123456.7], dtype=np.float32)
    assert decimal(single).astype(str).tolist() == ["7.515", "0.0", "nan", "-1.25e-20", "123456.7"]
    wide = np.array([1 / 3])
    assert decimal(wide) is wide
    capacity = tiny()["capacity"].astype(np.float32) * np.float32(2.505)
    table = long_tables(tiny().assign(capacity=capacity.assign_attrs(tiny()["capacity"].attrs)))
    assert table["technology_year_option"].frame["capacity"].tolist() == [7.515]


def test_texts_stay_as_they_are(tmp_path: Path) -> None:
    """Proves: a text that begins with = is written as it stands, and the description warns of it. Without it a note of
    the study would come back changed."""
    write_csv_package(tiny(), tmp_path / "out")
    assert "wind,GW,=1+1" in (tmp_path / "out" / "technologies.csv").read_text(encoding="utf-8")
    told = json.loads((tmp_path / "out" / "datapackage.json").read_text(encoding="utf-8"))
    assert "formula" in told["description"]
    assert told["name"] == "results-tiny-study-base"
    assert told["provenance"]["changes"] == [["plants.csv", 1]]


def test_the_same_results_give_the_same_bytes(tmp_path: Path) -> None:
    """Proves: two packages of one result are equal byte for byte. Without it a digest could not tell whether two
    people look at the same figures."""
    for name in ("one", "two"):
        write_csv_package(tiny(), tmp_path / name)
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert len(files) == 6
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_package_is_replaced_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: where writing fails the older package stands untouched and nothing lies beside it; where it does not,
    tables of the older one and leftovers of a killed run are gone. Without it a folder could hold tables of two."""
    folder = tmp_path / "out"
    write_csv_package(tiny(), folder)
    (folder / "olds.csv").write_text("old\n", encoding="utf-8")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            write_csv_package(tiny(), folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    (tmp_path / ".out.0123abcd.new").mkdir()
    write_csv_package(tiny(), folder)
    assert not (folder / "olds.csv").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_failed_move_puts_the_older_package_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proves: where the new folder cannot take its name, the older one has it again. Without it a failure at the last
    step would leave no package at all."""
    folder = tmp_path / "out"
    write_csv_package(tiny(), folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    rename = os.rename

    def fails(source: Path, target: Path) -> None:
        if Path(source).suffix == ".new":
            raise OSError(5, "Input/output error")
        rename(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", fails)
        with pytest.raises(OSError, match="Input/output"):
            write_csv_package(tiny(), folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_other_folders_are_not_replaced(tmp_path: Path) -> None:
    """Proves: a folder with something else in it, or a file, is refused by name and left alone. Without it a slip in
    --out could delete a study."""
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").write_text("mine", encoding="utf-8")
    for path in (tmp_path / "notes", tmp_path / "notes" / "mine.txt"):
        with pytest.raises(FileExistsError, match="no package"):
            write_csv_package(tiny(), path)
    assert (tmp_path / "notes" / "mine.txt").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("name", ["../out", "a/b", "Total", ""])
def test_names_become_no_paths(name: str) -> None:
    """Proves: a variable or dim whose name is no plain word is refused before anything is written. Without it a name
    could lead out of the folder."""
    with pytest.raises(ValueError, match="no name"):
        long_tables(tiny().rename({"price": name}))


def test_a_unit_that_nothing_tells_is_refused() -> None:
    """Proves: a variable in commodity units along dims without commodities is an error. Without it its numbers would
    stand without a unit."""
    lost = tiny()
    lost["price"].attrs["units"] = "commodity unit"
    with pytest.raises(ValueError, match="commodity unit along technology, year"):
        long_tables(lost)


def test_labels_come_first(results: xr.Dataset) -> None:
    """Proves: every dim has a table of its labels, before those that use them, with plurals people would use. Without
    it a reader would meet labels that no table explains."""
    names = list(long_tables(results))
    labels = [plural(str(dim)) for dim in results.dims]
    assert names[: len(labels)] == labels
    assert {"technologies", "commodities", "nodes", "balance_items", "contingencies"} <= set(labels)
    assert plural("route_vertex") == "route_vertices"
    assert all(isinstance(table, LongTable) for table in long_tables(results).values())
