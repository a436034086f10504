// The map: city circles with their rings, county towns, countryside, and the people who move between them.

import { clamp, h, monthText, number, ramp, token } from "./kit.js";
import { MEASURES, domainOf } from "./measures.js";

const ARCS = 300;
const LAND_SHARE = 0.4;
const SHAPES = { city: "city", county_town: "diamond", rural: "disc" };

export class MapView {
  constructor(store, words) {
    this.store = store;
    this.words = words;
    this.canvas = h("canvas", { class: "map", tabindex: "0", role: "img", "aria-label": "" });
    this.tip = h("div", { class: "tip", hidden: true });
    this.el = h("div", { class: "mapbox" }, this.canvas, this.tip);
    this.paint = this.canvas.getContext("2d");
    this.arcs = [];
    this.arcKey = "";
    this.domainKey = "";
    this.hovered = null;
    this.frames = 0;
    this.calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.clock = 0;
    new ResizeObserver(() => this.resize()).observe(this.el);
    this.canvas.addEventListener("pointermove", (e) => this.hover(e));
    this.canvas.addEventListener("pointerleave", () => this.point(null));
    this.canvas.addEventListener("click", (e) => { this.hover(e); if (this.hovered !== null) { this.store.set({ place: this.hovered }, "place"); this.onchosen?.(); } });
    this.canvas.addEventListener("keydown", (e) => this.key(e));
  }

  // -- where everything lies ---------------------------------------------------------------------

  resize() {
    const box = this.el.getBoundingClientRect(), ratio = Math.min(2, window.devicePixelRatio || 1);
    if (box.width < 20 || box.height < 20) return;
    this.width = box.width;
    this.height = box.height;
    this.canvas.width = Math.round(box.width * ratio);
    this.canvas.height = Math.round(box.height * ratio);
    this.ratio = ratio;
    this.nodes = null;
    this.landImage = null;
    this.layerKey = undefined;
    this.draw();
  }

  project(lon, lat) {
    // Albers' equal-area conic, standard parallels 25 and 47 degrees north, centre 105 east.
    const rad = Math.PI / 180, n = (Math.sin(25 * rad) + Math.sin(47 * rad)) / 2;
    const c = Math.cos(25 * rad) ** 2 + 2 * n * Math.sin(25 * rad);
    const rho = Math.sqrt(c - 2 * n * Math.sin(lat * rad)) / n, rho0 = Math.sqrt(c - 2 * n * Math.sin(36 * rad)) / n;
    const theta = n * (lon - 105) * rad;
    return [rho * Math.sin(theta), rho * Math.cos(theta) - rho0];
  }

  layout() {
    const { places, land, kinds } = this.store.meta, n = places.kind.length;
    let raw = places.lon.map((lon, i) => this.project(lon, places.lat[i]));
    if (!land.length) raw = gather(raw);
    const around = land.length ? land.map(([lon, lat]) => this.project(lon, lat)) : raw;
    const xs = around.map((p) => p[0]), ys = around.map((p) => p[1]);
    const box = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const pad = Math.min(46, this.width * 0.07);
    const scale = Math.min((this.width - 2 * pad - (land.length || this.width < 700 ? 0 : 240)) / (box[1] - box[0] || 1), (this.height - 2 * pad) / (box[3] - box[2] || 1));
    const side = land.length || this.width < 700 ? 0 : 120; // room for the legend
    const dx = side + (this.width - scale * (box[1] - box[0])) / 2 - scale * box[0], dy = (this.height - scale * (box[3] - box[2])) / 2 - scale * box[2];
    this.place = ([x, y]) => [x * scale + dx, y * scale + dy];
    const total = places.people.reduce((a, b) => a + b, 0);
    this.perPerson = Math.sqrt((LAND_SHARE * 0.33 * scale * scale * (box[1] - box[0]) * (box[3] - box[2])) / (Math.PI * total));
    const rings = this.rings = this.groupRings(n, kinds);
    const nodes = [];
    this.nodeOf = new Int32Array(n).fill(-1);
    for (let i = 0; i < n; i++) {
      if (this.nodeOf[i] >= 0) continue;
      const members = rings.get(i) || [i];
      const people = members.reduce((a, m) => a + places.people[m], 0);
      const weighted = members.reduce((a, m) => [a[0] + raw[m][0] * places.people[m], a[1] + raw[m][1] * places.people[m]], [0, 0]);
      const [x, y] = this.place(people > 0 ? [weighted[0] / people, weighted[1] / people] : raw[i]);
      const kind = kinds[places.kind[i]];
      const shape = members.length > 1 || !["county_town", "rural"].includes(kind) ? "city" : SHAPES[kind];
      members.forEach((m) => (this.nodeOf[m] = nodes.length));
      nodes.push({ x, y, ax: x, ay: y, members, shape, r: Math.max(2.2, this.perPerson * Math.sqrt(people) * (shape === "diamond" ? 1.12 : 1)), circle: places.circle[i], name: members[0] });
    }
    relax(nodes, this.width, this.height);
    this.nodes = nodes;
  }

