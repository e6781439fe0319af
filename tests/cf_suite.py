"""``python -m tests.cf_suite FILE ANSWER SUITE [SKIPPED]``: IOOS's compliance checker, made to remember what it asks.

The checker looks through all variables for each variable, several times over, which takes minutes for a file with
hundreds of them. What it asks of a file has one answer as long as the file stays as it is; with the answers kept the
same checks take seconds. Nothing else of it is changed.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable
from typing import Any

from compliance_checker.cf import util
from compliance_checker.runner import CheckSuite, ComplianceChecker


def remembering(question: Callable[..., Any]) -> Callable[..., Any]:
    """``question`` of a dataset, asked once for each set of arguments."""
    known: dict[object, Any] = {}

    @functools.wraps(question)
    def ask(nc: Any, *arguments: Any, **options: Any) -> Any:
        key = (nc.filepath(), arguments, tuple(sorted(options.items())))
        if key not in known:
            known[key] = question(nc, *arguments, **options)
        return known[key]

    return ask


def main(file: str, answer: str, suite: str, *skipped: str) -> None:
    """Check ``file`` and write what is found to ``answer``, as JSON."""
    for name, found in list(vars(util).items()):
        own = inspect.isfunction(found) and found.__module__ == util.__name__
        if own and next(iter(inspect.signature(found).parameters), "") == "nc":
            setattr(util, name, remembering(found))
    CheckSuite.load_all_available_checkers()
    ComplianceChecker.run_checker(
        file, [suite], 0, "lenient", output_filename=answer, output_format="json", skip_checks=list(skipped)
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
