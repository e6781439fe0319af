"""How the report looks on a screen, on a phone and on paper; and the script that draws its charts."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { font: 16px/1.55 system-ui, "Segoe UI", "Noto Sans", sans-serif; color: #1a1a1a; background: #fff;
  max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; overflow-wrap: break-word; }
h1 { font-size: 1.8rem; line-height: 1.25; margin: 0 0 .3rem; }
h2 { font-size: 1.4rem; margin: 3.2rem 0 .4rem; padding-top: .9rem; border-top: 2px solid #0072B2; }
h3 { font-size: 1.08rem; margin: 2.2rem 0 .2rem; }
p { max-width: 46rem; margin: .4rem 0 .8rem; }
a { color: #00558a; }
.about { color: #444; margin-bottom: 1.2rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1.2rem; margin: .8rem 0; }
dt { color: #444; } dd { margin: 0; font-weight: 600; }
nav { background: #f4f7f9; padding: .8rem 1rem; margin: 1.5rem 0; }
nav h2 { font-size: 1rem; margin: 0 0 .3rem; padding: 0; border: 0; }
nav ol { margin: 0; padding-left: 1.6rem; columns: 2 18rem; }
nav li { break-inside: avoid; }
figure { margin: 0 0 1.6rem; }
.chart, .scroll { overflow-x: auto; }
.chart { min-height: 2rem; }
.chart.vega-embed, .chart .chart-wrapper { display: block; width: 100%; }
.chart svg { display: block; width: min(100%, var(--most, 100%)); height: auto; }
.controls { margin: .3rem 0; }
.controls .vega-bind { display: flex; flex-wrap: wrap; align-items: center; gap: .6rem; margin: .2rem 0; }
.controls .vega-bind-name { font-weight: 600; min-width: 0; }
.controls input[type=range] { width: min(20rem, 60vw); vertical-align: middle; }
.controls label { margin-right: .8rem; }
.controls select, .controls input { font: inherit; }
summary { cursor: pointer; color: #00558a; padding: .25rem 0; }
.scroll { overflow-y: auto; max-height: 30rem; border: 1px solid #ddd; }
.scroll:focus-visible, summary:focus-visible { outline: 2px solid #0072B2; }
table { border-collapse: collapse; font-size: 13px; line-height: 1.35; font-variant-numeric: tabular-nums; }
th, td { padding: .22rem .6rem; text-align: right; vertical-align: top; border-bottom: 1px solid #e2e2e2; }
td { white-space: nowrap; }
.t, .l { text-align: left; }
th { max-width: 9rem; }
.l { white-space: normal; min-width: 15rem; max-width: 26rem; }
thead th { position: sticky; top: 0; background: #eef3f6; vertical-align: bottom; }
tbody tr:hover { background: #f7fafc; }
footer { margin-top: 3rem; color: #444; font-size: .9rem; }
@media (max-width: 40rem) {
  body { padding: 1rem .7rem 3rem; } h1 { font-size: 1.4rem; } h2 { font-size: 1.2rem; }
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .4rem; }
  .chart svg { min-width: var(--least, 0); } table { font-size: 12px; }
}
@media print {
  @page { margin: 15mm 12mm; }
  body { font-size: 10.5pt; max-width: none; padding: 0; } h2, h3, summary { break-after: avoid; }
  nav, .controls, details:not([open]) { display: none; } .chart, .scroll { overflow: visible; max-height: none; }
  .chart { break-inside: avoid; } .chart svg { min-width: 0; max-height: 230mm; }
  .scroll { border: 0; } table { font-size: 7.5pt; max-width: 100%; } td, .l { white-space: normal; min-width: 0; }
  th, td { padding: .12rem .25rem; max-width: none; } th, .t, .l { hyphens: auto; }
  tr { break-inside: avoid; } thead { display: table-header-group; } thead th { position: static; }
}
"""
"""Cascading style sheet: dark on white, tables that scroll on a screen and lie whole on paper."""

DRAW = """
"use strict";
const told = JSON.parse(document.getElementById("told").textContent);

// Rows of names beside an axis need their room.
function named(spec) {
  const rows = spec.encoding && spec.encoding.y && ["nominal", "ordinal"].includes(spec.encoding.y.type);
  return rows || (spec.layer || []).some(named);
}

// On a phone a single chart takes the width that is there; many charts in one keep theirs and are made smaller.
function fitted(spec, room) {
  const geographic = JSON.stringify(spec).includes("projection");
  const single = (spec.mark || spec.layer) && typeof spec.width === "number" && !geographic;
  const faceted = spec.encoding && (spec.encoding.row || spec.encoding.column || spec.encoding.facet);
  if (!single || faceted || named(spec) || room >= spec.width) return spec;
  const legend = {orient: "bottom", columns: 2, ...(spec.config && spec.config.legend)};
  const autosize = spec.autosize || {type: "fit-x", contains: "padding"};
  return {...spec, width: room, autosize, config: {...spec.config, legend}};
}

async function draw(key, spec) {
  const place = document.getElementById("chart-" + key);
  try {
    await vegaEmbed(place, fitted(spec, place.clientWidth), {
      actions: false, renderer: "svg", ast: true, bind: document.getElementById("controls-" + key),
      formatLocale: told.numbers, timeFormatLocale: told.times});
    const svg = place.querySelector("svg");
    const wide = svg.viewBox.baseVal.width;
    svg.style.setProperty("--most", 1.3 * wide + "px");
    svg.style.setProperty("--least", Math.min(wide, 480) + "px");
    place.dataset.drawn = "1";
  } catch (error) {
    console.error("chart " + key + ": " + error);
  }
}

// One after another, so that the first can be read while the last are drawn.
(async () => {
  for (const [key, spec] of Object.entries(told.charts)) {
    await draw(key, spec);
    await new Promise((done) => setTimeout(done));
  }
})();
"""
"""Draws every chart as SVG, with the interpreter that makes no code from text; sets ``data-drawn`` when done."""
