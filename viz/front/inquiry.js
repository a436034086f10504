// Asking the machine a question that takes a while: a button, a bar, and the answer when it is there.

import { h, put } from "./kit.js";

// state: "none" (no policy yet), "assumption" (not a question of policies), "ask", "busy", "failed", "done".
export function inquiryState(store, about) {
  const { panel } = store.meta, names = Object.keys(store.levers);
  if (!names.some((name) => panel.policies.some((card) => card.name === name))) return names.length ? "assumption" : "none";
  if (names.some((name) => panel.assumptions.some((dial) => dial.id === name))) return "assumption";
  const answer = store.answers[about];
  if (!answer || answer.levers !== store.leversKey) return "ask";
  return answer.head.status === "done" ? "done" : answer.head.status === "failed" ? "failed" : "busy";
}

export function askBox(store, words, about, state) {
  const answer = store.answers[about];
  const ask = () => { store.answers[about] = { levers: store.leversKey, head: { status: "waiting", share: 0 }, arrays: {} }; store.send({ type: "inquire", about, levers: store.levers }); store.tell("answer"); };
  if (state === "none" || state === "assumption") return h("div", { class: "ask" }, h("p", {}, words(`ask.${state}`)), h("button", { class: "small strong", onclick: () => store.set({ page: "explore" }, "page") }, words("ask.explore")));
  if (state === "ask") return h("div", { class: "ask" }, h("p", {}, words(`ask.${about}`)), h("button", { class: "small strong", "data-tool": "ask", onclick: ask }, words("ask.now")));
  if (state === "failed") return h("div", { class: "ask" }, h("p", { class: "fault", role: "alert" }, answer.head.why), h("button", { class: "small strong", onclick: ask }, words("ask.now")));
  return h("div", { class: "ask" }, h("p", {}, words("ask.busy")), h("div", { class: "gauge", role: "progressbar", "aria-valuenow": Math.round(100 * (answer.head.share || 0)), "aria-valuemin": 0, "aria-valuemax": 100 }, h("i", { style: { width: `${Math.round(100 * (answer.head.share || 0))}%` } })));
}

export { put };
