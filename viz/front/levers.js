// The levers: what a visitor may change, in plain words, with stories, a budget, undo and reset.

import { clamp, h, money, number, put } from "./kit.js";
import { cardOf, isOn, mainValue, placesText, plain, withMain, without } from "./panel.js";

const BUDGETS = [0.2e12, 0.5e12, 1e12, 2e12, 5e12];

export function createLevers(store, words) {
  const { panel } = store.meta, { lang } = store, rows = [];
  const undo = h("button", { class: "small", onclick: () => store.undo() }, `↶ ${words("undo")}`);
  const reset = h("button", { class: "small", onclick: () => store.setLevers({}) }, words("reset"));
  const note = h("p", { class: "fault", role: "alert", hidden: true });
  const tale = h("p", { class: "dim" });
  const stories = h("select", { class: "pick wide", "data-tool": "stories", "aria-label": words("stories"), onchange: () => { const one = panel.presets.find((p) => p.name === stories.value); if (one) store.setLevers(one.levers); } },
    h("option", { value: "" }, words("stories.choose")), panel.presets.map((p) => h("option", { value: p.name }, p.title[lang])));
  const meter = createMeter(store, words);
  const list = h("div", { class: "leverlist" });
  let family = "";
  for (const card of panel.policies.filter((c) => c.kind === "policy")) {
    if (card.family[lang] !== family) list.append(h("h3", { class: "family" }, (family = card.family[lang])));
    list.append(policy(card));
  }
  const shocks = panel.policies.filter((c) => c.kind !== "policy");
  list.append(h("details", { class: "advanced" }, h("summary", {}, words("levers.shocks")), shocks.map(policy)));
  list.append(h("details", { class: "advanced", "data-tool": "assumptions" }, h("summary", {}, words("levers.advanced")), h("p", { class: "lead" }, words("levers.assumptions")), panel.assumptions.map(assumption)));
  const el = h("section", { class: "levers", "aria-label": words("levers") },
    h("div", { class: "leverhead" }, h("h2", {}, words("levers.title")), h("div", { class: "hrow" }, undo, reset)),
    h("p", { class: "lead" }, words("levers.lead")), note, stories, tale, meter.el, list);

  // One slider. `get` gives the value now, `set(value, settled)` pulls the lever.
  function slider(id, title, { low, high, step, rest, unit, get, set }) {
    const input = h("input", { type: "range", min: low, max: high, step, value: get(), id: `lever-${id}`, "data-lever": id });
    const shown = h("output", { class: "value" }), back = h("button", { class: "back", "aria-label": `${words("reset")}: ${title}`, onclick: () => set(rest, true) }, "↺");
    const exact = () => { const v = Number(input.value); return Math.abs(v - rest) < step / 2 ? rest : v; };
    let timer = 0;
    input.addEventListener("input", () => { show(exact()); clearTimeout(timer); timer = setTimeout(() => set(exact(), false), 25); });
    input.addEventListener("change", () => { clearTimeout(timer); set(exact(), true); });
    const node = h("div", { class: "lever" }, h("label", { for: `lever-${id}` }, title), shown, back, h("div", { class: "slide" }, input));
    function show(value) {
      const span = high - low || 1, at = (v) => `${clamp(((v - low) / span) * 100, 0, 100)}%`;
      shown.textContent = plain(value, unit, lang);
      input.setAttribute("aria-valuetext", shown.textContent);
      node.style.setProperty("--at", at(value));
      node.style.setProperty("--rest", at(rest));
      node.classList.toggle("moved", value !== rest);
      back.hidden = value === rest;
    }
    rows.push(() => { if (document.activeElement !== input) input.value = get(); show(get()); });
    show(get());
    return node;
  }

  function assumption(dial) {
    const node = slider(dial.id, dial.title[lang], { ...dial, rest: dial.resting, get: () => store.levers[dial.id] ?? dial.resting, set: (v, settled) => store.pull(dial.id, v, settled) });
    node.append(h("details", { class: "why" }, h("summary", {}, words("levers.what")), h("p", { class: "dim" }, `${words("levers.rest")} ${plain(dial.resting, dial.unit, lang)} · ${words("levers.range")} ${plain(dial.low, dial.unit, lang)} – ${plain(dial.high, dial.unit, lang)}`), h("p", { class: "dim" }, `${words("levers.source")}: ${dial.source}`)));
    return node;
  }

  function policy(card) {
    const main = card.dials.find((d) => d.id === `${card.name}.${card.main}`), name = card.name;
    const node = slider(card.main === "strength" ? name : main.id, card.title[lang], {
      low: Math.min(card.off, main ? main.low : 0), high: card.reach, step: main ? main.step : 0.05, rest: card.off, unit: main ? main.unit : words("share.of.package"),
      get: () => mainValue(store.levers, card), set: (v, settled) => store.change(withMain(store.levers, card, v), settled),
    });
    const inner = h("div", { class: "inner" });
    const box = h("details", { class: "why", ontoggle: () => { if (box.open && !inner.childNodes.length) build(); } }, h("summary", {}, words("levers.what")), inner);
    const put1 = (short, value) => store.change({ ...withMain(store.levers, card, mainValue(store.levers, card) === card.off ? defaultMain() : mainValue(store.levers, card)), [`${name}.${short}`]: value }, true);
    const defaultMain = () => (card.main === "strength" ? 1 : main.resting);
    function build() {
      const where = h("select", { class: "pick", "aria-label": words("levers.where"), onchange: () => put1("where", Number(where.value)) }, panel.wheres.map((w, k) => h("option", { value: k }, placesText(w, words))));
      const years = []; for (let y = 2021; y <= 2035; y++) years.push(y);
      const start = h("select", { class: "pick", "aria-label": words("levers.start"), onchange: () => put1("start", Number(start.value) * 12) }, years.map((y) => h("option", { value: y }, y)));
      rows.push(() => { where.value = store.levers[`${name}.where`] ?? 0; start.value = Math.floor((store.levers[`${name}.start`] ?? card.start) / 12); });
      where.value = store.levers[`${name}.where`] ?? 0;
      start.value = Math.floor((store.levers[`${name}.start`] ?? card.start) / 12);
      put(inner, h("p", {}, card.description[lang]),
        h("label", { class: "line" }, words("levers.where"), where), h("label", { class: "line" }, words("levers.start"), start),
        card.dials.filter((d) => d !== main).map((d) => slider(d.id, d.title[lang], { low: d.low, high: d.reach, step: d.step, rest: d.resting, unit: d.unit, get: () => store.levers[d.id] ?? d.resting, set: (v, settled) => (settled ? put1(d.id.split(".")[1], v) : null) })),
        slider(`${name}.delivery`, words("levers.delivery"), { low: 0, high: 1, step: 0.05, rest: 1, unit: "share", get: () => store.levers[`${name}.delivery`] ?? 1, set: (v, settled) => (settled ? put1("delivery", v) : null) }),
        h("p", {}, h("b", {}, words("levers.how")), " ", card.mechanism[lang]), h("p", {}, h("b", {}, words("levers.source")), " ", card.evidence[lang]),
        h("p", { class: "dim" }, words(`payer.${card.payer}`)));
    }
    node.append(box);
    return node;
  }

  function update() {
    undo.disabled = !store.past.length;
    reset.disabled = !store.changed;
    note.hidden = !store.fault;
    note.textContent = store.fault;
    const key = JSON.stringify(Object.entries(store.levers).sort());
    const story = panel.presets.find((p) => JSON.stringify(Object.entries(p.levers).sort()) === key);
    stories.value = story?.name ?? "";
    tale.textContent = story?.description?.[lang] ?? "";
    for (const row of rows) row();
    meter.update();
  }
  update();
  return { el, update };
}

// What the levers cost in the year shown, against what the room says it can spend.
function createMeter(store, words) {
  const fill = h("i"), text = h("span"), pick = h("select", { class: "pick", "aria-label": words("budget.limit"), onchange: () => store.set({ budget: Number(pick.value) }, "budget") },
    BUDGETS.map((b) => h("option", { value: b }, money(b, store.lang))));
  const el = h("div", { class: "meter", hidden: true }, h("div", { class: "hrow between" }, h("b", {}, words("budget")), h("label", {}, words("budget.of"), " ", pick)), h("div", { class: "gauge" }, fill), text);
  return {
    el,
    update() {
      const { now } = store;
      el.hidden = !store.changed || !now?.policyCount;
      if (el.hidden) return;
      pick.value = store.budget;
      const spent = now.spentInYear(store.shown(now)), share = spent / store.budget;
      fill.style.width = `${Math.min(100, 100 * share)}%`;
      el.classList.toggle("over", share > 1);
      text.textContent = words(share > 1 ? "budget.over" : "budget.within", { spent: money(spent, store.lang), over: money(spent - store.budget, store.lang) });
    },
  };
}

export { isOn, cardOf, without };
