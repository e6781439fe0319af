"""Gas, oil and what else is told by commodity: where it comes from, where it goes, what is processed and traded.

Needs the optional extra ``report`` (altair).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle

import altair as alt
import pandas as pd
import xarray as xr

from model.outputs.balance_tables import LOST_IN_STORES, WORDS, national
from model.outputs.report.charts import AXIS, GAP, RULE, Axis, brief, colour, plain, spec, stacked_bars
from model.outputs.report.colours import GROUPS, group_colours
from model.outputs.report.parts import WIDTH, Figure, Section, Spec, Told, Words
from model.outputs.report.processing import processing, trade
from model.system.network import ELECTRICITY

REFINING, OIL_FIELD, GAS_PROCESSING = "refining", "oil_field", "gas_processing"
"""Groups of technologies by which commodities are told apart."""

GAS, CRUDE, PRODUCT, HEAT, OTHER = "gas", "crude", "product", "heat", "other"
"""What a family of commodities is."""

GAS_UNIT = "bcm"

TOTALS = ("all sources", "all uses")

FIXED = {
    "demand": "#4D4D4D",
    "single users": "#8A8A8A",
    "transport losses": "#E2DCCB",
    "losses of stores": "#C9B99A",
    "unserved": GROUPS["unserved"],
    "left over": "#F3C6C6",
    "supply": "#117733",
    "production": "#0072B2",
    "use": "#D55E00",
    "imports": "#BBBBBB",
    "exports": "#56B4E9",
}
"""Colours of what is no family of technologies."""

SHORT = {
    WORDS["transport_losses"]: "transport losses",
    LOST_IN_STORES: "losses of stores",
    "demand: single users": "single users",
    "excess": "left over",
}
"""Names in legends of what ``balance_tables`` calls otherwise."""

PLACES = {
    "imports": ("from {place}", ("#BBBBBB", "#9A9A9A", "#D6D6D6", "#777777")),
    "exports": ("to {place}", ("#56B4E9", "#0072B2", "#88CCEE", "#332288", "#6699CC", "#AA4499")),
    "supply": ("supply: {place}", ("#117733", "#44AA99", "#999933", "#66CC88")),
}
"""Items of which legends name the place: how, and their colours."""

TOLD_APART = ("production", "use", *PLACES)
"""Items of which legends name the technologies and places."""

SMALL = 0.02
"""Share of the largest family below which raw gas is not drawn."""

PANELS, PANEL_HEIGHT = 3, 120
"""Small charts in a row, and pixels of their height."""

SEEN = 0.003
"""Share of the largest bar below which nothing is drawn; tables tell all."""

Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Family:
    """Commodities whose balances are told together, with their unit and what they are; ``tables`` by plan.

    ``places``: names of nodes.
    """

    name: str
    unit: str
    role: str
    tables: Tables
    places: Mapping[str, str]

    @property
    def sold(self) -> bool:
        """Somebody asks for it or trades it."""
        items = ("demand", "imports", "exports")
        return any(str(label).startswith(items) for table in self.tables.values() for label in table.index)


def gas_and_oil(told: Sequence[Told], words: Words) -> Section | None:
    """Balances of commodities other than electricity; None where no plan has one that is worth telling."""
    told = [plan for plan in told if "balance_detail" in plan.results]
    found = families(told)
    heat = [family for family in found if family.role == HEAT and family.sold]
    figures = [
        *_gas(told, [family for family in found if family.role == GAS], words),
        *_oil(told, found, words),
        *(_balance(family, f"heat-{place}", words) for place, family in enumerate(heat, 1)),
        *_others(found, words),
    ]
    text = "Sources above zero, uses below; both sums are alike. Transfers between nodes cancel out."
    return Section("commodities", words("Gas, oil and other commodities"), words(text), figures) if figures else None


def families(told: Sequence[Told]) -> list[Family]:
    """Every family of commodities that ``plan`` prints, without electricity, as the plans have them together."""
    found: dict[str, dict[str, pd.DataFrame]] = {}
    roles: dict[str, str] = {}
    for plan in told:
        role = family_roles(plan.results)
        for name, table in national(plan.results).items():
            family = name.rpartition(", ")[0]
            if family in role:
                found.setdefault(name, {})[plan.name] = table
                roles[name] = role[family]
    places = {node: name for plan in told for node, name in _places(plan.results).items()}
    parts = {name: name.rpartition(", ") for name in found}
    return [Family(parts[name][0], parts[name][2], roles[name], tables, places) for name, tables in found.items()]


def family_roles(results: xr.Dataset) -> dict[str, str]:
    """What each family of commodities is, judged by what makes and takes it; electricity is left out."""
    rows = pd.DataFrame({c: results[f"balance_row_{c}"].to_numpy().astype(str) for c in ("commodity", "item", "group")})
    family = results["commodity_family"].to_series()
    unit = results["commodity_unit"].to_series().groupby(family).first()
    own = rows["commodity"].map(family)
    made = rows["item"] == "production"
    by = {group: set(own[rows["group"] == group]) for group in (REFINING, OIL_FIELD)}
    refined = set(own[(rows["group"] == REFINING) & made])
    found = {}
    for name in dict.fromkeys(family[family.index != ELECTRICITY]):
        said = name.lower().replace("_", " ").split()
        if name in refined:
            found[name] = PRODUCT
        elif name in by[REFINING] | by[OIL_FIELD] and unit[name] != GAS_UNIT:
            found[name] = CRUDE
        else:
            gas = unit[name] == GAS_UNIT or "gas" in said
            found[name] = GAS if gas else HEAT if "heat" in said else OTHER
    return found


def _gas(told: Sequence[Told], found: Sequence[Family], words: Words) -> list[Figure]:
    """Balances of gas that is sold, what is processed and traded, and raw gas."""
    figures = []
    for place, family in enumerate((family for family in found if family.sold), 1):
        own, name = members(told, family), f"gas-{place}"
        figures.append(_balance(family, name, words))
        title = words("What gas plants give")
        figures += processing(told, own, GAS_PROCESSING, "production", f"{name}-processing", title, words)
        figures += trade(told, own, f"{name}-trade", _sold_abroad(family, words), words)
    raw = [family for family in found if not family.sold and _volume(family) >= SMALL * max(map(_volume, found))]
    text = "Gas as it comes out of the ground: what is processed, put back, or used at the field."
    return figures + _panels(raw, "raw-gas", "Raw gas", text, len(told), words)


def _oil(told: Sequence[Told], found: Sequence[Family], words: Words) -> list[Figure]:
    """The balance of crude, what is refined and traded, and the products."""
    figures = []
    for place, family in enumerate((family for family in found if family.role == CRUDE and family.sold), 1):
        own, name = members(told, family), f"crude-{place}"
        figures.append(_balance(family, name, words))
        title = words("What refineries take")
        figures += processing(told, own, REFINING, "use", f"{name}-refining", title, words)
        figures += trade(told, own, f"{name}-trade", _sold_abroad(family, words), words)
    products = [family for family in found if family.role == PRODUCT]
    text = "What refineries and other plants make, and where it goes."
    return figures + _panels(products, "products", "Products of oil", text, len(told), words, brief_items=True)


def _sold_abroad(family: Family, words: Words) -> str:
    return words("{commodity}, sold and bought abroad").format(commodity=words(family.name))


def members(told: Sequence[Told], family: Family) -> list[str]:
    """Commodities of the family, as the plans have them."""
    own = [plan.results["commodity_family"].to_series() for plan in told]
    return list(dict.fromkeys(str(commodity) for each in own for commodity in each.index[each == family.name]))


def _others(found: Sequence[Family], words: Words) -> list[Figure]:
    """The rest as tables: coal, water, freight and the like."""
    left = [family for family in found if family.role == OTHER or (family.role in (CRUDE, HEAT) and not family.sold)]
    if not left:
        return []
    table = pd.concat([told_table(family, words, named=True) for family in left], ignore_index=True)
    return [Figure("commodities-other", words("Other commodities"), words("Quantities a year."), table)]


def _volume(family: Family) -> float:
    return max(float(table.loc[TOTALS[0]].max()) for table in family.tables.values())


def told_table(family: Family, words: Words, *, named: bool = False) -> pd.DataFrame:
    """The balance of a family as ``plan`` prints it, a column for every year; ``named`` tells the family as well."""
    parts, places = [], family.places
    for plan, table in family.tables.items():
        own = table[(table.abs() >= 5e-4).any(axis=1)]
        part = own.rename(columns=str).reset_index(drop=True)
        part.insert(0, words("item"), [_said(str(label), places, words) for label in own.index])
        if named:
            part.insert(0, words("commodity"), f"{words(family.name)}, {words(family.unit)}")
        if len(family.tables) > 1:
            part.insert(0, words("plan"), plan)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _said(label: str, places: Mapping[str, str], words: Words) -> str:
    """A row of a balance in the language of the report."""
    first, _, rest = label.partition(": ")
    return f"{words(first)}: {places.get(rest) or plain(rest, words)}" if rest else words(first)


def balance_frame(family: Family, words: Words, *, brief_items: bool = False) -> pd.DataFrame:
    """Columns ``plan, year, group, value`` and the ``colour`` of each group; without the sums.

    ``brief_items`` tells production, use, imports and exports each in one.
    """
    rows = []
    for plan, table in family.tables.items():
        for label, values in table.drop(index=list(TOTALS)).iterrows():
            name, shade = _legend(str(label), family.places, words, brief_items)
            rows += [(plan, int(year), name, float(value), shade) for year, value in values.items()]
    frame = pd.DataFrame(rows, columns=["plan", "year", "group", "value", "colour"])
    side = frame["value"] < 0
    keys = ["plan", "year", "group", side.rename("side")]
    return frame.groupby(keys, sort=False, as_index=False).agg({"value": "sum", "colour": "first"})


def _places(results: xr.Dataset) -> dict[str, str]:
    """Names of nodes."""
    names = results["node_name"] if "node_name" in results else results["node"]
    labels = zip(results["node"].to_numpy().astype(str), names.to_numpy().astype(str), strict=True)
    return {node: name.replace("_", " ") for node, name in labels}


def _legend(label: str, places: Mapping[str, str], words: Words, brief_items: bool) -> tuple[str, str]:
    """How a row of a balance is called in legends, and what its colour goes by."""
    first, _, rest = label.partition(": ")
    kind = SHORT.get(label, first)
    if brief_items or not rest or kind not in TOLD_APART:
        return words(kind), kind
    if first in PLACES:
        place = places.get(rest) or plain(rest, words)
        return words(PLACES[first][0]).format(place=place), f"{first}: {rest}"
    return plain(rest, words), rest.replace(" ", "_")


def shades(frame: pd.DataFrame) -> dict[str, str]:
    """A colour for every group of ``balance_frame``, in the order of the stack."""
    named = dict(zip(frame["group"], frame["colour"], strict=True))
    technologies = group_colours(of for of in named.values() if of not in FIXED and of.partition(":")[0] not in PLACES)
    abroad = {first: cycle(colours) for first, (_, colours) in PLACES.items()}
    return {
        name: technologies.get(of) or FIXED.get(of) or next(abroad[of.partition(":")[0]]) for name, of in named.items()
    }


def _balance(family: Family, key: str, words: Words) -> Figure:
    """Sources and uses of one family by planning year."""
    frame = balance_frame(family, words)
    title = f"{words(family.name)}, {words(family.unit)}"
    text = words("Where it comes from and where it goes, the whole country.")
    return Figure(key, title, text, told_table(family, words), _stacked(frame, family.unit, words), digits=2)


def _stacked(frame: pd.DataFrame, unit: str, words: Words) -> Spec:
    """Bars by year and plan, without what is too small to be seen."""
    seen = frame.groupby("group")["value"].transform(lambda own: own.abs().max()) >= SEEN * frame["value"].abs().max()
    return stacked_bars(
        frame[seen].drop(columns="colour"),
        value=Axis("value", f"{words(unit)} {words('a year')}"),
        group=Axis("group", " "),
        plan=Axis("plan", words("plan")),
        year=Axis("year", words("year")),
        colours=shades(frame[seen]),
        totals=False,
    )


def _panels(
    found: Sequence[Family], key: str, title: str, text: str, plans: int, words: Words, *, brief_items: bool = False
) -> list[Figure]:
    """A small chart for every family (and plan), on one scale; a figure for each unit."""
    figures = []
    for place, unit in enumerate(dict.fromkeys(family.unit for family in found), 1):
        parts, own = [], [family for family in found if family.unit == unit]
        for family in own:
            part = balance_frame(family, words, brief_items=brief_items)
            name = words(family.name)
            parts.append(part.assign(panel=[name if plans == 1 else f"{name}: {plan}" for plan in part["plan"]]))
        drawn = _panel_chart(pd.concat(parts, ignore_index=True), f"{words(unit)} {words('a year')}", words)
        table = pd.concat([told_table(family, words, named=True) for family in own], ignore_index=True)
        said = f"{words(title)}, {words(unit)}"
        figures.append(Figure(f"{key}-{place}", said, words(text), table, drawn, digits=2))
    return figures


def _panel_chart(frame: pd.DataFrame, title: str, words: Words) -> Spec:
    colours = shades(frame)
    rank = {name: i for i, name in enumerate(colours)}
    panels = list(dict.fromkeys(frame["panel"]))
    columns = min(PANELS, len(panels))
    width = (WIDTH - AXIS) // columns - GAP
    own = brief(frame.drop(columns=["colour", "side"]).assign(rank=frame["group"].map(rank)))
    value = Axis("value", title)
    bars = (
        alt.Chart()
        .mark_bar(stroke="white", strokeWidth=0.6)
        .encode(
            x=alt.X("year:O", title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True)),
            y=alt.Y("value:Q", title=title, stack="zero", axis=alt.Axis(tickCount=4)),
            color=colour(Axis("group", ""), colours, legend=alt.Legend(title=None, orient="bottom", columns=4)),
            order=alt.Order("rank:Q"),
            tooltip=[
                Axis("panel", " ").tooltip("N"),
                Axis("year", words("year")).tooltip("O"),
                Axis("group", " ").tooltip("N"),
                value.tooltip(),
            ],
        )
    )
    zero = alt.Chart().mark_rule(color=RULE).encode(y=alt.YDatum(0))
    header = alt.Header(title=None, labelFontWeight="bold", labelLimit=width)
    facet = alt.Facet("panel:N", sort=panels, header=header, title=None)
    chart = alt.LayerChart(layer=[bars, zero]).properties(width=width, height=PANEL_HEIGHT)
    return spec(chart.facet(facet=facet, columns=columns, data=own, spacing=GAP))
