// Lives: one person, and the same person in the other world, side by side.

import { askBox, inquiryState } from "./inquiry.js";
import { h, put } from "./kit.js";
import { describe } from "./panel.js";

export function createLives(store, words) {
  const story = h("p", { class: "story" }), body = h("div", { class: "livesbody" });
  const el = h("div", { class: "part lives" }, h("div", { class: "topline" }, story), body);
  let key = "", chosen = 0;

  function update() {
    const state = inquiryState(store, "twins"), answer = store.answers.twins;
    const next = `${state}|${answer?.head.share}|${chosen}|${store.lang}`;
    if (next === key) return;
    key = next;
    story.textContent = words("lives.story");
    if (state !== "done") { put(body, askBox(store, words, "twins", state)); return; }
    const { twins } = answer.head;
    if (!twins.length) { put(body, h("p", {}, words("lives.nobody"))); return; }
    const one = twins[Math.min(chosen, twins.length - 1)], [first, ...rest] = one.sentences[store.lang];
    put(body, h("div", { class: "two people" },
      h("nav", { class: "cast", "aria-label": words("lives.cast") }, twins.map((twin, k) => {
        const [who, ...tail] = twin.sentences[store.lang][0].split(store.lang === "zh" ? "：" : ": ");
        return h("button", { class: "face", "aria-pressed": String(k === chosen), onclick: () => { chosen = k; key = ""; update(); } }, h("b", {}, tail.join(": ").split(store.lang === "zh" ? "。" : ". ")[0]), h("span", {}, `${who}, ${tail.join(": ").split(store.lang === "zh" ? "。" : ". ").slice(1).join(". ")}`));
      })),
      h("article", { class: "life" }, h("h2", {}, first), rest.map((text) => h("p", {}, text)),
        h("table", { class: "wide sidebyside" }, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, words("time")), h("th", { scope: "col" }, words("lives.without")), h("th", { scope: "col" }, words("lives.with")))),
          h("tbody", {}, one.lives[store.lang].map(([month, a, b]) => h("tr", { class: month === one.parted ? "parted" : a !== b ? "apart" : "" }, h("th", { scope: "row" }, month), h("td", {}, a), h("td", {}, b))))),
        h("p", { class: "dim" }, describe(store.levers, store.meta.panel, words, store.lang).join(" · ")))));
  }
  return { el, update };
}
