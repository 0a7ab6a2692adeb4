"""A headless Chromium over its debugging protocol: what a browser says about the page."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tornado.websocket import WebSocketClientConnection, websocket_connect

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
]
SCROLL_THROUGH = """(async () => {
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  for (let top = 0; top < document.body.scrollHeight; top += innerHeight) {
    scrollTo({ top, behavior: "instant" });
    await wait(120);
  }
  scrollTo({ top: 0, behavior: "instant" });
  const waiting = () => [...document.querySelectorAll("[data-chart]")]
    .some((chart) => chart.offsetParent && !chart.querySelector("svg"));
  for (let i = 0; i < 150 && waiting(); i += 1) await wait(100);
  await wait(200);
})()"""


@dataclass
class Visit:
    """What happened: complaints, requests beyond the page, answers of scripts, a picture."""

    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)
    picture: bytes = b""


def visit(
    page: Path,
    profile: Path,
    *,
    width: int,
    height: int = 900,
    scripts: tuple[str, ...] = (),
    picture: bool = False,
    media: str = "",
    javascript: bool = True,
    seconds: float = 60,
) -> Visit:
    """Open a local page at a width in CSS pixels, scroll through it, evaluate scripts."""
    assert CHROMIUM is not None
    browser = subprocess.Popen(
        [CHROMIUM, *FLAGS, f"--user-data-dir={profile}", "about:blank"],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert browser.stderr is not None
        lines = iter(browser.stderr.readline, "")
        address = next(found.group() for line in lines if (found := re.search(r"ws://\S+", line)))
        steps = _visit(address, page, width, height, scripts, picture, media, javascript)
        return asyncio.run(asyncio.wait_for(steps, seconds))
    finally:
        browser.terminate()
        browser.wait()


async def _visit(address, page, width, height, scripts, picture, media, javascript) -> Visit:
    seen = Visit()
    socket = await websocket_connect(address, max_message_size=2**28)
    talk = _Talk(socket, seen)
    target = (await talk("Target.createTarget", url="about:blank"))["targetId"]
    talk.session = (await talk("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
    for domain in ("Page", "Runtime", "Log", "Network"):
        await talk(f"{domain}.enable")
    if not javascript:
        await talk("Emulation.setScriptExecutionDisabled", value=True)
    phone = width < 600
    await talk(
        "Emulation.setDeviceMetricsOverride",
        width=width,
        height=height,
        deviceScaleFactor=1,
        mobile=phone,
    )
    if media:
        await talk("Emulation.setEmulatedMedia", media=media)
    await talk("Page.navigate", url=page.resolve().as_uri())
    await asyncio.sleep(0.5)
    if javascript:
        await talk("Runtime.evaluate", expression=SCROLL_THROUGH, awaitPromise=True)
    for script in scripts:
        found = await talk(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        seen.answers.append(found["result"].get("value", found.get("exceptionDetails")))
    if picture:
        shot = await talk(
            "Page.captureScreenshot",
            format="png",
            captureBeyondViewport=True,
            clip=await _whole(talk, width),
        )
        seen.picture = base64.b64decode(shot["data"])
    socket.close()
    return seen


async def _whole(talk: _Talk, width: int) -> dict[str, float]:
    size = (await talk("Page.getLayoutMetrics"))["cssContentSize"]
    return {"x": 0, "y": 0, "width": width, "height": size["height"], "scale": 1}


class _Talk:
    """One question at a time; events in between are kept."""

    def __init__(self, socket: WebSocketClientConnection, seen: Visit) -> None:
        self.socket, self.seen, self.session, self.count = socket, seen, "", 0

    async def __call__(self, method: str, **parameters: Any) -> dict[str, Any]:
        self.count += 1
        asked = {"id": self.count, "method": method, "params": parameters}
        await self.socket.write_message(
            json.dumps(asked | ({"sessionId": self.session} if self.session else {}))
        )
        while True:
            message = json.loads(await self.socket.read_message() or "{}")
            if message.get("id") == self.count:
                assert "error" not in message, message
                return message["result"]
            self._event(message.get("method", ""), message.get("params", {}))

    def _event(self, method: str, event: dict[str, Any]) -> None:
        if method == "Runtime.exceptionThrown":
            self.seen.complaints.append(json.dumps(event["exceptionDetails"])[:500])
        elif method == "Runtime.consoleAPICalled" and event["type"] in (
            "error",
            "warning",
            "assert",
        ):
            self.seen.complaints.append(json.dumps(event["args"])[:500])
        elif method == "Log.entryAdded" and event["entry"]["level"] in ("error", "warning"):
            self.seen.complaints.append(
                f"{event['entry']['text']} {event['entry'].get('url', '')}"[:500]
            )
        elif method == "Network.requestWillBeSent":
            url = event["request"]["url"]
            if not url.startswith(("data:", "file:", "about:")):
                self.seen.requests.append(url)
