// What the map can be coloured by: how each measure is made from columns, and over which range it is shown.

const ratio = (a, b) => (b > 0 ? a / b : NaN);
const labourForce = (h, i, t) => h.at("employed", i, t) + h.at("unemployed", i, t) + h.at("farming", i, t) + h.at("flexible", i, t) + (h.at("welfare_jobs", i, t) || 0);

// A surveyed column is known every third month: the latest survey counts.
function latest(h, name, i, t) {
  for (let k = t; k > t - 3 && k >= 0; k--) {
    const v = h.at(name, i, k);
    if (Number.isFinite(v)) return v;
  }
  return NaN;
}

export const MEASURES = {
  talent_share: { kind: "share", form: "level", of: (h, i, t) => ratio(h.at("talent_pool", i, t), h.at("residents", i, t)) },
  talent_change: { kind: "percent", form: "change", of: (h, i, t) => ratio(h.at("talent_pool", i, t), h.at("talent_pool", i, 0)) - 1 },
  talent_effect: { kind: "percent", form: "change", paired: true, of: (h, i, t, base) => (base ? ratio(h.at("talent_pool", i, t), base.at("talent_pool", i, t)) - 1 : NaN) },
  people_change: { kind: "percent", form: "change", of: (h, i, t) => ratio(h.at("residents", i, t), h.at("residents", i, 0)) - 1 },
  wage: { kind: "yuan", form: "level", of: (h, i, t) => h.at("wage_mean", i, t) },
  income: { kind: "yuan", form: "level", of: (h, i, t) => latest(h, "income_median_pc", i, t) },
  unemployment: { kind: "share", form: "level", of: (h, i, t) => ratio(h.at("unemployed", i, t), labourForce(h, i, t)) },
  rent: { kind: "number", form: "level", of: (h, i, t) => h.at("rent", i, t) },
  access: { kind: "number", form: "level", of: (h, i, t) => h.at("access", i, t) },
  left_behind: { kind: "share", form: "level", of: (h, i, t) => ratio(latest(h, "left_behind_children", i, t) + latest(h, "left_behind_elders", i, t), h.at("registered", i, t)) },
};

// The range of a measure's colours: between the 3rd and 97th percentile of the baseline at its ends.
export function domainOf(measure, base, now) {
  const spec = MEASURES[measure], values = [];
  const take = (h) => {
    for (const t of [0, h.filled - 1]) for (let i = 0; i < h.n; i++) {
      const v = spec.of(h, i, Math.max(0, t), base);
      if (Number.isFinite(v)) values.push(v);
    }
  };
  if (spec.paired) { if (now) take(now); } else if (base) take(base);
  if (!values.length) return [0, 1];
  values.sort((a, b) => a - b);
  const q = (p) => values[Math.min(values.length - 1, Math.max(0, Math.round(p * (values.length - 1))))];
  if (spec.form === "change") {
    const reach = Math.max(Math.abs(q(0.03)), Math.abs(q(0.97)), spec.paired ? 0.01 : 0.05);
    return [-reach, reach];
  }
  const low = q(0.03), high = q(0.97);
  return high > low ? [low, high] : [low - 0.5, low + 0.5];
}
