"""study.yaml: what holds for the study as a whole."""

from __future__ import annotations

import difflib
import re
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from model.system.problems import InvalidStudy, Problem
from model.system.units import DAYS_IN_MONTH

FILE = "study.yaml"
DAY_NAMES = tuple(
    f"{month}-{day:02d}"
    for month, days in zip(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), DAYS_IN_MONTH, strict=True
    )
    for day in range(1, days + 1)
)
"""The days of the model year by name."""

_FOLDER_NAME = r"^[A-Za-z0-9][A-Za-z0-9_-]*$"
_GEOJSON_NAME = r"^(|[A-Za-z0-9][A-Za-z0-9_.-]*\.geojson)$"

FIRST_YEAR, LAST_YEAR = 1990, 2200
"""Planning years lie between these."""


Said = Literal[
    "institution", "license", "creator_name", "creator_email", "creator_url",
    "publisher_name", "publisher_email", "publisher_url",
]  # fmt: skip
"""What a study may say of who made it and under what terms its results may be used."""


class Settings(BaseModel):
    """The study's name, years, money and choices of method."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", description="short name; also the folder of the results")
    title: str = Field(description="full name")
    base: str = Field(
        default="",
        pattern=rf"^$|{_FOLDER_NAME}",
        description="study beside this one whose tables stand where it has none",
    )
    sectors: tuple[Annotated[str, Field(pattern=_FOLDER_NAME)], ...] = Field(
        default=(), description="folders of further tables, whose rows are added to those of the study's own folder"
    )
    currency: Literal["USD"] = Field(default="USD", description="currency of every amount")
    price_year: int = Field(ge=1990, le=2100, description="year whose money every amount is in")
    price_index: dict[int, float] = Field(
        default_factory=dict, description="price level by year, to bring amounts of other years to the price year"
    )
    years: tuple[int, ...] = Field(min_length=1, description="planning years; the first shows the system as it is")
    horizon_end: int = Field(le=LAST_YEAR, description="first year after the last planning year's period")
    social_discount_rate: float = Field(
        ge=0, le=0.5, description="rate that brings costs of all years together, per year"
    )
    run_on_until: int = Field(
        default=0, le=LAST_YEAR, description="last year in which a plant past its life may run without works"
    )
    aggregation: Literal["typical", "representative"] = Field(
        default="typical",
        description="coarse resolution: typical days of periods.csv, or representative periods of the weather year",
    )
    step_hours: int = Field(default=3, description="hours of a step of a typical or representative period")
    period_days: Literal[1, 7] = Field(default=1, description="days of a representative period")
    year_in: Literal["week", "day"] = Field(
        default="week",
        description="periods of a year told whole, within which stores close their cycle, seasonal ones aside",
    )
    representative_periods: int = Field(
        default=12, ge=1, le=365, description="how many representative periods, extreme ones among them"
    )
    segments: int = Field(
        default=0,
        ge=0,
        le=168,
        description="steps of a representative period, long where little changes; 0: steps of step_hours",
    )
    extreme_periods: tuple[Literal["peak_load", "dark_calm"], ...] = Field(
        default=("peak_load", "dark_calm"),
        description="periods kept as they were: that of the highest load, that with the least wind and sun",
    )
    kept_days: tuple[str, ...] = Field(
        default=(),
        description="further days whose periods are kept as they were, such as dec-07; the fidelity check tells which",
    )
    representation: Literal["medoid", "mean"] = Field(
        default="medoid", description="what stands for a group of periods: its most typical one, or the mean of all"
    )
    weather: str = Field(
        default="synthetic",
        pattern=r"^(synthetic|[A-Za-z0-9][A-Za-z0-9_.-]*\.nc)$",
        description="hourly weather: synthetic, from the statistics, or a NetCDF file of the study folder",
    )
    weather_year: int = Field(default=2023, ge=1950, le=2100, description="year of the synthetic weather's calendar")
    weather_seed: int = Field(default=0, ge=0, description="which of the possible years of synthetic weather")
    weather_mode: Literal["exact", "free"] = Field(
        default="exact",
        description="whether synthetic weather meets the monthly statistics, or varies round them from year to year",
    )
    outline: str = Field(
        default="",
        pattern=_GEOJSON_NAME,
        description="border of the country for maps, a GeoJSON file of polygons in the study folder",
    )
    about: dict[Said, str] = Field(
        default_factory=dict,
        description="who made the study and its results, as their files tell it: institution, license, creator_name, "
        "creator_email, creator_url, publisher_name, publisher_email, publisher_url",
    )
    areas: str = Field(
        default="",
        pattern=_GEOJSON_NAME,
        description="areas of nodes for maps, a GeoJSON file of polygons, each feature with a property `node`",
    )
    load_factor: float = Field(default=1.0, gt=0, le=1, description="mean load over peak load, for the peak day")
    transmission_loss_share: float = Field(
        default=0.0,
        ge=0,
        lt=0.5,
        description="share of demand that is loss of the links, taken off it as links lose themselves",
    )
    link_losses: bool = Field(default=True, description="whether links lose energy")
    loss_tangents: int = Field(
        default=0,
        ge=0,
        le=20,
        description="tangents that stand for losses growing with the square of the flow; 0: a fixed share is lost",
    )
    network: Literal["transport", "dc"] = Field(
        default="transport",
        description="whether power takes any way, or splits as Kirchhoff's laws say over links with a reactance (dc)",
    )
    security: Literal["none", "n-1"] = Field(
        default="none", description="whether the power system must survive each of contingencies.csv (n-1)"
    )
    adequacy: bool = Field(default=True, description="whether the margins of reserve_margins.csv must be held")
    peak_steps: int = Field(
        default=2, ge=1, le=100, description="steps of highest load at which a reserve margin is looked at"
    )
    capacity_credits: Literal["table", "net_peak"] = Field(
        default="table",
        description="what wind and sun count for at the peak: what technologies say, or their mean output when the "
        "load less wind and sun is highest",
    )
    operating_reserve: bool = Field(
        default=False, description="whether the reserve of operating_reserves.csv must stand ready in every step"
    )
    commitment: Literal["none", "relaxed"] = Field(
        default="none", description="whether units with a minimum load are committed (relaxed) and ramp"
    )

    @model_validator(mode="after")
    def _years_rise(self) -> Settings:
        if list(self.years) != sorted(set(self.years)):
            raise ValueError("years must rise, each once")
        if self.years[0] < FIRST_YEAR:
            raise ValueError(f"years must not be before {FIRST_YEAR}")
        if self.horizon_end <= self.years[-1]:
            raise ValueError("horizon_end must be later than the last planning year")
        if len(set(self.sectors)) < len(self.sectors):
            raise ValueError("sectors must name each folder once")
        if self.step_hours not in (1, 2, 3, 4, 6, 8, 12, 24):
            raise ValueError("step_hours must divide the day: 1, 2, 3, 4, 6, 8, 12 or 24")
        if self.representative_periods * self.period_days > 365:
            raise ValueError("representative_periods of period_days must fit into the year")
        if unknown := [day for day in self.kept_days if day not in DAY_NAMES]:
            raise ValueError(f"kept_days must be days of the year such as dec-07, not {', '.join(unknown)}")
        kept = len(self.extreme_periods) + len(set(self.kept_days))
        if kept >= self.representative_periods and self.aggregation == "representative":
            raise ValueError("representative_periods must be more than the extreme_periods and kept_days among them")
        if self.segments > 24 * self.period_days:
            raise ValueError("segments must be at most the hours of a period")
        if any(level <= 0 for level in self.price_index.values()):
            raise ValueError("price_index must be > 0")
        if self.price_index and self.price_year not in self.price_index:
            raise ValueError(f"price_index must give the level of price_year {self.price_year} too")
        return self


def is_geojson_name(text: str) -> bool:
    """Whether a name is one that a GeoJSON file of the study may have: no path."""
    return text != "" and re.fullmatch(_GEOJSON_NAME, text) is not None


def is_folder_name(text: str) -> bool:
    """Whether a name is one that a folder beside or in the study may have: no path, no dot."""
    return re.fullmatch(_FOLDER_NAME, text) is not None


def read_mapping(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file; InvalidStudy if it is missing or no mapping."""
    name = f"scenarios/{path.name}" if path.parent.name == "scenarios" else path.name
    if not path.is_file():
        raise InvalidStudy([Problem(name, None, "", "", "the file is missing", f"Looked for it in {path.parent}.")])
    try:
        content = yaml.load(path.read_text(encoding="utf-8-sig"), _OnceLoader)
    except (yaml.YAMLError, ValueError, OSError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = None if mark is None else mark.line + 1
        reason = getattr(error, "problem", None) or str(error)
        raise InvalidStudy(
            [Problem(name, line, "", "", f"not readable YAML ({reason})", "Save it as UTF-8.")]
        ) from error
    if not isinstance(content, dict):
        raise InvalidStudy([Problem(name, 1, "", "", "must hold `name: value` lines", "")])
    return {str(key): value for key, value in content.items()}


class _OnceLoader(yaml.SafeLoader):
    """A safe loader to which a name that stands twice is an error, not a silent replacement."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """The mapping of a node; MarkedYAMLError for a name that stands twice."""
        seen: set[str] = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    problem=f"'{key.value}' stands twice", problem_mark=key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def settings_from(content: dict[str, Any]) -> Settings:
    """The checked settings; InvalidStudy lists every wrong one."""
    try:
        return Settings.model_validate(content)
    except ValidationError as error:
        raise InvalidStudy(
            [_problem(content, fault["loc"], fault["msg"], fault["input"]) for fault in error.errors()]
        ) from None


def _problem(content: Mapping[str, Any], loc: tuple[int | str, ...], message: str, given: object) -> Problem:
    """One fault in the words of this program; one that concerns several settings stands at the first it names."""
    rule = _rule(message)
    setting = str(loc[0]) if loc else rule.split()[0]
    value = given if loc else content.get(setting, "")
    return Problem(FILE, None, ".".join(str(part) for part in loc or (setting,)), _shown(value), rule, _advice(setting))


def _rule(message: str) -> str:
    plain = message.removeprefix("Value error, ")
    return {
        "Field required": "the setting is missing",
        "Extra inputs are not permitted": "the setting is not known",
    }.get(plain, plain[:1].lower() + plain[1:])


def _shown(value: object) -> str:
    return "" if isinstance(value, dict) else str(value)


def _advice(setting: str) -> str:
    known = Settings.model_fields
    if setting in known:
        return f"It means: {known[setting].description}."
    near = difflib.get_close_matches(setting, known, n=1)
    return f"Did you mean '{near[0]}'?" if near else "Known settings: " + ", ".join(known) + "."
