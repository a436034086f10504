"""Takes the pictures of the page that stand in `docs/pictures`: `python -m tests.browser.pictures [--out FOLDER] [--sweep SWEEP] [NAME ...]`.

The page is opened as a visitor opens it, one story is chosen, and every part is photographed when it has said all it has to say. The sweep is the
design `incentives-and-services` with 8 draws and 2 seeds, one agent for 100,000 people (some minutes), or the folder given.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import ALONE, CHROMIUM, serve, stop

OUT = Path(__file__).resolve().parents[2] / "docs" / "pictures"
STORY = "keep_our_graduates"
WIDE, PHONE = {"width": 1600, "height": 900}, {"width": 390, "height": 844}
MANY_COLOURS = ("explore", "levers")
WHOLE = """() => { const s = window.__homeward; return (s.changed ? ['now/draft', 'now/full'] : ['base/draft', 'base/full']).every(k => s.history(k)?.done || !s.meta.scales[k.split('/')[1]]); }"""


class Camera:
    """A browser, a running page, and where the pictures go."""

    def __init__(self, browser, address: str, out: Path, wanted: list[str]):
        self.browser, self.address, self.out, self.wanted = browser, address, out, wanted
        self.story = ""

    def take(self, name: str, query: str = "", act=None, size=WIDE, lang: str = "en", theme: str = "light", story: bool = True, whole: bool = False) -> None:
        """One picture: `act(page)` does what a visitor would do first."""
        if self.wanted and name not in self.wanted:
            return
        context = self.browser.new_context(viewport=size, locale="zh-CN" if lang == "zh" else "en-GB", device_scale_factor=2 if size is PHONE else 1)
        page = context.new_page()
        page.set_default_timeout(300_000)
        page.goto(f"{self.address}?lang={lang}&theme={theme}{'&' + query if query else ''}{self.story if story else ''}")
        page.wait_for_function("window.__homeward?.history('base/draft')?.done", timeout=240_000)
        page.wait_for_function(WHOLE, timeout=240_000)
        page.wait_for_timeout(900)
        if act is not None:
            act(page)
            page.wait_for_timeout(700)
        page.screenshot(path=self.out / f"view-{name}.png", full_page=False)
        if whole:
            page.evaluate("document.querySelector('.hw').style.position = 'static'; document.querySelector('.main').style.overflow = 'visible'")
            page.screenshot(path=self.out / f"view-{name}.png", full_page=True)
        context.close()
        if name not in MANY_COLOURS:
            small(self.out / f"view-{name}.png")
        print(name, flush=True)


def small(path: Path) -> None:
    """256 colours are enough for a page of few."""
    from PIL import Image

    with Image.open(path) as picture:
        few = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


def show_band(page) -> None:
    page.locator("[data-tool=band]").click()
    page.wait_for_function("(() => { const s = window.__homeward, slot = s.slots.seeds || []; return slot.length && slot.every((_, k) => s.history('seeds', k)?.done); })()", timeout=300_000)


def ask(page) -> None:
    page.locator("[data-tool=ask]").click()
    page.wait_for_selector(".why .bars, .lives .sidebyside", timeout=300_000)


def follow(page) -> None:
    page.locator("[data-lives=person]").click()
    page.locator("[data-seek=where]").select_option("k4")
    page.locator("[data-seek=edu]").select_option(label="college graduates") if page.locator("html").get_attribute("lang") == "en" else None
    page.locator("[data-seek=go]").click()
    page.wait_for_selector(".sidebyside", timeout=300_000)


def compare(page) -> None:
    page.wait_for_function("(window.__homeward.slots.compare || []).length && window.__homeward.slots.compare.every((_, k) => window.__homeward.history('compare', k)?.done)", timeout=300_000)


def small_sweep(place: Path) -> Path:
    """The folder of a small version of a design that is shipped."""
    from simulator.cli import main as homeward

    text = (Path(__file__).resolve().parents[2] / "configs" / "experiments" / "incentives-and-services.yaml").read_text(encoding="utf-8")
    for line, smaller in (("draws: 32\n", "draws: 8\n"), ("seeds: 4\n", "seeds: 2\n"), ("settings:\n", "settings:\n  persons_per_agent: 100000\n")):
        if line not in text:
            raise ValueError(f"the design has no line {line!r}")
        text = text.replace(line, smaller)
    (place / "design.yaml").write_text(text, encoding="utf-8")
    if homeward(["sweep", str(place / "design.yaml"), "--out", str(place / "sweep"), "--quiet"]):
        raise RuntimeError("the sweep did not end well")
    return place / "sweep"


def take_sweep(browser, out: Path, wanted: list[str], folder: Path | None) -> None:
    """The page of a sweep, in an outcome that the treatments differ in."""
    if wanted and "sweep" not in wanted:
        return
    with tempfile.TemporaryDirectory() as place:
        process, address = serve(str(folder or small_sweep(Path(place))))
        try:
            page = browser.new_page(viewport={"width": 1600, "height": 1000}, locale="en-GB")
            page.goto(f"{address}?lang=en&theme=light")
            page.wait_for_selector(".whiskers .dot", timeout=120_000)
            page.locator("[data-sweep=outcome]").select_option(label="Common-prosperity index")
            page.wait_for_timeout(700)
            page.screenshot(path=out / "view-sweep.png")
            page.close()
        finally:
            stop(process)
    small(out / "view-sweep.png")
    print("sweep", flush=True)


def main() -> int:
    """Take all pictures, or those named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--sweep", type=Path, help="folder of a finished sweep")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=ALONE)
        take_sweep(browser, args.out, args.names, args.sweep)
        if args.names == ["sweep"]:
            return 0
        process, address = serve()
        try:
            camera = Camera(browser, address, args.out, args.names)
            page = browser.new_page()
            page.goto(address + "?lang=en")
            page.wait_for_function("window.__homeward?.meta", timeout=240_000)
            levers = page.evaluate("""name => window.__homeward.meta.panel.presets.find(p => p.name === name).levers""", STORY)
            other = page.evaluate("""() => window.__homeward.meta.panel.presets.find(p => p.name === 'equal_services').levers""")
            page.close()
            write = lambda chosen: ";".join(f"{k}~{v:g}" for k, v in sorted(chosen.items()))
            camera.story = f"&l={write(levers)}"
            both = f"page=compare&c={write(levers)}|{write(other)}"
            camera.take("explore", story=False)
            camera.take("explore-dark-zh", "measure=talent_effect", lang="zh", theme="dark")
            camera.take("phone", size=PHONE)
            camera.take("about", "page=about", story=False, whole=True)
            camera.take("compare", both, compare, whole=True)
            camera.take("flows", "page=flows")
            camera.take("place", "place=12&month=2035-12", lambda page: page.locator("[data-part=budget]").scroll_into_view_if_needed())
            camera.take("why", "page=why", ask)
            camera.take("lives", "page=lives", ask)
            camera.take("person", "page=lives", follow)
            camera.take("levers", act=show_band)
            camera.take("share", "page=explore", lambda page: page.locator("[data-tool=share]").click())
            camera.take("phone-levers-zh", act=lambda page: page.locator(".drawer").click(), size=PHONE, lang="zh")
        finally:
            stop(process)
            browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
