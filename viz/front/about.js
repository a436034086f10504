// About: what the model is and is not, what is calibrated and what assumed, and how far it is off.

import { h } from "./kit.js";

export function createAbout(store, words) {
  const paragraphs = (key) => { const out = []; for (let k = 1; words.has(`${key}.${k}`); k++) out.push(h("p", {}, words(`${key}.${k}`))); return out; };
  const errors = store.meta.validation || [];
  const el = h("div", { class: "part about" },
    h("div", { class: "topline" }, h("p", { class: "story" }, words("about.story"))),
    h("div", { class: "columns" },
      ["is", "isnot", "data", "numbers", "use"].map((part) => h("section", {}, h("h2", {}, words(`about.${part}`)), paragraphs(`about.${part}`)))),
    errors.length ? h("table", { class: "wide" }, h("caption", {}, words("about.errors")),
      h("thead", {}, h("tr", {}, ["about.what", "about.observed", "about.model", "about.off"].map((k) => h("th", { scope: "col" }, words(k))))),
      h("tbody", {}, errors.map((row) => h("tr", {}, h("th", { scope: "row" }, row.what), h("td", {}, row.observed), h("td", {}, row.model), h("td", {}, row.off))))) : null,
    h("p", { class: "dim" }, `${words("about.version")} ${store.meta.version || ""}`));
  return { el, update() {} };
}