  // Where a circle has one core, one inner and one outer ring, they are drawn one around the other.
  groupRings(n, kinds) {
    const found = new Map(), by = new Map(), { places } = this.store.meta;
    for (let i = 0; i < n; i++) {
      if (places.kind[i] > 2) continue;
      const list = by.get(places.circle[i]) || [];
      list.push(i);
      by.set(places.circle[i], list);
    }
    for (const list of by.values()) {
      const counts = new Set(list.map((i) => places.kind[i]));
      if (counts.size !== list.length) continue;
      list.sort((a, b) => places.kind[a] - places.kind[b]);
      for (const i of list) found.set(i, list);
    }
    return found;
  }

  // -- what is drawn -----------------------------------------------------------------------------

  look(i, t) {
    const { now, base } = this, spec = MEASURES[this.store.measure] || MEASURES.talent_share;
    const a = Math.min(Math.floor(t), now.filled - 1), b = Math.min(a + 1, now.filled - 1), part = t - Math.floor(t);
    const u = spec.of(now, i, a, base), v = spec.of(now, i, b, base);
    return Number.isFinite(v) && Number.isFinite(u) ? u + (v - u) * part : u;
  }

  size(i, t) {
    const { now } = this, a = Math.min(Math.floor(t), now.filled - 1), b = Math.min(a + 1, now.filled - 1);
    const u = now.at("residents", i, a), v = now.at("residents", i, b);
    return u + (v - u) * (t - Math.floor(t));
  }

  color(value) {
    if (!Number.isFinite(value)) return this.theme.unknown;
    const [low, high] = this.domain;
    return ramp(this.stops, (value - low) / (high - low));
  }

  readTheme() {
    const key = this.store.theme + this.store.measure;
    if (this.themeKey === key) return;
    this.themeKey = key;
    this.theme = Object.fromEntries(["ink", "soft", "land", "line", "paper", "home", "city", "unknown", "equal"].map((k) => [k, token(`--${k}`)]));
    this.font = token("--font-text");
    const spec = MEASURES[this.store.measure] || MEASURES.talent_share;
    this.stops = [0, 1, 2, 3, 4].map((k) => token(`--${spec.form === "change" ? "div" : "seq"}${k}`));
    this.landImage = null;
  }

