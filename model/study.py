"""A study and its plan: the Python interface that the commands, scripts and notebooks share.

>>> study = Study.read("inputs/kazakhstan")                     # doctest: +SKIP
>>> plan = study.scenario("base").solve()                       # doctest: +SKIP
>>> plan.results.capacity.sel(year=2035, technology="wind")     # doctest: +SKIP
"""

from __future__ import annotations

import time as clock
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import xarray as xr

from model.lp.compile import compile_lp
from model.lp.model import state_plan
from model.lp.program import LinearProgram
from model.outputs import files
from model.outputs.balances import refuse_open
from model.outputs.fidelity import Fidelity, fidelity_dataset
from model.outputs.prices import Prices
from model.outputs.results import results_dataset
from model.outputs.statistics import statistics
from model.outputs.statistics_national import summary
from model.passes import Pass, first_state, needs_passes, scouted, solve_in_passes
from model.solve import highs
from model.solve.accounts import Accounts
from model.solve.basis import Basis, carried_over
from model.solve.certificate import Certificate, certify
from model.solve.columns import columns_of
from model.solve.decompose import Memory, solve_blocks
from model.solve.decompose.ladder import learnt_in_longer_steps
from model.solve.decompose.structure import Structure, split
from model.solve.progress import Progress
from model.system.network_state import NetworkState
from model.system.problems import Problem
from model.system.read import Inputs
from model.time.steps import Resolution, steps_of

if TYPE_CHECKING:
    from model.lp.statement import Statement

DEFAULT_GAP = 1e-6
BLOCKS_GAP = 1e-4
"""The gap that is asked for where a program is solved block by block and nothing else is said."""

BLOCKS_FROM = 1_000_000
"""Columns from which no method of HiGHS for the whole program ends in useful time: these go block by block."""

Method = highs.Solver | Literal["blocks"]
"""A method of HiGHS for the whole program, or block by block."""


def default_gap(solver: Method) -> float:
    """The gap that a method is asked for if nobody says otherwise."""
    return BLOCKS_GAP if solver == "blocks" else DEFAULT_GAP


class NoPlan(Exception):
    """No certified plan: the study is infeasible, the time ran out, or no solver's answer passed the certificate."""

    def __init__(self, status: str, reason: str) -> None:
        self.status, self.reason = status, reason
        super().__init__(f"{status}: {reason}" if reason else status)


@dataclass(frozen=True)
class Study:
    """A study folder, with a scenario and single changes applied; nothing is changed in place."""

    inputs: Inputs
    read_seconds: float = 0.0
    resolution: Resolution = "coarse"
    network_state: NetworkState | None = None
    thin_time: xr.Dataset | None = None

    @classmethod
    def read(cls, folder: str | Path) -> Study:
        """The study in ``folder``; InvalidStudy lists the files that cannot be used."""
        begun = clock.perf_counter()
        inputs = Inputs.read(folder)
        return cls(inputs, clock.perf_counter() - begun)

    def scenario(self, name: str) -> Study:
        """The study under a named scenario; InvalidStudy if there is none of that name."""
        return replace(self, inputs=self.inputs.scenario_named(name))

    def override(self, settings: Mapping[str, object]) -> Study:
        """The study with cells set, such as ``{"study.social_discount_rate": 0.08, "targets.ring.value": "*1.1"}``."""
        return replace(self, inputs=self.inputs.override({path: str(value) for path, value in settings.items()}))

    def at(self, resolution: Resolution) -> Study:
        """The study at another resolution: ``coarse``, ``standard`` (52 weeks by three hours) or ``hourly``."""
        return replace(self, resolution=resolution)

    def check(self) -> list[Problem]:
        """Everything that is wrong with the inputs; empty if nothing is."""
        return self.inputs.check()

    @property
    def name(self) -> str:
        """The study's short name."""
        return self.inputs.settings.name

    @cached_property
    def system(self) -> xr.Dataset:
        """What the country looks like, with the network as the passes so far have found it.

        InvalidStudy if the inputs are wrong.
        """
        system = self.inputs.system
        return system if self.network_state is None else self.network_state.applied(system)

    @property
    def time(self) -> xr.Dataset:
        """Steps, periods, weights and profiles."""
        return self._timed[0]

    @cached_property
    def _timed(self) -> tuple[xr.Dataset, float]:
        """The steps, and the seconds that weather and steps took, whoever asked for them first."""
        if self.thin_time is not None:
            return self.thin_time, 0.0
        begun = clock.perf_counter()
        steps = steps_of(self.inputs.tables, self.inputs.settings, self.inputs.folder, self.resolution)
        return steps, clock.perf_counter() - begun

    def statement(self) -> Statement:
        """The linear program as stated: a Pyomo model with its equations kept as rules."""
        return state_plan(self.system, self.time)

    def program(self) -> LinearProgram:
        """The linear program as arrays."""
        return compile_lp(self.statement())

    def solve(
        self,
        solver: Method = "auto",
        *,
        gap: float | None = None,
        time_limit: float | None = None,
        progress: Progress | None = None,
        log_path: Path | None = None,
        threads: int | None = None,
        workers: int | str | None = None,
        known: Memory | None = None,
        checkpoint: Path | None = None,
        resume: bool = False,
    ) -> Plan:
        """The certified least-cost plan. InvalidStudy for wrong inputs; NoPlan if there is none or none that passes.

        ``gap`` is `default_gap` of the method if None. A network of power flow or of N-1 security takes several passes;
        ``time_limit`` holds for all of them.

        Only block by block, as ``auto`` may choose: workers, checkpoint and resume as in `solve_blocks`; known: the
        ``memory`` of another plan, of which as much is used as still holds. ``auto`` takes a checkpoint alone.
        """
        if solver != "blocks" and (workers is not None or known is not None or resume):
            raise ValueError("workers, known and resume are for the solver 'blocks'")
        begun = clock.perf_counter()
        study = self
        if self.network_state is None and needs_passes(self.system):
            study = replace(self, network_state=first_state(self.system, self.time))

        def once(study: Study, before: Plan | None) -> Plan:
            left = None if time_limit is None else time_limit - (clock.perf_counter() - begun)
            options = _Options(
                solver, gap, left, progress, log_path, threads, workers, known, checkpoint, resume
            )
            return _solved(study, options, before)

        if study.network_state is not None and self.network_state is None:
            study = replace(study, network_state=scouted(study, study.network_state, once))
        return solve_in_passes(study, once)


