// What levers mean: policies in force, their numbers, and the same in words.

import { number } from "./kit.js";

export function cardOf(panel, name) {
  return panel.policies.find((card) => card.name === name);
}

export function dialOf(panel, id) {
  const assumption = panel.assumptions.find((dial) => dial.id === id);
  if (assumption) return assumption;
  const [name, short] = id.split("."), card = cardOf(panel, name);
  return card?.dials.find((dial) => dial.id === `${name}.${short}`) || null;
}

export const isOn = (levers, name) => name in levers;

// Where the slider of a policy stands.
export function mainValue(levers, card) {
  if (!isOn(levers, card.name)) return card.off;
  const given = levers[`${card.name}.${card.main}`];
  return given ?? (card.main === "strength" ? 1 : card.dials.find((d) => d.id === `${card.name}.${card.main}`).resting);
}

export function withMain(levers, card, value) {
  if (value === card.off) return without(levers, card.name);
  const next = { ...levers };
  if (!isOn(next, card.name)) next[card.name] = 1 + Math.max(0, ...Object.entries(next).filter(([k]) => !k.includes(".")).map(([, v]) => v));
  next[`${card.name}.${card.main}`] = value;
  return next;
}

export function without(levers, name) {
  return Object.fromEntries(Object.entries(levers).filter(([k]) => k !== name && !k.startsWith(`${name}.`)));
}

export function placesText(where, words) {
  const parts = [];
  if (where.coastal === false) parts.push(words("where.inland"));
  if (where.coastal === true) parts.push(words("where.coastal"));
  if (where.poorest_share) parts.push(words("where.poorest", { share: `${Math.round(100 * where.poorest_share)}%` }));
  if (where.kinds) {
    const cities = ["core", "inner_ring", "outer_ring"], all = cities.every((kind) => where.kinds.includes(kind));
    const rest = where.kinds.filter((kind) => !all || !cities.includes(kind)).map((kind) => words(`kind.${kind}`).toLowerCase());
    parts.push([...(all ? [words("key.city").toLowerCase()] : []), ...rest].join(words("and")));
  }
  if (where.rural_classes) parts.push(where.rural_classes.map((name) => words(`class.${name}`)).join(words("and")));
  if (where.provinces) parts.push(where.provinces.join(words("and")));
  return parts.join(words("comma")) || words("where.all");
}

export function plain(value, unit, lang) {
  if (/^share/.test(unit)) return `${Math.round(value * 1000) / 10}%`;
  const text = Math.abs(value) >= 1000 ? number(value, "yuan", "zh").replace(" 元", "") : String(Math.round(value * 1e4) / 1e4);
  return unitText(text, unit, lang);
}

const UNITS = { yuan: "元", "a month": "每月", "a year": "每年", "a resident": "每位居民", "a firm": "每家企业", "a job": "每个岗位", "a newcomer": "每位新居民", months: "个月", factor: "倍", utility: "效用", elasticity: "弹性" };

function unitText(text, unit, lang) {
  if (lang !== "zh") return `${text} ${unit}`;
  let out = unit;
  for (const [en, zh] of Object.entries(UNITS)) out = out.replaceAll(en, zh);
  return `${text} ${out.replaceAll(" ", "")}`;
}

// A scenario in a few short lines.
export function describe(levers, panel, words, lang) {
  const lines = [];
  const names = Object.entries(levers).filter(([k]) => !k.includes(".")).sort((a, b) => a[1] - b[1]).map(([k]) => k);
  for (const name of names) {
    const card = cardOf(panel, name);
    if (!card) continue;
    const value = mainValue(levers, card), unit = card.main === "strength" ? "share" : card.dials.find((d) => d.id === `${name}.${card.main}`).unit;
    const where = panel.wheres[levers[`${name}.where`] ?? 0] || {};
    lines.push(`${card.title[lang]}: ${plain(value, unit, lang)}${Object.keys(where).length ? ` (${placesText(where, words)})` : ""}`);
  }
  for (const dial of panel.assumptions) if (dial.id in levers) lines.push(`${dial.title[lang]}: ${plain(levers[dial.id], dial.unit, lang)}`);
  return lines;
}
