"""The page of the command line, from the commands' own help."""

from __future__ import annotations

import click
from pages import code, finish, table

from model.cli import main

WIDTH = 100
INTRODUCTION = """# Commands

`python run.py COMMAND` in a clone, or `shanyraq COMMAND` where the package is installed. Progress goes to
stderr, results and tables to stdout; with `--json` stdout holds one JSON object. Exit codes:

| code | meaning |
| --- | --- |
| 0 | done; a plan is optimal and certified |
| 1 | infeasible, or not certified, or not verified |
| 2 | wrong usage or invalid input |
| 130 | interrupted (Ctrl-C); nothing is half-written |

On failure `--json` prints `{"status": ..., "exit": ..., "problems": [...]}`; a problem of the inputs names its
file, row, column, value, rule and what to do.

`--set PATH=VALUE` sets a setting (`study.social_discount_rate=0.08`) or cells of a table:
`targets.ring_closed.value=3` names the row by the first column of the table's key,
`emissions[year=2030].price=25` by any columns, and `*1.1` multiplies. Values are in the unit that the file
says.
"""


def page() -> str:
    """The page as Markdown."""
    told = ((link(name), command.get_short_help_str(90)) for name, command in commands())
    parts = [INTRODUCTION, table(("command", "what it does"), told)]
    for name, command in commands():
        context = click.Context(command, info_name=f"python run.py {name}", terminal_width=WIDTH)
        parts.append(f"\n## {name}\n\n```text\n{command.get_help(context)}\n```")
    return "\n".join(parts)


def commands() -> list[tuple[str, click.Command]]:
    """The commands by name."""
    return sorted(main.commands.items())


def link(name: str) -> str:
    """A command's name, leading to its section."""
    return f"[{code(name)}](#{name})"


if __name__ == "__main__":
    finish("cli.md", "generate_commands.py", page)