@dataclass(frozen=True)
class _Options:
    """How a program is to be solved."""

    solver: Method
    gap: float | None
    time_limit: float | None
    progress: Progress | None
    log_path: Path | None
    threads: int | None
    workers: int | str | None
    known: Memory | None
    checkpoint: Path | None
    resume: bool


def _solved(study: Study, options: _Options, before: Plan | None) -> Plan:
    """One pass: the certified plan of a study as it states itself, from the basis of the plan before."""
    begun = clock.perf_counter()
    system = study.system
    assembled = clock.perf_counter()
    time, timing = study._timed
    read = clock.perf_counter()
    program = study.program()
    built = clock.perf_counter()
    method: Method = "blocks" if options.solver == "auto" and program.columns >= BLOCKS_FROM else options.solver
    gap = default_gap(method) if options.gap is None else options.gap
    examined: list[tuple[Accounts, Certificate]] = []
    certifying = 0.0

    def accept(found: highs.Solution) -> bool | str:
        nonlocal certifying
        start = clock.perf_counter()
        accounts = Accounts(system, time, columns_of(program, found.primal))
        certificate = certify(program, found.primal, found.row_dual, accounts, gap)
        examined.append((accounts, certificate))
        certifying += clock.perf_counter() - start
        # a scout only has to be optimal: nothing of it is told
        scouting = study.thin_time is not None and certificate.optimality.certified(gap)
        return scouting or certificate.passed or certificate.reason()

    if study.thin_time is not None:
        # what a scout learns is of other blocks
        options = replace(options, checkpoint=None, resume=False)
    kept: list[Memory] = []
    structure = None
    if method == "blocks":
        structure = split(program)
        options = replace(options, solver=method, known=_learnt(study, program, structure, options, gap, before))
    found = _found(program, structure, options, gap, accept, before, kept.append)
    if found.status != "optimal":
        raise NoPlan(found.status, _why(found))
    accounts, certificate = examined[-1]
    seconds = {
        "read": study.read_seconds + assembled - begun + timing,
        "build": built - read,
        "handover": found.handover_seconds,
        "solve": max(0.0, found.seconds - certifying - found.handover_seconds),
        "certify": certifying,
    }
    if before is not None:
        seconds = {name: value + before.seconds[name] for name, value in seconds.items()}
        seconds["read"] = before.seconds["read"]
    return Plan(study, program, found, accounts, certificate, seconds, memory=kept[-1] if kept else None)


