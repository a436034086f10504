// The levers: what a visitor may change, in plain words, with undo and reset.

import { clamp, h, number, put } from "./kit.js";

export function createLevers(store, words) {
  const list = h("div", { class: "leverlist" }), note = h("p", { class: "fault", role: "alert", hidden: true });
  const undo = h("button", { class: "small", onclick: () => store.undo() }, `↶ ${words("undo")}`);
  const reset = h("button", { class: "small", onclick: () => store.setLevers({}) }, words("reset"));
  const presets = h("div", { class: "presets" });
  const el = h("section", { class: "levers", "aria-label": words("levers") },
    h("div", { class: "leverhead" }, h("h2", {}, words("levers.title")), h("div", { class: "row" }, undo, reset)),
    h("p", { class: "lead" }, words("levers.lead")), note, presets, list);
  const rows = new Map();
  const main = store.meta.levers.filter((one) => one.main), rest = store.meta.levers.filter((one) => !one.main);
  for (const lever of main) list.append(row(lever));
  if (rest.length) {
    const box = h("details", { class: "advanced", open: main.length ? null : true }, h("summary", {}, words("levers.advanced")), h("p", { class: "lead" }, words("levers.assumptions")), rest.map(row));
    list.append(box);
  }
  for (const preset of store.meta.presets || []) {
    presets.append(h("button", { class: "chip", title: preset.description?.[store.lang] || "", onclick: () => store.setLevers(preset.levers) }, preset.title[store.lang]));
  }

  function row(lever) {
    const slider = h("input", { type: "range", min: lever.low, max: lever.high, step: lever.step, value: store.value(lever.id), id: `lever-${lever.id}`, "data-lever": lever.id, list: null });
    const shown = h("output", { class: "value" });
    const back = h("button", { class: "back", "aria-label": `${words("reset")}: ${lever.title[store.lang]}`, onclick: () => store.pull(lever.id, lever.resting) }, "↺");
    let timer = 0;
    slider.addEventListener("input", () => {
      show(Number(slider.value));
      clearTimeout(timer);
      timer = setTimeout(() => store.pull(lever.id, near(slider.value), false), 30);
    });
    slider.addEventListener("change", () => { clearTimeout(timer); store.pull(lever.id, near(slider.value), true); });
    const near = (text) => (Math.abs(Number(text) - lever.resting) < lever.step / 2 ? lever.resting : Number(text));
    const show = (value) => {
      shown.textContent = `${plain(value, lever, store.lang)}`;
      const span = lever.high - lever.low || 1, at = (v) => `${clamp(((v - lever.low) / span) * 100, 0, 100)}%`;
      node.style.setProperty("--at", at(value));
      node.style.setProperty("--rest", at(lever.resting));
      node.classList.toggle("moved", value !== lever.resting);
      back.hidden = value === lever.resting;
    };
    const node = h("div", { class: "lever" },
      h("label", { for: `lever-${lever.id}` }, lever.title[store.lang]),
      shown, back,
      h("div", { class: "slide" }, slider),
      h("details", { class: "why" }, h("summary", {}, words("levers.what")),
        h("p", {}, lever.meaning[store.lang]),
        h("p", { class: "dim" }, `${words("levers.rest")} ${plain(lever.resting, lever, store.lang)} · ${words("levers.range")} ${plain(lever.low, lever, store.lang)} – ${plain(lever.high, lever, store.lang)}`),
        h("p", { class: "dim" }, `${words("levers.source")}: ${lever.source}`)));
    rows.set(lever.id, { slider, show });
    show(store.value(lever.id));
    return node;
  }

  function update() {
    undo.disabled = !store.past.length;
    reset.disabled = !store.changed;
    note.hidden = !store.fault;
    note.textContent = store.fault;
    for (const [id, one] of rows) {
      if (document.activeElement !== one.slider) one.slider.value = store.value(id);
      one.show(store.value(id));
    }
  }
  update();
  return { el, update };
}

export function plain(value, lever, lang) {
  if (/^share/.test(lever.unit) || lever.unit === "0 or 1") return `${Math.round(value * 1000) / 10}%`;
  const text = Math.abs(value) >= 1000 ? number(value, "yuan", lang).replace("¥", "") : String(Math.round(value * 1e4) / 1e4);
  return `${text} ${lever.unit}`;
}
