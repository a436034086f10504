// The page: a bar with its parts, and one part at a time below it.

import { h, put } from "./kit.js";
import { Store } from "./store.js";
import { createExplore } from "./explore.js";
import { createFlows } from "./flows.js";
import { createCompare } from "./compare.js";
import { createAbout } from "./about.js";
import { createWhy } from "./why.js";
import { createLives } from "./lives.js";
import { createSweep } from "./sweep.js";
import { share } from "./share.js";

const PAGES = { explore: createExplore, why: createWhy, flows: createFlows, lives: createLives, compare: createCompare, sweep: createSweep, about: createAbout };
const LIVE = Object.keys(PAGES).filter((name) => name !== "sweep");

const DRAW_EVERY = 380; // milliseconds

export async function mount(model, el) {
  const root = h("div", { class: "hw" }, h("p", { class: "loading" }, "homeward …"));
  el.append(root);
  await Promise.all([style("/view/front/style.css"), style("/view/front/pages.css")]);
  const store = new Store(model), texts = {};
  for (const lang of ["en", "zh"]) texts[lang] = await (await fetch(`/view/text/${lang}.json`)).json();
  const words = (key, values = {}) => {
    const text = texts[store.lang][key] ?? texts.en[key] ?? key;
    return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  };
  words.has = (key) => key in texts[store.lang];
  if (!(store.page in PAGES)) store.page = "explore";
  const shell = new Shell(root, store, words);
  store.on((what) => shell.hear(what));
  store.send({ type: "hello" });
  window.__homeward = store;
  return () => shell.close();
}

function style(path) {
  return new Promise((done) => {
    const link = h("link", { rel: "stylesheet", href: path, onload: done, onerror: done });
    document.head.append(link);
  });
}

class Shell {
  constructor(root, store, words) {
    Object.assign(this, { root, store, words, page: null, name: "" });
    this.waiting = false;
    this.drawn = this.later = 0;
    this.before = 0;
    this.live = true;
    this.keys = (e) => this.key(e);
    document.addEventListener("keydown", this.keys);
    requestAnimationFrame((now) => this.turn(now));
  }

  close() {
    this.live = false;
    clearInterval(this.store.watching);
    document.removeEventListener("keydown", this.keys);
  }

  hear(what) {
    if (!this.store.meta) return;
    if (what === "meta" || what === "lang" || what === "theme") return this.build();
    if (what === "page") return this.open();
    // Months that are just being computed are drawn some times a second: drawing takes the processor from computing.
    if (what === "history" && performance.now() - this.drawn < DRAW_EVERY) {
      this.later ||= setTimeout(() => { this.later = 0; this.hear("history"); }, DRAW_EVERY);
      return;
    }
    if (what === "history" || what === "whole") { clearTimeout(this.later); this.later = 0; this.drawn = performance.now(); }
    this.dirty = this.dirty === undefined || this.dirty === what ? what : "several";
    if (this.waiting) return;
    this.waiting = true;
    queueMicrotask(() => {
      this.waiting = false;
      const kind = this.dirty;
      this.dirty = undefined;
      this.page?.update(kind);
    });
  }

  build() {
    const { store, words } = this;
    document.documentElement.lang = store.lang === "zh" ? "zh-CN" : "en";
    this.root.dataset.theme = store.theme;
    this.root.lang = document.documentElement.lang;
    document.title = words("title");
    this.pages = store.meta.sweep ? ["sweep", "about"] : store.meta.readonly ? ["explore", "flows", "about"] : LIVE;
    this.links = Object.fromEntries(this.pages.map((name) => [name, h("button", { class: "link", "data-page": name, onclick: () => store.set({ page: name }, "page") }, words(`page.${name}`))]));
    this.main = h("main", { class: "main", id: "main", tabindex: "-1" });
    put(this.root,
      h("header", { class: "top" },
        h("div", { class: "brand" }, mark(), h("span", { class: "wordmark" }, "homeward"), h("span", { class: "zhmark", lang: "zh-CN" }, "归途")),
        h("nav", { class: "nav", "aria-label": words("nav") }, Object.values(this.links)),
        h("div", { class: "tools" },
          store.meta.sweep ? null : h("button", { class: "tool", "data-tool": "share", onclick: () => share(store, words, this.root) }, words("share")),
          h("button", { class: "tool", "data-tool": "lang", lang: store.lang === "zh" ? "en" : "zh-CN", onclick: () => store.set({ lang: store.lang === "zh" ? "en" : "zh" }, "lang") }, store.lang === "zh" ? "English" : "中文"),
          h("button", { class: "tool", "data-tool": "theme", "aria-label": words("theme"), onclick: () => store.set({ theme: store.theme === "dark" ? "light" : "dark" }, "theme") }, store.theme === "dark" ? "☀" : "☾"))),
      this.main);
    this.name = "";
    this.open();
  }

  open() {
    const { store, words } = this;
    if (!this.pages.includes(store.page)) store.page = this.pages[0];
    for (const [name, link] of Object.entries(this.links)) link.setAttribute("aria-current", name === store.page ? "page" : "false");
    this.page?.close?.();
    this.page = PAGES[store.page](store, words);
    this.name = store.page;
    put(this.main, this.page.el);
    this.main.dataset.part = store.page;
    this.page.update("open");
  }

  // One turn of the clock: time moves while it plays, and the map is drawn at most sixty times a second.
  turn(now) {
    if (!this.live || !document.body.contains(this.root)) return;
    const elapsed = Math.min(100, now - this.before), { store } = this;
    this.before = now;
    if (store.meta && store.playing) {
      const limit = (store.now?.filled ?? 1) - 1;
      const next = store.t + (elapsed / 1000) * 6 * store.speed;
      if (next >= store.last) store.set({ t: store.last, playing: false }, "time");
      else { store.t = Math.min(next, limit); store.tell("time"); }
    }
    this.page?.frame?.(elapsed);
    requestAnimationFrame((then) => this.turn(then));
  }

  key(e) {
    if (e.target.closest("input, textarea, select, button, a") || e.ctrlKey || e.metaKey || e.altKey || !this.store.meta) return;
    if (e.key === " ") { e.preventDefault(); this.store.set({ playing: !this.store.playing }, "time"); }
    if (e.key === "z") this.store.undo();
  }
}

function mark() {
  const span = h("span", { class: "mark", "aria-hidden": "true" });
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 40 40");
  for (const [tag, attributes] of [
    ["path", { d: "M6 33 C 8 10, 26 4, 33 17", fill: "none", stroke: "var(--city)", "stroke-width": "3.4", "stroke-linecap": "round" }],
    ["circle", { cx: "6", cy: "33", r: "3.6", fill: "var(--city)" }],
    ["path", { d: "M24 26 L33 18 L42 26 M27 24.5 V34 H39 V24.5", transform: "translate(-4 1)", fill: "none", stroke: "var(--home)", "stroke-width": "3.4", "stroke-linejoin": "round", "stroke-linecap": "round" }],
  ]) {
    const part = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [k, v] of Object.entries(attributes)) part.setAttribute(k, v);
    svg.append(part);
  }
  span.append(svg);
  return span;
}
