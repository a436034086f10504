// The story of one place: its talent and where it comes from, who came, who left, and what life is like there.

import { bars, lineChart } from "./chart.js";
import { lastAt, yearly } from "./explore.js";
import { folk, h, known, money, number, put, token } from "./kit.js";

const LIFE = [["wage_mean", "yuan"], ["income_median_pc", "yuan"], ["rent", "number"], ["access", "number"], ["vacancies", "people"], ["unemployed", "people"], ["firms", "people"], ["left_behind_children", "people"], ["left_behind_elders", "people"]];

export function createPlace(store, words) {
  const el = h("div", { class: "place" });

  function update() {
    const i = store.place, { now, base, lang, meta } = store;
    if (i === null || !now || !now.filled || i >= now.n) return;
    const t = store.shown(now), name = meta.places.name[lang][i], year = Math.floor((meta.start + t) / 12);
    const talent = now.at("talent_pool", i, t), first = now.at("talent_pool", i, 0), residents = now.at("residents", i, t);
    const into = yearly(now.series("talent_in", i)), out = yearly(now.series("talent_out", i)), net = into.map((v, k) => v - out[k]);
    const was = base && base.filled > t ? base.at("talent_pool", i, t) : NaN;
    const common = { start: meta.start, months: meta.months, lang, t: store.t, onmonth: (m) => store.set({ t: m, playing: false }, "time") };
    const sentences = [words("place.talent", { name, talent: folk(talent, lang), share: number(talent / residents, "share", lang), change: number(talent / first - 1, "percent", lang, true) })];
    if (known(into[t])) sentences.push(words(into[t] >= out[t] ? "place.gains" : "place.loses", { into: folk(into[t], lang), out: folk(out[t], lang), net: folk(Math.abs(into[t] - out[t]), lang) }));
    if (store.changed && known(was) && Math.abs(talent - was) >= 1) sentences.push(words(talent >= was ? "place.more" : "place.fewer", { d: folk(Math.abs(talent - was), lang) }));
    put(el,
      h("button", { class: "small", "data-tool": "back", onclick: () => store.set({ place: null }, "place") }, `← ${words("place.back")}`),
      h("h2", {}, name), h("p", { class: "dim" }, `${words(`kind.${meta.kinds[meta.places.kind[i]]}`)}${meta.places.rural_class[i] ? ` · ${words(`class.${meta.rural_classes[meta.places.rural_class[i]]}`)}` : ""}`),
      h("p", { class: "tale" }, sentences.join(" ")),
      h("figure", {}, h("figcaption", {}, h("b", {}, words("talent"))), lineChart([{ values: now.series("talent_pool", i), base: base?.series("talent_pool", i), color: token("--city") }], { ...common, kind: "people", height: 150, title: words("talent") })),
      h("figure", {}, h("figcaption", {}, h("b", {}, words("place.inout")), h("span", {}, words("place.inout.note"))), lineChart([{ values: into, color: token("--city"), label: words("place.in") }, { values: out, color: token("--home"), label: words("place.out"), dash: "5 3" }], { ...common, kind: "people", height: 150, title: words("place.inout") })),
      moves(i, year, true), moves(i, year, false), origins(i, year),
      h("figure", {}, h("figcaption", {}, h("b", {}, words("place.life"))), h("dl", { class: "facts" }, LIFE.filter(([c]) => meta.columns.includes(c)).map(([column, kind]) => {
        const value = lastAt(now.series(column, i), t), before = base ? lastAt(base.series(column, i), t) : NaN;
        if (!known(value)) return null;
        const d = value - before;
        return [h("dt", {}, column === "access" ? words("measure.access") : meta.outcomes[`settlement_month/${column}`]?.[lang] ?? column), h("dd", {}, number(value, kind, lang), store.changed && known(d) && Math.abs(d) > 1e-9 ? h("em", { class: d > 0 ? "up" : "down" }, ` ${number(d, kind, lang, true)}`) : null)];
      }))),
      budget(i, t));
  }

  // The government of the circle: what it took in, what it got, what it spent on, what it owes.
  function budget(i, t) {
    const { now, base, meta, lang } = store, g = meta.government[i];
    const spent = now.budget("spending", g, t), debt = now.budget("debt", g, t);
    if (!known(spent) || !(spent > 0)) return null;
    const own = now.budget("own_revenue", g, t) + now.budget("land_revenue", g, t), from = now.budget("transfers_in", g, t) - now.budget("remitted", g, t);
    const parts = meta.governments.filter((name) => name.startsWith("spending_")).map((name) => ({ label: words(`budget.${name}`), value: now.budget(name, g, t), base: store.changed && base?.budgets ? base.budget(name, g, t) : undefined, color: token("--city") })).sort((a, b) => b.value - a.value);
    return h("figure", { "data-part": "budget" }, h("figcaption", {}, h("b", {}, words("place.budget")), h("span", {}, words("place.budget.note"))),
      h("p", {}, words(from >= 0 ? "place.budget.says" : "place.budget.gives", { spent: money(spent, lang), own: money(own, lang), from: money(Math.abs(from), lang), debt: money(debt, lang), months: (debt / spent * 12).toFixed(0) })),
      bars(parts, { kind: "money", lang }));
  }

  function moves(i, year, arriving) {
    const { now, meta, lang } = store, flows = now.flows(year) || now.flows(year - 1);
    if (!flows) return null;
    const sums = new Map(), wanted = meta.educations.indexOf(store.edu);
    for (let k = 0; k < flows.rows; k++) {
      const here = arriving ? flows.to[k] : flows.from[k], other = arriving ? flows.from[k] : flows.to[k];
      if (here !== i || other === i || (wanted >= 0 && flows.education[k] !== wanted)) continue;
      sums.set(other, (sums.get(other) || 0) + flows.moves[k] * now.scale);
    }
    const top = [...sums].sort((a, b) => b[1] - a[1]).slice(0, 5);
    if (!top.length) return null;
    return h("figure", {}, h("figcaption", {}, h("b", {}, words(arriving ? "place.from" : "place.to")), h("span", {}, `${words(`edu.${store.edu}`)}, ${now.flows(year) ? year : year - 1}`)),
      bars(top.map(([j, value]) => ({ label: meta.places.name[lang][j], value, color: token(`--kind${meta.places.kind[j]}`) })), { kind: "people", lang }));
  }

  function origins(i, year) {
    const { now, meta, lang } = store, found = now.talentFrom(year) || now.talentFrom(year - 1);
    if (!found) return null;
    const sums = new Map();
    for (let k = 0; k < found.rows; k++) if (found.here[k] === i) sums.set(found.root[k], (sums.get(found.root[k]) || 0) + found.people[k] * now.scale);
    const all = [...sums.values()].reduce((a, b) => a + b, 0), top = [...sums].sort((a, b) => b[1] - a[1]).slice(0, 5);
    if (!all) return null;
    return h("figure", {}, h("figcaption", {}, h("b", {}, words("place.roots")), h("span", {}, words("place.roots.note", { share: number((sums.get(i) || 0) / all, "share", lang) }))),
      bars(top.map(([j, value]) => ({ label: meta.places.name[lang][j], value, color: token(`--kind${meta.places.kind[j]}`) })), { kind: "people", lang }));
  }

  return { el, update };
}
