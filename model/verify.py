"""Repeat the certificate of a result from the file, its companion and the inputs."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import xarray as xr

from model.outputs import files
from model.outputs.cf.layout import cf_dataset
from model.outputs.netcdf import read_file
from model.outputs.prices import Prices
from model.outputs.results import results_dataset
from model.solve.accounts import Accounts
from model.solve.certificate import Certificate, certify
from model.solve.columns import columns_of
from model.study import Study
from model.system.network_state import state_of

OF_CHECKS = ("fidelity", "day_of_year", "seasonal_store", "week")
"""Beginnings of the names of what fidelity checks found, which is no part of the certified plan."""


@dataclass(frozen=True)
class Verdict:
    """What repeating the certificate showed; ``differences`` lists what is no longer as it was."""

    certificate: Certificate | None
    differences: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether the result is still what the inputs and the equations say."""
        return self.certificate is not None and self.certificate.passed and not self.differences


def verify(results: Path) -> Verdict:
    """Read the inputs that the result names, compile them again and examine the stored solution.

    A result that was made in passes is repeated as the last of them stated the network.
    OSError if the file is no result or has no companion; InvalidStudy if the inputs are gone or wrong.
    """
    dataset, companion = files.read_companion(results)
    state = state_of(dataset)
    study = replace(_study_of(dataset, results.parent), network_state=state)
    differences = _changed_sources(dataset, study)
    program = study.program()
    primal, row_dual = companion["primal"].to_numpy(), companion["row_dual"].to_numpy()
    if primal.size != program.columns or row_dual.size != program.rows:
        return Verdict(None, (*differences, "the linear program has another size"))
    if companion.attrs.get("program_digest") != files.program_digest(program):
        differences.append("the linear program is another one")
    if files.solution_id(primal, row_dual) != dataset.attrs["solution_id"]:
        differences.append("the stored solution has been changed")
    accounts = Accounts(study.system, study.time, columns_of(program, primal))
    certificate = certify(program, primal, row_dual, accounts, float(dataset.attrs["wanted_gap"]))
    objective = float(dataset.attrs["objective"])
    if not abs(certificate.optimality.objective * 1e6 - objective) <= 1e-9 * max(1.0, abs(objective)):
        differences.append("the objective in the file is not that of the stored solution")
    made = results_dataset(accounts, Prices(program, row_dual, accounts))
    if state is not None:
        made = made.merge(state.as_variables(), join="exact")
    differences += _changed_values(read_file(results), cf_dataset(made.assign_attrs(dataset.attrs)))
    return Verdict(certificate, tuple(differences))


def _study_of(dataset: xr.Dataset, folder: Path) -> Study:
    """The study, scenario and changes that a result in ``folder`` names."""
    attrs = dataset.attrs
    study = Study.read(folder / attrs["study_folder"])
    if attrs["scenario"] != "base" or (study.inputs.folder / "scenarios" / "base.yaml").exists():
        study = study.scenario(attrs["scenario"])
    overrides = dict(json.loads(attrs["overrides"]))
    study = study.override(overrides) if overrides else study
    return study.at(attrs["resolution"])


def _changed_sources(dataset: xr.Dataset, study: Study) -> list[str]:
    """Input files and equations that are not those the result was made from."""
    recorded, now = json.loads(dataset.attrs["input_digests"]), study.inputs.digests
    found = [
        f"{name} has changed since the result was written"
        for name in sorted({*recorded, *now})
        if recorded.get(name) != now.get(name)
    ]
    if dataset.attrs["equations_digest"] != files.equations_digest():
        found.append("the equations have changed since the result was written")
    return found


def _changed_values(stored: xr.Dataset, made: xr.Dataset) -> list[str]:
    """Variables and labels of the file that are not what the stored solution gives."""
    found = [
        f"{name} in the file is no part of a result"
        for name in stored.variables
        if name not in made.variables and not str(name).startswith(OF_CHECKS)
    ]
    for name, mine in made.variables.items():
        if name not in stored.variables:
            found.append(f"{name} is missing in the file")
        elif not _same(mine, stored.variables[name]):
            found.append(f"{name} in the file is not what the stored solution gives")
    return found


def _same(mine: xr.Variable, theirs: xr.Variable) -> bool:
    if set(mine.dims) != set(theirs.dims):
        return False
    theirs = theirs.transpose(*mine.dims)
    if mine.shape != theirs.shape or (mine.dtype.kind == "f") != (theirs.dtype.kind == "f"):
        return False
    if mine.dtype.kind == "f":
        return bool(np.allclose(mine.to_numpy(), theirs.to_numpy(), rtol=1e-6, atol=1e-6, equal_nan=True))
    return bool((mine.to_numpy().astype(str) == theirs.to_numpy().astype(str)).all())
