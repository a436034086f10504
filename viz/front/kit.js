// Small tools of the page: elements made from text (never from markup), numbers in words, waiting.

export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  return fill(node, attributes, children);
}

export function s(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  return fill(node, attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "style" && typeof value === "object") {
      for (const [key, one] of Object.entries(value)) node.style.setProperty(key, one);
    } else if (name === "value" || name === "checked") node[name] = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children.flat(3)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return node;
}

export function put(node, ...children) {
  node.replaceChildren(...children.flat(3).filter((c) => c !== null && c !== undefined && c !== false));
  return node;
}

export const clamp = (x, low, high) => Math.min(high, Math.max(low, x));
export const known = (x) => x !== null && x !== undefined && Number.isFinite(x);

export function debounce(wait, call) {
  let timer = 0;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => call(...args), wait);
  };
}

const UNITS = [" bn", " m", " k"], WORDS = ["\u00a0billion", "\u00a0million", "\u00a0thousand"];

// People and money in the words of the language: 1.24 m, in sentences 1.24 million; 124万, 1.2亿.
export function people(x, lang, digits = null, units = UNITS) {
  if (!known(x)) return "–";
  const a = Math.abs(x), sign = x < 0 ? "−" : "";
  const show = (v) => v.toFixed(digits ?? (v >= 100 ? 0 : v >= 10 ? 1 : 2));
  if (lang === "zh") {
    if (a >= 1e8) return `${sign}${show(a / 1e8)}亿`;
    if (a >= 1e4) return `${sign}${show(a / 1e4)}万`;
    return `${sign}${Math.round(a)}`;
  }
  if (a >= 1e9) return `${sign}${show(a / 1e9)}${units[0]}`;
  if (a >= 1e6) return `${sign}${show(a / 1e6)}${units[1]}`;
  if (a >= 1e4) return `${sign}${Math.round(a / 1e3)}${units[2]}`;
  return `${sign}${Math.round(a).toLocaleString("en")}`;
}

// For sentences and headlines, where a letter for a million would have to be guessed.
export const folk = (x, lang) => people(x, lang, null, WORDS);

export function number(x, kind, lang, signed = false) {
  if (!known(x)) return "–";
  if (/[1-9]/.test(plain(x, kind, lang, signed)) || x >= 0) return plain(x, kind, lang, signed);
  return plain(0, kind, lang, signed); // what rounds to nothing has no sign
}

function plain(x, kind, lang, signed) {
  const plus = signed && x > 0 ? "+" : "";
  if (kind === "people") return plus + people(x, lang);
  if (kind === "share") return plus + (100 * x).toFixed(Math.abs(x) < 0.1 ? 2 : 1).replace("-", "−") + (signed ? (lang === "zh" ? " 个百分点" : " pt") : "%");
  if (kind === "percent") return plus + (100 * x).toFixed(Math.abs(x) < 0.1 ? 2 : 1).replace("-", "−") + "%"; // a relative change
  if (kind === "yuan") {
    const sign = x < 0 && Math.round(x) !== 0 ? "−" : plus, amount = Math.abs(Math.round(x)).toLocaleString("en");
    return lang === "zh" ? `${sign}${amount} 元` : `${sign}¥${amount}`;
  }
  if (kind === "money") return plus + money(x, lang);
  const a = Math.abs(x);
  return plus + x.toFixed(a >= 100 ? 0 : a >= 10 ? 1 : a >= 1 ? 2 : 3).replace("-", "−");
}

export function money(yuan, lang) {
  if (!known(yuan)) return "–";
  if (yuan < 0) return `−${money(-yuan, lang)}`;
  if (lang === "zh") return yuan >= 1e12 ? `${(yuan / 1e12).toFixed(2)}万亿元` : yuan >= 1e8 ? `${(yuan / 1e8).toFixed(yuan < 1e10 ? 1 : 0)}亿元` : `${Math.round(yuan / 1e4)}万元`;
  return yuan >= 1e12 ? `¥${(yuan / 1e12).toFixed(2)} tn` : yuan >= 1e9 ? `¥${(yuan / 1e9).toFixed(yuan < 1e10 ? 1 : 0)} bn` : `¥${Math.round(yuan / 1e6)} m`;
}

export function monthText(index, lang) {
  const year = Math.floor(index / 12), month = (index % 12) + 1;
  if (lang === "zh") return `${year}年${month}月`;
  return `${["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"][month - 1]} ${year}`;
}

export function token(name) {
  return getComputedStyle(document.querySelector(".hw") || document.body).getPropertyValue(name).trim();
}

export function mix(a, b, t) {
  const p = parse(a), q = parse(b);
  return `rgb(${p.map((v, k) => Math.round(v + (q[k] - v) * t)).join(",")})`;
}

function parse(color) {
  if (color.startsWith("rgb")) return color.match(/[\d.]+/g).slice(0, 3).map(Number);
  const text = color.replace("#", "");
  return [0, 2, 4].map((k) => parseInt(text.slice(k, k + 2), 16));
}

export function ramp(stops, t) {
  const x = clamp(t, 0, 1) * (stops.length - 1), k = Math.min(stops.length - 2, Math.floor(x));
  return mix(stops[k], stops[k + 1], x - k);
}

export function download(name, blob) {
  const link = h("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 5000);
}
