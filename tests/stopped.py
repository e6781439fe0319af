"""Run the command line and stop it at a chosen moment: ``python -m tests.stopped MOMENT DEED ARGUMENTS...``.

MOMENT is ``read``, ``solve``, or ``write N``: the N-th step of writing, where a step fills a file or moves one; a file
is then declared and empty. The process says ``there`` when the moment has come. DEED is ``wait``, to be killed from
outside, ``interrupt``, which is Ctrl-C at that moment, or ``go``, to go on.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from model import cli
from model.outputs.netcdf import KeptValues
from model.solve.worker import Worker
from model.system.read import Inputs


def stop(deed: str) -> None:
    """Wait to be killed, be interrupted, or go on."""
    print("there", flush=True)
    if deed == "interrupt":
        signal.raise_signal(signal.SIGINT)
    if deed == "wait":
        signal.pause()


def before(owner: Any, name: str, act: Callable[..., None]) -> None:
    """Let ``act`` run, with the same arguments, before each call of a function."""
    original = getattr(owner, name)

    def wrapped(*arguments: Any, **options: Any) -> Any:
        act(*arguments, **options)
        return original(*arguments, **options)

    setattr(owner, name, wrapped)


def stop_writing(wanted: int, deed: str) -> None:
    """Stop at the ``wanted``-th step of writing, counted from 1."""
    count = itertools.count(1)

    def fill(values: KeptValues) -> None:
        if next(count) == wanted:
            stop(deed)

    def move(source: Path, target: Path) -> None:
        if next(count) == wanted:
            stop(deed)

    before(KeptValues, "fill", fill)
    before(os, "replace", move)


def main() -> None:
    """Prepare the moment and run the command."""
    moment, deed, *arguments = sys.argv[1:]
    if moment == "read":
        before(Inputs, "read", lambda *_: stop(deed))
    elif moment == "solve":
        before(Worker, "_in_thread", lambda *_: stop(deed))
    else:
        stop_writing(int(moment.removeprefix("write ")), deed)
    cli.main(arguments)


if __name__ == "__main__":
    main()
