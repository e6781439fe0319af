"""Blocks in processes of their own, on this machine or on others, with dask.distributed.

A worker holds lots of blocks for as long as it lives. Columns of the master go out to it, and answers come back: no
arrays of a block travel twice, unless its worker is lost. Then its lots are made again from the blocks of this process,
on the workers that are left or that have come since, and asked again. Blocks that are made again begin without a basis
and with the first price of slack; the answers are right all the same.

Needs the optional extra ``cluster`` (distributed). The workers of a scheduler need the same version of this package.
Who can reach a scheduler can run code on its workers; those that are started here listen on loopback only.
"""

from __future__ import annotations

import asyncio
import logging
import math
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, wait
from concurrent.futures import Future as Reply
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from model.lp.program import Floats, Integers
from model.solve.decompose.answer import Answer
from model.solve.decompose.block import Block
from model.solve.decompose.neighbourhood import Start
from model.solve.worker import SolverError

if TYPE_CHECKING:
    from distributed import Client, Future

Given = TypeVar("Given")
Told = TypeVar("Told")

LOOPBACK = "127.0.0.1"
LOTS = 4
"""Lots for each thread of a worker, so that those of a lost one can be shared out."""
LOOK = 0.5
"""Seconds between two looks at which workers are left."""
PATIENCE = 60.0
"""Seconds in which a worker has to come where none is left."""
LOSSES = 3
"""A lot that loses more workers than this without an answer is taken to be what ends them."""
CONNECT = 30.0
"""Seconds in which a scheduler has to answer."""
RETURN = "30 minutes"
"""How long a local worker that died may take to start again."""


class WorkersError(SolverError):
    """There are no workers, or none that blocks can be run on."""


@contextmanager
def hired(where: int | str) -> Iterator[Client]:
    """Workers for blocks: so many processes of this machine, which end with the context, or those of a scheduler.

    where: how many, or an address such as ``tcp://127.0.0.1:8786``. A local worker that dies is replaced. WorkersError
    if there are none, or if distributed is not installed.
    """
    distributed = _distributed()
    with ExitStack() as stack:
        try:
            # a worker that dies is given up for good if its next start takes longer, as on a busy machine
            stack.enter_context(distributed.dask.config.set({"distributed.deploy.lost-worker-timeout": RETURN}))
            address = stack.enter_context(_local(distributed, where)) if isinstance(where, int) else where
            client = stack.enter_context(distributed.Client(address, timeout=CONNECT, set_as_default=False))
        except (OSError, RuntimeError, ValueError) as error:
            what = f"{where} workers did not start" if isinstance(where, int) else f"no scheduler answers at {where}"
            raise WorkersError(f"Blocks cannot be run elsewhere: {what} ({error}).") from error
        yield client


def _distributed() -> Any:
    try:
        import distributed
    except ImportError as error:
        raise WorkersError("Workers need a package that is not installed: pip install 'shanyraq[cluster]'.") from error
    return distributed


def _local(distributed: Any, count: int) -> Any:
    """Processes on loopback, one thread each, without limits of memory."""
    # distributed always opens a port that tells how it is; left alone it would be the same one for all
    telling = {"dashboard": False, "dashboard_address": f"{LOOPBACK}:0"}
    return distributed.LocalCluster(
        n_workers=count, threads_per_worker=1, processes=True, host=LOOPBACK, dashboard_address=None,
        scheduler_kwargs=telling, memory_limit=0, silence_logs=logging.CRITICAL, preload=[__name__],
        config={"distributed.worker.profile.enabled": False},
    )  # fmt: skip


def dask_setup(worker: object) -> None:
    """What a local worker does first: leave Ctrl-C, which reaches it too, to the process that ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


class Lot:
    """Blocks that are asked one after the other; travels without what HiGHS knows of them."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = list(blocks)

    def __reduce__(self) -> tuple[Callable[..., Lot], tuple[object, ...]]:
        return _unpacked, ([_packed(block) for block in self._blocks],)

    def told(self, question: Callable[[Block, Given], Told], given: Given, places: Sequence[int]) -> list[Told]:
        """What each block at these places says to a question."""
        return [question(self._blocks[place], given) for place in places]


