// The common-prosperity index with the weights of the room: indicators between goalposts, dimensions in a geometric mean.

import { bars } from "./chart.js";
import { lastAt } from "./explore.js";
import { h, known, put, token } from "./kit.js";

const LEAST = 0.01; // as in the simulator: a dimension counts as at least this
const MOST = 3;

function score(indicator, value) {
  if (!known(value)) return NaN;
  const of = (x) => (indicator.log ? Math.log(Math.max(x, 1e-9)) : x);
  return Math.min(1, Math.max(0, (of(value) - of(indicator.worst)) / (of(indicator.best) - of(indicator.worst))));
}

// One dimension of a history at month t: the weighted mean of the indicators that are known.
export function dimensionAt(run, dimension, t) {
  let sum = 0, by = 0;
  for (const indicator of dimension.indicators) {
    const x = score(indicator, lastAt(run.nation(indicator.name), t));
    if (known(x)) { sum += indicator.weight * x; by += indicator.weight; }
  }
  return by > 0 ? sum / by : NaN;
}

export function indexAt(run, dimensions, weights, t) {
  let sum = 0, by = 0;
  for (const dimension of dimensions) {
    const w = weights[dimension.name] ?? dimension.weight;
    if (!(w > 0)) continue;
    sum += w * Math.log(Math.max(dimensionAt(run, dimension, t), LEAST));
    by += w;
  }
  return by > 0 ? Math.exp(sum / by) : NaN;
}

// Sliders for the weights, the index of every scenario, and its dimensions.
export function createProsperity(store, words) {
  const { index } = store.meta, { lang } = store, outcome = h("div", { class: "indexes" }), table = h("div");
  const rows = index.map((dimension) => {
    const input = h("input", { type: "range", min: 0, max: MOST, step: 0.5, value: store.weights[dimension.name] ?? dimension.weight, "data-weight": dimension.name, id: `weight-${dimension.name}` });
    const shown = h("output", { class: "value" });
    const tell = () => { shown.textContent = `× ${Number(input.value)}`; };
    input.addEventListener("input", () => { store.weights = { ...store.weights, [dimension.name]: Number(input.value) }; tell(); store.writeAddress(); draw(); });
    tell();
    return { dimension, input, tell, node: h("div", { class: "weight" }, h("label", { for: `weight-${dimension.name}` }, dimension.title[lang]), input, shown) };
  });
  const reset = h("button", { class: "small", onclick: () => { store.weights = {}; rows.forEach((row) => { row.input.value = row.dimension.weight; row.tell(); }); store.writeAddress(); draw(); } }, words("reset"));
  const el = h("figure", { class: "wide", "data-part": "index" }, h("figcaption", {}, h("b", {}, words("index.title")), h("span", {}, words("index.note"))),
    h("div", { class: "two index" }, h("div", {}, h("p", { class: "dim" }, words("index.weights")), rows.map((row) => row.node), reset), h("div", {}, outcome, table)));
  let shown = [];

  function draw() {
    const t = store.meta.months - 1, own = shown.filter(([, run]) => run && run.filled > t);
    if (!own.length) { put(outcome, h("p", { class: "dim" }, words("computing"))); return; }
    put(outcome, bars(own.map(([name, run, color]) => ({ label: name, value: indexAt(run, index, store.weights, t), color })), { kind: "number", lang }));
    put(table, h("table", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, words("index.dimension")), own.map(([name, , color]) => h("th", { scope: "col", style: { color } }, name)))),
      h("tbody", {}, index.map((dimension) => h("tr", { class: (store.weights[dimension.name] ?? dimension.weight) > 0 ? "" : "none" }, h("th", { scope: "row" }, dimension.title[lang]), own.map(([, run]) => { const v = dimensionAt(run, dimension, t); return h("td", {}, known(v) ? v.toFixed(3) : "–"); }))))));
  }

  return { el, show(runs) { shown = runs; draw(); }, base: () => token("--soft") };
}
