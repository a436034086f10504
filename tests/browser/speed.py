"""How long a visitor waits and how smoothly the map moves, measured in Chromium on this machine.

`python -m tests.browser.speed [--minutes M] [--out FILE]` prints a table, and writes it as Markdown if asked.
Times are those of the visitor: from the lever's event in the page to the frame that shows it.
"""

from __future__ import annotations

import argparse
import datetime
import os
import sys
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import ALONE, CHROMIUM, serve, stop

PULL = """value => new Promise(done => {
  const store = window.__homeward, card = store.meta.panel.policies.find(c => c.name === 'graduate_retention');
  const before = window.__homeward_drawn, began = performance.now(), seen = {};
  store.set({t: store.last});
  store.change({graduate_retention: 1, 'graduate_retention.where': 7, 'graduate_retention.monthly': value});
  const look = () => {
    const now = performance.now() - began, drawn = window.__homeward_drawn.split('/');
    const draft = store.history('now/draft'), full = store.history('now/full');
    if (!seen.first && draft && draft.head.run !== before.split('/')[0] && drawn[0] === draft.head.run) seen.first = now;
    if (!seen.draft && draft?.done) seen.draft = now;
    if (!seen.full && full?.done) seen.full = now;
    if ((seen.draft && (seen.full || !store.meta.scales.full)) || now > 120000) done(seen); else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})"""
BAND = """() => new Promise(done => {
  const store = window.__homeward, began = performance.now(), seen = {};
  store.send({type: 'seeds', levers: store.levers});
  const look = () => {
    const slot = store.slots.seeds || [], whole = slot.filter((_, k) => store.history('seeds', k)?.done).length;
    if (!seen.first && whole >= 2) seen.first = performance.now() - began;
    if ((slot.length && whole === slot.length) || performance.now() - began > 300000) { seen.all = performance.now() - began; done(seen); }
    else setTimeout(look, 20);
  };
  look();
})"""
FRAMES = """seconds => new Promise(done => {
  const store = window.__homeward, began = performance.now(), first = window.__homeward_frames, gaps = [];
  let last = began;
  store.set({t: 0, playing: true, speed: 0.5});
  const look = now => {
    gaps.push(now - last); last = now;
    if (!store.playing) store.set({t: 0, playing: true});
    if (now - began > seconds * 1000) {
      store.set({playing: false}); gaps.sort((a, b) => a - b);
      done({rate: (window.__homeward_frames - first) / ((now - began) / 1000), gap95: gaps[Math.floor(gaps.length * .95)],
            heap: performance.memory ? performance.memory.usedJSHeapSize / 1e6 : null});
    } else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})"""


def visit(browser, address: str, query: str = "?lang=en", size=(1600, 900)):
    """Open the page; the seconds until its first picture."""
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    page.goto(address + query)
    page.wait_for_function("window.__homeward_frames > 0", timeout=120_000)
    return page


def measure(minutes: float) -> list[tuple[str, str, str]]:
    """Rows of (what, aim, measured)."""
    rows = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=ALONE)
        began = time.perf_counter()
        process, address = serve()
        try:
            page = visit(browser, address)
            rows.append(("Cold start: command typed to first picture", "10 s", f"{time.perf_counter() - began:.1f} s"))
            page.wait_for_function("window.__homeward.history('base/full')?.done", timeout=240_000)
            time.sleep(2)
            seen = [page.evaluate(PULL, value) for value in (2000, 2500, 3000, 3500, 4000)]
            for key, what, aim in (("first", "Lever to the first changed frame", "150 ms"), ("draft", "Lever to a complete history, quick sketch", "1 s"), ("full", "Lever to a complete history, fine scale", "4 s")):
                values = sorted(one.get(key, float("nan")) for one in seen)
                rows.append((what, aim, f"median {values[2]:.0f} ms, {values[0]:.0f} to {values[-1]:.0f} (5 pulls)"))
            known = page.evaluate(PULL, 2000)
            rows.append(("Lever to a history that is already computed", "300 ms", f"{known['draft']:.0f} ms"))
            band = page.evaluate(BAND)
            rows.append(("Band over 8 seeds, first seed / all", "12 s", f"{band['first'] / 1000:.1f} s / {band['all'] / 1000:.1f} s"))
            frames = page.evaluate(FRAMES, 8)
            rows.append(("Frames a second, 155 settlements and 300 arcs", "30", f"{frames['rate']:.0f} (95 % of gaps under {frames['gap95']:.0f} ms)"))
            if minutes:
                start = page.evaluate(FRAMES, 10)
                end = page.evaluate(FRAMES, 60 * minutes)
                last = page.evaluate(FRAMES, 10)
                rows.append((f"The same after {minutes:g} minutes of play", "no decay", f"{start['rate']:.0f}, mean {end['rate']:.0f}, at the end {last['rate']:.0f}; heap {start['heap']:.0f} to {last['heap']:.0f} MB"))
            page.close()
        finally:
            stop(process)
        process, address = serve("--world", "china-prefectures", "--persons-per-agent", "50000")
        try:
            page = visit(browser, address)
            page.wait_for_function("window.__homeward.base?.filled > 30", timeout=240_000)
            frames = page.evaluate(FRAMES, 8)
            rows.append(("Frames a second, 1,019 settlements and 300 arcs", "10 (at 1,500)", f"{frames['rate']:.0f} (95 % of gaps under {frames['gap95']:.0f} ms)"))
        finally:
            stop(process)
        browser.close()
    return rows


def main() -> int:
    """Measure, print, and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=0, help="also play this long, to see whether it decays")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    rows = measure(args.minutes)
    text = ["| what | aim | measured |", "|---|---|---|", *(f"| {a} | {b} | {c} |" for a, b, c in rows)]
    day = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d")
    text.append(f"\nMeasured {day}, {os.cpu_count()} processors, load average {os.getloadavg()[0]:.1f} while measuring (1 would be an idle machine with this program alone).")
    print("\n".join(text))
    if args.out:
        args.out.write_text("# The page: how long a visitor waits\n\n" + "\n".join(text) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
