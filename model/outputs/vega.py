"""Charts in a page that needs no network: the libraries that draw, as one script, and data that cannot end a script.

Needs the optional extra ``report`` (altair and vl-convert).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import altair as alt
import vl_convert


@cache
def libraries() -> str:
    """Vega, Vega-Lite and Vega-Embed of the version that altair writes for, as the text of one script."""
    version = alt.SCHEMA_VERSION.rsplit(".", 1)[0]
    bundle: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version=version)
    return bundle.replace("</script", "<\\/script")


def script_json(value: Mapping[str, Any]) -> str:
    """``value`` as JSON that may stand in a script element: no text in it can end the script or open a comment."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
