"""Run the acceptance commands at full size and write docs/acceptance.md: what was asked and found, on which commit.

``python -m tests.acceptance.run`` runs everything; ``--only plan,bench`` runs some and prints instead of writing.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from tests.acceptance.commands import COMMANDS, JUNIT, Figures, cases_of
from tests.acceptance.lines import Line, read_lines
from tests.acceptance.measure import measured
from tests.sources import ROOT

PAGE = ROOT / "docs" / "acceptance.md"


class Shown(NamedTuple):
    """One row of the table: how a line is shown, the figures, and whether they are as asked; None if not run."""

    how: str
    figures: str
    passed: bool | None


def figures_of(name: str, scratch: Path) -> Figures:
    """Run one command; what can be read from a run that failed stays in the figures."""
    command, runs = COMMANDS[name], []
    for step in command.steps:
        words = [word.replace("{scratch}", str(scratch)) for word in step.words]
        print(f"{name}: {' '.join(step.words)}", file=sys.stderr, flush=True)
        runs.append(measured(words, ROOT if step.folder is None else scratch / step.folder))
        if runs[-1].exit:
            print(f"{name}: exit {runs[-1].exit}\n{runs[-1].out[-3000:]}{runs[-1].err[-3000:]}", file=sys.stderr)
            break
    last = runs[-1]
    figures = {"exit": float(last.exit), "wall_seconds": last.seconds, "peak_gb": last.peak_gb}
    try:
        figures |= command.read(runs, scratch)
    except (OSError, ValueError, LookupError) as error:
        print(f"{name}: figures cannot be read: {error}", file=sys.stderr)
    return figures


def shown_tests(line: Line, cases: dict[str, str] | None) -> Shown:
    """The line's tests in the report of the suite; a test that was skipped or did not run shows nothing."""
    how = "<br>".join(f"`{name}`" for name in line.tests)
    if cases is None:
        return Shown(how, "", None)
    verdicts: list[str] = []
    for name in line.tests:
        path, _, function = name.partition("::")
        wanted = f"{path.removesuffix('.py').replace('/', '.')}::{function}".replace("::", ".", function.count("::"))
        found = [verdict for case, verdict in cases.items() if case == wanted or case.startswith(f"{wanted}[")]
        verdicts += found or ["did not run"]
    counts = ", ".join(f"{verdicts.count(kind)} {kind}" for kind in sorted(set(verdicts)))
    return Shown(how, counts, set(verdicts) == {"passed"})


def rows(line: Line, found: dict[str, Figures], cases: dict[str, str] | None) -> list[Shown]:
    """The rows of one line: its tests together, and each of its commands."""
    table = [shown_tests(line, cases)] if line.tests else []
    for name, limits in line.accept.items():
        figures = found.get(name)
        text = "" if figures is None else "<br>".join(limit.shown(figures) for limit in limits)
        table.append(Shown(f"`{name}`", text, None if figures is None else all(one.holds(figures) for one in limits)))
    return table or [Shown("nothing yet", "", False)]


def page(table: list[tuple[Line, list[Shown]]]) -> str:
    """The page as Markdown."""
    verdict = {True: "pass", False: "**fail**", None: "not run"}
    text = [
        "# Acceptance",
        "",
        "Written by `make accept`, which runs the commands of tests/acceptance/commands.py at full size.",
        "",
        f"- Commit: {commit()}",
        f"- Date: {datetime.datetime.now(datetime.UTC):%Y-%m-%d}",
        f"- Machine: {machine()}",
        "",
        "| Line | What is asked | Shown by | Figures (asked) | Verdict |",
        "| --- | --- | --- | --- | --- |",
    ]
    for line, shown in table:
        for index, row in enumerate(shown):
            name, says = (line.id, line.says.strip()) if index == 0 else ("", "")
            text.append(f"| {name} | {says} | {row.how} | {row.figures} | {verdict[row.passed]} |")
    return "\n".join([*text, "", *commands_told(), ""])


def commands_told() -> list[str]:
    """The commands by name, as one would type them."""
    told = ["Commands:", ""]
    for name, command in COMMANDS.items():
        words = [["python" if word == sys.executable else word for word in step.words] for step in command.steps]
        steps = [" ".join(step) for step in words]
        told.append(f"- {name}: " + ", ".join(f"`{step.replace(str(ROOT), '.')}`" for step in steps))
    return told


def commit() -> str:
    """The commit that was run, and whether files differed from it."""

    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()

    changed = [line for line in git("status", "--porcelain").splitlines() if not line.endswith("docs/acceptance.md")]
    return git("rev-parse", "--short=12", "HEAD") + (f", with {len(changed)} files changed since" if changed else "")


def machine() -> str:
    """Cores and memory that this process may use, and the versions that matter; nothing that names the machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    cores = len(os.sched_getaffinity(0))
    return f"{cores} cores, {memory:.0f} GB of memory, {platform.system()}, Python {platform.python_version()}"


def main() -> None:
    """Run, write or print the page, and end with 1 if a line fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help=f"some of {','.join(COMMANDS)}; the page is printed, not written")
    only = [name for name in parser.parse_args().only.split(",") if name]
    if set(only) - set(COMMANDS):
        parser.error(f"unknown: {', '.join(sorted(set(only) - set(COMMANDS)))}; there are {', '.join(COMMANDS)}")
    lines = read_lines()
    asked = {name for line in lines for name in line.accept} | (
        {"suite"} if any(line.tests for line in lines) else set()
    )
    with tempfile.TemporaryDirectory(prefix="acceptance-") as folder:
        scratch = Path(folder)
        found = {name: figures_of(name, scratch) for name in COMMANDS if name in (only or asked)}
        cases = cases_of(scratch) if (scratch / JUNIT).exists() else None
    table = [(line, rows(line, found, cases)) for line in lines]
    if only:
        print(page(table))
    else:
        PAGE.write_text(page(table), encoding="utf-8")
        print(f"written: {PAGE.relative_to(ROOT)}")
    raise SystemExit(any(row.passed is False for _, shown in table for row in shown if row.figures or not only))


if __name__ == "__main__":
    main()
