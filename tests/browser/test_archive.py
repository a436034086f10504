"""A run folder is opened read-only and shows the numbers of its tables."""

from __future__ import annotations

import pytest

from simulator import run
from tests.browser.conftest import serve, stop


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("view") / "teaching"
    run("teaching", months=26, persons_per_agent=5, folder=place, pictures=False)
    return place


def test_a_finished_run_is_shown_and_cannot_be_changed(chromium, folder):
    process, where = serve(str(folder))
    try:
        page = chromium.new_page(viewport={"width": 1280, "height": 800}, locale="en-GB")
        troubles = []
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(where + "?lang=en")
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
        assert troubles == []
        page.close()
    finally:
        stop(process)
    assert not (folder / "checkpoint").exists()
