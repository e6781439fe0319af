"""Sets and parameters of the network: joint limits, borders, loops, losses, and links between zones."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from model.lp.frames import Frames, grouped, rows_of
from model.lp.sets import RESOLUTIONS, suffix
from model.lp.statement import Statement
from model.system.network import ELECTRICITY, border_places

SIGNS = {"forward": 1.0, "backward": -1.0}
"""How the modes of a link count in a net flow."""


def declare(statement: Statement, system: xr.Dataset, frames: Frames) -> None:
    """Put what the equations of the network use on the statement, after the sets of balances."""
    _interfaces(statement, system, frames)
    _borders(statement, system, frames)
    _loops(statement, system, frames)
    _losses(statement, system, frames)


def _losses(statement: Statement, system: xr.Dataset, frames: Frames) -> None:
    """Links whose losses grow with the square of the flow, where they lose, and the loads at which tangents touch."""
    m = statement.model
    links = rows_of(system, "link")
    losing = links[links["loss"] > 0] if len(links) else links
    over = statement.set("LOSING_LINK", list(losing.index))
    statement.parameter("full_load_loss", over, losing["loss"].to_numpy(dtype=float) if len(losing) else 0.0)
    statement.parameter("loss_at_end", over, 0.5)
    count = int(system.attrs["loss_tangents"])
    loads = statement.set("TANGENT", range(1, count + 1))
    statement.parameter("touching_load", loads, (2 * np.arange(1, count + 1) - 1) / (2 * count) if count else 0.0)
    pairs = [pair for pair in frames.alive if pair[0] in set(losing.index)]
    statement.set("LOSING", pairs, dimen=2)
    statement.variable(
        "link_loss", m.LOSING * m.STEP, ("link", "year", "step"), unit="GW", long_name="what a link loses on the way"
    )
    ends = [(losing.at[link, end], ELECTRICITY, y) for link, y in pairs for end in ("from_node", "to_node")]
    statement.lookup("losing_at", m.PLACE_YEAR, grouped(ends, [link for link, _ in pairs for _ in range(2)]))


def _loops(statement: Statement, system: xr.Dataset, frames: Frames) -> None:
    """Loops of the network before any contingency, and how the voltage angle drops along them."""
    rows = loop_modes(system, frames)
    rows = rows[rows["contingency"] == ""]
    over = statement.set("LOOP", list(dict.fromkeys(zip(rows["loop"], rows["year"], strict=True))), dimen=2)
    keys = list(zip(rows["loop"], rows["year"], rows["link"], rows["mode"], strict=True))
    statement.parameter(
        "loop_drop", statement.set("LOOP_MODE", keys, dimen=4), rows["drop"].to_numpy(dtype=float), unit="rad per GW"
    )
    statement.lookup(
        "loop_modes",
        over,
        grouped(zip(rows["loop"], rows["year"], strict=True), zip(rows["link"], rows["mode"], strict=True)),
        dimen=2,
    )


def loop_modes(system: xr.Dataset, frames: Frames) -> pd.DataFrame:
    """``loop, year, contingency, link, mode, drop``: modes of links that can stand in a year, with their sign."""
    modes = frames.running.rename(columns={"asset": "link", "name": "mode"})[["link", "mode", "year"]]
    rows = rows_of(system, "loop_member").astype({"year": int}).merge(modes, on=["link", "year"])
    return rows.assign(drop=rows["drop"] * rows["mode"].map(SIGNS).astype(float))


def _interfaces(statement: Statement, system: xr.Dataset, frames: Frames) -> None:
    """What counts in a joint limit, by how finely the flow of its links is decided."""
    m = statement.model
    interfaces, members = rows_of(system, "interface"), rows_of(system, "interface_member")
    alive = pd.DataFrame(frames.alive, columns=["asset", "year"]).rename(columns={"asset": "link"})
    over = statement.set("INTERFACE", list(interfaces.index))
    limit = interfaces["limit"].to_numpy(dtype=float) if len(interfaces) else 0.0
    statement.parameter("interface_limit_today", over, limit, unit="unit of capacity")
    flows = members.merge(frames.modes.rename(columns={"asset": "link", "name": "mode"}), on="link")
    flows = flows.rename(columns={"name": "interface"})
    gross = flows["interface"].map(interfaces["flow"] if len(interfaces) else {}) == "gross"
    flows = flows.assign(sign=flows["direction"] * np.where(gross, 1.0, flows["mode"].map(SIGNS).astype(float)))
    flows = flows[flows["sign"].notna()]
    keys = list(zip(flows["interface"], flows["link"], flows["mode"], strict=True))
    statement.parameter(
        "interface_flow", statement.set("INTERFACE_MODE", keys, dimen=3), flows["sign"].to_numpy(dtype=float)
    )
    runs = dict(zip(flows["interface"], flows["runs"], strict=True))
    for fineness in RESOLUTIONS:
        statement.set(f"INTERFACE_BY_{fineness.upper()}", [name for name in over if runs.get(name) == fineness])
    living = flows.merge(alive, on="link")
    statement.lookup(
        "interface_modes",
        over * m.YEAR,
        grouped(
            zip(living["interface"], living["year"], strict=True), zip(living["link"], living["mode"], strict=True)
        ),
        dimen=2,
    )
    raised = members.merge(alive, on="link")
    raised = raised[raised["uplift_rate"] > 0]
    pairs = list(dict.fromkeys(zip(raised["name"], raised["link"], strict=True)))
    rate = raised.drop_duplicates(["name", "link"])["uplift_rate"].to_numpy(dtype=float)
    statement.parameter("interface_uplift", statement.set("INTERFACE_UPLIFT", pairs, dimen=2), rate)
    statement.lookup(
        "interface_uplifts", over * m.YEAR, grouped(zip(raised["name"], raised["year"], strict=True), raised["link"])
    )


def _borders(statement: Statement, system: xr.Dataset, frames: Frames) -> None:
    """Outside nodes at which links meet: what leaves over them, and what is bought or made there."""
    nodes, commodities = rows_of(system, "node"), rows_of(system, "commodity")
    closed = border_places(nodes, list(commodities.index))
    rows = frames.ports[
        np.array([p in closed for p in zip(frames.ports["node"], frames.ports["commodity"], strict=True)], dtype=bool)
    ]
    rows = rows.assign(kind=rows["asset"].map(frames.assets["kind"]))
    links = rows[rows["kind"] == "link"].groupby(["node", "commodity"])["asset"].nunique()
    meeting = set(links.index[links > 1])
    running = frames.running.rename(columns={"name": "mode"})[["asset", "mode", "year", "runs"]]
    rows = rows.merge(running, on=["asset", "mode"])
    rows = rows[np.array([pair in meeting for pair in zip(rows["node"], rows["commodity"], strict=True)], dtype=bool)]
    leaving = rows[(rows["kind"] == "link") & (rows["flow"] < 0)]
    bought = rows[(rows["kind"] != "link") & (rows["flow"] > 0)]
    keys = list(dict.fromkeys(zip(leaving["node"], leaving["commodity"], leaving["year"], strict=True)))
    over = statement.set("BORDER", keys, dimen=3)
    resolution = commodities["resolution"]
    for runs in RESOLUTIONS:
        statement.set(f"BORDER_BY_{runs.upper()}", [key for key in keys if resolution[key[1]] == runs], dimen=3)
    known = set(keys)
    for name, every in (("leaving", leaving), ("bought", bought)):
        for runs in RESOLUTIONS:
            own = every[every["runs"] == runs]
            at = list(zip(own["node"], own["commodity"], own["year"], strict=True))
            own = own[np.array([key in known for key in at], dtype=bool)]
            statement.lookup(
                f"{name}{suffix(runs)}_at",
                over,
                grouped(
                    zip(own["node"], own["commodity"], own["year"], strict=True),
                    zip(own["asset"], own["mode"], strict=True),
                ),
                dimen=2,
            )
