"""The pages of docs/ say what the code says, and their links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from model import Study
from tests.sources import ROOT, files

GENERATORS = sorted(path.name for path in (ROOT / "docs").glob("generate_*.py"))
PAGES = [path for path in files() if path.suffix == ".md"]
LINK = re.compile(r"\]\(([^)\s]+)\)")


@pytest.mark.parametrize("generator", GENERATORS)
def test_page_is_what_the_code_says(generator: str) -> None:
    """Proves: a generated page is up to date. Without it the docs would tell of columns and equations that are gone.

    `make docs` writes the pages again.
    """
    command = [sys.executable, str(ROOT / "docs" / generator), "--check"]
    path = {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=path, check=False)
    assert done.returncode == 0, f"run `make docs`:\n{done.stdout}{done.stderr}"


def test_five_pages_are_generated() -> None:
    """Proves: maths, inputs, results, statistics and commands have a generator. Without it the test above could pass on
    nothing."""
    wanted = {f"generate_{page}.py" for page in ("commands", "inputs", "maths", "results", "statistics")}
    assert wanted == set(GENERATORS)


def test_every_equation_has_its_entry() -> None:
    """Proves: an equation and a cost of the small study stand on the maths page, with formula and row. Without it a new
    equation could stay unexplained."""
    page = (ROOT / "docs" / "maths.md").read_text(encoding="utf-8")
    statement = Study.read(ROOT / "inputs" / "small").statement()
    entries = {entry.split("\n")[0]: entry for entry in page.split("\n### ")[1:]}
    named = {name: entry for title, entry in entries.items() for name in re.findall(r"`([a-z_]+)`", title)}
    wanted = [equation.name for equation in statement.equations] + [cost.kind for cost in statement.costs]
    assert [name for name in wanted if "```math" not in named.get(name, "") or "```text" not in named[name]] == []


@pytest.mark.parametrize("page", PAGES, ids=[path.relative_to(ROOT).as_posix() for path in PAGES])
def test_links_lead_somewhere(page: Path) -> None:
    """Proves: a relative link names a file that is there, and a heading in it.

    Without it a reader would meet dead ends.
    """
    wrong = []
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" in link or link.startswith("mailto:"):
            continue
        name, _, heading = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists() or (heading and heading not in headings(target)):
            wrong.append(link)
    assert wrong == []


def headings(page: Path) -> set[str]:
    """The anchors that a Markdown page offers."""
    found = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}
