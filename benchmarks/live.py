"""How long it takes until a live stream shows its first picture in a browser."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import aiohttp
import av
from playwright.async_api import Page

from demo.browser import Browser

from .figure import Aim, Figure, Measure
from .homes import Home
from .outcome import Outcome, Workbench
from .recorder_orders import RecorderSpec
from .recorders import RecorderHouse

ROUNDS = 9
EXCESS_S = 0.05
# Short, so that waiting for a key frame says little.
GOP_S = 0.4
# By then go2rtc has let go of a stream that nobody watches.
PAUSE_S = 1.0
LIMIT_MS = 20_000

# The same receiver for both: only the way that offer and answer go differs.
RECEIVE = """
async ({kind, url, token, entity, limit}) => {
  const began = performance.now();
  const peer = new RTCPeerConnection();
  peer.addTransceiver("video", {direction: "recvonly"});
  const video = document.createElement("video");
  video.muted = true; video.autoplay = true; video.playsInline = true;
  document.body.append(video);
  const shown = new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error("no picture")), limit);
    video.requestVideoFrameCallback(() => resolve(performance.now() - began));
  });
  peer.ontrack = event => { video.srcObject = new MediaStream([event.track]); };
  const waiting = [];
  const candidate = async each => {
    if (!peer.remoteDescription) waiting.push(each);
    else await peer.addIceCandidate(each).catch(() => {});
  };
  const answered = async sdp => {
    await peer.setRemoteDescription({type: "answer", sdp});
    for (const each of waiting.splice(0)) await candidate(each);
  };
  const socket = new WebSocket(url);
  const messages = {
    ours: async message => {
      if (message.type === "auth_required")
        socket.send(JSON.stringify({type: "auth", access_token: token}));
      if (message.type === "auth_ok") begin();
      if (message.type !== "event") return;
      if (message.event.type === "answer") await answered(message.event.answer);
      if (message.event.type === "candidate") await candidate(message.event.candidate);
    },
    alone: async message => {
      if (message.type === "webrtc/answer") await answered(message.value);
      if (message.type === "webrtc/candidate" && message.value)
        await candidate({candidate: message.value, sdpMid: "0"});
    },
  };
  const begin = async () => {
    const offer = await peer.createOffer();
    await peer.setLocalDescription(offer);
    socket.send(JSON.stringify(kind === "ours"
      ? {id: 1, type: "camera/webrtc/offer", entity_id: entity, offer: offer.sdp}
      : {type: "webrtc/offer", value: offer.sdp}));
  };
  socket.onmessage = event => messages[kind](JSON.parse(event.data));
  socket.onopen = () => { if (kind === "alone") begin(); };
  try {
    return await shown / 1000;
  } finally {
    socket.close(); peer.close(); video.remove();
  }
}
"""


@dataclass(frozen=True)
class _Runs:
    """Seconds until the first picture."""

    ours: list[float]
    alone: list[float]


async def measure(bench: Workbench) -> Outcome:
    """Watch channels that nobody watches through Home Assistant and through go2rtc alone, in turns."""
    rounds = bench.choose(full=ROUNDS, short=2)
    # The first one is for warming up.
    channels = rounds + 1
    runs = _Runs([], [])
    again = _Runs([], [])
    async with (
        RecorderHouse.run(bench.folder / "simulator") as house,
        Home.run(bench.folder / "home") as home,
        Browser.run() as browser,
    ):
        recorder = await house.add(
            RecorderSpec(
                name="live", personality=bench.maker.vendor.first, channels=channels, gop_s=GOP_S
            )
        )
        sources = [bench.maker.live_url(recorder, each + 1) for each in range(channels)]
        await home.add(recorder)
        while len(cameras := sorted(await home.cameras())) < channels:
            await asyncio.sleep(0.1)
        await _warm_up(sources)
        page = await browser.page()
        await page.goto(f"{home.go2rtc.url}/api")
        for number in range(channels):
            bench.say(f"channel {number} of {rounds}")
            name = f"alone{number}"
            await _add_stream(home, name, sources[number])
            for each in (runs, again):
                each.ours.append(await _watch(page, home, camera=cameras[number]))
                each.alone.append(await _watch(page, home, stream=name))
    return Outcome(figures=[_figure("first", runs), _figure("again", again)])


async def _warm_up(sources: Sequence[str]) -> None:
    """Have every camera of the simulator begin to film, which takes it a moment."""
    for source in sources:
        await asyncio.to_thread(_first_picture, source)


def _first_picture(url: str) -> None:
    with av.open(
        url, mode="r", options={"rtsp_transport": "tcp", "analyzeduration": "0"}
    ) as source:
        for _ in source.decode(video=0):
            return


async def _watch(page: Page, home: Home, *, camera: str = "", stream: str = "") -> float:
    await asyncio.sleep(PAUSE_S)
    kind = "ours" if camera else "alone"
    base = home.api.url if camera else home.go2rtc.url
    path = "/api/websocket" if camera else f"/api/ws?src={stream}"
    order: dict[str, Any] = {
        "kind": kind,
        "url": base.replace("http", "ws", 1) + path,
        "token": home.api.token,
        "entity": camera,
        "limit": LIMIT_MS,
    }
    took: float = await page.evaluate(RECEIVE, order)
    return took


async def _add_stream(home: Home, name: str, source: str) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.put(
            f"{home.go2rtc.url}/api/streams",
            params={"name": name, "src": source},
        ) as answer,
    ):
        answer.raise_for_status()


def _figure(name: str, runs: _Runs) -> Figure:
    ours, alone = runs.ours[1:], runs.alone[1:]
    what = "that nobody has watched yet" if name == "first" else "that was watched before"
    return Figure(
        name=f"live.{name}_picture",
        value=median(ours),
        beside=median(alone),
        beside_is="go2rtc alone, same stream",
        unit="s",
        aim=Aim(measure=Measure.EXCESS, at_most=EXCESS_S),
        conditions=f"a stream {what}, from opening the connection; median of {len(ours)}, "
        f"slowest {max(ours):.2f} s",
    )
