"""How long a visitor waits and how smoothly the map moves, measured in Chromium on this machine.

`python -m tests.browser.speed [--minutes M [--play-only]] [--short] [--out FILE]` prints a table, and writes it as Markdown if asked; three
to four minutes, and M more to see whether it decays. Times are those of the visitor: from the lever's event in the
page to the frame that shows it. Every pull of a lever is a setting that nobody asked for before.
"""

from __future__ import annotations

import argparse
import datetime
import os
import statistics
import sys
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import ALONE, CHROMIUM, serve, stop
from tests.browser.lasting import decay

PULLS = 5
PULL = """value => new Promise(done => {
  const store = window.__homeward, began = performance.now(), seen = {chunks: 0};
  const slots = ['now/draft', 'now/full'], before = slots.map(s => (store.slots[s] || [])[0]);
  const fresh = k => ((store.slots[slots[k]] || [])[0] !== before[k] ? store.history(slots[k]) : null);
  store.set({t: store.last});
  store.change({graduate_retention: 1, 'graduate_retention.where': 7, 'graduate_retention.monthly': value});
  let filled = 0;
  const look = () => {
    const now = performance.now() - began, drawn = (window.__homeward_drawn || '').split('/'), draft = fresh(0), full = fresh(1);
    if (draft && draft.filled !== filled) { filled = draft.filled; seen.chunks += 1; }
    if (!seen.first && draft && drawn[0] === draft.head.run) seen.first = now;
    if (!seen.draft && draft?.done && drawn[0] === draft.head.run && Number(drawn[1]) === draft.filled) seen.draft = now;
    if (!seen.full && full?.done && drawn[0] === full.head.run) seen.full = now;
    if ((seen.draft && (seen.full || !store.meta.scales.full)) || now > 60000) done(seen); else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})"""
KNOWN = """value => new Promise(done => {
  const store = window.__homeward, began = performance.now(), before = store.slots['now/draft'][0];
  store.change({graduate_retention: 1, 'graduate_retention.where': 7, 'graduate_retention.monthly': value});
  const look = () => {
    const run = store.slots['now/draft'][0], shown = (window.__homeward_drawn || '').split('/')[0];
    const there = run !== before && store.history('now/draft')?.done && [run, store.slots['now/full']?.[0]].includes(shown);
    if (there || performance.now() - began > 20000) done(performance.now() - began); else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})"""
BAND = """() => new Promise(done => {
  const store = window.__homeward, began = performance.now(), seen = {};
  store.send({type: 'seeds', levers: store.levers});
  const look = () => {
    const slot = store.slots.seeds || [], whole = slot.filter((_, k) => k % 2 && store.history('seeds', k)?.done && store.history('seeds', k - 1)?.done).length;
    if (whole >= 2 && !seen.second) seen.second = performance.now() - began;
    if ((slot.length && whole * 2 === slot.length) || performance.now() - began > 120000) { seen.all = performance.now() - began; done(seen); }
    else setTimeout(look, 20);
  };
  look();
})"""
FRAMES = """seconds => new Promise(done => {
  // A frame counts once, however often it was painted before it was shown.
  const store = window.__homeward, began = performance.now(), gaps = [];
  let last = began, painted = window.__homeward_frames, frames = 0;
  store.set({t: 0, playing: true, speed: 0.5});
  const look = now => {
    gaps.push(now - last); last = now;
    if (window.__homeward_frames !== painted) { painted = window.__homeward_frames; frames += 1; }
    if (!store.playing) store.set({t: 0, playing: true});
    if (now - began > seconds * 1000) {
      store.set({playing: false}); gaps.sort((a, b) => a - b);
      done({rate: frames / ((now - began) / 1000), gap95: gaps[Math.floor(gaps.length * .95)]});
    } else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})"""
