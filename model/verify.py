"""Repeat the certificate of a result from the file, its companion and the inputs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from model.lp.program import Floats, LinearProgram
from model.outputs import files
from model.outputs.prices import Prices
from model.outputs.results import results_dataset
from model.solve.accounts import Accounts
from model.solve.certificate import Certificate, certify
from model.solve.columns import columns_of
from model.study import Study


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

    FileNotFoundError without a companion or inputs; InvalidStudy if the inputs have become wrong.
    """
    dataset, companion = files.read_companion(results)
    attrs = dataset.attrs
    study = Study.read(results.parent / attrs["study_folder"])
    if attrs["scenario"] != "base" or (study.inputs.folder / "scenarios" / "base.yaml").exists():
        study = study.scenario(attrs["scenario"])
    overrides = dict(json.loads(attrs["overrides"]))
    if overrides:
        study = study.override(overrides)
    differences = []
    recorded = json.loads(attrs["input_digests"])
    for name, digest in study.inputs.digests.items():
        if recorded.get(name) != digest:
            differences.append(f"{name} has changed since the result was written")
    if attrs["equations_digest"] != files.equations_digest():
        differences.append("the equations have changed since the result was written")
    program = study.program()
    primal, row_dual = companion["primal"].to_numpy(), companion["row_dual"].to_numpy()
    if primal.size != program.columns or row_dual.size != program.rows:
        return Verdict(None, (*differences, "the linear program has another size"))
    if companion.attrs["program_digest"] != files.program_digest(program):
        differences.append("the linear program is another one")
    accounts = Accounts(study.system, study.time, columns_of(program, primal))
    certificate = certify(program, primal, row_dual, accounts, float(attrs["wanted_gap"]))
    if abs(certificate.optimality.objective * 1e6 - attrs["objective"]) > 1e-9 * max(1.0, abs(attrs["objective"])):
        differences.append("the objective in the file is not that of the stored solution")
    differences += _changed_values(dataset, results_of(program, primal, row_dual, accounts))
    return Verdict(certificate, tuple(differences))


def results_of(program: LinearProgram, primal: Floats, row_dual: Floats, accounts: Accounts) -> xr.Dataset:
    """The results Dataset of a stored solution, made again."""
    reduced_cost = program.cost - program.matrix.T @ row_dual
    return results_dataset(accounts, Prices(program, row_dual, reduced_cost, accounts))


def _changed_values(stored: xr.Dataset, made: xr.Dataset) -> list[str]:
    """Variables of the file that are not what the stored solution gives."""
    found = [f"{name} is missing in the file" for name in made.data_vars if name not in stored]
    for name in made.data_vars:
        if name in stored and made[name].dtype.kind == "f":
            mine, theirs = made[name].to_numpy(), stored[name].transpose(*made[name].dims).to_numpy()
            if mine.shape != theirs.shape or not np.allclose(mine, theirs, rtol=1e-6, atol=1e-6, equal_nan=True):
                found.append(f"{name} in the file is not what the stored solution gives")
    return found
