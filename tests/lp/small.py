"""A small statement with every kind of set, for the tests of the compiler: two nodes, three modes, four steps."""

from __future__ import annotations

import numpy as np

from model.lp.statement import Statement

STEPS = 4
MODES = [("chp", "condensing"), ("chp", "backpressure"), ("wind", "run")]
YEARS = [2025, 2030]


def small_statement() -> Statement:
    """Sets flat, sparse, empty and indexed; text and whole numbers as labels; values seen nowhere else."""
    s = Statement("small")
    node, commodity = s.set("node", ["north", "south"]), s.set("commodity", ["electricity", "heat"])
    year, step = s.set("year", YEARS), s.set("step", range(STEPS))
    s.set("later_step", range(1, STEPS))
    s.set("nothing", [])
    s.set("no_pair", [], dimen=2)
    asset, mode = s.set("asset", ["chp", "wind", "grid"]), s.set("mode", MODES, dimen=2)
    s.set("period", ["winter", "summer"])
    members = {("north", "electricity"): MODES, ("south", "electricity"): MODES[2:], ("north", "heat"): MODES[1:2]}
    s.lookup("modes_at", node * commodity, members, dimen=2)
    s.lookup("modes_of", asset, {"chp": ["condensing", "backpressure"], "wind": ["run"]})
    s.lookup("steps_in", s.model.period, {"winter": [0, 3], "summer": [1, 2]})
    s.lookup("never", asset, {})
    s.lookup("of_nothing", s.model.nothing, {}, dimen=2)
    s.map("previous", step, [STEPS - 1, *range(STEPS - 1)])
    s.map("period_of", step, ["winter", "summer", "summer", "winter"])
    s.map("opposite", node, {"north": "south", "south": "north"})
    s.parameter("availability", mode * year * step, 0.5 + np.arange(24.0).reshape(3, 2, 4) / 16, unit="1")
    s.parameter("duration", step, [2.0, 3.0, 5.0, 7.0], unit="h")
    s.parameter("weight", s.model.period, [11.0, 13.0])
    s.parameter("demand", node * step, np.arange(8.0) + 1.25)
    s.parameter("efficiency", asset, [0.25, 0.5, 0.75])
    s.parameter("rate", None, 0.0625)
    s.variable(
        "operation", mode * year * step, ("asset", "mode", "year", "step"), unit="GW", long_name="operation of a mode"
    )
    s.variable("capacity", asset * year, ("asset", "year"), upper=np.arange(6.0) + 10, unit="GW")
    s.variable("level", node * step, ("node", "step"), lower=-1.5)
    s.variable("total", None, (), lower=-np.inf)
    return s