TILE = """async count => {
  // The same country with more places: each place stands for some, set beside one another, with the same numbers.
  const store = window.__homeward, meta = store.meta, old = meta.places, n = old.kind.length;
  const { History } = await import('/view/front/history.js');
  meta.places = Object.fromEntries(Object.entries(old).map(([key, list]) => [key, key === 'name' ? {en: [], zh: []} : Array.from({length: count}, (_, i) => list[i % n])]));
  for (const lang of ['en', 'zh']) meta.places.name[lang] = Array.from({length: count}, (_, i) => old.name[lang][i % n]);
  for (let i = n; i < count; i++) {
    const round = Math.floor(i / n);
    meta.places.lon[i] += 1.7 * Math.cos(round * 2.4) * Math.sqrt(round) / 2; meta.places.lat[i] += 1.4 * Math.sin(round * 2.4) * Math.sqrt(round) / 2;
    meta.places.circle[i] += 1000 * round;
  }
  for (const [id, from] of [...store.histories]) {
    const to = new History(meta, from.head), rows = from.head.months * from.columns;
    for (let r = 0; r < rows; r++) for (let i = 0; i < count; i++) to.places[r * count + i] = from.places[r * n + i % n] / (count / n);
    to.nationData = from.nationData; to.policies = from.policies; to.filled = from.filled;
    for (const [name, one] of Object.entries(from.yearly)) {
      const data = one.data.slice();
      if (name.startsWith('flows/')) { const rows = one.shape[1]; for (let k = 0; k < 2 * rows; k++) data[k] += n * (k % Math.floor(count / n)); }
      to.yearly[name] = {data, shape: one.shape};
    }
    store.histories.set(id, to);
  }
  store.tell('meta');
}"""


def visit(browser, address: str, query: str = "?lang=en", size=(1600, 900)):
    """Open the page and wait for its first picture."""
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    page.goto(address + query)
    page.wait_for_function("window.__homeward_frames > 0", timeout=120_000)
    return page


def worked(process) -> float:
    """Processor seconds of the server's workers so far (Linux)."""
    total = 0.0
    for child in Path(f"/proc/{process.pid}/task").glob("*/children"):
        for number in child.read_text().split():
            fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
            total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def wait_until_idle(process, most: float = 90) -> None:
    """Wait until the workers rest: what they do in advance is done."""
    end = time.monotonic() + most
    time.sleep(4)
    while time.monotonic() < end:
        try:
            before = worked(process)
            time.sleep(1.5)
            if worked(process) - before < 0.05:
                return
        except OSError:
            time.sleep(20)
            return


def told(values: list[float], unit: str = "ms") -> str:
    """Median and range in words."""
    scale, digits = (1, 0) if unit == "ms" else (1000, 2)
    low, middle, high = (f"{v / scale:.{digits}f}" for v in (min(values), statistics.median(values), max(values)))
    return f"median {middle} {unit}, {low} to {high} ({len(values)} pulls)"


def started(browser, *arguments: str):
    """Start the page and wait for the first picture; the process, its page, and the seconds from the command on."""
    began = time.perf_counter()
    process, address = serve(*arguments)
    try:
        page = visit(browser, address)
    except BaseException:
        stop(process)
        raise
    return process, page, time.perf_counter() - began


