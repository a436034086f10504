// Explore: the map in the middle, levers beside it, and what it comes to in numbers, sentences and lines.

import { bars, lineChart } from "./chart.js";
import { folk, h, known, monthText, number, put, s, token } from "./kit.js";
import { createLevers } from "./levers.js";
import { MapView } from "./map.js";
import { MEASURES } from "./measures.js";
import { createPlace } from "./place.js";
import { createTable } from "./table.js";
import { createTimebar } from "./timebar.js";

const HEADLINES = [
  ["talent_pool", "people"], ["urban_share_resident", "share"], ["income_ratio", "number"],
  ["urban_unemployment_rate", "share"], ["returns_12m", "people"], ["left_behind_children", "people"],
];

export function createExplore(store, words) {
  const map = new MapView(store, words), timebar = createTimebar(store, words), levers = createLevers(store, words);
  const story = h("p", { class: "story", "aria-live": "polite" }), scale = h("span", { class: "scale" });
  const numbers = h("div", { class: "numbers" }), charts = h("div", { class: "charts" }), side = h("aside", { class: "side" });
  const legend = h("div", { class: "legend" });
  const measure = h("select", { class: "pick", "aria-label": words("measure"), onchange: () => store.set({ measure: measure.value }, "measure") },
    Object.keys(MEASURES).map((name) => h("option", { value: name }, words(`measure.${name}`))));
  const edu = h("select", { class: "pick", "aria-label": words("who"), onchange: () => store.set({ edu: edu.value }, "edu") },
    ["all", "college", "senior", "junior", "primary"].map((name) => h("option", { value: name }, words(`edu.${name}`))));
  const still = h("button", { class: "small", onclick: () => store.set({ show: store.show === "still" ? "moves" : "still" }, "edu") });
  const table = createTable(store, words), tableButton = h("button", { class: "small", "data-tool": "table", onclick: () => { table.toggle(); tableButton.setAttribute("aria-pressed", String(table.open)); } }, words("table"));
  const place = createPlace(store, words);
  const drawer = h("button", { class: "drawer", onclick: () => el.classList.toggle("leversopen") }, `⇅ ${words("levers.title")}`);
  const el = h("div", { class: store.meta.readonly ? "explore readonly" : "explore" }, store.meta.readonly ? null : levers.el,
    h("section", { class: "stage" },
      h("div", { class: "topline" }, story),
      h("div", { class: "controls" }, h("label", {}, words("colour"), measure), h("label", {}, words("moves"), edu), still, tableButton, scale),
      h("div", { class: "frame" }, map.el, legend, table.el),
      timebar.el),
    side, store.meta.readonly ? null : drawer);
  let lines = [], drawn = "", shownPlace = null, whom = "home";
  map.ondomain = () => drawLegend();
  map.onchosen = () => { if (matchMedia("(max-width: 960px)").matches) side.scrollIntoView({ block: "start", behavior: "smooth" }); }; // its story lies below the map

  function drawLegend() {
    const spec = MEASURES[store.measure] || MEASURES.talent_share, [low, high] = map.domain || [0, 1];
    const stops = [0, 1, 2, 3, 4].map((k) => token(`--${spec.form === "change" ? "div" : "seq"}${k}`));
    put(legend,
      h("b", {}, words(`measure.${store.measure}`)),
      h("div", { class: "ramp", style: { background: `linear-gradient(90deg, ${stops.join(",")})` } }),
      h("div", { class: "ends" }, h("span", {}, number(low, spec.kind, store.lang, spec.form === "change")), spec.form === "change" && h("span", {}, "0"), h("span", {}, number(high, spec.kind, store.lang, spec.form === "change"))),
      h("div", { class: "keys" },
        h("span", {}, shape("rings"), words("key.city")), h("span", {}, shape("diamond"), words("key.county")), h("span", {}, shape("disc"), words("key.rural"))),
      store.show !== "still" && h("div", { class: "keys" },
        h("span", {}, h("i", { class: "dash city" }), words("key.cityward")), h("span", {}, h("i", { class: "dash home" }), words("key.homeward")), h("span", {}, h("i", { class: "dash equal" }), words("key.sideways"))));
    map.avoid = { right: legend.offsetLeft + legend.offsetWidth, top: legend.offsetTop };
  }

  function tell() {
    const { now, base } = store;
    if (!now || !now.filled) { story.textContent = words("story.wait"); return; }
    const t = store.shown(now), rural = (i) => store.meta.places.kind[i] >= 3, when = monthText(store.meta.start + t, store.lang);
    const home = now.total("talent_pool", rural, "home"), whole = now.nation("talent_pool"), was = base.total("talent_pool", rural, "home");
    const share = home[t] / whole[t], share0 = home[0] / whole[0];
    const values = { when, share: number(share, "share", store.lang), share0: number(share0, "share", store.lang), talent: folk(whole[t], store.lang), home: folk(home[t], store.lang) };
    let text = words("story.now", values);
    if (store.changed && base.filled > t) {
      const d = home[t] - was[t];
      const key = Math.abs(d) < 0.0005 * was[t] ? "story.same" : d > 0 ? "story.more" : "story.less";
      text += ` ${words(key, { d: folk(Math.abs(d), store.lang) })}`;
    }
    story.textContent = text;
    const name = words(store.meta.readonly ? "scale.run" : `scale.${store.shownScale}`, { k: now.scale.toLocaleString("en"), title: store.meta.title[store.lang] });
    scale.textContent = now.done ? name : `${name} · ${words("computing")} ${Math.round((100 * now.filled) / store.meta.months)}%`;
    scale.classList.toggle("busy", !now.done || (store.changed && store.shownScale === "draft" && !!store.meta.scales.full));
  }

  function drawNumbers() {
    const { now, base } = store;
    if (!now || !now.filled) return;
    const t = store.shown(now);
    put(numbers, HEADLINES.map(([name, kind]) => {
      const value = lastAt(now.nation(name), t), was = base && base.filled > t ? lastAt(base.nation(name), t) : NaN, d = value - was;
      const label = store.meta.outcomes[`national/${name}`]?.[store.lang] ?? name;
      const still = !store.changed || !known(d) || Math.abs(d) < 1e-9 * Math.abs(was || 1);
      const show = (v, signed) => (kind === "people" ? folk(v, store.lang) : number(v, kind, store.lang, signed));
      return h("div", { class: "number", title: store.meta.outcomes[`national/${name}`]?.meaning || "" },
        h("span", {}, label), headline(show(value)),
        h("em", { class: still ? "none" : d > 0 ? "up" : "down" }, still ? (store.changed ? words("no.change") : " ") : `${d > 0 ? "▲" : "▼"} ${show(Math.abs(d), kind === "share").replace("+", "")} ${words("vs.base")}`));
    }));
  }

  function drawCharts() {
    const { now, base } = store;
    if (!now || !now.filled) return;
    const common = { start: store.meta.start, months: store.meta.months, lang: store.lang, t: store.t, onmonth: (m) => store.set({ t: m, playing: false }, "time") };
    const kinds = store.meta.kinds, color = (k) => token(`--kind${k}`);
    const index = (values, scale) => values.map((v) => (100 * v) / scale);
    const byKind = kinds.map((kind, k) => {
      const fits = (i) => store.meta.places.kind[i] === k, values = now.total("talent_pool", fits, kind), was = base?.total("talent_pool", fits, kind);
      if (!(values[0] > 0)) return null;
      return { values: index(values, values[0]), base: was && index(was, was[0]), color: color(k), label: words(`kind.${kind}`) };
    }).filter(Boolean);
    lines = [lineChart(byKind, { ...common, kind: "number", height: 230, title: words("chart.kinds") })];
    const parts = [h("figure", {}, h("figcaption", {}, h("b", {}, words("chart.kinds")), h("span", {}, words("chart.kinds.note"))), lines[0])];
    if (store.changed && base) {
      const fits = groupOf(whom), seeds = effects(fits);
      const a = now.total("talent_pool", fits, whom), b = base.total("talent_pool", fits, whom);
      const effect = { values: a.map((v, k) => (k < b.length ? v - b[k] : NaN)), color: token("--home"), band: seeds.band };
      const chart = lineChart([effect], { ...common, kind: "people", height: 170, zero: true, signed: true, title: words("chart.effect") });
      lines.push(chart);
      parts.push(h("figure", {}, h("figcaption", {}, h("b", {}, words("chart.effect")), h("label", { class: "line" }, words("effect.in"), groupPick()), h("span", {}, seeds.count ? words("band.note", { n: seeds.count }) : words("chart.effect.note"))), chart,
        h("button", { class: "small", "data-tool": "band", disabled: seeds.asked, onclick: () => store.send({ type: "seeds", levers: store.levers }) }, seeds.asked ? words("band.busy", { n: seeds.count }) : words("band"))));
    }
    const left = [["talent_in", "talent_out"]].map(([into, out]) => {
      const city = (i) => store.meta.places.kind[i] < 3, home = (i) => store.meta.places.kind[i] >= 3;
      const net = (fits, key) => { const a = now.total(into, fits, key), b = now.total(out, fits, key); return yearly(a.map((v, k) => v - b[k])); };
      return lineChart([{ values: net(city, "city"), color: token("--city"), label: words("key.city") }, { values: net(home, "home"), color: token("--home"), label: words("home.places") }], { ...common, kind: "people", height: 170, zero: true, signed: true, title: words("chart.net") });
    });
    lines.push(...left);
    parts.push(h("figure", {}, h("figcaption", {}, h("b", {}, words("chart.net")), h("span", {}, words("chart.net.note"))), left));
    put(charts, parts);
  }

  function groupOf(name) {
    const { kind, coastal } = store.meta.places;
    if (name === "inland") return (i) => !coastal[i];
    if (name === "coast") return (i) => Boolean(coastal[i]);
    if (name.startsWith("kind:")) return (i) => kind[i] === Number(name.slice(5));
    return (i) => kind[i] >= 3;
  }

  function groupPick() {
    const pick = h("select", { class: "pick", "aria-label": words("effect.in"), onchange: () => { whom = pick.value; drawn = ""; update("several"); } },
      h("option", { value: "home" }, words("home.places")), h("option", { value: "inland" }, words("where.inland")), h("option", { value: "coast" }, words("where.coastal")),
      store.meta.kinds.map((kind, k) => h("option", { value: `kind:${k}` }, words(`kind.${kind}`))));
    pick.value = whom;
    return pick;
  }

  function effects(fits) {
    const pairs = [], slot = store.slots.seeds || [];
    for (let k = 0; k + 1 < slot.length; k += 2) {
      const a = store.history("seeds", k), b = store.history("seeds", k + 1);
      if (a && b && a.filled > 1 && b.filled > 1) pairs.push([a.total("talent_pool", fits, whom), b.total("talent_pool", fits, whom)]);
    }
    if (!pairs.length) return { count: 0, band: null, asked: slot.length > 0 };
    const low = [], high = [];
    for (let t = 0; t < store.meta.months; t++) {
      const values = pairs.map(([a, b]) => (t < a.length && t < b.length ? b[t] - a[t] : NaN)).filter(Number.isFinite);
      low.push(values.length ? Math.min(...values) : NaN);
      high.push(values.length ? Math.max(...values) : NaN);
    }
    return { count: pairs.length, band: [low, high], asked: true };
  }

  function showSide() {
    if (store.place === shownPlace && side.childNodes.length) return;
    shownPlace = store.place;
    if (store.place !== null && store.place < store.meta.places.kind.length) { put(side, place.el); place.update(); } else put(side, numbers, charts);
  }

  function update(what) {
    measure.value = MEASURES[store.measure] ? store.measure : "talent_share";
    edu.value = store.edu;
    still.textContent = words(store.show === "still" ? "show.moves" : "hide.moves");
    timebar.update();
    if (what !== "time") levers.update();
    showSide();
    tell();
    for (const line of lines) line.move(store.t);
    const key = `${store.now?.head.run}|${store.now?.version}|${store.base?.version}|${store.lang}|${store.theme}|${(store.slots.seeds || []).map((_, k) => store.history("seeds", k)?.version)}`;
    if (store.place === null) {
      drawNumbers();
      if (key !== drawn) { drawn = key; drawCharts(); }
    } else if (what !== "time" || !store.playing) place.update();
    if (["measure", "edu", "open", "several"].includes(what)) { map.domainKey = ""; map.arcKey = ""; if (map.domain) drawLegend(); }
    if (what !== "time") { table.update(); map.describe(); }
    if (what !== "time" || !store.playing) map.draw(); // while it plays, each turn of the clock draws once, below
  }

  let idle = 0;
  function frame(elapsed) {
    idle += elapsed;
    if (store.playing || idle > (store.now?.finished === false ? 75 : 30)) { map.draw(idle); idle = 0; } // while it is computed the processor is wanted elsewhere
  }

  return { el, update, frame, map };
}

