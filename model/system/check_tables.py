"""Checks that follow from the declarations of the tables alone: keys, names, references, quantities."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from model.system.problems import Problem
from model.system.raw import ROW
from model.system.settings import Settings
from model.system.tables import BY_NAME

_BAD_NAME = re.compile(r"[\x00-\x1f\[\]{}\"'\\]|\.\.")


def check_keys(tables: Mapping[str, pd.DataFrame], settings: Settings) -> list[Problem]:
    """No two rows of a table have the same key."""
    found = []
    for name, frame in tables.items():
        key = list(BY_NAME[name].key)
        twice = frame[frame.duplicated(key, keep="first")]
        firsts = frame.drop_duplicates(key).set_index(key)[ROW]
        for _, row in twice.iterrows():
            label = tuple(row[column] for column in key)
            first = int(firsts.loc[label if len(label) > 1 else label[0]])
            found.append(Problem(BY_NAME[name].file, int(row[ROW]), ", ".join(key), ", ".join(str(part) for part in label),
                                 f"the same key stands in row {first}", "Keep one of the rows."))
    return found


def check_names(tables: Mapping[str, pd.DataFrame], settings: Settings) -> list[Problem]:
    """Names hold no brackets, quotes, control characters or path parts."""
    found = []
    for name, frame in tables.items():
        column = BY_NAME[name].key[0]
        if BY_NAME[name].column(column).kind == "text":
            bad = frame[np.array([bool(_BAD_NAME.search(text)) for text in frame[column]], dtype=bool)]
            found += [Problem(BY_NAME[name].file, int(line), column, value, "holds a character that a name may not have",
                              "Leave out brackets, quotes, backslashes and '..'.")
                      for line, value in bad[[ROW, column]].itertuples(index=False)]
    return found


def check_references(tables: Mapping[str, pd.DataFrame], settings: Settings) -> list[Problem]:
    """Every name that refers to another table stands there."""
    found = []
    for name, frame in tables.items():
        for column in BY_NAME[name].columns:
            if not column.refers:
                continue
            table, key = column.refers.split(".")
            known = set(tables[table][key])
            wrong = frame[~frame[column.name].isin(known | {""})]
            for line, value in wrong[[ROW, column.name]].itertuples(index=False):
                near = difflib.get_close_matches(value, sorted(known), n=1)
                advice = f"Did you mean '{near[0]}'?" if near else f"Add it to {table}.csv."
                found.append(Problem(BY_NAME[name].file, int(line), column.name, value, column.rule(), advice))
    return found


def check_quantities(tables: Mapping[str, pd.DataFrame], settings: Settings) -> list[Problem]:
    """Long tables hold only quantities that are declared."""
    found = []
    for name, frame in tables.items():
        known = [quantity.name for quantity in BY_NAME[name].quantities]
        if not known:
            continue
        for line, value in frame.loc[~frame["quantity"].isin(known), [ROW, "quantity"]].itertuples(index=False):
            near = difflib.get_close_matches(value, known, n=1)
            found.append(Problem(BY_NAME[name].file, int(line), "quantity", value, "is not a known quantity",
                                 f"Did you mean '{near[0]}'?" if near else "Known: " + ", ".join(known) + "."))
    return found