@dataclass(frozen=True)
class _Packed:
    """What a block is made of, and the bounds of its columns if they are known."""

    kind: type[Block]
    made_of: dict[str, Any]
    finite: tuple[Floats, Floats] | None


def _packed(block: Block) -> _Packed:
    made_of = {field.name: getattr(block, field.name) for field in fields(block) if not field.name.startswith("_")}
    return _Packed(type(block), made_of, vars(block).get("finite"))


def _unpacked(packed: Sequence[_Packed]) -> Lot:
    blocks = []
    for one in packed:
        block = one.kind(**one.made_of)
        if one.finite is not None:
            # found before budgets were bounded: to be used here as it is there
            vars(block)["finite"] = one.finite
        blocks.append(block)
    return Lot(blocks)


def _answer(block: Block, point: Floats) -> Answer:
    return block.answer(point)


def _choice(block: Block, start: Start) -> tuple[Answer, Floats]:
    return block.choice(start.point, start.slope)


@dataclass(frozen=True)
class _Held:
    """Where a lot is; it is kept there for as long as ``lot`` is kept here."""

    address: str
    lot: Future


@dataclass(frozen=True)
class _Asked:
    """A lot that has been asked, and what runs for it."""

    number: int
    task: Future


class Workers:
    """Blocks on workers. A context, at whose end the workers forget them; ``lost`` counts lots whose worker was lost.

    blocks: in the state in which they are to run; not to be changed any more. patience: seconds in which a worker has
    to come where none is left.
    """

    def __init__(self, client: Client, blocks: Sequence[Block], patience: float = PATIENCE) -> None:
        self._client, self._blocks, self._patience = client, blocks, patience
        count = min(len(blocks), LOTS * sum(self._living().values()))
        self._lots = [range(first, len(blocks), count) for first in range(count)]
        self._held: dict[int, _Held] = {}
        self._losses = [0] * count
        self.lost = 0

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._held.clear()

    def answers(self, point: Floats, which: Integers | None = None) -> Sequence[Answer]:
        """What every block, or which of them, says at a point. WorkersError if no worker is left, or if one fails."""
        return self._ask(_answer, point, range(len(self._blocks)) if which is None else which.tolist())

    def choices(self, start: Start) -> Sequence[tuple[Answer, Floats]]:
        """What every block decides by itself near a start. WorkersError as `answers`."""
        return self._ask(_choice, start, range(len(self._blocks)))

    def _ask(self, question: Callable[[Block, Given], Told], given: Given, which: Sequence[int]) -> list[Told]:
        """What blocks say, in the order of ``which``; lots without any of them are left alone."""
        places = self._places(set(which))
        said: dict[int, Told] = {}
        asked: dict[Reply[list[list[Told]]], _Asked] = {}

        def ask(numbers: Sequence[int]) -> None:
            self._place()
            for number in numbers:
                reply, sent = self._sent(number, question, given, places[number])
                asked[reply] = sent

        try:
            self._even_out()
            ask(list(places))
            looked = time.monotonic()
            while asked:
                gone: list[_Asked] = []
                for reply in wait(asked, LOOK, FIRST_COMPLETED).done:
                    sent = asked.pop(reply)
                    told = _told(reply)
                    if told is None:
                        gone.append(sent)
                    else:
                        lot = self._lots[sent.number]
                        said |= zip((lot[place] for place in places[sent.number]), told, strict=True)
                        self._losses[sent.number] = 0
                if asked and time.monotonic() > looked + LOOK:
                    living, looked = self._living(), time.monotonic()
                    absent = [reply for reply, sent in asked.items() if self._held[sent.number].address not in living]
                    gone += [asked.pop(reply) for reply in absent]
                self._cancel(gone)
                for sent in gone:
                    self._lose(sent.number)
                if gone:
                    ask([sent.number for sent in gone])
        finally:
            self._cancel(list(asked.values()))
        return [said[number] for number in which]

    def _places(self, wanted: set[int]) -> dict[int, list[int]]:
        """Lots that hold blocks that are wanted, and the places of these."""
        found = {
            number: [place for place, block in enumerate(lot) if block in wanted]
            for number, lot in enumerate(self._lots)
        }
        return {number: places for number, places in found.items() if places}

    def _sent(
        self, number: int, question: Callable[[Block, Given], Told], given: Given, places: Sequence[int]
    ) -> tuple[Reply[list[list[Told]]], _Asked]:
        """Ask a lot where it is; the reply ends with an error if its worker is lost, or never."""
        held = self._held[number]
        task = self._client.submit(Lot.told, held.lot, question, given, places, workers=[held.address], pure=False)
        coming = self._client.gather([task], asynchronous=True)
        return asyncio.run_coroutine_threadsafe(coming, self._client.loop.asyncio_loop), _Asked(number, task)

    def _cancel(self, asked: Sequence[_Asked]) -> None:
        """Nothing of this is wanted any more; ends the replies too."""
        if asked and self._client.status == "running":
            self._client.cancel([sent.task for sent in asked])

    def _even_out(self) -> None:
        """Forget where lots are whose workers went since the last round, or have more than their share of lots."""
        living = self._living()
        for number in [number for number, held in self._held.items() if held.address not in living]:
            self._lose(number)
        threads = sum(living.values())
        for address, own in living.items():
            share = math.ceil(len(self._lots) * own / threads)
            for number in [number for number, held in self._held.items() if held.address == address][share:]:
                del self._held[number]

    def _place(self) -> None:
        """Give each lot that no living worker has to the one that has least to do."""
        living = self._living()
        for number in range(len(self._lots)):
            while number not in self._held:
                load = dict.fromkeys(living, 0)
                for held in self._held.values():
                    if held.address in load:
                        load[held.address] += 1
                address = min(living, key=lambda own: (load[own] + 1) / living[own])
                lot = Lot([self._blocks[place] for place in self._lots[number]])
                try:
                    self._held[number] = _Held(address, self._client.scatter(lot, workers=[address], hash=False))
                except (OSError, KeyError):
                    # the worker went while it was given the lot
                    self._lose(number)
                    living = self._living()

    def _lose(self, number: int) -> None:
        """Count a lot as lost; WorkersError if that happened too often, be it with another lot beside it at fault."""
        self._held.pop(number, None)
        self._losses[number] += 1
        self.lost += 1
        if self._losses[number] > LOSSES:
            blocks = ", ".join(str(self._blocks[place].part.block) for place in self._lots[number])
            raise WorkersError(
                f"{self._losses[number]} workers were lost one after the other while they had blocks {blocks}: "
                "perhaps they have too little memory, or not this version of the package."
            )

    def _living(self) -> dict[str, int]:
        """Workers that are there and how many threads each has, in the order of their addresses."""
        until = time.monotonic() + self._patience
        while True:
            try:
                found: dict[str, int] = dict(sorted(self._client.nthreads().items()))
            except (OSError, RuntimeError) as error:
                raise WorkersError(f"The scheduler of the workers does not answer any more ({error}).") from error
            if found:
                return found
            if time.monotonic() > until:
                raise WorkersError(f"No worker is left to run blocks, and none came within {self._patience:.0f} s.")
            time.sleep(LOOK)


def _told(reply: Reply[list[list[Told]]]) -> list[Told] | None:
    """What the blocks of a lot say; None if their worker was lost. An error of theirs is raised."""
    try:
        return reply.result()[0]
    except SolverError:
        raise
    except (OSError, CancelledError):
        return None
    except Exception as error:
        if type(error).__name__ == "KilledWorker":
            return None
        raise WorkersError(f"A worker failed: {type(error).__name__}: {error}") from error
