"""Where things lie in the picture of the map: the projection, links beside each other, and labels that keep clear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

MARGIN = 28.0
"""Pixels between the country and the frame."""

EDGE = 14.0
"""Pixels between the frame and the marker of a node that lies beyond it."""

BAND = 0.09
"""How far beyond the country neighbours are shown where they are, as a share of its longer side."""

LOWEST, HIGHEST = 0.45, 0.8
"""Height of the picture as a share of its width, at least and at most."""

SMALLEST = 1e-3
"""Radians that a map shows at least, so that a study of one node has a map, too."""

SQUARE = 1.77
"""Side of the square that has the area of a circle, in radii."""

OVER_COURSE = 25.0
"""Square pixels that a point of a course under a label counts for."""

CHARACTER, LINE = 6.3, 13.0
"""Pixels of a character and of a line of a label, about."""


@dataclass(frozen=True)
class View:
    """An azimuthal equal-area projection about ``centre`` (longitude, latitude), scaled and moved into a picture.

    ``scale`` is in pixels per radius of the earth; ``width`` and ``height`` are those of the picture, in pixels.
    Formulas: Snyder, Map Projections, USGS Professional Paper 1395 (1987), page 185.
    """

    centre: tuple[float, float]
    scale: float
    middle: tuple[float, float]
    width: float
    height: float

    def pixels(self, points: Floats) -> Floats:
        """Pixels from the upper left corner, (point, 2), of (point, 2) longitudes and latitudes."""
        plane = (projected(points, self.centre) - np.array(self.middle)) * self.scale
        down: Floats = plane * np.array([1.0, -1.0]) + np.array([self.width, self.height]) / 2
        return down

    def held(self, points: Floats) -> Floats:
        """The same, with what lies beyond the frame moved to its edge."""
        return np.clip(self.pixels(points), EDGE, np.array([self.width, self.height]) - EDGE)

    def course(self, points: Floats) -> Floats:
        """A course in pixels: its ends held within the frame, and what lies between them beyond the frame left out."""
        free, held = self.pixels(points), self.held(points)
        ends = np.isin(np.arange(len(points)), (0, len(points) - 1))
        return held[ends | (np.abs(free - held) < EDGE).all(axis=1)]


def projected(points: Floats, centre: tuple[float, float]) -> Floats:
    """The plane of the projection, in radii of the earth, north up; the far side of the earth is drawn at its rim."""
    lon, lat = np.radians(points).T
    lon0, lat0 = np.radians(centre)
    cosine = np.sin(lat0) * np.sin(lat) + np.cos(lat0) * np.cos(lat) * np.cos(lon - lon0)
    stretch = np.sqrt(2 / (1 + np.clip(cosine, -0.99, 1)))
    x = np.cos(lat) * np.sin(lon - lon0)
    y = np.cos(lat0) * np.sin(lat) - np.sin(lat0) * np.cos(lat) * np.cos(lon - lon0)
    plane: Floats = np.column_stack([x, y]) * stretch[:, None]
    return plane


def fitted(points: Floats, near: Floats, width: float) -> View:
    """The view ``width`` pixels wide that shows all of ``points`` as large as it can, and with them those of ``near``
    that lie within ``BAND`` of them; both (point, 2) longitudes and latitudes."""
    low, high = points.min(axis=0), points.max(axis=0)
    centre = (float(low[0] + high[0]) / 2, float(low[1] + high[1]) / 2)
    plane, around = projected(points, centre), projected(near, centre)
    low, high = plane.min(axis=0), plane.max(axis=0)
    band = BAND * float((high - low).max())
    within = ((around >= low - band) & (around <= high + band)).all(axis=1)
    plane = np.vstack([plane, around[within]])
    low, high = plane.min(axis=0), plane.max(axis=0)
    size = np.maximum(high - low, SMALLEST)
    height = float(np.clip((width - 2 * MARGIN) * size[1] / size[0] + 2 * MARGIN, LOWEST * width, HIGHEST * width))
    scale = float(((np.array([width, height]) - 2 * MARGIN) / size).min())
    middle = (float(low[0] + high[0]) / 2, float(low[1] + high[1]) / 2)
    return View(centre, scale, middle, width, round(height))


def thinned(course: Floats, least: float = 0.5) -> Floats:
    """The course without vertices that lie within ``least`` pixels of the one before; its ends stay."""
    kept = [0]
    for i in range(1, len(course) - 1):
        if np.hypot(*(course[i] - course[kept[-1]])) >= least:
            kept.append(i)
    return course[[*kept, len(course) - 1]]


def beside(course: Floats, distance: float) -> Floats:
    """The course moved ``distance`` pixels to its right; corners are mitred, by twice the distance at most."""
    steps = np.diff(course, axis=0)
    length = np.hypot(*steps.T)
    ways = steps[length > 0] / length[length > 0, None]
    if not len(ways) or not distance:
        return course
    ways = steps / np.where(length > 0, length, 1.0)[:, None]
    right = np.column_stack([-ways[:, 1], ways[:, 0]])
    before, after = np.vstack([right[:1], right]), np.vstack([right, right[-1:]])
    both = before + after
    size = np.maximum((both**2).sum(axis=1), 1.0)
    moved: Floats = course + both * (2 / size)[:, None] * distance
    return moved


def halfway(course: Floats) -> tuple[float, float, float]:
    """The point halfway along a course, and the way it runs there in degrees clockwise from the right."""
    steps = np.diff(course, axis=0)
    length = np.hypot(*steps.T)
    along = np.concatenate([[0.0], np.cumsum(length)])
    at = min(int(np.searchsorted(along, along[-1] / 2, side="right")) - 1, len(steps) - 1)
    share = (along[-1] / 2 - along[at]) / length[at] if length[at] else 0.0
    x, y = course[at] + share * steps[at]
    return float(x), float(y), float(np.degrees(np.arctan2(steps[at, 1], steps[at, 0])))


def turned(ring: Floats, clockwise: bool) -> Floats:
    """The ring, run the way that is asked for as it is seen in the picture."""
    x, y = ring.T
    area = float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))
    return ring if (area > 0) == clockwise else ring[::-1]


@dataclass(frozen=True)
class Label:
    """Where the text of a point stands: pixels from the point, and its alignment."""

    dx: float
    dy: float
    align: str


def labels(
    points: Floats, radii: Sequence[float], texts: Sequence[str], courses: Sequence[Floats], size: tuple[float, float]
) -> list[Label]:
    """A place for each text beside its point that keeps clear of points, courses, other texts and the frame.

    ``points`` (point, 2) and ``size`` (width, height) are in pixels. Each text takes the best of eight
    places around its point, given those before it.
    """
    circles = [_box(x, y, SQUARE * r, SQUARE * r) for (x, y), r in zip(points, radii, strict=True)]
    sampled = np.vstack([_samples(course) for course in courses]) if courses else np.zeros((0, 2))
    taken: list[Floats] = []
    found = []
    for i, (x, y) in enumerate(points):
        wide = CHARACTER * len(texts[i])
        side, up = radii[i] + 4, radii[i] + LINE / 2 + 1
        places = [
            (Label(side, 0, "left"), _box(x + side + wide / 2, y, wide, LINE)),
            (Label(-side, 0, "right"), _box(x - side - wide / 2, y, wide, LINE)),
            (Label(0, up, "center"), _box(x, y + up, wide, LINE)),
            (Label(0, -up, "center"), _box(x, y - up, wide, LINE)),
            *_corners(float(x), float(y), radii[i], wide),
        ]
        others = [*taken, *(circle for j, circle in enumerate(circles) if j != i)]
        costs = [_cost(box, others, sampled, size) for _, box in places]
        label, box = places[int(np.argmin(costs))]
        taken.append(box)
        found.append(label)
    return found


def _corners(x: float, y: float, radius: float, wide: float) -> list[tuple[Label, Floats]]:
    """The places half to the side, half above or below."""
    aside, up = 0.7 * radius + 4, 0.7 * radius + LINE / 2
    return [
        (Label(way * aside, turn * up, align), _box(x + way * (aside + wide / 2), y + turn * up, wide, LINE))
        for way, align in ((1, "left"), (-1, "right"))
        for turn in (-1, 1)
    ]


def _box(x: float, y: float, wide: float, high: float) -> Floats:
    return np.array([x - wide / 2, y - high / 2, x + wide / 2, y + high / 2])


def _samples(course: Floats, every: float = 6.0) -> Floats:
    """Points along a course, about ``every`` pixels one."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(course, axis=0).T))])
    at = np.linspace(0, along[-1], max(2, int(along[-1] / every)))
    return np.column_stack([np.interp(at, along, course[:, 0]), np.interp(at, along, course[:, 1])])


def _cost(box: Floats, others: Sequence[Floats], sampled: Floats, size: tuple[float, float]) -> float:
    """How much of a box is covered by others, by courses, and lies beyond the frame, in square pixels."""
    beyond = max(0, -box[0]) + max(0, -box[1]) + max(0, box[2] - size[0]) + max(0, box[3] - size[1])
    cost = 100 * float(beyond)
    for other in others:
        over = np.minimum(box[2:], other[2:]) - np.maximum(box[:2], other[:2])
        cost += 2 * float(over[0] * over[1]) if (over > 0).all() else 0.0
    inside = ((sampled >= box[:2]) & (sampled <= box[2:])).all(axis=1)
    return cost + OVER_COURSE * float(inside.sum())
