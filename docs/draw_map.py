"""Draw docs/images/report.png, the map of a report: ``python docs/draw_map.py results/kazakhstan/base/report.html``.

Needs Chromium, as the tests of the report do.
"""

from __future__ import annotations

import base64
import sys
import tempfile
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent))

from tests.browser import Browser  # noqa: E402

MAP = "figure-map-1"
WAIT = "while (document.querySelector('.chart:not([data-drawn])')) await new Promise(r => setTimeout(r, 100));"
FRAME = f"const r = document.getElementById('{MAP}').getBoundingClientRect(); return [r.x, r.y, r.width, r.height];"


def picture(report: Path) -> bytes:
    """The map of a report as PNG."""
    with tempfile.TemporaryDirectory() as folder, Browser(Path(folder)) as browser:
        page = browser.open(report, width=1040)
        x, y, width, height = page.run(WAIT + FRAME)
        clip = {"x": x, "y": y, "width": width, "height": height, "scale": 1}
        taken = page.ask("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
    return base64.b64decode(taken["data"])


if __name__ == "__main__":
    (DOCS / "images" / "report.png").write_bytes(picture(Path(sys.argv[1])))