def measure(minutes: float, short: bool = False) -> list[tuple[str, str, str]]:
    """Rows of (what, aim, measured); `short` leaves out the start without anything kept and the world of prefectures."""
    rows = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=ALONE)
        if not short:
            process, page, waited = started(browser, "--keep-nothing")
            rows.append(("Cold start of a version never started here: command to first picture", "10 s", f"{waited:.1f} s"))
            page.close()
            stop(process)
        process, page, _ = started(browser)
        page.wait_for_function("window.__homeward.history('base/full')?.done", timeout=120_000)
        wait_until_idle(process)
        page.close()
        stop(process)
        process, page, waited = started(browser)
        try:
            rows.append(("Cold start: command to first picture, baseline kept from the start before", "10 s", f"{waited:.1f} s"))
            page.wait_for_function("window.__homeward.history('base/full')?.done", timeout=120_000)
            wait_until_idle(process)
            page.evaluate(PULL, 1400)
            time.sleep(1)
            seen = []
            for k in range(PULLS):
                seen.append(page.evaluate(PULL, 1500 + 97 * k))
                time.sleep(1)
            for key, what, aim, unit in (
                ("first", "Lever to the first changed frame", "150 ms", "ms"),
                ("draft", "Lever to a complete new history, quick sketch (28,000 agents)", "1 s", "s"),
                ("full", "Lever to a complete new history, fine scale (141,000 agents)", "4 s", "s"),
            ):
                rows.append((what, aim, told([one.get(key, float("inf")) for one in seen], unit)))
            rows.append(("Lever to a history that is already computed", "300 ms", told([page.evaluate(KNOWN, 1500 + 97 * k) for k in range(4)])))
            page.evaluate(PULL, 2600)
            time.sleep(0.5)
            band = page.evaluate(BAND)
            rows.append(("Band over 8 seeds: two seeds / all", "12 s", f"{band['second'] / 1000:.1f} s / {band['all'] / 1000:.1f} s"))
            frames = page.evaluate(FRAMES, 6)
            rows.append(("Frames a second, 155 settlements and 300 arcs", "30", f"{frames['rate']:.0f} (95 % of gaps under {frames['gap95']:.0f} ms)"))
            if minutes:
                rows.append((f"The same over {minutes:g} minutes of play", "no decay", decay(browser, page, process.pid, minutes)))
            page.evaluate(TILE, 1500)
            frames = page.evaluate(FRAMES, 6)
            rows.append(("Frames a second, 1,500 settlements (the 155, repeated) and 300 arcs", "10", f"{frames['rate']:.0f} (95 % of gaps under {frames['gap95']:.0f} ms)"))
            page.close()
        finally:
            stop(process)
        if short:
            browser.close()
            return rows
        process, page, _ = started(browser, "--world", "china-prefectures", "--persons-per-agent", "50000")
        try:
            page.wait_for_function("window.__homeward.base?.filled > 30", timeout=240_000)
            frames = page.evaluate(FRAMES, 6)
            rows.append(("Frames a second, 1,019 settlements and 300 arcs, while the history is computed", "10", f"{frames['rate']:.0f} (95 % of gaps under {frames['gap95']:.0f} ms)"))
        finally:
            stop(process)
        browser.close()
    return rows


def only_play(minutes: float) -> list[tuple[str, str, str]]:
    """The row on decay alone, with both scales of a changed history on the page."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=ALONE)
        process, page, _ = started(browser)
        try:
            page.wait_for_function("window.__homeward.history('base/full')?.done", timeout=240_000)
            wait_until_idle(process)
            page.evaluate(PULL, 1400)
            return [(f"Frames a second over {minutes:g} minutes of play", "no decay", decay(browser, page, process.pid, minutes))]
        finally:
            stop(process)
            browser.close()


def main() -> int:
    """Measure, print, and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=0, help="also play this long, to see whether it decays")
    parser.add_argument("--play-only", action="store_true", help="measure nothing else but `--minutes` of play")
    parser.add_argument("--short", action="store_true", help="leave out the start without anything kept, and the world of prefectures")
    parser.add_argument("--out", type=Path, help="write the table to this file")
    args = parser.parse_args()
    before = os.getloadavg()[0]
    rows = only_play(args.minutes) if args.play_only else measure(args.minutes, args.short)
    text = ["| what | aim | measured |", "|---|---|---|", *(f"| {a} | {b} | {c} |" for a, b, c in rows)]
    day = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d")
    text.append(f"\nMeasured {day}, {os.cpu_count()} processors; load average {before:.1f} before (0 would be nobody else), {os.getloadavg()[0]:.1f} at the end, browser and workers themselves included.")
    print("\n".join(text))
    if args.out:
        args.out.write_text("# The page: how long a visitor waits\n\n" + "\n".join(text) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
