// The map as a table, for those who cannot or would rather not see it.

import { h, monthText, number, put } from "./kit.js";
import { MEASURES } from "./measures.js";

export function createTable(store, words) {
  const body = h("div", { class: "tablescroll" }), el = h("div", { class: "tablebox", hidden: true }, body);
  let sort = 3;
  const self = {
    el, open: false,
    toggle() { self.open = !self.open; el.hidden = !self.open; self.update(); },
    update() {
      if (!self.open || !store.now) return;
      const { now, base, lang } = store, t = store.shown(now), spec = MEASURES[store.measure] || MEASURES.talent_share, places = store.meta.places;
      const rows = places.kind.map((k, i) => [i, places.name[lang][i], words(`kind.${store.meta.kinds[k]}`), now.at("residents", i, t), now.at("talent_pool", i, t), spec.of(now, i, t, base)]);
      rows.sort((a, b) => (sort < 3 ? String(a[sort]).localeCompare(String(b[sort]), lang) : (b[sort] || -1e30) - (a[sort] || -1e30)));
      const heads = ["", words("place"), words("kind"), words("people"), words("talent"), words(`measure.${store.measure}`)];
      put(body, h("table", {}, h("caption", {}, `${words("table.caption")} ${monthText(store.meta.start + t, lang)}`),
        h("thead", {}, h("tr", {}, heads.slice(1).map((text, k) => h("th", { scope: "col" }, h("button", { onclick: () => { sort = k + 1; self.update(); } }, text, sort === k + 1 ? " ↓" : ""))))),
        h("tbody", {}, rows.map((r) => h("tr", {}, h("th", { scope: "row" }, h("button", { onclick: () => store.set({ place: r[0] }, "place") }, r[1])), h("td", {}, r[2]), h("td", {}, number(r[3], "people", lang)), h("td", {}, number(r[4], "people", lang)), h("td", {}, number(r[5], spec.kind, lang, spec.form === "change")))))));
    },
  };
  return self;
}
