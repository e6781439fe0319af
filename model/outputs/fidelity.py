"""What a fidelity check found: a year of a plan dispatched through every hour, beside what the plan says of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from model.outputs.arrays import Shape, labelled
from model.solve import ledger
from model.solve.accounts import Floats
from model.time.calendar import DAYS, day_name

DAY_DIM, STORE_DIM, WEEK_DIM = "day_of_year", "seasonal_store", "week"


@dataclass(frozen=True)
class Fidelity:
    """The dispatch of one planning year through one weather year, beside what the plan says of that year.

    ``planned`` and ``dispatched``: cost by kind (``ledger.KINDS``), million USD. Energy in GWh, power in GW.
    ``unserved_by_day`` (day); ``level`` and ``foreseen``: what each seasonal store holds at the start of each week,
    (store, week), ``size`` what it can hold. ``unserved_share``: of its demand, of the commodity that fares worst;
    ``demand`` and the rest of what is unserved are of all that balances by step, power and heat. ``missed``: limits of
    the year that were missed, by name and amount.
    """

    year: int
    weather: str
    resolution: str
    planned: Floats
    dispatched: Floats
    demand: float
    planned_unserved: float
    unserved_share: float
    unserved_by_day: Floats
    unserved_hours: float
    unserved_peak: float
    stores: tuple[str, ...]
    level: Floats
    foreseen: Floats
    size: Floats
    missed: dict[str, float]
    seconds: float

    @property
    def label(self) -> str:
        """Year, weather and resolution, as results name the check."""
        return f"{self.year}, {self.weather}, {self.resolution}"

    @property
    def cost_error(self) -> float:
        """Cost of the year as dispatched less that as planned, as a share of what was planned to be spent.

        What exports earn is a cost below zero and part of the difference, but not of what is spent.
        """
        return float((self.dispatched - self.planned).sum() / self.planned.clip(min=0).sum())

    @property
    def unserved(self) -> float:
        """Demand that is not served in the year, GWh."""
        return float(self.unserved_by_day.sum())

    @property
    def drift(self) -> float:
        """Largest difference of a store's level from what the plan foresaw, as a share of what it can hold."""
        return float((np.abs(self.level - self.foreseen) / self.size[:, None]).max(initial=0.0))

    def worst_days(self, count: int = 5, least: float = 0.1) -> list[tuple[str, float]]:
        """The days with most unserved demand, GWh, worst first; none below ``least``."""
        order = np.argsort(-self.unserved_by_day, kind="stable")[:count]
        return [
            (day_name(int(day)), float(self.unserved_by_day[day])) for day in order if self.unserved_by_day[day] > least
        ]

    def as_dict(self) -> dict[str, object]:
        """The figures as plain values, as ``plan --json`` prints them."""
        return {
            "year": self.year,
            "weather": self.weather,
            "resolution": self.resolution,
            "cost_error": self.cost_error,
            "unserved_gwh": self.unserved,
            "unserved_share": self.unserved_share,
            "planned_unserved_gwh": self.planned_unserved,
            "unserved_hours": self.unserved_hours,
            "unserved_peak_gw": self.unserved_peak,
            "drift": self.drift,
            "worst_days": self.worst_days(),
            "missed": self.missed,
            "seconds": round(self.seconds, 1),
        }


def fidelity_dataset(checks: Sequence[Fidelity]) -> xr.Dataset:
    """Every check as variables of the results: dims ``fidelity`` (label), ``cost_kind``, days, stores and weeks."""
    if not checks:
        return xr.Dataset()
    one: Shape = [("fidelity", [check.label for check in checks])]
    by_kind: Shape = [*one, ("cost_kind", ledger.KINDS)]
    stores = list(dict.fromkeys(store for check in checks for store in check.stores))
    weeks = checks[0].level.shape[1]
    by_week: Shape = [*one, (STORE_DIM, stores), (WEEK_DIM, list(range(1, weeks + 1)))]
    money = "million USD per year"
    found = {
        "cost_planned": labelled([c.planned for c in checks], by_kind, money, "cost of the year as planned"),
        "cost_dispatched": labelled([c.dispatched for c in checks], by_kind, money, "cost of the year as dispatched"),
        "cost_error": labelled([c.cost_error for c in checks], one, "1", "cost dispatched less planned, over spending"),
        "demand": labelled([c.demand for c in checks], one, "GWh per year", "demand of what balances by step"),
        "unserved": labelled([c.unserved for c in checks], one, "GWh per year", "demand that is not met"),
        "unserved_planned": labelled([c.planned_unserved for c in checks], one, "GWh per year", "that of the plan"),
        "unserved_share": labelled([c.unserved_share for c in checks], one, "1", "share of demand that is not met"),
        "unserved_hours": labelled([c.unserved_hours for c in checks], one, "h", "hours in which demand is not met"),
        "unserved_peak": labelled([c.unserved_peak for c in checks], one, "GW", "unserved demand of the worst hour"),
        "unserved_by_day": labelled(
            [c.unserved_by_day for c in checks],
            [*one, (DAY_DIM, list(range(1, DAYS + 1)))],
            "GWh",
            "demand that is not met, by day of the year",
        ),
        "drift": labelled([c.drift for c in checks], one, "1", "largest difference of a level, share of the store"),
        "level": labelled(
            [_placed(c, c.level, stores) for c in checks], by_week, "commodity unit", "what it holds as a week begins"
        ),
        "level_foreseen": labelled(
            [_placed(c, c.foreseen, stores) for c in checks], by_week, "commodity unit", "what the plan foresaw of it"
        ),
    }  # fmt: skip
    return xr.Dataset(
        {f"fidelity_{name}": values for name, values in found.items()},
        attrs={"fidelity_missed": json.dumps({check.label: check.missed for check in checks})},
    )


def _placed(check: Fidelity, values: Floats, stores: Sequence[str]) -> Floats:
    """Rows of the check's own stores among all ``stores``; nan for those that it lacks."""
    placed = np.full((len(stores), values.shape[1]), np.nan)
    placed[[stores.index(store) for store in check.stores]] = values
    return placed