  draw(elapsed = 0) {
    const { store } = this;
    if (!store.meta || !this.width) return;
    this.now = store.now;
    this.base = store.base;
    this.readTheme();
    if (!this.nodes) this.layout();
    if (!this.now || !this.now.filled) { this.under(null, (p) => this.drawLand(p)); return; }
    this.findDomain();
    const t = clamp(store.t, 0, this.now.filled - 1), { now } = this;
    this.clock += elapsed;
    // What stands still is painted once; between two months only the dots on their way are new.
    const key = [now.head.run, now.version, this.base?.version, t, store.measure, store.edu, store.place, this.hovered, store.lang, this.themeKey, store.show, this.domain].join("|");
    this.under(key, (p) => {
      this.drawLand(p);
      this.drawStems(p);
      this.drawPlaces(p, t);
      this.drawArcs(p, t);
      this.drawNames(p);
    });
    this.drawDots(this.paint);
    this.frames += 1;
    window.__homeward_frames = this.frames;
    window.__homeward_drawn = `${this.now.head.run}/${this.now.filled}/${Math.round(t)}`;
  }

  // The layer below, painted anew when `key` is another, laid on the canvas.
  under(key, paint) {
    const { canvas, paint: p } = this, layer = (this.layer ||= document.createElement("canvas"));
    if (this.store.playing || key === null) { // every frame is new
      this.layerKey = undefined;
      p.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
      p.clearRect(0, 0, this.width, this.height);
      paint(p);
      return;
    }
    if (layer.width !== canvas.width || layer.height !== canvas.height) { layer.width = canvas.width; layer.height = canvas.height; this.layerKey = undefined; }
    if (key !== this.layerKey) {
      this.layerKey = key;
      const q = (this.layerPaint ||= layer.getContext("2d"));
      q.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
      q.clearRect(0, 0, this.width, this.height);
      paint(q);
    }
    p.setTransform(1, 0, 0, 1, 0, 0);
    p.clearRect(0, 0, canvas.width, canvas.height);
    p.drawImage(layer, 0, 0);
    p.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
  }

  findDomain() {
    const key = `${this.base?.head.run}|${this.base?.done}|${this.store.measure}|${MEASURES[this.store.measure]?.paired ? this.now.version + this.now.head.run : ""}`;
    if (key === this.domainKey) return;
    this.domainKey = key;
    this.domain = domainOf(MEASURES[this.store.measure] ? this.store.measure : "talent_share", this.base, this.now);
    this.ondomain?.(this.domain);
  }

  drawLand(p) {
    if (!this.landImage) {
      const image = (this.landImage = document.createElement("canvas"));
      image.width = this.canvas.width;
      image.height = this.canvas.height;
      const q = image.getContext("2d");
      q.scale(this.ratio, this.ratio);
      const points = this.store.meta.land.map(([lon, lat]) => this.place(this.project(lon, lat)));
      const reach = points.map((a) => {
        const d = points.map((b) => Math.hypot(a[0] - b[0], a[1] - b[1])).sort((u, v) => u - v);
        return clamp((d[4] || 30) * 0.78, 13, 62);
      });
      q.fillStyle = this.theme.land;
      q.filter = `blur(${Math.round(9 * this.ratio)}px)`;
      points.forEach((a, k) => { q.beginPath(); q.arc(a[0], a[1], reach[k], 0, 7); q.fill(); });
      q.filter = "none";
      q.fillStyle = this.theme.line;
      points.forEach((a) => { q.beginPath(); q.arc(a[0], a[1], 1.1, 0, 7); q.fill(); });
    }
    p.save();
    p.setTransform(1, 0, 0, 1, 0, 0);
    p.drawImage(this.landImage, 0, 0);
    p.restore();
  }

  drawStems(p) {
    const heads = new Map();
    for (const node of this.nodes) if (node.shape === "city" && !heads.has(node.circle)) heads.set(node.circle, node);
    p.strokeStyle = this.theme.line;
    p.lineWidth = 1;
    p.beginPath();
    for (const node of this.nodes) {
      const head = heads.get(node.circle);
      if (!head || head === node || this.nodes.length > 400) continue;
      p.moveTo(head.x, head.y);
      p.lineTo(node.x, node.y);
    }
    p.stroke();
  }

