// A sweep: what many runs say of every treatment, and how it differs from the baseline of the same draw and seed.

import { lineChart } from "./chart.js";
import { h, monthText, number, put, token } from "./kit.js";

const LINES = 4;

export function createSweep(store, words) {
  const { sweep } = store.meta, { lang } = store, base = sweep.against === "baseline" ? words("sweep.base") : lang === "zh" ? `“${sweep.against}”` : `"${sweep.against}"`;
  const story = h("p", { class: "story" }), drawing = h("div"), table = h("div");
  const outcome = h("select", { class: "pick", "data-sweep": "outcome", "aria-label": words("sweep.outcome"), onchange: () => { fillGroups(); draw(); } },
    sweep.outcomes.map((one, k) => h("option", { value: k }, one.note || `${one.title[lang]}${Object.keys(one.groups).length > 1 ? ` (${words("sweep.by")})` : ""}`)));
  const group = h("select", { class: "pick", "data-sweep": "group", "aria-label": words("sweep.group"), onchange: draw });
  const what = h("select", { class: "pick", "data-sweep": "what", "aria-label": words("sweep.what"), onchange: draw }, h("option", { value: "change" }, words("sweep.change", { base })), h("option", { value: "level" }, words("sweep.level")));
  const el = h("div", { class: "part sweep" },
    h("div", { class: "topline" }, story),
    h("p", { class: "dim" }, words("sweep.of", { base: sweep.base, done: sweep.done, runs: sweep.runs, draws: sweep.draws, seeds: sweep.seeds, uncertain: sweep.uncertain.join(", ") || "–" })),
    h("div", { class: "controls" }, h("label", {}, words("sweep.outcome"), outcome), h("label", {}, words("sweep.group"), group), h("label", {}, words("sweep.what"), what)),
    drawing, table,
    sweep.all_treatments > sweep.treatments.length ? h("p", { class: "dim" }, words("sweep.more", { n: sweep.treatments.length, all: sweep.all_treatments })) : null);

  const groupName = (name) => (words.has(`kind.${name}`) ? words(`kind.${name}`) : name === "all" ? words("where.all") : name);

  function fillGroups() {
    const names = Object.keys(sweep.outcomes[outcome.value].groups);
    put(group, names.map((name) => h("option", { value: name }, groupName(name))));
    group.parentElement.hidden = names.length < 2;
  }

  function kindOf(one) {
    return /people|agents|moves|firms/.test(one.unit) ? "people" : /yuan/.test(one.unit) ? "yuan" : /share/.test(one.unit) ? "share" : "number";
  }

  function draw() {
    const one = sweep.outcomes[outcome.value], data = one.groups[group.value], kind = kindOf(one), last = data.months.length - 1;
    const changes = Object.keys(data.change).length > 0;
    what.parentElement.hidden = !changes;
    const mode = changes ? what.value : "level", rows = Object.entries(data[mode]), signed = mode === "change";
    const color = (k) => token(`--set${k % LINES}`), when = monthText(data.months[last], lang), show = (v) => number(v ?? NaN, kind, lang, signed);
    const clear = rows.filter(([, r]) => r.low[last] > 0 || r.high[last] < 0).length;
    story.textContent = signed ? words("sweep.story", { outcome: one.title[lang], when, clear, n: rows.length, base }) : words("sweep.story.level", { outcome: one.title[lang], when });
    put(drawing,
      h("figure", { class: "wide" }, h("figcaption", {}, h("b", {}, `${one.title[lang]} (${one.unit})`), h("span", {}, words("sweep.whiskers", { when }))), whiskers(rows, last, kind, signed, color)),
      last > 0 ? h("figure", { class: "wide" }, h("figcaption", {}, h("b", {}, words("sweep.time")), h("span", {}, words("sweep.time.note", { n: Math.min(LINES, rows.length) }))), overTime(rows.slice(0, LINES), data.months, kind, signed, color)) : null);
    put(table, h("table", { class: "wide" }, h("caption", {}, `${one.title[lang]}, ${groupName(group.value)}, ${when}`),
      h("thead", {}, h("tr", {}, ["sweep.treatment", "sweep.n", "sweep.mean", "sweep.range", signed && "sweep.above"].filter(Boolean).map((key) => h("th", { scope: "col" }, words(key, { base }))))),
      h("tbody", {}, rows.map(([label, r]) => h("tr", {}, h("th", { scope: "row" }, label === "baseline" ? words("baseline") : label), h("td", {}, r.n[last]), h("td", {}, show(r.mean[last])), h("td", {}, `${show(r.low[last])} … ${show(r.high[last])}`), signed ? h("td", {}, `${Math.round(100 * r.above[last])} %`) : null)))));
  }

  function whiskers(rows, last, kind, signed, color) {
    const all = rows.flatMap(([, r]) => [r.low[last], r.high[last], r.mean[last]]).filter(Number.isFinite);
    let low = Math.min(...all), high = Math.max(...all);
    if (signed) { low = Math.min(low, 0); high = Math.max(high, 0); }
    const span = high - low || 1, at = (v) => `${(100 * (v - low)) / span}%`;
    const ends = [low, ...(signed && low < 0 && high > 0 ? [0] : []), high];
    return h("div", { class: "whiskers" }, rows.map(([label, r], k) => h("div", { class: "bar" }, h("span", { class: "what", title: label }, k < LINES && rows.length > 1 ? h("b", { style: { color: color(k) } }, `${String.fromCharCode(65 + k)} `) : null, label === "baseline" ? words("baseline") : label),
      h("span", { class: "track" }, signed ? h("i", { class: "nought", style: { left: at(0) } }) : null,
        Number.isFinite(r.mean[last]) ? [h("i", { class: "span", style: { left: at(r.low[last]), width: `${(100 * (r.high[last] - r.low[last])) / span}%`, background: color(k) } }), h("i", { class: "dot", style: { left: at(r.mean[last]), background: color(k) } })] : null),
      h("b", {}, number(r.mean[last] ?? NaN, kind, lang, signed)))),
      h("div", { class: "bar foot", "aria-hidden": "true" }, h("span", {}), h("span", { class: "track" }, ends.map((v) => h("span", { class: "mark", style: { left: at(v) } }, number(v, kind, lang, signed)))), h("b", {})));
  }

  function overTime(rows, months, kind, signed, color) {
    const start = months[0], count = months[months.length - 1] - start + 1;
    const spread = (list) => { const out = new Float64Array(count).fill(NaN); months.forEach((m, k) => { out[m - start] = list[k] ?? NaN; }); return out; };
    return lineChart(rows.map(([label, r], k) => ({ values: spread(r.mean), color: color(k), label: String.fromCharCode(65 + k) })), { start, months: count, kind, lang, height: 220, zero: signed, signed, t: count - 1, title: words("sweep.time") });
  }

  fillGroups();
  draw();
  return { el, update() {} };
}
