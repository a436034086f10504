"""Fifty visitors at one time, as real websocket sessions: errors, waiting for what is already computed, memory.

`python -m tests.browser.fifty [--visitors N] [--seconds S]` starts the page at the quick scale, lets one visitor
have six stories computed, then lets all visitors join and choose stories at random, and prints one table.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import sys
import time
import urllib.request
import uuid
from dataclasses import dataclass, field

import websockets

from tests.browser.conftest import serve, stop

STORIES = ("keep_our_graduates", "come_home_and_start_a_firm", "equal_services", "social_floor", "circle_line", "steady_base")


@dataclass
class Visitor:
    """One session: opens the page as a browser does and speaks the page's own messages."""

    address: str
    waits: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    heard: asyncio.Queue = field(default_factory=asyncio.Queue)

    async def join(self) -> None:
        """Fetch the page for its cookie, open the socket, start the application, find the stage."""
        answer = await asyncio.to_thread(urllib.request.urlopen, self.address)
        cookie = answer.headers["set-cookie"].split(";")[0]
        answer.close()
        self.kernel, self.session, self.control = (uuid.uuid4().hex for _ in range(3))
        host = self.address.removeprefix("http://").rstrip("/")
        where = f"ws://{host}/jupyter/api/kernels/{self.kernel}/channels?session_id={self.session}"
        self.socket = await websockets.connect(where, additional_headers={"Cookie": cookie}, max_size=None, compression=None, open_timeout=60)
        self.reader = asyncio.create_task(self.read())
        self.stage, self.started = None, asyncio.Event()
        await self.say("comm_open", {"comm_id": self.control, "target_name": "solara.control", "data": {}})
        await self.say("comm_msg", {"comm_id": self.control, "data": {"method": "run", "args": {"path": "", "appName": None}}})
        await asyncio.wait_for(self.started.wait(), 60)
        await self.tell({"type": "hello"})
        self.meta = (await self.wait(lambda head: head["kind"] == "meta"))["meta"]

    async def say(self, kind: str, content: dict) -> None:
        header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "session": self.session, "username": "", "version": "5.2", "date": ""}
        await self.socket.send(json.dumps({"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell", "buffers": []}))

    async def tell(self, message: dict) -> None:
        """A message of the page to its visitor on the server."""
        await self.say("comm_msg", {"comm_id": self.stage, "data": {"method": "custom", "content": message}})

    async def read(self) -> None:
        async for raw in self.socket:
            message, blocks = parse(raw)
            content, kind = message["content"], message["header"]["msg_type"]
            if kind == "comm_open" and "_esm" in content["data"].get("state", {}):
                self.stage = content["comm_id"]
            elif kind == "comm_msg" and content["comm_id"] == self.control and content["data"].get("method") == "finished":
                self.started.set()
            elif kind == "comm_msg" and content["comm_id"] == self.stage and content["data"].get("method") == "custom":
                head = content["data"]["content"]
                if head["kind"] == "fault":
                    self.faults.append(head["text"])
                block = json.loads(blocks[0][4 : 4 + int.from_bytes(blocks[0][:4], "little")]) if blocks else {}
                await self.heard.put(head | {"block": block})

    async def wait(self, fits, seconds: float = 120) -> dict:
        """The next message that fits."""
        async with asyncio.timeout(seconds):
            while True:
                head = await self.heard.get()
                if fits(head):
                    return head

    async def choose(self, story: str) -> float:
        """Choose a story; the seconds until its whole history is here."""
        levers = next(p["levers"] for p in self.meta["panel"]["presets"] if p["name"] == story)
        began = time.perf_counter()
        await self.tell({"type": "ask", "levers": levers})
        run = (await self.wait(lambda head: head["kind"] == "slot" and head["slot"] == "now/draft"))["runs"][0]
        await self.wait(lambda head: head["block"].get("run") == run and head["block"].get("status") == "done")
        return time.perf_counter() - began

    async def leave(self) -> None:
        self.reader.cancel()
        await self.socket.close()


def parse(raw):
    """A message of the kernel: JSON, or JSON with blocks of bytes behind it."""
    if isinstance(raw, str):
        return json.loads(raw), []
    count = int.from_bytes(raw[:4], "big")
    starts = [int.from_bytes(raw[4 + 4 * k : 8 + 4 * k], "big") for k in range(count)] + [len(raw)]
    parts = [raw[a:b] for a, b in zip(starts, starts[1:], strict=False)]
    return json.loads(parts[0]), parts[1:]


def memory(pid: int) -> float:
    """Resident memory of a process, MB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmRSS"))


async def play(address: str, pid: int, visitors: int, seconds: float) -> dict:
    """Let them come, choose, and go."""
    first = Visitor(address)
    await first.join()
    for story in STORIES:
        await first.choose(story)
    before = memory(pid)
    room = [Visitor(address) for _ in range(visitors)]
    joined = await asyncio.gather(*(one.join() for one in room), return_exceptions=True)
    errors = [repr(e) for e in joined if isinstance(e, Exception)]
    after = memory(pid)
    until = time.perf_counter() + seconds

    async def wander(one: Visitor, luck: random.Random) -> None:
        await asyncio.sleep(luck.uniform(0, 4))
        while time.perf_counter() < until:
            one.waits.append(await one.choose(luck.choice(STORIES)))
            await asyncio.sleep(luck.uniform(2, 6))

    done = await asyncio.gather(*(wander(one, random.Random(k)) for k, one in enumerate(room)), return_exceptions=True)
    errors += [repr(e) for e in done if isinstance(e, Exception)] + [text for one in room for text in one.faults]
    most = memory(pid)
    for one in (first, *room):
        await one.leave()
    waits = sorted(w for one in room for w in one.waits)
    at = lambda share: waits[min(len(waits) - 1, int(share * len(waits)))] if waits else float("nan")
    return {
        "visitors": visitors, "choices": len(waits), "errors": len(errors), "first_error": errors[0] if errors else "",
        "median_ms": round(1000 * at(0.5)), "p95_ms": round(1000 * at(0.95)), "max_ms": round(1000 * at(1)),
        "MB_a_visitor_joined": round((after - before) / visitors, 2), "MB_a_visitor_most": round((most - before) / visitors, 2),
    }  # fmt: skip


def main() -> int:
    """Run it and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=30)
    args = parser.parse_args()
    process, address = serve("--persons-per-agent", "50000", "--seats", str(args.visitors + 2))
    try:
        result = asyncio.run(play(address, process.pid, args.visitors, args.seconds))
    finally:
        stop(process)
    print(json.dumps(result | {"cpus": os.cpu_count(), "load": os.getloadavg()[0]}, indent=1))
    return 1 if result["errors"] else 0


if __name__ == "__main__":
    sys.exit(main())