  drawPlaces(p, t) {
    const chosen = this.store.place;
    for (const node of this.nodes) {
      let people = node.members.reduce((a, m) => a + this.size(m, t), 0);
      for (let k = node.members.length - 1; k >= 0; k--) {
        const i = node.members[k], r = Math.max(1.6, this.perPerson * Math.sqrt(Math.max(0, people)));
        trace(p, node, r);
        p.fillStyle = this.color(this.look(i, t));
        p.fill();
        p.lineWidth = 1;
        p.strokeStyle = this.theme.paper;
        p.stroke();
        if (node.shape === "disc" && r > 4) {
          p.lineWidth = 1.2;
          p.strokeStyle = this.theme.soft;
          trace(p, node, r + 1.4);
          p.stroke();
        }
        if (i === chosen || i === this.hovered) {
          trace(p, node, r + 2.5);
          p.lineWidth = i === chosen ? 3 : 2;
          p.strokeStyle = i === chosen ? this.theme.home : this.theme.ink;
          p.stroke();
        }
        people -= this.size(i, t);
      }
    }
  }

  findArcs(year) {
    const flows = this.now.flows(year) || this.now.flows(year - 1), { store } = this;
    const key = `${this.now.head.run}|${flows ? flows.rows : 0}|${year}|${store.edu}|${store.place}|${this.width}`;
    if (key === this.arcKey) return;
    this.arcKey = key;
    this.arcs = [];
    if (!flows) return;
    const n = this.now.n, sums = new Map(), wanted = ["primary", "junior", "senior", "college"].indexOf(store.edu);
    for (let k = 0; k < flows.rows; k++) {
      if (wanted >= 0 && flows.education[k] !== wanted) continue;
      const a = flows.from[k], b = flows.to[k];
      if (a === b || (store.place !== null && a !== store.place && b !== store.place)) continue;
      sums.set(a * n + b, (sums.get(a * n + b) || 0) + flows.moves[k]);
    }
    const top = [...sums].sort((u, v) => v[1] - u[1]).slice(0, ARCS), kind = this.store.meta.places.kind;
    const most = top.length ? top[0][1] : 1;
    this.arcs = top.reverse().map(([pair, moves]) => {
      const a = Math.floor(pair / n), b = pair % n, u = this.nodes[this.nodeOf[a]], v = this.nodes[this.nodeOf[b]];
      if (u === v) return null;
      const bend = 0.18, mx = (u.x + v.x) / 2 - (v.y - u.y) * bend, my = (u.y + v.y) / 2 + (v.x - u.x) * bend;
      const turn = Math.sign(kind[b] - kind[a]);
      return { u, v, mx, my, w: 0.5 + 5 * Math.sqrt(moves / most) * Math.min(1, Math.sqrt(most / 3)), turn, seed: ((a * 73 + b * 151) % 97) / 97, far: Math.hypot(u.x - v.x, u.y - v.y) };
    }).filter(Boolean);
  }

  drawArcs(p, t) {
    if (this.store.show === "still") return;
    const year = Math.floor((this.store.meta.start + t) / 12);
    this.findArcs(year);
    const colors = { 1: this.theme.home, 0: this.theme.equal, [-1]: this.theme.city };
    p.lineCap = "round";
    for (const arc of this.arcs) {
      p.strokeStyle = colors[arc.turn];
      p.globalAlpha = 0.07 + 0.06 * arc.w;
      p.lineWidth = arc.w;
      p.beginPath();
      p.moveTo(arc.u.x, arc.u.y);
      p.quadraticCurveTo(arc.mx, arc.my, arc.v.x, arc.v.y);
      p.stroke();
    }
    p.globalAlpha = 1;
  }

