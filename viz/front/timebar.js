// Time: play, pause, drag, and how fast.

import { h, monthText } from "./kit.js";

export function createTimebar(store, words) {
  const play = h("button", { class: "play", onclick: toggle });
  const slider = h("input", { type: "range", class: "time", min: 0, max: store.last, step: 1, value: Math.round(store.t), "aria-label": words("time"), oninput: () => store.set({ t: Number(slider.value), playing: false }, "time") });
  const label = h("output", { class: "when", "aria-live": "off" });
  const ready = h("span", { class: "ready" });
  const years = h("div", { class: "years", "aria-hidden": "true" });
  const first = Math.ceil(store.meta.start / 12) * 12;
  for (let m = first; m < store.meta.start + store.meta.months; m += 12) {
    const year = m / 12;
    if (year % 5 === 0 || year === first / 12) years.append(h("span", { style: { left: `${((m - store.meta.start) / store.last) * 100}%` } }, year));
  }
  const speed = h("div", { class: "speed", role: "group", "aria-label": words("speed") }, [0.5, 1, 2, 4].map((x) => h("button", { "data-speed": x, onclick: () => store.set({ speed: x }, "time") }, `${x}×`)));
  const el = h("div", { class: "timebar" }, play, label, h("div", { class: "rail" }, h("div", { class: "railback" }, ready), slider, years), speed);

  function toggle() {
    if (store.t >= store.last - 0.01) store.t = 0;
    store.set({ playing: !store.playing }, "time");
  }

  function update() {
    play.textContent = store.playing ? "❚❚" : "▶";
    play.setAttribute("aria-label", words(store.playing ? "pause" : "play"));
    slider.value = store.monthShown - store.meta.start;
    slider.setAttribute("aria-valuetext", monthText(store.monthShown, store.lang));
    label.textContent = monthText(store.monthShown, store.lang);
    ready.style.width = `${(100 * ((store.now?.filled ?? 1) - 1)) / store.last}%`;
    for (const button of speed.children) button.setAttribute("aria-pressed", String(Number(button.dataset.speed) === store.speed));
  }
  return { el, update };
}
