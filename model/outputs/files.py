"""A plan's files: results.nc, its companion certificate.nc, and where every number came from."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import importlib.metadata
import json
import os
import platform
import resource
import time as clock
from pathlib import Path
from typing import TYPE_CHECKING, Any

import netCDF4
import numpy as np
import xarray as xr

from model.lp.program import LinearProgram
from model.outputs.cf.layout import cf_dataset
from model.outputs.netcdf import read_file, read_results, remove_leftovers, write_netcdf, write_plainly, written
from model.version import VERSION

if TYPE_CHECKING:
    from model.study import Plan

RESULTS, CERTIFICATE = "results.nc", "certificate.nc"
KIB_PER_GB = 1e9 / 1024
_LIBRARIES = (
    "pyomo", "highspy", "xarray", "pandas", "numpy", "scipy", "netCDF4", "pint", "pvlib", "windpowerlib", "tsam",
)  # fmt: skip


def provenance(plan: Plan) -> dict[str, Any]:
    """What made the results: input digests, settings, changes, versions, solver, certificate; as plain attributes."""
    inputs, settings = plan.study.inputs, plan.study.inputs.settings
    summary_of_run = summary(plan)
    flat = {
        f"{name}_{key}": value for name in ("seconds", "certificate") for key, value in summary_of_run[name].items()
    }
    return {
        "title": settings.title,
        "study": settings.name,
        "scenario": inputs.scenario.name,
        "scenario_title": inputs.scenario.title,
        "resolution": plan.study.resolution,
        "time": plan.study.time.attrs["title"],
        "changes": json.dumps([[c.file, c.row, c.column, c.before, c.after] for c in inputs.changes]),
        "overrides": json.dumps(inputs.overrides),
        "settings": settings.model_dump_json(),
        "input_digests": json.dumps(dict(inputs.digests)),
        "assumptions": json.dumps(inputs.assumptions()),
        "equations_digest": equations_digest(),
        "solution_id": solution_id(plan.solution.primal, plan.solution.row_dual),
        "solver": plan.solution.solver,
        "solver_iterations": plan.solution.iterations,
        "versions": json.dumps(
            {name: importlib.metadata.version(name) for name in _LIBRARIES} | {"python": platform.python_version()}
        ),
        "wanted_gap": plan.certificate.gap,
        "physical_violation": plan.certificate.physical_violation,
        **{key: value for key, value in summary_of_run.items() if not isinstance(value, (bool, dict, list))},
        **flat,
        **_told_of_passes(plan),
    }


def summary(plan: Plan) -> dict[str, Any]:
    """The plain values that ``plan --json`` prints; the path of the results is added once they are written."""
    optimality = plan.certificate.optimality
    return {
        "status": "optimal",
        "objective": plan.objective,
        "currency": plan.study.inputs.settings.currency,
        "price_year": plan.study.inputs.settings.price_year,
        "rows": plan.program.rows,
        "columns": plan.program.columns,
        "nonzeros": plan.program.nonzeros,
        "seconds": {name: round(value, 3) for name, value in plan.seconds.items()},
        "certificate": {"primal": optimality.primal, "dual": optimality.dual, "gap": optimality.gap},
        **_passes(plan),
        **({"fidelity": [check.as_dict() for check in plan.checks]} if plan.checks else {}),
    }


def _passes(plan: Plan) -> dict[str, Any]:
    """What the passes of a network of power flow or of N-1 came to, and whether nothing was left; else nothing."""
    if not plan.passes:
        return {}
    return {"settled": plan.passes[-1].settled, "passes": [dataclasses.asdict(one) for one in plan.passes]}


def _told_of_passes(plan: Plan) -> dict[str, str]:
    """The passes as attributes; their times apart, as they differ from run to run."""
    told = _passes(plan)
    if not told:
        return {}
    seconds = [round(one.pop("seconds"), 3) for one in told["passes"]]
    return {name: json.dumps(value) for name, value in {**told, "seconds_passes": seconds}.items()}


def equations_digest() -> str:
    """Digest of the source of the equations, so that a result says which ones it obeys."""
    folder = Path(__file__).resolve().parent.parent / "lp"
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def solution_id(primal: np.ndarray, row_dual: np.ndarray) -> str:
    """A short name of one solution, which ties results.nc to its companion."""
    return hashlib.sha256(primal.tobytes() + row_dual.tobytes()).hexdigest()[:16]


def write_plan(plan: Plan, folder: Path) -> Path:
    """Companion first under the solution's own name, then results.nc, then the companion under its usual name.

    A process that dies at any moment leaves an old result with its companion, or the new one with its companion.
    ``seconds_write`` runs from the certified plan to its files, the making of ``plan.results`` included.
    """
    begun = clock.perf_counter()
    folder.mkdir(parents=True, exist_ok=True)
    remove_leftovers(folder)
    own = folder / f"certificate-{plan.results.attrs['solution_id']}.nc"
    write_netcdf(_companion(plan), own)
    stamp = datetime.datetime.now(datetime.UTC).replace(microsecond=0).isoformat()
    stamped = cf_dataset(plan.results).assign_attrs(
        date_created=stamp,
        history=f"{stamp}: planned by Shanyraq {VERSION}",
        study_folder=os.path.relpath(plan.study.inputs.folder, folder),
        peak_memory_gb=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB_PER_GB, 3),
    )

    def write(part: Path) -> None:
        write_plainly(stamped, part)
        plan.seconds["write"] = clock.perf_counter() - begun
        with netCDF4.Dataset(part, "a") as file:
            file.setncattr("seconds_write", round(plan.seconds["write"], 3))

    written(folder / RESULTS, write)
    os.replace(own, folder / CERTIFICATE)
    for orphan in folder.glob("certificate-*.nc"):
        orphan.unlink(missing_ok=True)
    return folder / RESULTS


def _companion(plan: Plan) -> xr.Dataset:
    """Values and duals in float64, with digests of the program they belong to."""
    return xr.Dataset(
        {
            "primal": ("column", plan.solution.primal, {"long_name": "value of every column of the linear program"}),
            "row_dual": ("row", plan.solution.row_dual, {"long_name": "dual of every row of the matrix"}),
        },
        attrs={
            "solution_id": solution_id(plan.solution.primal, plan.solution.row_dual),
            "program_digest": program_digest(plan.program),
            "equations_digest": equations_digest(),
        },
    )


def program_digest(program: LinearProgram) -> str:
    """Digest of the matrix, costs, bounds and sides of a program."""
    digest = hashlib.sha256()
    matrix = program.matrix
    for array in (
        matrix.indptr,
        matrix.indices,
        matrix.data,
        program.cost,
        program.column_lower,
        program.column_upper,
        program.row_lower,
        program.row_upper,
    ):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def read_companion(results: Path) -> tuple[xr.Dataset, xr.Dataset]:
    """Results and their companion, loaded.

    OSError if ``results`` is no result of this program; FileNotFoundError without a companion that belongs to it.
    """
    dataset = read_results(results)
    own = dataset.attrs["solution_id"]
    for path in (results.parent / f"certificate-{own}.nc", results.parent / CERTIFICATE):
        if path.exists():
            companion = read_file(path)
            if companion.attrs.get("solution_id") == own and {"primal", "row_dual"} <= set(companion):
                return dataset, companion
    raise FileNotFoundError(f"no companion {CERTIFICATE} of this result lies beside {results}")