  // The people on their way: dots that run along the arcs.
  drawDots(p) {
    if (this.calm || this.store.show === "still") return;
    const colors = { 1: this.theme.home, 0: this.theme.equal, [-1]: this.theme.city };
    p.globalAlpha = 0.9;
    for (const arc of this.arcs) {
      p.fillStyle = colors[arc.turn];
      const pace = 55 / Math.max(60, arc.far), count = arc.w > 3 ? 3 : arc.w > 1.6 ? 2 : 1;
      for (let k = 0; k < count; k++) {
        const q = (this.clock * 0.001 * pace * 1.4 + arc.seed + k / count) % 1, o = 1 - q;
        const x = o * o * arc.u.x + 2 * o * q * arc.mx + q * q * arc.v.x, y = o * o * arc.u.y + 2 * o * q * arc.my + q * q * arc.v.y;
        p.beginPath();
        p.arc(x, y, 0.9 + arc.w * 0.36, 0, 7);
        p.fill();
      }
    }
    p.globalAlpha = 1;
  }

  drawNames(p) {
    const { store } = this, { places, provinces } = store.meta;
    p.font = `600 ${this.width > 700 ? 12.5 : 10}px ${this.font}`;
    p.textAlign = "center";
    p.lineJoin = "round";
    const taken = [];
    const heads = this.nodes.filter((node) => node.shape === "city" && node.members.length > 1).sort((a, b) => b.r - a.r);
    for (const node of heads.length ? heads : this.nodes.filter((n) => n.r > 11)) {
      const text = heads.length ? provinces[store.lang][places.province[node.members[0]]] : places.name[store.lang][node.members[0]];
      const w = p.measureText(text).width / 2 + 3, x = clamp(node.x, w, this.width - w), below = node.y + node.r + 12;
      const hidden = this.avoid && x - w < this.avoid.right && below > this.avoid.top - 4, y = hidden ? node.y - node.r - 6 : below; // the legend lies there
      if (taken.some((b) => Math.abs(b[0] - x) < b[2] + w && Math.abs(b[1] - y) < 13)) continue;
      taken.push([x, y, w]);
      p.lineWidth = 3.5;
      p.strokeStyle = this.theme.paper;
      p.strokeText(text, x, y);
      p.fillStyle = this.theme.ink;
      p.fillText(text, x, y);
    }
  }

  // -- pointing at places ------------------------------------------------------------------------

  hit(x, y) {
    if (!this.nodes || !this.now) return null;
    const t = clamp(this.store.t, 0, this.now.filled - 1);
    for (const node of [...this.nodes].reverse()) {
      const d = Math.hypot(node.x - x, node.y - y);
      if (d > node.r * 1.5 + 6) continue;
      let people = 0;
      for (const i of node.members) {
        people += this.size(i, t);
        if (d <= Math.max(5, this.perPerson * Math.sqrt(people)) + 1.5) return i;
      }
    }
    return null;
  }

  hover(e) {
    const box = this.canvas.getBoundingClientRect();
    this.point(this.hit(e.clientX - box.left, e.clientY - box.top), e.clientX - box.left, e.clientY - box.top);
  }

  point(i, x = 0, y = 0) {
    if (i === null && this.hovered === null) return;
    this.hovered = i;
    this.canvas.style.cursor = i === null ? "default" : "pointer";
    this.tip.hidden = i === null;
    if (i !== null) {
      const { store } = this, spec = MEASURES[store.measure], t = store.shown(this.now), lang = store.lang;
      this.tip.replaceChildren(
        h("b", {}, store.meta.places.name[lang][i]),
        h("span", {}, `${this.words(`measure.${store.measure}`)}: ${number(this.look(i, t), spec.kind, lang, spec.form === "change")}`),
        h("span", {}, `${this.words("people")}: ${number(this.now.at("residents", i, t), "people", lang)}`),
        h("em", {}, this.words("map.click")),
      );
      this.tip.style.left = `${clamp(x + 14, 0, this.width - 230)}px`;
      this.tip.style.top = `${clamp(y + 14, 0, this.height - 96)}px`;
    }
    this.draw();
  }

