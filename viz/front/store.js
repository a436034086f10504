// What the visitor is looking at, in one place; the address of the page says it too, so that a link brings it back.

import { History, unpack } from "./history.js";
import { debounce, download } from "./kit.js";

export class Store {
  constructor(model) {
    this.model = model;
    this.meta = null;
    this.words = {};
    this.histories = new Map();
    this.slots = {};
    this.answers = {};
    this.calls = new Set();
    this.lang = (navigator.language || "en").startsWith("zh") ? "zh" : "en";
    this.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    this.page = "explore";
    this.measure = "talent_share";
    this.place = null;
    this.edu = "college";
    this.show = "moves";
    this.t = 0;
    this.playing = false;
    this.speed = 1;
    this.levers = {};
    this.sets = [];
    this.weights = {};
    this.budget = 1e12;
    this.past = [];
    this.fault = "";
    this.asked = 0;
    this.firstFrame = null;
    this.readAddress();
    this.writeAddress = debounce(250, () => this._writeAddress());
    this.heardAt = this.syncedAt = performance.now();
    this.watching = setInterval(() => this.watch(), 1000);
    model.on("msg:custom", (message, buffers) => this.hear(message, buffers));
  }

  on(call) {
    this.calls.add(call);
    return () => this.calls.delete(call);
  }

  tell(what) {
    for (const call of [...this.calls]) call(what);
  }

  set(changes, what = "view") {
    Object.assign(this, changes);
    this.writeAddress();
    this.tell(what);
  }

  send(message) {
    try {
      this.model.send(message);
    } catch (error) {
      this.begin();
    }
  }

  // When the session is gone for good the page is loaded again, as soon as the machine answers: its address holds all that was chosen.
  begin() {
    if (this.begun) return;
    this.begun = true;
    clearInterval(this.watching);
    history.replaceState(history.state, "", this.address());
    const again = () => fetch("/view/text/en.json", { cache: "no-store" }).then(() => location.reload(), () => setTimeout(again, 2000));
    again();
  }

  // -- the machine -----------------------------------------------------------------------------

  // When something is on its way and nothing has come for a while, the line may have been cut: ask again.
  watch() {
    if (window.solara?.debug?.kernel?.()?.status === "dead") return this.begin(); // the line was mended too late for this session
    const slots = Object.values(this.slots).flat();
    const waiting = !this.meta || slots.some((id) => !this.answerOf(id) && !this.histories.get(id)?.finished) || (this.changed && this.asked && !this.slots["now/draft"]);
    const quiet = performance.now() - this.heardAt;
    if (waiting && quiet > 4000 && performance.now() - this.syncedAt > 8000) {
      this.syncedAt = performance.now();
      this.send({ type: this.meta ? "sync" : "hello" });
    }
  }

  answerOf(id) {
    return Object.values(this.answers).some((one) => one.head.run === id && ["done", "failed"].includes(one.head.status));
  }

  hear(message, buffers) {
    this.heardAt = performance.now();
    if (message.kind === "meta") {
      this.meta = message.meta;
      this.t = this.wantedYear ? this.clampMonth(this.wantedYear) : this.last;
      this.tell("meta");
      if (this.meta.readonly) this.levers = {};
      if (this.changed) this.ask();
      return;
    }
    if (message.kind === "fault") {
      this.fault = message.text;
      const asked = this.answers.person;
      if (asked?.head.status === "waiting" && !asked.head.run) asked.head = { status: "failed", why: message.text };
      this.tell("fault");
      return;
    }
    if (message.kind === "file") {
      download(message.name, new Blob([message.text], { type: "application/yaml" }));
      return;
    }
    if (message.kind === "slot") {
      this.slots[message.slot] = message.runs;
      this.sweep();
      this.tell("slot");
      return;
    }
    const { head, arrays } = unpack(buffers[0]);
    if (!(this.slots[message.slot] || []).includes(head.run)) return;
    if (["why", "twins", "person"].includes(message.slot)) {
      this.answers[message.slot] = { levers: this.answers[message.slot]?.levers ?? this.leversKey, head, arrays };
      this.tell("answer");
      return;
    }
    let history = this.histories.get(head.run);
    if (!history || history.head.persons_per_agent !== head.persons_per_agent) {
      history = new History(this.meta, head);
      this.histories.set(head.run, history);
    }
    const base = this.histories.get(head.base);
    if (base && base !== history) history.borrow(base);
    history.take(head, arrays);
    if (message.slot.startsWith("now/") && this.asked) this.clock(message.slot, head);
    this.tell(history.finished ? "whole" : "history");
  }

  // How long the visitor waited: read by the measuring script of the repository.
  clock(slot, head) {
    const waited = performance.now() - this.asked, log = (window.__homeward_clock ||= []);
    log.push({ slot, status: head.status, filled: head.filled, waited });
  }

  sweep() {
    const wanted = new Set(Object.values(this.slots).flat());
    for (const id of this.histories.keys()) if (!wanted.has(id)) this.histories.delete(id);
  }

  history(slot, place = 0) {
    return this.histories.get((this.slots[slot] || [])[place]) || null;
  }

