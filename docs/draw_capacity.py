"""Draw docs/images/capacity.svg from a result: ``python docs/draw_capacity.py results/kazakhstan/base/results.nc``."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import xarray as xr
from pages import DOCS

COLOURS = {
    "coal": "#5b5a57",
    "gas": "#c98a3a",
    "nuclear": "#8a4f9e",
    "hydro": "#2f6fa8",
    "bio": "#6d8f3c",
    "wind": "#4aa3a2",
    "solar": "#e3c13b",
    "storage": "#b45a6a",
}
"""Families of power plants from the bottom of the pile to its top; boilers, pipelines and fields are none."""
WIDTH, HEIGHT, LEFT, BOTTOM, TOP, KEY = 760, 400, 56, 40, 52, 130
"""Pixels of the picture: its size, and the margins around the bars."""
ROUND = 20
"""GW between two lines of the scale."""
SMALLEST = 0.05
"""GW below which a family is not shown."""


def picture(results: xr.Dataset) -> str:
    """Capacity of the power plants in operation by family and planning year, as SVG."""
    years = results["year"].to_numpy()
    groups = results["technology_group"].to_numpy()
    by_technology = results["capacity"].sum("node").transpose("technology", "year").to_numpy()
    piles = {group: by_technology[groups == group].sum(axis=0) for group in COLOURS}
    piles = {group: pile for group, pile in piles.items() if pile.max() >= SMALLEST}
    top = ROUND * np.ceil(sum(piles.values()).max() / ROUND)
    scale = (HEIGHT - TOP - BOTTOM) / top
    slot = (WIDTH - LEFT - KEY) / len(years)
    parts = [head(str(results.attrs["scenario"])), *lines(top, scale)]
    for place, year in enumerate(years):
        x = LEFT + slot * (place + 0.2)
        level = 0.0
        for group, pile in piles.items():
            size = float(pile[place])
            if size < SMALLEST:
                continue
            y = HEIGHT - BOTTOM - scale * (level + size)
            parts.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{0.6 * slot:.1f}" height="{scale * size:.1f}" '
                f'fill="{COLOURS[group]}"><title>{group} {year}: {size:.1f} GW</title></rect>'
            )
            level += size
        middle = x + 0.3 * slot
        parts.append(text(middle, HEIGHT - BOTTOM - scale * level - 6, f"{level:.1f}", "middle"))
        parts.append(text(middle, HEIGHT - BOTTOM + 18, str(year), "middle"))
    return "\n".join([*parts, *key(list(piles)), "</svg>"]) + "\n"


def head(scenario: str) -> str:
    """The frame and the title."""
    title = f"Power plants in operation, GW: Kazakhstan, scenario {scenario}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'role="img" font-family="sans-serif" font-size="13" fill="#333">\n<title>{title}</title>\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>\n'
        f'<text x="{LEFT}" y="26" font-size="16">{title}</text>'
    )


def lines(top: float, scale: float) -> list[str]:
    """The lines of the scale with their numbers."""
    found = []
    for level in np.arange(0, top + ROUND / 2, ROUND):
        y = HEIGHT - BOTTOM - scale * level
        found.append(f'<line x1="{LEFT}" x2="{WIDTH - KEY}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        found.append(text(LEFT - 8, y + 4, f"{level:.0f}", "end"))
    return found


def key(groups: list[str]) -> list[str]:
    """Which colour is which family, in the order of the pile."""
    found = []
    for place, group in enumerate(reversed(groups)):
        y = TOP + 22 * place
        found.append(f'<rect x="{WIDTH - KEY + 16}" y="{y}" width="14" height="14" fill="{COLOURS[group]}"/>')
        found.append(text(WIDTH - KEY + 38, y + 12, group, "start"))
    return found


def text(x: float, y: float, words: str, anchor: str) -> str:
    """Words at a place."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{words}</text>'


if __name__ == "__main__":
    with xr.open_dataset(Path(sys.argv[1]), engine="netcdf4") as opened:
        (DOCS / "images" / "capacity.svg").write_text(picture(opened.load()), encoding="utf-8")