def _found(
    program: LinearProgram,
    structure: Structure | None,
    options: _Options,
    gap: float,
    accept: highs.Accept,
    before: Plan | None,
    keep: Callable[[Memory], None],
) -> highs.Solution:
    """The solution by the method that was asked for."""
    if options.solver == "blocks":
        return solve_blocks(
            program,
            structure=structure,
            gap=gap,
            time_limit=options.time_limit,
            accept=accept,
            progress=options.progress,
            log_path=options.log_path,
            threads=options.threads,
            workers=options.workers,
            known=options.known,
            keep=keep,
            checkpoint=options.checkpoint,
            resume=options.resume and before is None,
        )
    return highs.solve(
        program,
        options.solver,
        gap=gap,
        time_limit=options.time_limit,
        accept=accept,
        progress=options.progress,
        log_path=options.log_path,
        threads=options.threads,
        start=_start(before, program),
    )


def _learnt(
    study: Study, program: LinearProgram, structure: Structure, options: _Options, gap: float, before: Plan | None
) -> Memory | None:
    """What is known of a program before it is solved block by block: by the pass before, by another plan, or by plans
    in longer steps where a year is told whole."""
    if before is not None and before.memory is not None:
        return before.memory
    resumed = options.resume and options.checkpoint is not None and options.checkpoint.exists()
    if options.known is not None or resumed:
        return options.known
    return learnt_in_longer_steps(
        study.system, study.time, program, structure, gap=gap, threads=options.threads, workers=options.workers,
        time_limit=options.time_limit, log_path=options.log_path,
    )  # fmt: skip


def _start(before: Plan | None, program: LinearProgram) -> Basis | None:
    if before is None or before.solution.basis is None:
        return None
    return carried_over(before.solution.basis, before.program, program)


def _why(found: highs.Solution) -> str:
    if found.status == "infeasible":
        return "no plan meets every limit; goals marked hard, committed builds and caps are the first to look at"
    return "; ".join(f"{attempt.method}: {attempt.reason or attempt.status}" for attempt in found.attempts)


@dataclass(frozen=True)
class Plan:
    """A certified plan: the study it belongs to, its linear program, the solution and what was proved about it.

    memory: what a search block by block has learnt, for `Study.solve` of the same study with other costs of the plan.
    """

    study: Study
    program: LinearProgram
    solution: highs.Solution
    accounts: Accounts
    certificate: Certificate
    seconds: dict[str, float]
    checks: tuple[Fidelity, ...] = ()
    passes: tuple[Pass, ...] = ()
    memory: Memory | None = None

    @cached_property
    def results(self) -> xr.Dataset:
        """Everything the plan says, with units on every variable; see ``outputs.results``.

        OpenBalance if a closing balance leaves a rest, which no certified plan does.
        """
        prices = Prices(self.program, self.solution.row_dual, self.accounts)
        checks = fidelity_dataset(self.checks)
        own = results_dataset(self.accounts, prices)
        if self.study.network_state is not None:
            own = own.merge(self.study.network_state.as_variables(), join="exact")
        refuse_open(self.accounts, own["balance"].to_numpy())
        return own.merge(checks, join="exact").assign_attrs({**files.provenance(self), **checks.attrs})

    @property
    def objective(self) -> float:
        """Present value of all costs in USD of the price year."""
        return self.certificate.optimality.objective * 1e6

    def price(self, commodity: str, node: str) -> xr.DataArray:
        """Price of a commodity at a node by (year, step), or (year, period) and (year) for coarser ones, with its unit.

        KeyError if the commodity does not balance at the node.
        """
        known = commodity in self.results["commodity"] and node in self.results["node"]
        for name in ("price", "price_by_period", "price_by_year"):
            if known and name in self.results:
                found = self.results[name].sel(commodity=commodity, node=node, drop=True)
                if found.notnull().any():
                    return found
        raise KeyError(f"{commodity} at {node}")

    def write(self, folder: Path) -> Path:
        """Write results.nc and its companion certificate.nc into ``folder``, whole or not at all."""
        return files.write_plan(self, folder)

    @cached_property
    def statistics(self) -> xr.Dataset:
        """What planners ask of the results: use, curtailment, market value, costs of power, rents; see ``outputs``."""
        return statistics(self.results)

    @cached_property
    def summary(self) -> xr.Dataset:
        """The plan in a few national figures by year and family of technology."""
        return summary(self.results)

    def as_dict(self) -> dict[str, object]:
        """Status, objective, size, seconds and certificate as plain values, as ``plan --json`` prints them."""
        return files.summary(self)