  get changed() {
    return Object.keys(this.levers).length > 0;
  }

  get leversKey() {
    return writeLevers(this.levers);
  }

  // The scale that is shown: the fine one as soon as it is whole, else the quick one.
  get shownScale() {
    const slot = this.changed ? "now" : "base", full = this.history(`${slot}/full`), base = this.history("base/full");
    if (full && full.done && base && base.done) return "full";
    return "draft";
  }

  get base() {
    return this.history(`base/${this.shownScale}`);
  }

  get now() {
    return this.changed ? this.history(`now/${this.shownScale}`) || this.base : this.base;
  }

  // -- levers ----------------------------------------------------------------------------------

  // A new set of levers; `settled` is false while a slider is still being dragged.
  change(next, settled = true) {
    if (settled) this.past.push({ ...(this.held || this.levers) });
    if (settled) this.held = null;
    else this.held ||= { ...this.levers };
    if (this.past.length > 100) this.past.shift();
    const same = JSON.stringify(next) === JSON.stringify(this.levers);
    this.levers = next;
    if (same) this.tell("levers");
    else this.ask();
  }

  pull(id, value, settled = true) {
    const next = { ...this.levers }, dial = this.meta.panel.assumptions.find((one) => one.id === id);
    if (value === dial.resting) delete next[id];
    else next[id] = value;
    this.change(next, settled);
  }

  setLevers(levers) {
    this.past.push({ ...this.levers });
    this.levers = { ...levers };
    this.ask();
  }

  undo() {
    if (!this.past.length) return;
    this.levers = this.past.pop();
    this.ask();
  }

  ask() {
    this.fault = "";
    this.asked = performance.now();
    window.__homeward_clock = [];
    if (this.changed) this.send({ type: "ask", levers: this.levers });
    this.writeAddress();
    this.tell("levers");
  }

  // -- time ------------------------------------------------------------------------------------

  get last() {
    return this.meta ? this.meta.months - 1 : 0;
  }

  clampMonth(month) {
    return Math.min(this.last, Math.max(0, month - this.meta.start));
  }

  get month() {
    return this.meta.start + Math.round(this.t);
  }

  // While a history is being computed the page shows the months there are: it plays as it is lived.
  get monthShown() {
    return this.meta.start + (this.now ? this.shown(this.now) : 0);
  }

  // The month that can be shown: what has been computed so far.
  shown(history) {
    return history ? Math.max(0, Math.min(Math.round(this.t), history.filled - 1)) : 0;
  }

  // -- the address -----------------------------------------------------------------------------

  readAddress() {
    const query = new URLSearchParams(location.search);
    for (const name of ["page", "lang", "theme", "measure", "edu", "show"]) {
      const value = query.get(name);
      if (value && /^[a-z_]{1,40}$/.test(value)) this[name] = value;
    }
    if (!["en", "zh"].includes(this.lang)) this.lang = "en";
    if (!["light", "dark"].includes(this.theme)) this.theme = "light";
    const budget = Number(query.get("budget"));
    if (budget > 0 && budget < 1e15) this.budget = budget;
    const place = Number(query.get("place"));
    if (query.get("place") && Number.isInteger(place) && place >= 0 && place < 20000) this.place = place;
    const month = /^(\d{4})-(\d{2})$/.exec(query.get("month") || "");
    if (month) this.wantedYear = Number(month[1]) * 12 + Number(month[2]) - 1;
    this.levers = readLevers(query.get("l") || "");
    this.weights = Object.fromEntries(Object.entries(readLevers(query.get("w") || "")).filter(([, v]) => v >= 0 && v <= 3));
    this.sets = (query.get("c") || "").split("|").filter(Boolean).slice(0, 4).map(readLevers);
  }

  address() {
    const query = new URLSearchParams();
    for (const name of ["page", "lang", "theme", "measure", "edu", "show"]) query.set(name, this[name]);
    if (this.place !== null) query.set("place", this.place);
    if (this.meta) {
      const m = this.month;
      query.set("month", `${Math.floor(m / 12)}-${String((m % 12) + 1).padStart(2, "0")}`);
    }
    if (this.changed) query.set("budget", this.budget);
    if (this.changed) query.set("l", writeLevers(this.levers));
    if (Object.keys(this.weights).length) query.set("w", writeLevers(this.weights));
    if (this.sets.length) query.set("c", this.sets.map(writeLevers).join("|"));
    return `${location.pathname}?${query}`;
  }

  _writeAddress() {
    if (!this.playing) history.replaceState(history.state, "", this.address());
  }
}

function readLevers(text) {
  const found = {};
  for (const part of text.slice(0, 8000).split(";").slice(0, 200)) {
    const [name, value] = part.split("~");
    if (/^[A-Za-z0-9_.\-]{1,100}$/.test(name) && value !== "" && Number.isFinite(Number(value))) found[name] = Number(value);
  }
  return found;
}

function writeLevers(levers) {
  return Object.keys(levers).sort().map((name) => `${name}~${levers[name]}`).join(";");
}