// The number large, its word beside it small.
function headline(text) {
  const [value, word] = text.split("\u00a0");
  return h("b", {}, value, word && h("small", {}, ` ${word}`));
}

export function lastAt(values, t) {
  for (let k = Math.min(t, values.length - 1); k >= 0 && k > t - 3; k--) if (Number.isFinite(values[k])) return values[k];
  return NaN;
}

// Sums over the twelve months that end here.
export function yearly(values) {
  const out = new Float64Array(values.length).fill(NaN);
  let sum = 0;
  for (let t = 1; t < values.length; t++) {
    sum += Number.isFinite(values[t]) ? values[t] : 0;
    if (t > 12) sum -= Number.isFinite(values[t - 12]) ? values[t - 12] : 0;
    if (t >= 12) out[t] = sum;
  }
  return out;
}

function shape(name) {
  const node = s("svg", { viewBox: "0 0 20 20", class: "shape", "aria-hidden": "true" });
  if (name === "rings") node.append(s("circle", { cx: 10, cy: 10, r: 8 }), s("circle", { cx: 10, cy: 10, r: 5 }), s("circle", { cx: 10, cy: 10, r: 2 }));
  if (name === "diamond") node.append(s("path", { d: "M10 2 L18 10 L10 18 L2 10 Z" }));
  if (name === "disc") node.append(s("circle", { cx: 10, cy: 10, r: 6 }), s("circle", { cx: 10, cy: 10, r: 8.6 }));
  return node;
}
