"""Who comes in, and what a hostile visitor gets."""

from __future__ import annotations

import http.client
import json
from urllib.parse import urlsplit


def ask(address: str, path: str = "/", headers: dict | None = None):
    where = urlsplit(address)
    line = http.client.HTTPConnection(where.hostname, where.port, timeout=20)
    try:
        line.request("GET", path, headers=headers or {})
        answer = line.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode("utf-8", "replace")
    finally:
        line.close()


def test_the_cookie_is_for_the_server_only_and_the_page_may_load_from_this_machine_only(address):
    status, headers, _ = ask(address)
    assert status == 200
    cookie = {k.lower(): v for k, v in headers.items()}["set-cookie"]
    assert "httponly" in cookie.lower()
    assert "default-src 'self'" in {k.lower(): v for k, v in headers.items()}["content-security-policy"]


def test_only_this_machine_is_asked_for_and_nothing_else_is_served(address):
    assert ask(address, "/", {"Host": "evil.example"})[0] == 421
    for path in ("/resourcez", "/resourcez?verbose", "/view/front/../command.py", "/view/front/none.js", "/_solara/cdn/nothing@1/x.js", "/other"):
        assert ask(address, path)[0] == 404, path


def test_a_fault_in_a_wish_is_told_as_text_and_nothing_runs(visit):
    one = visit("?lang=en")
    page = one.ready()
    hostile = [
        "<img src=x onerror=window.__owned=1>", "<script>window.__owned=1</script>", "{{constructor.constructor('window.__owned=1')()}}",
        "${window.__owned=1}", "javascript:window.__owned=1", "'\"><svg onload=window.__owned=1>", "\u202eabc", "a" * 5000,
    ]  # fmt: skip
    for text in hostile:
        page.evaluate("text => window.__homeward.send({type: 'ask', levers: {[text]: 1}})", text)
        page.wait_for_function("window.__homeward.fault !== ''")
        assert page.locator(".fault").inner_html().find("<") == -1
        page.evaluate("window.__homeward.fault = ''")
    for wish in ("null", "[]", "3", '{"type": 5}', '{"type": "ask"}', '{"type": "ask", "levers": {"migration.moving_cost": 1e9}}',
                 '{"type": "ask", "levers": {"migration.moving_cost": "2"}}', '{"type": "compare", "sets": [1,2,3,4,5]}', '{"type": "compare", "sets": {}}'):  # fmt: skip
        page.evaluate("wish => window.__homeward.send(wish)", json.loads(wish))
        page.wait_for_function("window.__homeward.fault !== ''")
        page.evaluate("window.__homeward.fault = ''")
    assert page.evaluate("window.__owned") is None
    assert page.evaluate("window.__homeward.history('base/draft').done")
