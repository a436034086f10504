"""The researcher's view starts, draws its places and series, and steps the model."""

from __future__ import annotations

import pytest

from tests.browser.conftest import serve, stop

pytest.importorskip("altair", reason="the researcher's view needs altair")


def test_mesas_own_page_starts_draws_and_steps(chromium):
    process, where = serve("--researcher")
    try:
        page = chromium.new_page(viewport={"width": 1400, "height": 900}, locale="en-GB")
        troubles, outside = [], []
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", lambda request: outside.append(request.url) if not request.url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")) else None)
        page.goto(where)
        page.wait_for_selector("text=the researcher's view", timeout=120_000)
        page.wait_for_selector("img", timeout=120_000)
        page.wait_for_function("[...document.querySelectorAll('img')].some(i => i.naturalWidth > 200)", timeout=120_000)
        page.wait_for_selector("text=People, 2020-11")
        page.get_by_role("button", name="Step").click()
        page.wait_for_selector("text=People, 2020-12", timeout=120_000)
        assert troubles == []
        assert outside == []
        page.close()
    finally:
        stop(process)