  key(e) {
    const step = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[e.key];
    if (e.key === "Escape") this.store.set({ place: null }, "place");
    if (!step || !this.nodes) return;
    e.preventDefault();
    const here = this.store.place === null ? { x: this.width / 2, y: this.height / 2 } : this.nodes[this.nodeOf[this.store.place]];
    let best = null, least = Infinity;
    for (const node of this.nodes) {
      const dx = node.x - here.x, dy = node.y - here.y, along = dx * step[0] + dy * step[1], off = Math.abs(dx * step[1]) + Math.abs(dy * step[0]);
      if (node === here || along <= 1) continue;
      if (along + 2 * off < least) { least = along + 2 * off; best = node; }
    }
    if (best) this.store.set({ place: best.members[0] }, "place");
  }

  describe() {
    const { store } = this, t = store.shown(store.now);
    if (!store.now) return;
    const spec = MEASURES[store.measure], rows = store.meta.places.kind.map((_, i) => [i, spec.of(store.now, i, t, store.base)]).filter((r) => Number.isFinite(r[1])).sort((a, b) => b[1] - a[1]);
    const show = ([i, v]) => `${store.meta.places.name[store.lang][i]} ${number(v, spec.kind, store.lang, spec.form === "change")}`;
    this.canvas.setAttribute("aria-label", `${this.words("map.label")} ${monthText(store.monthShown, store.lang)}. ${this.words(`measure.${store.measure}`)}. ${this.words("map.most")} ${rows.slice(0, 3).map(show).join(", ")}. ${this.words("map.least")} ${rows.slice(-3).map(show).join(", ")}.`);
  }
}

function trace(p, node, r) {
  p.beginPath();
  if (node.shape === "diamond") {
    const d = r * 1.12;
    p.moveTo(node.x, node.y - d);
    p.lineTo(node.x + d, node.y);
    p.lineTo(node.x, node.y + d);
    p.lineTo(node.x - d, node.y);
    p.closePath();
  } else p.arc(node.x, node.y, r, 0, 7);
}

// In a made-up world far places are drawn nearer: distances from the middle by their square root.
function gather(points) {
  const middle = [0, 1].map((k) => points.map((p) => p[k]).sort((a, b) => a - b)[points.length >> 1]);
  return points.map(([x, y]) => {
    const dx = x - middle[0], dy = y - middle[1], d = Math.hypot(dx, dy);
    return d > 0 ? [dx / Math.sqrt(d), dy / Math.sqrt(d)] : [0, 0];
  });
}

// Places give way to one another and stay as near to where they are as they can.
function relax(nodes, width, height) {
  const rounds = nodes.length > 400 ? 60 : 260;
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < nodes.length; i++) {
      const a = nodes[i];
      for (let j = i + 1; j < nodes.length; j++) {
        const b = nodes[j];
        let dx = b.x - a.x, dy = b.y - a.y;
        const need = a.r + b.r + 3.5;
        if (Math.abs(dx) > need || Math.abs(dy) > need) continue;
        let d = Math.hypot(dx, dy);
        if (d >= need) continue;
        if (d < 0.01) { dx = 0.1 * (i % 3) - 0.1; dy = 0.1 * (j % 3) - 0.05; d = Math.hypot(dx, dy) || 0.1; }
        const push = ((need - d) / d) * 0.5, share = b.r / (a.r + b.r);
        a.x -= dx * push * share; a.y -= dy * push * share;
        b.x += dx * push * (1 - share); b.y += dy * push * (1 - share);
      }
    }
    const pull = round < rounds * 0.8 ? 0.025 : 0;
    for (const a of nodes) {
      a.x = clamp(a.x + (a.ax - a.x) * pull, a.r + 4, width - a.r - 4);
      a.y = clamp(a.y + (a.ay - a.y) * pull, a.r + 4, height - a.r - 16);
    }
  }
}
