// Histories as they come from the machine: months by column by place, the nation, yearly tables.

const TYPES = { float32: Float32Array, float64: Float64Array, uint8: Uint8Array, uint16: Uint16Array, int32: Int32Array };

export function unpack(view) {
  const bytes = view instanceof DataView ? new Uint8Array(view.buffer, view.byteOffset, view.byteLength) : new Uint8Array(view.buffer ?? view);
  const copy = bytes.slice(); // arrays need their own alignment
  const size = new DataView(copy.buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(copy.subarray(4, 4 + size)));
  const arrays = {};
  for (const [name, type, shape, offset, length] of head.arrays) {
    const data = new TYPES[type](copy.buffer, 4 + size + offset, length / TYPES[type].BYTES_PER_ELEMENT);
    arrays[name] = { data, shape };
  }
  delete head.arrays;
  return { head, arrays };
}

export class History {
  constructor(meta, head) {
    this.meta = meta;
    this.head = head;
    this.n = meta.places.kind.length;
    this.columns = meta.columns.length;
    this.nationColumns = meta.nation.length;
    this.places = new Float32Array(head.months * this.columns * this.n).fill(NaN);
    this.nationData = new Float64Array(head.months * this.nationColumns).fill(NaN);
    this.policyCount = (head.policies || []).length;
    this.policies = new Float64Array(head.months * this.policyCount * 3);
    this.budgets = null;
    this.yearly = {};
    this.filled = 0;
    this.version = 0;
    this.kinds = new Map();
  }

  get scale() {
    return this.head.persons_per_agent;
  }

  // Nothing more will come.
  get finished() {
    return ["done", "failed"].includes(this.head.status);
  }

  get done() {
    return this.head.status === "done";
  }

  // Months that the scenario shares with its baseline need no waiting.
  borrow(base) {
    const rows = Math.min(this.head.same_until - this.head.start + 1, base.filled);
    if (rows <= 0 || this.filled) return;
    this.places.set(base.places.subarray(0, rows * this.columns * this.n));
    this.nationData.set(base.nationData.subarray(0, rows * this.nationColumns));
    if (base.budgets) this.makeBudgets().set(base.budgets.subarray(0, rows * this.budgetRow));
    for (const [key, value] of Object.entries(base.yearly)) {
      if ((Number(key.split("/")[1]) + 1) * 12 - 1 <= this.head.same_until) this.yearly[key] = value;
    }
    this.filled = rows;
  }

  take(head, arrays) {
    this.head = head;
    if (arrays.places) {
      this.places.set(arrays.places.data, head.first * this.columns * this.n);
      this.nationData.set(arrays.nation.data, head.first * this.nationColumns);
      if (arrays.policies && this.policyCount) this.policies.set(arrays.policies.data, head.first * this.policyCount * 3);
      if (arrays.governments) this.makeBudgets().set(arrays.governments.data, head.first * this.budgetRow);
      this.filled = Math.max(this.filled, head.first + arrays.places.shape[0]);
      for (const [name, value] of Object.entries(arrays)) {
        if (name.includes("/")) this.yearly[name] = value;
      }
    }
    this.version += 1;
    this.kinds.clear();
  }

  // Budgets of governments: month by column by government, the centre first, yuan a month.
  get budgetRow() {
    return this.meta.governments.length * this.governments;
  }

  get governments() {
    return 1 + Math.max(...this.meta.government);
  }

  makeBudgets() {
    return (this.budgets ||= new Float32Array(this.head.months * this.budgetRow).fill(NaN));
  }

  // One column of one government in the twelve months up to t (a stock: at t), yuan.
  budget(name, government, t) {
    const c = this.meta.governments.indexOf(name), at = (m) => this.budgets[(m * this.meta.governments.length + c) * this.governments + government];
    if (!this.budgets || c < 0) return NaN;
    if (name === "debt" || name === "cash") return at(t);
    if (t < 12) return NaN;
    let sum = 0;
    for (let m = t - 11; m <= t; m++) sum += at(m);
    return sum;
  }

