"""study.yaml: what holds for the study as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from model.system.problems import InvalidStudy, Problem

FILE = "study.yaml"


class Settings(BaseModel):
    """The study's name, years, money and choices of method."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", description="short name; also the folder of the results")
    title: str = Field(description="full name")
    currency: Literal["USD"] = Field(default="USD", description="currency of every amount")
    price_year: int = Field(ge=1990, le=2100, description="year whose money every amount is in")
    price_index: dict[int, float] = Field(
        default_factory=dict, description="price level by year, to bring amounts of other years to the price year")
    years: tuple[int, ...] = Field(min_length=1, description="planning years; the first shows the system as it is")
    horizon_end: int = Field(description="first year after the last planning year's period")
    social_discount_rate: float = Field(ge=0, le=0.5, description="rate that brings costs of all years together, per year")
    run_on_until: int = Field(default=0, description="last year in which a plant past its life may run without works")
    step_hours: int = Field(default=3, description="hours of a step of a typical day")
    load_factor: float = Field(default=1.0, gt=0, le=1, description="mean load over peak load, for the peak day")
    transmission_loss_share: float = Field(
        default=0.0, ge=0, lt=0.5, description="share of demand that is loss of the links, taken off it as links lose themselves")
    link_losses: bool = Field(default=True, description="whether links lose energy")
    commitment: Literal["none", "relaxed"] = Field(
        default="none", description="whether units with a minimum load are committed (relaxed) and ramp")

    @model_validator(mode="after")
    def _years_rise(self) -> Settings:
        if list(self.years) != sorted(set(self.years)):
            raise ValueError("years must rise, each once")
        if self.horizon_end <= self.years[-1]:
            raise ValueError("horizon_end must be later than the last planning year")
        if self.step_hours not in (1, 2, 3, 4, 6, 8, 12, 24):
            raise ValueError("step_hours must divide the day: 1, 2, 3, 4, 6, 8, 12 or 24")
        if any(level <= 0 for level in self.price_index.values()):
            raise ValueError("price_index must be > 0")
        return self


def read_mapping(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file; InvalidStudy if it is missing or no mapping."""
    if not path.is_file():
        raise InvalidStudy([Problem(path.name, None, "", "", "the file is missing", f"Looked for it in {path.parent}.")])
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = None if mark is None else mark.line + 1
        raise InvalidStudy([Problem(path.name, line, "", "", "not readable YAML", str(getattr(error, "problem", error)))]) from error
    if not isinstance(content, dict):
        raise InvalidStudy([Problem(path.name, 1, "", "", "must hold `name: value` lines", "")])
    return content


def settings_from(content: dict[str, Any]) -> Settings:
    """The checked settings; InvalidStudy lists every wrong one."""
    try:
        return Settings.model_validate(content)
    except ValidationError as error:
        problems = [
            Problem(FILE, None, ".".join(str(part) for part in fault["loc"]), _shown(fault["input"]), fault["msg"], _advice(fault["loc"]))
            for fault in error.errors()
        ]
        raise InvalidStudy(problems) from None


def _shown(value: object) -> str:
    return "" if isinstance(value, dict) else str(value)


def _advice(loc: tuple[int | str, ...]) -> str:
    known = Settings.model_fields
    if loc and str(loc[0]) not in known:
        return "Known settings: " + ", ".join(known) + "."
    return f"It means: {known[str(loc[0])].description}." if loc else ""
