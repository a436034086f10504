// Lives: one person, and the same person in the other world, side by side.

import { askBox, inquiryState } from "./inquiry.js";
import { h, number, put } from "./kit.js";
import { describe } from "./panel.js";

export function createLives(store, words) {
  const story = h("p", { class: "story" }), body = h("div", { class: "livesbody" }), seek = createSeek(store, words, () => show("person"));
  const tabs = ["twins", "person"].map((name) => h("button", { class: "small", "data-lives": name, onclick: () => show(name) }, words(`lives.tab.${name}`)));
  const el = h("div", { class: "part lives" }, h("div", { class: "topline" }, story), h("div", { class: "hrow" }, tabs), seek.el, body);
  let key = "", chosen = 0, tab = store.livesTab || "twins";

  function show(name) { tab = store.livesTab = name; key = ""; update(); }

  function update() {
    tabs.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.lives === tab)));
    seek.el.hidden = tab !== "person";
    const answer = store.answers[tab], state = tab === "twins" ? inquiryState(store, "twins") : personState(store);
    const next = `${tab}|${state}|${answer?.head.share}|${answer?.head.run}|${chosen}|${store.lang}|${store.changed}`;
    if (next === key) return;
    key = next;
    story.textContent = words(tab === "person" && !store.changed ? "lives.story.one" : "lives.story");
    if (tab === "person") drawPerson(state, answer);
    else drawTwins(state, answer);
  }

  function drawPerson(state, answer) {
    seek.busy(state === "busy");
    if (state === "assumption") return put(body, askBox(store, words, "person", state));
    if (state === "ask") return put(body, h("p", { class: "dim" }, words("lives.person.lead")));
    if (state === "busy" || state === "failed") return put(body, askBox(store, words, "person", state));
    const { person, fitting } = answer.head;
    if (!person) return put(body, h("p", {}, words("lives.person.none")));
    return put(body, h("p", { class: "dim" }, words("lives.person.of", { n: number(fitting, "number", "en").split(".")[0], uid: person.uid })), life(person, person.same));
  }

  function drawTwins(state, answer) {
    if (state !== "done") { put(body, askBox(store, words, "twins", state)); return; }
    const { twins } = answer.head;
    if (!twins.length) { put(body, h("p", {}, words("lives.nobody"))); return; }
    const one = twins[Math.min(chosen, twins.length - 1)];
    put(body, h("div", { class: "two people" },
      h("nav", { class: "cast", "aria-label": words("lives.cast") }, twins.map((twin, k) => {
        const zh = store.lang === "zh", [who, ...tail] = twin.sentences[store.lang][0].split(zh ? "：" : ": "), [what, ...more] = tail.join(": ").split(zh ? "。" : ". ");
        return h("button", { class: "face", "aria-pressed": String(k === chosen), onclick: () => choose(k) }, h("b", {}, what), h("span", {}, [who, ...more].join(zh ? "。" : ". ")));
      })),
      life(one, false)));
  }

  function choose(k) {
    chosen = k;
    key = "";
    update();
    if (matchMedia("(max-width: 960px)").matches) body.querySelector(".life")?.scrollIntoView({ block: "start", behavior: "smooth" }); // the life lies below the cards
  }

  function life(one, alone) {
    const [first, ...rest] = one.sentences[store.lang], heads = alone ? ["time", "lives.event"] : ["time", "lives.without", "lives.with"];
    return h("article", { class: "life" }, h("h2", {}, first), rest.map((text) => h("p", {}, text)),
      h("table", { class: "wide sidebyside" }, h("thead", {}, h("tr", {}, heads.map((k) => h("th", { scope: "col" }, words(k))))),
        h("tbody", {}, one.lives[store.lang].map(([month, a, b]) => h("tr", { class: month === one.parted ? "parted" : a !== b ? "apart" : "" }, h("th", { scope: "row" }, month), h("td", {}, a), alone ? null : h("td", {}, b))))),
      alone ? null : h("p", { class: "dim" }, describe(store.levers, store.meta.panel, words, store.lang).join(" · ")));
  }

  return { el, update };
}

// What of the question about a person: it may also be asked of the baseline alone.
function personState(store) {
  const names = Object.keys(store.levers), answer = store.answers.person;
  if (names.some((name) => store.meta.panel.assumptions.some((dial) => dial.id === name))) return "assumption";
  if (!answer || answer.levers !== store.leversKey) return "ask";
  return answer.head.status === "done" ? "done" : answer.head.status === "failed" ? "failed" : "busy";
}

// Whom to follow: somebody from a place or a kind of place, with a schooling, or a number.
function createSeek(store, words, shown) {
  const { meta, lang } = store, option = (value, text) => h("option", { value }, text);
  const where = h("select", { class: "pick", "data-seek": "where", "aria-label": words("lives.where") }, option("", words("where.all")),
    meta.kinds.map((kind, k) => (meta.places.kind.includes(k) ? option(`k${k}`, words(`kind.${kind}`)) : null)), meta.places.name[lang].length <= 400 ? meta.places.name[lang].map((name, i) => option(`p${i}`, name)) : null);
  const edu = h("select", { class: "pick", "data-seek": "edu", "aria-label": words("lives.edu") }, option("", words("edu.all")), ["primary", "junior", "senior", "college"].map((name) => option(meta.educations.indexOf(name), words(`edu.${name}`))));
  const number = h("input", { type: "text", inputmode: "numeric", class: "pick short", "data-seek": "uid", maxlength: 12, placeholder: words("lives.number"), "aria-label": words("lives.number") });
  const go = h("button", { class: "small strong", "data-seek": "go", onclick: () => ask(false) }, words("lives.go")), other = h("button", { class: "small", "data-seek": "other", onclick: () => ask(true) }, words("lives.other"));
  let draw = Math.floor(Math.random() * 1000);
  function ask(next) {
    if (next) { draw = (draw + 1) % 10000; number.value = ""; }
    const whom = { draw };
    if (/^\d+$/.test(number.value.trim())) whom.uid = Number(number.value.trim());
    if (where.value.startsWith("k")) whom.kind = Number(where.value.slice(1));
    if (where.value.startsWith("p")) whom.place = Number(where.value.slice(1));
    if (edu.value !== "") whom.education = Number(edu.value);
    store.answers.person = { levers: store.leversKey, head: { status: "waiting", share: 0 }, arrays: {} };
    store.send({ type: "inquire", about: "person", levers: store.levers, whom });
    shown();
  }
  if (store.place !== null) where.value = `p${store.place}`;
  number.addEventListener("keydown", (e) => { if (e.key === "Enter") ask(false); });
  return { el: h("div", { class: "controls seek", hidden: true }, h("label", {}, words("lives.where"), where), h("label", {}, words("lives.edu"), edu), h("label", {}, words("lives.or"), number), go, other), busy(is) { go.disabled = other.disabled = is; } };
}
