// About: what the model is and is not, what is calibrated and what assumed, and how far it is off.

import { h } from "./kit.js";

export function createAbout(store, words) {
  const paragraphs = (key) => { const out = []; for (let k = 1; words.has(`${key}.${k}`); k++) out.push(h("p", {}, words(`${key}.${k}`))); return out; };
  const errors = store.meta.validation, { lang } = store;
  const el = h("div", { class: "part about" },
    h("div", { class: "topline" }, h("p", { class: "story" }, words("about.story"))),
    h("div", { class: "columns" },
      ["is", "isnot", "data", "numbers", "use"].map((part) => h("section", {}, h("h2", {}, words(`about.${part}`)), paragraphs(`about.${part}`)))),
    errors ? h("section", { "data-part": "errors" },
      h("table", { class: "wide" }, h("caption", {}, words("about.errors")),
        h("thead", {}, h("tr", {}, ["about.what", "about.observed", "about.model", "about.off", "about.nochange", "about.trend"].map((k) => h("th", { scope: "col" }, words(k))))),
        h("tbody", {}, errors.series.map((row) => {
          const last = row.years.length - 1, mean = (key) => `${row.error[key].toFixed(2)} ${row.error_unit[lang]}`;
          return h("tr", {}, h("th", { scope: "row" }, row.what[lang]), h("td", {}, `${row.published[last].toFixed(1)}${row.unit[lang]} (${row.years[last]})`), h("td", {}, `${row.model[last].toFixed(1)}${row.unit[lang]}`),
            h("td", { class: "strong" }, mean("model")), h("td", {}, mean("no change")), h("td", {}, mean("trend")));
        }))),
      h("p", { class: "dim" }, words("about.errors.note", { seeds: errors.seeds, k: errors.persons_per_agent.toLocaleString("en") }), " ", errors.same ? "" : words("about.errors.other"))) : null,
    h("p", { class: "dim" }, `${words("about.version")} ${store.meta.version || ""}`));
  return { el, update() {} };
}
