"""Checks of what maps need: the courses of links and the layers of their technologies."""

from __future__ import annotations

from model.system.check_tables import Tables, problems_at
from model.system.geography import way_points
from model.system.problems import Problem
from model.system.raw import FILE, ROW
from model.system.settings import Settings


def check_routes(tables: Tables, settings: Settings) -> list[Problem]:
    """The way points of every link can be read."""
    links, found = tables["links"], []
    for file, line, route in zip(links[FILE], links[ROW], links["route"], strict=True):
        try:
            way_points(route)
        except ValueError as error:
            advice = "Write way points between the ends as `lon lat; lon lat`, in degrees."
            found.append(Problem(file, int(line), "route", route, str(error), advice))
    return found


def check_layers(tables: Tables, settings: Settings) -> list[Problem]:
    """Only technologies of links say on which layer of a map they are drawn."""
    technologies = tables["technologies"]
    wrong = technologies[(technologies["kind"] != "link") & (technologies["layer"] != "")]
    return problems_at("technologies", wrong, "layer", "only a link is drawn on a layer", "Leave it empty.")
