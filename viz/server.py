"""Starts Solara with safe settings around our room, and stops it cleanly."""

from __future__ import annotations

import os
import secrets
import socket

CULL = "45s"
"""How long a session without a connection is kept: long enough to come back, short enough to free the seat."""
MESSAGE_BYTES = 256 * 1024
"""Largest message a browser may send."""


def settle(seats: int, app: str) -> None:
    """Settings that Solara reads when it is imported: call before."""
    os.environ |= {
        "SOLARA_APP": app,
        "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "false",
        "SOLARA_SESSION_SECRET_KEY": secrets.token_urlsafe(32),
        "SOLARA_SESSION_HTTP_ONLY": "true",
        "SOLARA_KERNEL_CULL_TIMEOUT": CULL,
        "SOLARA_KERNEL_MAX_COUNT": str(seats + 8),
        "SOLARA_KERNELS_MAX_COUNT": str(seats + 8),
        "SOLARA_THEME_SHOW_BANNER": "false",
        "SOLARA_THEME_TITLE": "homeward",
        "SOLARA_THEME_LOADER": "plain",
        "SOLARA_MODE": "production",
    }


def free_port(wanted: int | None, host: str) -> int:
    """The port asked for, or a free one from 8765 on; OSError when the one asked for is taken."""
    for port in [wanted] if wanted is not None else [*range(8765, 8785), 0]:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                if wanted is not None:
                    raise
                continue
            return probe.getsockname()[1]
    raise OSError("no free port")


def addresses(port: int) -> list[str]:
    """Addresses by which others in the room reach this machine."""
    found = set()
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("192.0.2.1", 9))  # nothing is sent: it only chooses the interface
            found.add(probe.getsockname()[0])
    except OSError:
        pass
    try:
        found |= {row[4][0] for row in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    except OSError:
        pass
    return [f"http://{address}:{port}/" for address in sorted(found) if not address.startswith("127.")]


def serve(exhibit, host: str, port: int, seats: int, public: bool, started=None, app: str = "viz.app") -> None:
    """Serve until stopped (Ctrl-C)."""
    settle(seats, app)
    import logging
    import warnings

    import uvicorn

    warnings.filterwarnings("ignore", module="websockets")
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    warnings.filterwarnings("ignore", message="Cookies with samesite=none")
    class _Announcing(uvicorn.Server):
        """Says that it is there once it can be reached."""

        def __init__(self, config, started):
            super().__init__(config)
            self.announce = started

        async def startup(self, sockets=None):
            await super().startup(sockets=sockets)
            if self.announce is not None and self.started:
                self.announce()

    from solara.server import kernel_context, settings, starlette

    from viz.room import Room

    safe = settings.session.http_only and not settings.telemetry.mixpanel_enable and settings.kernel.cull_timeout == CULL
    if not safe or settings.session.secret_key == settings.SESSION_SECRET_KEY_DEFAULT:
        raise RuntimeError("Solara was imported before its settings were made safe")
    if exhibit is not None:
        import viz.app

        viz.app.EXHIBIT = exhibit
    logging.getLogger("solara").setLevel(logging.ERROR)

    def live() -> set[str]:
        return {key for key, context in list(kernel_context.contexts.items()) if not context.closed_event.is_set()}

    hosts = None if public else {"127.0.0.1", "localhost", "::1"}
    room = Room(starlette.app, seats, live, hosts, settings.assets.proxy_cache_dir)
    config = uvicorn.Config(
        room, host=host, port=port, loop="asyncio", access_log=False, log_level="error", ws_max_size=MESSAGE_BYTES,
        ws_per_message_deflate=False, ws_ping_interval=20, ws_ping_timeout=30, timeout_graceful_shutdown=1, server_header=False,
    )  # fmt: skip
    _Announcing(config, started).run()
