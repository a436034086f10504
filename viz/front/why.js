// Why did it move? The change in net migration of a place or group, split into its reasons.

import { bars } from "./chart.js";
import { askBox, inquiryState } from "./inquiry.js";
import { folk, h, put, token } from "./kit.js";
import { describe } from "./panel.js";

export function createWhy(store, words) {
  const story = h("p", { class: "story" }), body = h("div", { class: "whybody" });
  const { places, kinds } = store.meta;
  const place = h("select", { class: "pick", "data-tool": "whyplace", "aria-label": words("place"), onchange: () => { whom = place.value; key = ""; update(); } },
    h("option", { value: "home" }, words("home.places")), kinds.map((kind, k) => places.kind.includes(k) && h("option", { value: `kind:${k}` }, words(`kind.${kind}`))),
    h("optgroup", { label: words("place") }, places.name[store.lang].map((name, i) => h("option", { value: String(i) }, name))));
  const edu = h("select", { class: "pick", "aria-label": words("who"), onchange: () => { key = ""; schooling = Number(edu.value); update(); } },
    ["all", "primary", "junior", "senior", "college"].map((name, e) => h("option", { value: e }, words(`edu.${name}`))));
  let whom = store.place === null ? "home" : String(store.place), schooling = 4, key = "";
  const el = h("div", { class: "part why" }, h("div", { class: "topline" }, story), h("div", { class: "controls" }, h("label", {}, words("why.of"), place), h("label", {}, words("who"), edu)), body);

  function fits(i) {
    if (whom === "home") return places.kind[i] >= 3;
    if (whom.startsWith("kind:")) return places.kind[i] === Number(whom.slice(5));
    return i === Number(whom);
  }

  function update() {
    const state = inquiryState(store, "why"), answer = store.answers.why;
    const next = `${state}|${answer?.head.share}|${whom}|${schooling}|${store.lang}|${store.theme}`;
    if (next === key) return;
    key = next;
    place.value = whom;
    edu.value = schooling;
    if (state !== "done") { story.textContent = words("why.story"); put(body, askBox(store, words, "why", state)); return; }
    const { data, shape } = answer.arrays.lines, [, n, many] = shape, names = answer.head.lines, sums = new Array(many).fill(0);
    for (let i = 0; i < n; i++) if (fits(i)) for (let k = 0; k < many; k++) sums[k] += data[(schooling * n + i) * many + k];
    const whole = sums[many - 1], lines = names.slice(0, -1).map((name, k) => [name, sums[k]]).sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]));
    const who = place.selectedOptions[0].textContent, group = words(`edu.${["all", "primary", "junior", "senior", "college"][schooling]}`);
    story.textContent = words(whole >= 0 ? "why.more" : "why.less", { place: who, who: group, d: folk(Math.abs(whole), store.lang) });
    put(body, h("div", { class: "two" },
      h("figure", {}, h("figcaption", {}, h("b", {}, words("why.bars")), h("span", {}, words("why.bars.note", { n: answer.head.considerers.toLocaleString("en") }))),
        bars(lines.map(([name, value]) => ({ label: words(`term.${name}`), value, color: value > 0 ? token("--city") : token("--home") })), { kind: "people", lang: store.lang, signed: true })),
      h("div", { class: "because" }, h("h2", {}, words("why.words")),
        h("ul", {}, lines.filter(([, v]) => Math.abs(v) >= Math.abs(whole) * 0.02 && Math.abs(v) >= 1).map(([name, value]) => h("li", {}, h("b", { class: value > 0 ? "up" : "down" }, `${value > 0 ? "+" : "−"}${folk(Math.abs(value), store.lang)}`), " ", words(`because.${name}`)))),
        h("p", { class: "dim" }, describe(store.levers, store.meta.panel, words, store.lang).join(" · ")),
        h("p", { class: "dim" }, words("why.note")))));
  }
  return { el, update };
}