  factor(name) {
    return this.meta.people_columns.includes(name) ? this.scale : 1;
  }

  // One column of all places in one month (a view, in agents).
  row(name, t) {
    const c = this.meta.columns.indexOf(name);
    const at = (t * this.columns + c) * this.n;
    return this.places.subarray(at, at + this.n);
  }

  at(name, place, t) {
    const c = this.meta.columns.indexOf(name);
    return c < 0 ? NaN : this.places[(t * this.columns + c) * this.n + place] * this.factor(name);
  }

  series(name, place) {
    return Float64Array.from({ length: this.filled }, (_, t) => this.at(name, place, t));
  }

  nation(name) {
    const c = this.meta.nation.indexOf(name), f = this.factor(name);
    return Float64Array.from({ length: this.filled }, (_, t) => (c < 0 ? NaN : this.nationData[t * this.nationColumns + c] * f));
  }

  // Sum over the places that fit (people), or mean weighted by `weight` for rates and money.
  total(name, fits, key, weight = null) {
    const id = `${name}|${key}|${weight}`;
    if (this.kinds.has(id)) return this.kinds.get(id);
    const out = new Float64Array(this.filled), f = this.factor(name);
    const chosen = [];
    for (let i = 0; i < this.n; i++) if (fits(i)) chosen.push(i);
    for (let t = 0; t < this.filled; t++) {
      const row = this.row(name, t);
      let sum = 0, by = 0;
      if (weight) {
        const w = this.row(weight, t);
        for (const i of chosen) if (Number.isFinite(row[i])) { sum += row[i] * w[i]; by += w[i]; }
        out[t] = by > 0 ? sum / by : NaN;
      } else {
        let any = false;
        for (const i of chosen) if (Number.isFinite(row[i])) { sum += row[i]; any = true; }
        out[t] = any ? sum * f : NaN;
      }
    }
    this.kinds.set(id, out);
    return out;
  }

  // Moves of a year: {from, to, education, reason, moves} as columns, in people.
  flows(year) {
    const found = this.yearly[`flows/${year}`];
    if (!found) return null;
    const [columns, rows] = found.shape, part = (k) => found.data.subarray(k * rows, (k + 1) * rows);
    return columns ? { rows, from: part(0), to: part(1), education: part(2), reason: part(3), moves: part(4) } : null;
  }

  talentFrom(year) {
    const found = this.yearly[`talent_from/${year}`];
    if (!found) return null;
    const rows = found.shape[1];
    return { rows, root: found.data.subarray(0, rows), here: found.data.subarray(rows, 2 * rows), people: found.data.subarray(2 * rows) };
  }

  // Yuan spent by all policies, and people reached by one, in the twelve months up to t.
  spentInYear(t, policy = null) {
    let sum = 0;
    for (let m = Math.max(0, t - 11); m <= t; m++) for (let k = 0; k < this.policyCount; k++) if (policy === null || policy === k) sum += this.policies[(m * this.policyCount + k) * 3];
    return sum;
  }

  spent(policy = null) {
    let sum = 0;
    for (let m = 0; m < this.filled; m++) for (let k = 0; k < this.policyCount; k++) if (policy === null || policy === k) sum += this.policies[(m * this.policyCount + k) * 3];
    return sum;
  }

  deciles(year) {
    return this.yearly[`deciles/${year}`]?.data ?? null;
  }
}

// Values known only in some months, drawn through the gaps.
export function bridged(values) {
  const out = Float64Array.from(values);
  let last = -1;
  for (let t = 0; t < out.length; t++) {
    if (!Number.isFinite(values[t])) continue;
    if (last >= 0) for (let k = last + 1; k < t; k++) out[k] = values[last] + ((values[t] - values[last]) * (k - last)) / (t - last);
    last = t;
  }
  return out;
}
