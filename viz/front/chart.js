// Line charts and bars in SVG: the baseline always in grey, bands translucent, values readable without colour.

import { bridged } from "./history.js";
import { clamp, h, number, s } from "./kit.js";

const WIDTH = 420;

// About how wide a label is: a Chinese character is as wide as it is high.
const labelWidth = (text) => [...text].reduce((sum, c) => sum + (c.charCodeAt(0) > 0x2e80 ? 13 : 7.6), 0);

function ticks(low, high, count) {
  const span = high - low || 1, raw = span / count, ten = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((k) => k * ten).find((k) => k >= raw) || raw, out = [];
  for (let v = Math.ceil(low / step) * step; v <= high + 1e-9 * span; v += step) out.push(Math.abs(v) < 1e-12 * span ? 0 : v);
  return out;
}

// lines: [{values, base, color, label, band: [lowArray, highArray], dash}], all by month from `start`.
// options: {start, months, kind, lang, height, t, zero, onmonth, title, signed}
export function lineChart(lines, options) {
  const { start, months, kind, lang, t, zero } = options, height = options.height || 190;
  const right = 14 + Math.max(0, ...lines.map((l) => (l.label ? labelWidth(l.label) : 0))), top = 10, bottom = 24;
  const shown = lines.map((line) => ({ ...line, values: bridged(line.values), base: line.base && bridged(line.base) }));
  let low = Infinity, high = -Infinity;
  for (const line of shown) for (const list of [line.values, line.base, line.band?.[0], line.band?.[1]]) {
    if (list) for (const v of list) if (Number.isFinite(v)) { low = Math.min(low, v); high = Math.max(high, v); }
  }
  if (!Number.isFinite(low)) { low = 0; high = 1; }
  if (zero) { low = Math.min(low, 0); high = Math.max(high, 0); }
  if (high - low < 1e-9 * Math.max(1, Math.abs(high))) { high += Math.abs(high) * 0.01 || 1; low -= Math.abs(low) * 0.01 || 1; }
  const room = (high - low) * 0.06;
  low -= room; high += room;
  const marked = ticks(low, high, 4), left = Math.max(54, 10 + 0.82 * Math.max(0, ...marked.map((v) => labelWidth(number(v, kind, lang, options.signed)))));
  const x = (k) => left + ((WIDTH - left - right) * k) / Math.max(1, months - 1), y = (v) => top + ((height - top - bottom) * (high - v)) / (high - low);
  const path = (values) => {
    let d = "", pen = false;
    for (let k = 0; k < values.length; k++) {
      if (!Number.isFinite(values[k])) { pen = false; continue; }
      d += `${pen ? "L" : "M"}${x(k).toFixed(1)} ${y(values[k]).toFixed(1)}`;
      pen = true;
    }
    return d;
  };
  const first = Math.ceil(start / 12) * 12 - start, years = [];
  for (let k = first; k < months; k += 12) years.push(k);
  const every = Math.ceil(years.length / 5);
  const node = s("svg", { viewBox: `0 0 ${WIDTH} ${height}`, class: "chart", role: "img", "aria-label": options.title || "" },
    marked.map((v) => [
      s("line", { x1: left, x2: WIDTH - right, y1: y(v), y2: y(v), class: v === 0 && zero ? "axis" : "grid" }),
      s("text", { x: left - 6, y: y(v) + 4, class: "tick", "text-anchor": "end" }, number(v, kind, lang, options.signed)),
    ]),
    years.filter((_, k) => k % every === every - 1 || years.length < 6).map((k) => s("text", { x: x(k), y: height - 6, class: "tick", "text-anchor": "middle" }, Math.round((start + k) / 12))),
    shown.map((line) => line.band && s("path", { d: band(line.band, x, y), fill: line.color, class: "band" })),
    shown.map((line) => line.base && s("path", { d: path(line.base), class: "baseline" })),
    shown.map((line) => s("path", { d: path(line.values), stroke: line.color, class: "line", "stroke-dasharray": line.dash || null, "stroke-width": line.thin ? 1.2 : null })),
  );
  const marks = spread(shown.filter((l) => l.label).map((line) => {
    const last = lastKnown(line.values);
    return { label: line.label, color: line.color, y: last < 0 ? y(high) : y(line.values[last]) };
  }), top + 6, height - bottom);
  for (const mark of marks) node.append(s("text", { x: WIDTH - right + 7, y: mark.y + 4, class: "name", fill: mark.color }, mark.label));
  const cursor = s("line", { y1: top, y2: height - bottom, class: "cursor" });
  node.append(cursor);
  const move = (month) => { const at = x(clamp(month, 0, months - 1)); cursor.setAttribute("x1", at); cursor.setAttribute("x2", at); };
  move(t ?? 0);
  if (options.onmonth) {
    const jump = (e) => {
      const box = node.getBoundingClientRect(), at = ((e.clientX - box.left) / box.width) * WIDTH;
      options.onmonth(clamp(((at - left) / (WIDTH - left - right)) * (months - 1), 0, months - 1));
    };
    node.addEventListener("click", jump);
    node.classList.add("jump");
  }
  node.move = move;
  return node;
}

function lastKnown(values) {
  for (let k = values.length - 1; k >= 0; k--) if (Number.isFinite(values[k])) return k;
  return -1;
}

function band([lows, highs], x, y) {
  let up = "", down = "";
  for (let k = 0; k < lows.length; k++) {
    if (!Number.isFinite(lows[k]) || !Number.isFinite(highs[k])) continue;
    up += `${up ? "L" : "M"}${x(k).toFixed(1)} ${y(highs[k]).toFixed(1)}`;
    down = `L${x(k).toFixed(1)} ${y(lows[k]).toFixed(1)}${down}`;
  }
  return up ? `${up}${down}Z` : "";
}

// Labels that would lie on one another are moved apart.
function spread(marks, low, high) {
  marks.sort((a, b) => a.y - b.y);
  for (let k = 1; k < marks.length; k++) marks[k].y = Math.max(marks[k].y, marks[k - 1].y + 14);
  for (let k = marks.length - 1; k >= 0; k--) {
    const limit = k === marks.length - 1 ? high : marks[k + 1].y - 14;
    marks[k].y = Math.max(low, Math.min(marks[k].y, limit));
  }
  return marks;
}

// Horizontal bars: rows [{label, value, base, color, note}].
export function bars(rows, { kind, lang, signed = false }) {
  const reach = Math.max(1e-12, ...rows.flatMap((r) => [Math.abs(r.value), Math.abs(r.base ?? 0)]).filter(Number.isFinite));
  const two = rows.some((r) => r.value < 0);
  return h("div", { class: `bars${two ? " signed" : ""}` }, rows.map((row) => {
    const share = (v) => `${(Math.abs(v) / reach) * (two ? 50 : 100)}%`;
    const side = (v) => (two ? (v < 0 ? { right: "50%" } : { left: "50%" }) : { left: "0" });
    return h("div", { class: "bar" },
      h("span", { class: "what" }, row.label),
      h("span", { class: "track" },
        row.base !== undefined && h("i", { class: "was", style: { ...side(row.base), width: share(row.base) } }),
        h("i", { class: "is", style: { ...side(row.value), width: share(row.value), background: row.color || "var(--city)" } })),
      h("b", {}, number(row.value, kind, lang, signed)));
  }));
}
