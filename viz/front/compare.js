// Compare: up to four scenarios side by side with the baseline.

import { bars, lineChart } from "./chart.js";
import { lastAt } from "./explore.js";
import { h, known, money, number, put, token } from "./kit.js";
import { MapView } from "./map.js";
import { describe } from "./panel.js";
import { createProsperity } from "./prosperity.js";

const ROWS = [["talent_pool", "people"], ["talent_concentration", "share"], ["urban_share_resident", "share"], ["income_ratio", "number"], ["gini", "share"], ["urban_unemployment_rate", "share"], ["returns_12m", "people"], ["left_behind_children", "people"], ["left_behind_elders", "people"]];
const PATHS = [["home", "people"], ["income_ratio", "number"], ["urban_share_resident", "share"], ["returns_12m", "people"]];

export function createCompare(store, words) {
  const shelf = h("div", { class: "shelf" }), body = h("div", { class: "comparison" }), story = h("p", { class: "story" }, words("compare.story"));
  const el = h("div", { class: "part compare" }, h("div", { class: "topline" }, story), shelf, body);
  const prosperity = store.meta.index.every((d) => d.indicators.every((i) => store.meta.nation.includes(i.name))) ? createProsperity(store, words) : null, maps = new Map();
  let key = "", asked = "";

  const color = (k) => token(`--set${k}`);
  const letter = (k) => "ABCD"[k];

  function keep() {
    if (store.sets.length < 4 && store.changed) { store.sets = [...store.sets, { ...store.levers }]; changed(); }
  }

  function changed() {
    key = "";
    store.writeAddress();
    ask();
    update();
  }

  function ask() {
    const next = JSON.stringify(store.sets);
    if (next === asked) return;
    asked = next;
    store.send({ type: "compare", sets: store.sets.map((levers) => ({ levers })) });
  }

  function drawShelf() {
    put(shelf,
      h("div", { class: "setcard base" }, h("b", {}, words("baseline")), h("p", {}, words("compare.base"))),
      store.sets.map((levers, k) => h("div", { class: "setcard", style: { "--own": color(k) } },
        h("b", {}, `${letter(k)}`), h("ul", {}, describe(levers, store.meta.panel, words, store.lang).map((t) => h("li", {}, t))),
        h("div", { class: "hrow" }, h("button", { class: "small", onclick: () => { store.setLevers(levers); store.set({ page: "explore" }, "page"); } }, words("compare.open")),
          h("button", { class: "small", onclick: () => { store.sets = store.sets.filter((_, j) => j !== k); changed(); } }, words("compare.remove"))))),
      store.sets.length < 4 && h("button", { class: "setcard add", "data-tool": "keep", onclick: store.changed ? keep : () => store.set({ page: "explore" }, "page") }, words(store.changed ? "compare.keep" : "compare.empty")));
  }

  function update(what) {
    if (what === "open") ask();
    const runs = store.sets.map((_, k) => store.history("compare", k)), base = store.history("base/draft");
    const next = `${JSON.stringify(store.sets)}|${JSON.stringify(store.levers)}|${runs.map((r) => `${r?.head.run}/${r?.version}`)}|${base?.version}|${store.lang}|${store.theme}`;
    if (next === key) return;
    key = next;
    drawShelf();
    if (!base || !base.filled || !store.sets.length) { put(body); return; }
    const last = store.meta.months - 1, common = { start: store.meta.start, months: store.meta.months, lang: store.lang, t: last };
    const home = (run) => run.total("talent_pool", (i) => store.meta.places.kind[i] >= 3, "home");
    const path = (run, name) => (name === "home" ? home(run) : run.nation(name));
    const title = (name) => (name === "home" ? words("compare.home") : store.meta.outcomes[`national/${name}`]?.[store.lang] ?? name);
    put(body,
      h("div", { class: "grid4" }, PATHS.filter(([name]) => name === "home" || store.meta.nation.includes(name)).map(([name, kind]) => h("figure", {}, h("figcaption", {}, h("b", {}, title(name)), h("span", {}, words("compare.path.note"))),
        lineChart(runs.map((run, k) => ({ values: run ? less(path(run, name), path(base, name)) : new Float64Array(0), color: color(k), label: letter(k) })), { ...common, kind, height: 200, zero: true, signed: true, title: title(name) })))),
      h("table", { class: "wide" }, h("caption", {}, words("compare.table")),
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, ""), h("th", { scope: "col" }, words("baseline")), store.sets.map((_, k) => h("th", { scope: "col", style: { color: color(k) } }, letter(k))))),
        h("tbody", {}, ROWS.filter(([name]) => store.meta.nation.includes(name)).map(([name, kind]) => {
          const was = lastAt(base.nation(name), last);
          return h("tr", {}, h("th", { scope: "row" }, title(name)), h("td", {}, number(was, kind, store.lang)), runs.map((run) => {
            const v = run ? lastAt(run.nation(name), last) : NaN, d = v - was;
            return h("td", {}, number(v, kind, store.lang), known(d) && Math.abs(d) > 1e-9 * Math.abs(was) ? h("em", { class: d > 0 ? "up" : "down" }, ` ${number(d, kind, store.lang, true)}`) : null);
          }));
        }), runs.some((run) => run?.policyCount) && h("tr", {}, h("th", { scope: "row" }, words("compare.cost")), h("td", {}, "–"), runs.map((run) => h("td", {}, run ? money(run.spent(), store.lang) : "–"))))),
      prosperity?.el, deciles(runs, base), mapped(runs, base), differences(runs, base));
    prosperity?.show([[words("baseline"), base, token("--soft")], ...runs.map((run, k) => [letter(k), run, color(k)])]);
  }

  // The change that nine tenths of the graduates live below: places of a few agents do not set the colours.
  function usual(run, base, t) {
    const rows = store.meta.places.kind.map((_, i) => [Math.abs(run.at("talent_pool", i, t) / base.at("talent_pool", i, t) - 1), base.at("talent_pool", i, t)]).filter(([v]) => known(v)).sort((a, b) => a[0] - b[0]);
    const total = rows.reduce((sum, [, w]) => sum + w, 0);
    let below = 0;
    for (const [v, w] of rows) { below += w; if (below >= 0.9 * total) return v; }
    return 0;
  }

  // A small map for every scenario: where there would be more graduates, and where fewer, all in one range of colours.
  function mapped(runs, base) {
    const t = store.meta.months - 1, whole = runs.map((run) => (run && run.filled > t && base.filled > t ? run : null));
    if (!whole.some(Boolean)) return null;
    const reach = Math.max(0.005, ...whole.filter(Boolean).map((run) => usual(run, base, t)));
    const figure = h("figure", { class: "wide", "data-part": "maps" }, h("figcaption", {}, h("b", {}, words("compare.maps")), h("span", {}, words("compare.maps.note", { low: number(-reach, "percent", store.lang), high: number(reach, "percent", store.lang, true) }))),
      h("div", { class: "ramp wide", style: { background: `linear-gradient(90deg, ${[0, 1, 2, 3, 4].map((k) => token(`--div${k}`)).join(",")})` } }),
      h("div", { class: "grid4" }, whole.map((run, k) => run && h("div", {}, h("b", { style: { color: color(k) } }, letter(k)), mini(k, run, base, reach, t)))));
    return figure;
  }

  // Laying out a map takes a while: each is made once, and only painted again.
  function mini(k, run, base, reach, t) {
    const made = `${run.head.run}|${base.head.run}|${store.theme}`, kept = maps.get(made);
    const domain = [-reach, reach];
    if (kept) {
      kept.domain = domain;
      kept.findDomain = () => { kept.domain = domain; };
      requestAnimationFrame(() => kept.draw());
      return h("div", { class: "minimap" }, kept.el);
    }
    const view = Object.create(store, Object.fromEntries(Object.entries({ now: run, base, t, measure: "talent_effect", show: "still", place: null, playing: false, set: (changes) => { if ("place" in changes) store.set({ place: changes.place, page: "explore" }, "page"); } }).map(([name, value]) => [name, { value }])));
    const map = new MapView(view, words);
    maps.set(made, map);
    map.findDomain = () => { map.domain = domain; };
    map.canvas.setAttribute("aria-label", `${letter(k)}: ${words("compare.maps")}`);
    return h("div", { class: "minimap" }, map.el);
  }

  function less(a, b) {
    return a.map((v, t) => (t < b.length ? v - b[t] : NaN));
  }

  function deciles(runs, base) {
    const year = Math.floor((store.meta.start + store.meta.months - 1) / 12), was = base.deciles(year);
    if (!was) return null;
    return h("figure", { class: "wide" }, h("figcaption", {}, h("b", {}, words("compare.deciles")), h("span", {}, words("compare.deciles.note"))),
      h("div", { class: "grid4" }, runs.map((run, k) => {
        const d = run?.deciles(year);
        return d && h("div", {}, h("b", { style: { color: color(k) } }, letter(k)), bars([...d].map((v, j) => ({ label: String(j + 1), value: v / was[j] - 1, color: color(k) })), { kind: "percent", lang: store.lang, signed: true }));
      })));
  }

  function differences(runs, base) {
    const t = store.meta.months - 1, { places } = store.meta;
    if (base.filled <= t) return null;
    return h("figure", { class: "wide" }, h("figcaption", {}, h("b", {}, words("compare.places")), h("span", {}, words("compare.places.note"))),
      h("div", { class: "grid4" }, runs.map((run, k) => {
        if (!run || run.filled <= t) return null;
        const rows = places.kind.map((_, i) => [i, run.at("talent_pool", i, t) - base.at("talent_pool", i, t)]).sort((a, b) => b[1] - a[1]);
        return h("div", {}, h("b", { style: { color: color(k) } }, letter(k)), bars([...rows.slice(0, 5), ...rows.slice(-5)].map(([i, v]) => ({ label: places.name[store.lang][i], value: v, color: v > 0 ? token("--city") : token("--home") })), { kind: "people", lang: store.lang, signed: true }));
      })));
  }

  return { el, update };
}
