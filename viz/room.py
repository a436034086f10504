"""The door of the room: who may come in, what the browser may load, and how many visitors there is room for.

An ASGI application around Solara's: it turns visitors away in words before a socket is opened, serves our own
front end, and adds the headers that keep a page from talking to anyone but this machine.
"""

from __future__ import annotations

import hashlib
import html
import time
from pathlib import Path
from urllib.parse import urlsplit

HERE = Path(__file__).parent
SEAT_SECONDS = 20
"""How long a seat is held for a page that was sent but has not opened its socket."""
TYPES = {".js": "text/javascript", ".css": "text/css", ".json": "application/json", ".svg": "image/svg+xml"}
CLOSED_PATHS = ("/resourcez", "/_solara/api/evict")
LIBRARIES = "/_solara/cdn/"
"""Where Solara's own front end is served from; what is not on this machine is never fetched from elsewhere."""

FULL = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="10"><title>homeward: the room is full</title><style>body{font:20px/1.5 system-ui,sans-serif;background:#faf6ee;color:#1d2a33;
display:grid;place-content:center;min-height:90vh;margin:2rem;max-width:34rem;margin:auto}h1{font:600 2rem Georgia,serif}</style>
<h1>The room is full</h1><p>All %d seats are taken. A seat becomes free within a minute after somebody closes the page:
this page tries again by itself.</p><h1 lang="zh">座位已满</h1><p lang="zh">%d 个座位都有人。有人关闭页面后一分钟内会空出座位，本页会自动重试。</p></html>"""


class Room:
    """The ASGI application: `Room(solara_app, seats, live, hosts, libraries)`.

    live: function giving the ids of the kernels that are open. hosts: names under which the page may be
    asked for; None allows any (a public room). libraries: folder of Solara's own front end.
    """

    def __init__(self, inner, seats: int, live, hosts: set[str] | None, libraries: Path):
        self.inner, self.seats, self.live, self.hosts = inner, seats, live, hosts
        self.libraries = libraries.resolve()
        self.held: list[float] = []
        self.files = {}
        for folder in ("front", "text"):
            for path in sorted((HERE / folder).rglob("*")):
                if path.suffix in TYPES:
                    data = path.read_bytes()
                    tag = f'"{hashlib.sha256(data).hexdigest()[:16]}"'
                    self.files[f"/view/{path.relative_to(HERE).as_posix()}"] = (data, TYPES[path.suffix], tag)

    async def __call__(self, scope, receive, send):
        """Serve one request or socket."""
        if scope["type"] == "websocket":
            return await self._socket(scope, receive, send)
        if scope["type"] != "http":
            return await self.inner(scope, receive, send)
        path, headers = scope["path"], dict(scope["headers"])
        if not self._known_host(headers):
            return await _answer(send, 421, b"this address is not served here", "text/plain")
        if path in self.files:
            return await self._file(send, headers, path)
        if path.startswith(CLOSED_PATHS) or (path.startswith(LIBRARIES) and not self._at_hand(path)):
            return await _answer(send, 404, b"not here", "text/plain")
        page = scope["method"] == "GET" and "." not in path and not path.startswith(("/jupyter", "/static", "/_solara", "/readyz"))
        if page and path != "/":
            return await _answer(send, 404, b"there is one page here: /", "text/plain")
        if page:
            now = time.monotonic()
            self.held = [t for t in self.held if now - t < SEAT_SECONDS]
            if len(self.live()) + len(self.held) >= self.seats:
                return await _answer(send, 503, (FULL % (self.seats, self.seats)).encode(), "text/html; charset=utf-8", [(b"retry-after", b"60")])
            self.held.append(now)
        return await self.inner(scope, receive, _with_headers(send, headers))

    async def _socket(self, scope, receive, send):
        headers = dict(scope["headers"])
        origin = urlsplit(headers.get(b"origin", b"").decode("latin-1")).netloc
        host = headers.get(b"host", b"").decode("latin-1")
        parts = scope["path"].split("/")
        kernel = parts[4] if len(parts) > 4 else ""
        known = kernel in self.live()
        if not self._known_host(headers) or (origin and origin != host) or (not known and len(self.live()) >= self.seats):
            await receive()
            return await send({"type": "websocket.close", "code": 4403, "reason": "no seat"})
        if not known and self.held:
            self.held.pop(0)
        return await self.inner(scope, receive, send)

    def _at_hand(self, path: str) -> bool:
        file = (self.libraries / path.removeprefix(LIBRARIES)).resolve()
        return file.is_relative_to(self.libraries) and file.is_file()

    def _known_host(self, headers) -> bool:
        host = headers.get(b"host", b"").decode("latin-1")
        return self.hosts is None or urlsplit(f"//{host}").hostname in self.hosts

    async def _file(self, send, headers, path):
        data, kind, tag = self.files[path]
        extra = [(b"etag", tag.encode()), (b"cache-control", b"no-cache")]
        if headers.get(b"if-none-match", b"").decode("latin-1") == tag:
            return await _answer(send, 304, b"", kind, extra)
        return await _answer(send, 200, data, f"{kind}; charset=utf-8", extra)


def _policy(host: str) -> bytes:
    host = html.escape(host) if host else ""
    return (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
        f"img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' ws://{host} wss://{host}; "
        "object-src 'none'; base-uri 'self'; form-action 'none'; frame-ancestors 'self'"
    ).encode()


def _with_headers(send, headers):
    policy = _policy(headers.get(b"host", b"").decode("latin-1"))

    async def wrapped(message):
        if message["type"] == "http.response.start":
            extra = [(b"content-security-policy", policy), (b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer")]
            message = message | {"headers": [*message["headers"], *extra]}
        await send(message)

    return wrapped


async def _answer(send, status: int, body: bytes, kind: str, extra=()):
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode()), (b"x-content-type-options", b"nosniff"), *extra]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
