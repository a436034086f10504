// Flows: who moves between circles, rings, county towns and villages; and where today's talent has its roots.

import { folk, h, number, people, put, s, token } from "./kit.js";
import { createTimebar } from "./timebar.js";

const WIDE = 900, HIGH = 520, GAP = 14, BOX = 22;

export function createFlows(store, words) {
  const timebar = createTimebar(store, words), drawing = h("div", { class: "sankeybox" }), story = h("p", { class: "story" }), list = h("div", { class: "pairs" });
  let what = "moves", group = "kind", key = "";
  const edu = h("select", { class: "pick", "aria-label": words("who"), onchange: () => store.set({ edu: edu.value }, "edu") }, ["all", "college", "senior", "junior", "primary"].map((name) => h("option", { value: name }, words(`edu.${name}`))));
  const kindOf = h("select", { class: "pick", "aria-label": words("flows.of"), onchange: () => { what = kindOf.value; key = ""; update(); } }, h("option", { value: "moves" }, words("flows.moves")), h("option", { value: "stock" }, words("flows.stock")));
  const by = h("select", { class: "pick", "aria-label": words("flows.by"), onchange: () => { group = by.value; key = ""; update(); } }, h("option", { value: "kind" }, words("flows.by.kind")), h("option", { value: "province" }, words("flows.by.province")));
  const el = h("div", { class: "part flows" },
    h("div", { class: "topline" }, story),
    h("div", { class: "controls" }, h("label", {}, words("flows.of"), kindOf), h("label", {}, words("moves"), edu), h("label", {}, words("flows.by"), by)),
    h("div", { class: "two" }, drawing, list), timebar.el);

  function groupOf(i) {
    return group === "kind" ? store.meta.places.kind[i] : store.meta.places.province[i];
  }

  function nameOf(g) {
    return group === "kind" ? words(`kind.${store.meta.kinds[g]}`) : store.meta.provinces[store.lang][g];
  }

  // A kind of place in the middle of a sentence; the names of provinces stay as they are.
  const within = (g) => (group === "kind" ? nameOf(g).toLowerCase() : nameOf(g));

  function colorOf(g) {
    return group === "kind" ? token(`--kind${g}`) : token(`--kind${g % 5}`);
  }

  function sumUp(history, year) {
    const found = new Map(), add = (a, b, v) => found.set(a * 1000 + b, (found.get(a * 1000 + b) || 0) + v * history.scale);
    if (what === "stock") {
      const rows = history.talentFrom(year);
      if (!rows) return null;
      for (let k = 0; k < rows.rows; k++) add(groupOf(rows.root[k]), groupOf(rows.here[k]), rows.people[k]);
      return found;
    }
    const rows = history.flows(year), wanted = store.meta.educations.indexOf(store.edu);
    if (!rows) return null;
    for (let k = 0; k < rows.rows; k++) {
      if ((wanted >= 0 && rows.education[k] !== wanted) || rows.from[k] === rows.to[k]) continue;
      add(groupOf(rows.from[k]), groupOf(rows.to[k]), rows.moves[k]);
    }
    return found;
  }

  function update() {
    timebar.update();
    edu.value = store.edu;
    edu.disabled = what === "stock";
    const { now, base } = store;
    if (!now || !now.filled) return;
    let year = Math.floor((store.meta.start + store.shown(now)) / 12);
    while (year > store.meta.start / 12 - 1 && !now.flows(year)) year -= 1;
    const next = `${now.head.run}|${year}|${store.edu}|${what}|${group}|${store.lang}|${store.theme}|${now.done}`;
    if (next === key) return;
    key = next;
    const sums = sumUp(now, year), before = store.changed && base ? sumUp(base, year) : null;
    if (!sums || !sums.size) { put(drawing, h("p", { class: "dim" }, words("flows.none"))); return; }
    draw(sums);
    const pairs = [...sums].filter(([k]) => Math.floor(k / 1000) !== k % 1000 || group === "kind").sort((a, b) => b[1] - a[1]);
    const total = [...sums.values()].reduce((a, b) => a + b, 0);
    const [a, b] = [Math.floor(pairs[0][0] / 1000), pairs[0][0] % 1000];
    story.textContent = words(what === "stock" ? "flows.story.stock" : "flows.story", { year, total: folk(total, store.lang), from: within(a), to: within(b), part: folk(pairs[0][1], store.lang), who: words(`edu.${store.edu}`) });
    put(list, h("table", {}, h("caption", {}, words("flows.pairs")), h("thead", {}, h("tr", {}, [words("from"), words("to"), words("people"), before && words("vs.base")].filter(Boolean).map((t) => h("th", { scope: "col" }, t)))),
      h("tbody", {}, pairs.slice(0, 12).map(([k, v]) => {
        const d = before ? v - (before.get(k) || 0) : 0;
        return h("tr", {}, h("td", {}, nameOf(Math.floor(k / 1000))), h("td", {}, nameOf(k % 1000)), h("td", {}, people(v, store.lang)), before && h("td", { class: d > 0 ? "up" : d < 0 ? "down" : "" }, number(d, "people", store.lang, true)));
      }))));
  }

  function draw(sums) {
    let groups = [...new Set([...sums.keys()].flatMap((k) => [Math.floor(k / 1000), k % 1000]))].sort((a, b) => a - b);
    if (groups.length > 12) {
      const weight = new Map();
      for (const [k, v] of sums) for (const g of [Math.floor(k / 1000), k % 1000]) weight.set(g, (weight.get(g) || 0) + v);
      groups = groups.sort((a, b) => weight.get(b) - weight.get(a)).slice(0, 12);
    }
    const kept = [...sums].filter(([k]) => groups.includes(Math.floor(k / 1000)) && groups.includes(k % 1000));
    const out = new Map(), into = new Map();
    for (const [k, v] of kept) {
      const a = Math.floor(k / 1000), b = k % 1000;
      out.set(a, (out.get(a) || 0) + v);
      into.set(b, (into.get(b) || 0) + v);
    }
    const total = kept.reduce((x, [, v]) => x + v, 0), scale = (HIGH - GAP * (groups.length - 1)) / total, left = new Map(), right = new Map();
    let y = 0;
    for (const g of groups) { left.set(g, y); y += (out.get(g) || 0) * scale + GAP; }
    y = 0;
    for (const g of groups) { right.set(g, y); y += (into.get(g) || 0) * scale + GAP; }
    const x0 = 170, x1 = WIDE - 170, node = s("svg", { viewBox: `0 0 ${WIDE} ${HIGH + 4}`, class: "sankey", role: "img", "aria-label": story.textContent }), from = new Map(left), to = new Map(right);
    for (const a of groups) for (const b of groups) {
      const v = (kept.find(([k]) => k === a * 1000 + b) || [0, 0])[1];
      if (!v) continue;
      const w = v * scale, p = from.get(a) + w / 2, q = to.get(b) + w / 2, m = (x0 + x1) / 2;
      from.set(a, from.get(a) + w);
      to.set(b, to.get(b) + w);
      node.append(s("path", { d: `M${x0 + BOX} ${p}C${m} ${p} ${m} ${q} ${x1 - BOX} ${q}`, stroke: colorOf(a), "stroke-width": Math.max(0.6, w), class: "ribbon" }, s("title", {}, `${nameOf(a)} → ${nameOf(b)}: ${people(v, store.lang)}`)));
    }
    for (const g of groups) {
      const a = (out.get(g) || 0) * scale, b = (into.get(g) || 0) * scale;
      node.append(s("rect", { x: x0, y: left.get(g), width: BOX, height: Math.max(1, a), fill: colorOf(g) }), s("rect", { x: x1 - BOX, y: right.get(g), width: BOX, height: Math.max(1, b), fill: colorOf(g) }));
      node.append(label(x0 - 10, left.get(g) + a / 2, "end", g, out.get(g)), label(x1 + 10, right.get(g) + b / 2, "start", g, into.get(g)));
    }
    put(drawing, h("div", { class: "ends" }, h("b", {}, words(what === "stock" ? "flows.root" : "from")), h("b", {}, words(what === "stock" ? "flows.here" : "to"))), node);
  }

  function label(x, y, anchor, g, value) {
    return s("text", { x, y, "text-anchor": anchor, class: "who" }, s("tspan", { x, dy: "-.12em" }, nameOf(g)), s("tspan", { x, dy: "1.2em", class: "much" }, people(value || 0, store.lang)));
  }

  return { el, update };
}
