// Sharing: an address that brings back the exact numbers, a picture, a table, and one page to print.

import { download, h, monthText, number } from "./kit.js";

export function share(store, words, root) {
  if (document.querySelector(".dialogback")) return;
  const address = new URL(store.address(), location.href).href;
  const field = h("input", { type: "text", readonly: true, value: address, "aria-label": words("share.link"), onfocus: () => field.select() });
  const done = h("span", { class: "dim", role: "status" });
  const before = document.activeElement, behind = [...root.children];
  const close = () => { back.remove(); behind.forEach((node) => { node.inert = false; }); before?.focus?.(); };
  const box = h("div", { class: "dialog", role: "dialog", "aria-modal": "true", "aria-label": words("share") },
    h("h2", {}, words("share")), h("p", {}, words("share.lead")), field,
    h("div", { class: "hrow" },
      h("button", { class: "small strong", onclick: async () => { try { await navigator.clipboard.writeText(address); } catch { field.select(); document.execCommand("copy"); } done.textContent = words("share.copied"); } }, words("share.copy")),
      root.querySelector("canvas.map") && h("button", { class: "small", "data-share": "png", onclick: () => picture(store, words, root) }, words("share.png")),
      h("button", { class: "small", "data-share": "csv", onclick: () => table(store) }, words("share.csv")),
      store.meta.readonly ? null : h("button", { class: "small", "data-share": "yaml", onclick: () => store.send({ type: "file", levers: store.levers, scale: store.shownScale }) }, words("share.yaml")),
      h("button", { class: "small", "data-share": "print", onclick: () => { close(); setTimeout(() => print(), 50); } }, words("share.print"))),
    done, h("p", { class: "dim" }, store.now ? `${words("share.run")} ${store.now.head.run}` : ""),
    h("button", { class: "small", onclick: close }, words("close")));
  const back = h("div", { class: "dialogback", onclick: (e) => { if (e.target === back) close(); }, onkeydown: (e) => { if (e.key === "Escape") close(); } }, box);
  behind.forEach((node) => { node.inert = true; }); // the keyboard stays in the dialog
  root.append(back);
  field.focus();
}

function picture(store, words, root) {
  const map = root.querySelector("canvas.map");
  if (!map) return;
  const pad = 40, canvas = h("canvas", { width: map.width + 2 * pad, height: map.height + 190 }), p = canvas.getContext("2d"), style = getComputedStyle(root);
  p.fillStyle = style.getPropertyValue("--paper");
  p.fillRect(0, 0, canvas.width, canvas.height);
  p.drawImage(map, pad, 110);
  p.fillStyle = style.getPropertyValue("--ink");
  p.font = `600 30px ${style.getPropertyValue("--font-title")}`;
  p.fillText(`${words(`measure.${store.measure}`)}, ${monthText(store.monthShown, store.lang)}`, pad, 54);
  p.font = `18px ${style.getPropertyValue("--font-text")}`;
  p.fillText(root.querySelector(".story")?.textContent.slice(0, 130) || "", pad, 90);
  p.fillText(`homeward · ${words(`scale.${store.shownScale}`, { k: store.now.scale.toLocaleString("en") })} · ${words("share.run")} ${store.now.head.run.slice(0, 12)}`, pad, canvas.height - 34);
  canvas.toBlob((blob) => download("homeward-map.png", blob));
}

function table(store) {
  const { now, meta } = store, quote = (text) => `"${String(text).replaceAll('"', '""').replace(/^[=+\-@]/, "'$&")}"`;
  const lines = [["month", "settlement_id", "name_en", ...meta.columns].join(",")];
  for (let t = 0; t < now.filled; t++) {
    const m = meta.start + t, date = `${Math.floor(m / 12)}-${String((m % 12) + 1).padStart(2, "0")}-01`;
    for (let i = 0; i < now.n; i++) lines.push([date, i, quote(meta.places.name.en[i]), ...meta.columns.map((c) => { const v = now.at(c, i, t); return Number.isFinite(v) ? v : ""; })].join(","));
  }
  download(`homeward-${now.head.run.slice(0, 8)}.csv`, new Blob([lines.join("\n")], { type: "text/csv" }));
}
