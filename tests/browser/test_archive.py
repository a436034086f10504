"""A run folder is opened read-only and shows the numbers of its tables."""

from __future__ import annotations

import pytest

from simulator import run
from tests.browser.conftest import Visit, serve, stop


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("view") / "teaching"
    run("teaching", months=26, persons_per_agent=5, folder=place, pictures=False)
    return place


def test_a_finished_run_is_shown_and_cannot_be_changed(chromium, folder):
    process, where = serve(str(folder))
    try:
        visit = Visit(chromium.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB"), where, "?lang=en")
        page = visit.page
        page.wait_for_function("window.__homeward?.base?.done && window.__homeward_frames > 0", timeout=60_000)
        assert page.locator("input[data-lever]").count() == 0
        assert page.locator(".nav .link").all_text_contents() == ["Explore", "Flows", "About"]
        shown = page.evaluate("Array.from(window.__homeward.base.nation('talent_pool'))")
        table = run("teaching", months=26, persons_per_agent=5, folder=folder, resume=True).table("national")
        assert shown == table[table.circle_id == 0].talent_pool.tolist()
        page.evaluate("window.__homeward.send({type: 'ask', levers: {}})")
        page.wait_for_function("window.__homeward.fault.includes('cannot be changed')")
        page.locator("[data-page=flows]").click()
        page.wait_for_selector("svg.sankey path.ribbon", state="attached")
        assert visit.troubles == []
        page.context.close()
    finally:
        stop(process)
    assert not (folder / "checkpoint").exists()


DESIGN = """title: {en: "Easier <b>registration</b>", zh: 放宽落户}
base: teaching
settings: {months: 26, persons_per_agent: 20}
levers: {migration.moving_cost: [1.5, 3.5]}
paired: true
uncertainties: {labour.separation_rate: [0.008, 0.012]}
method: latin_hypercube
draws: 2
seeds: 2
outcomes: [talent_pool, {name: talent_pool, by: [kind], months: years}]
"""


def test_the_folder_of_a_sweep_is_shown_with_the_numbers_of_its_tables(chromium, tmp_path):
    from experiments.reading import load
    from simulator.cli import main

    (tmp_path / "design.yaml").write_text(DESIGN, encoding="utf-8")
    assert main(["sweep", str(tmp_path / "design.yaml"), "--out", str(tmp_path / "sweep"), "--quiet"]) == 0
    process, where = serve(str(tmp_path / "sweep"))
    try:
        visit = Visit(chromium.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB"), where, "?lang=en")
        page = visit.page
        page.wait_for_selector(".whiskers .dot", timeout=60_000)
        assert page.locator(".nav .link").all_text_contents() == ["Sweep", "About"]
        runs = load(tmp_path / "sweep").runs.set_index(["treatment", "draw", "seed"])["talent_pool"]
        name = next(label for label in runs.index.get_level_values(0) if label != "baseline")
        change = (runs[name] - runs["baseline"]).mean()
        shown = page.evaluate("name => window.__homeward.meta.sweep.outcomes[0].groups.all.change[name].mean.at(-1)", name)
        assert abs(shown - change) < 1e-9 * max(1, abs(change))
        page.locator("[data-sweep=outcome]").select_option("1")
        page.locator("[data-sweep=group]").select_option("rural")
        page.wait_for_selector("svg.chart path.line", state="attached")
        page.locator("[data-sweep=what]").select_option("level")
        assert page.locator("table.wide tbody tr").count() == 3
        page.locator("[data-page=about]").click()
        assert "not a forecast" in page.text_content(".about")
        assert visit.troubles == []
        page.context.close()
    finally:
        stop(process)
