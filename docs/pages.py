"""What the generators of pages share: tables, the small study's folder, and writing a page or comparing it."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

DOCS = Path(__file__).resolve().parent
INPUTS = DOCS.parent / "inputs"


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell(str(value)) for value in line) + " |" for line in lines)


def cell(text: str) -> str:
    """Text as it may stand in a table: one line, no bare bars."""
    return " ".join(text.split()).replace("|", "\\|")


def code(text: object) -> str:
    """Text in code type, nothing for nothing."""
    return f"`{text}`" if str(text) else ""


def finish(name: str, generator: str, make: Callable[[], str]) -> None:
    """Write ``docs/<name>``, or with ``--check`` exit with 1 and the difference if it is not what ``make`` gives."""
    note = f"<!-- Written by docs/{generator} from the code; `make docs` writes it again. -->\n\n"
    wanted = note + make().rstrip() + "\n"
    path = DOCS / name
    if "--check" not in sys.argv[1:]:
        path.write_text(wanted, encoding="utf-8")
        return
    found = path.read_text(encoding="utf-8") if path.exists() else ""
    if found != wanted:
        pages = (found.split("\n"), wanted.split("\n"))
        print("\n".join(difflib.unified_diff(*pages, name, "the code", lineterm="", n=0)))
        raise SystemExit(1)
