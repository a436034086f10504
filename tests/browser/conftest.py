"""A running page and a browser that can reach nothing but this machine."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile

import pytest

CHROMIUM = os.environ.get("HOMEWARD_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ALONE = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
HARMLESS = ("Failed to evaluate Vue script",)
"""A warning of Solara's own front end."""


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium():
    sync = pytest.importorskip("playwright.sync_api", reason="browser tests skipped: no Playwright here")
    pytest.importorskip("solara", reason="browser tests skipped: no Solara here")
    if not CHROMIUM:
        pytest.skip("browser tests skipped: no Chromium on this machine (set HOMEWARD_CHROMIUM)")
    with sync.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=ALONE)
        yield browser
        browser.close()


def serve(*arguments: str):
    """Start `homeward view` and give the process and its address."""
    command = [sys.executable, "-m", "simulator", "view", "--no-open", "--json", *arguments]
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        line = process.stdout.readline()
        if not line:
            errors.seek(0)
            raise AssertionError(errors.read()[-2000:])
    return process, json.loads(line)["address"]


def stop(process) -> None:
    """End it as Ctrl-C would."""
    process.send_signal(signal.SIGINT)
    try:
        process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise


@pytest.fixture(scope="session")
def address(chromium):
    process, where = serve("--persons-per-agent", "50000")
    yield where
    stop(process)


class Visit:
    """One open page, and everything that should not have happened on it."""

    def __init__(self, context, address: str, query: str = ""):
        self.troubles: list[str] = []
        self.page = context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.troubles.append(f"page error: {error}"))
        self.page.on("request", lambda request: self._request(request.url))
        self.page.on("dialog", lambda dialog: (self.troubles.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        self.page.goto(address + query, timeout=60_000)

    def _console(self, message) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(HARMLESS):
            self.troubles.append(f"{message.type}: {message.text}")

    def _request(self, url: str) -> None:
        if not url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")):
            self.troubles.append(f"left the machine: {url}")

    def ready(self):
        """Wait until the baseline is whole."""
        self.page.wait_for_function("window.__homeward?.history('base/draft')?.done && (window.__homeward_frames > 0 || window.__homeward.page !== 'explore')", timeout=120_000)
        return self.page

    def done(self):
        """Wait until the changed history is whole."""
        self.page.wait_for_function("window.__homeward.changed && window.__homeward.history('now/draft')?.done", timeout=120_000)


@pytest.fixture
def visit(chromium, address):
    """Open pages; fails the test when one of them errs or talks to anyone but this machine."""
    context = chromium.new_context(viewport={"width": 1440, "height": 860}, locale="en-GB")
    context.set_default_timeout(120_000)
    visits: list[Visit] = []

    def open_page(query: str = "") -> Visit:
        visits.append(Visit(context, address, query))
        return visits[-1]

    yield open_page
    context.close()
    assert [trouble for one in visits for trouble in one.troubles] == []
