"""Replays footage by GStreamer's own RTSP server with its classes for ONVIF; runs in the system's Python.

Arguments: a file of access units (`write_units` in `gstreamer.py` makes it), the codec, user and password.
Prints the port on which it listens.
"""

import importlib
from pathlib import Path
import sys
from typing import Any

_HEAD = 13
_NS_SIZE, _LENGTH_AT = 8, 9

gi = importlib.import_module("gi")
gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
Gst = importlib.import_module("gi.repository.Gst")
GLib = importlib.import_module("gi.repository.GLib")
GstRtspServer = importlib.import_module("gi.repository.GstRtspServer")


class Units:
    """What was recorded: its access units by their instants, nanoseconds since 1900."""

    def __init__(self, path: str) -> None:
        """Read the file."""
        self.units: list[tuple[int, bool, bytes]] = []
        with Path(path).open("rb") as file:
            while head := file.read(_HEAD):
                size = int.from_bytes(head[_LENGTH_AT:], "big")
                instant = int.from_bytes(head[:_NS_SIZE], "big")
                self.units.append((instant, bool(head[_NS_SIZE]), file.read(size)))

    def key_at(self, instant: int) -> int:
        """Give the place of the key frame that is needed at an instant."""
        found = 0
        for place, (at, key, _) in enumerate(self.units):
            if key and at <= instant:
                found = place
        return found


class Feed:
    """Feeds one client's pipeline from where it seeks to."""

    def __init__(self, units: Units, source: Any) -> None:
        """Feed an appsrc."""
        self._units = units
        self._place = 0
        self._begins = 0
        self._stop = Gst.CLOCK_TIME_NONE
        self._broken = True
        source.set_property("format", Gst.Format.TIME)
        source.set_property("stream-type", 1)
        source.set_property("duration", units.units[-1][0])
        source.connect("seek-data", self._seek)
        source.connect("need-data", self._push)
        downstream = Gst.PadProbeType.EVENT_DOWNSTREAM
        source.get_static_pad("src").add_probe(downstream, self._begin_at_key_frame)

    def _begin_at_key_frame(self, pad: Any, info: Any) -> Any:
        """Let segments begin with the key frame before, as a demuxer does that seeks to one.

        What comes before its segment has no time, and ends the stream.
        """
        event = info.get_event()
        if event.type != Gst.EventType.SEGMENT:
            return Gst.PadProbeReturn.OK
        segment = event.parse_segment().copy()
        self._stop = segment.stop
        if segment.start <= self._begins:
            return Gst.PadProbeReturn.OK
        segment.start = segment.time = segment.position = self._begins
        pad.push_event(Gst.Event.new_segment(segment))
        return Gst.PadProbeReturn.DROP

    def _seek(self, _source: Any, instant: int) -> bool:
        self._place = self._units.key_at(instant)
        self._begins = self._units.units[self._place][0]
        self._broken = True
        return True

    def _push(self, source: Any, _size: int) -> None:
        units = self._units.units
        if self._place >= len(units) or units[self._place][0] >= self._stop:
            source.emit("end-of-stream")
            return
        instant, key, data = units[self._place]
        buffer = Gst.Buffer.new_wrapped(data)
        buffer.pts = buffer.dts = instant
        if not key:
            buffer.set_flags(Gst.BufferFlags.DELTA_UNIT)
        if self._broken:
            buffer.set_flags(Gst.BufferFlags.DISCONT)
        self._broken = False
        self._place += 1
        source.emit("push-buffer", buffer)


def factory_of(units: Units, codec: str) -> Any:
    """Make what gives each client its pipeline."""

    class Factory(GstRtspServer.RTSPOnvifMediaFactory):  # type: ignore[misc, name-defined]
        """Gives each client a pipeline of its own."""

        def do_create_element(self, _url: Any) -> Any:
            """Give a pipeline whose packets say when they were filmed."""
            element = Gst.parse_launch(
                f"( appsrc name=source caps=video/x-{codec},stream-format=byte-stream,alignment=au"
                f" ! {codec}parse ! rtp{codec}pay pt=96 config-interval=-1"
                " ! rtponviftimestamp name=pay0 ntp-offset=0 set-e-bit=true set-t-bit=true )"
            )
            self.feed = Feed(units, element.get_by_name("source"))
            return element

    factory = Factory()
    factory.set_media_gtype(GstRtspServer.RTSPOnvifMedia.__gtype__)
    factory.set_replay_support(True)
    return factory


def authentication(user: str, password: str) -> Any:
    """Let one user in, by digest."""
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(2)
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", user)
    auth.add_digest(user, password, token)
    return auth


def main(path: str, codec: str, user: str, password: str) -> None:
    """Serve until it is killed."""
    Gst.init(None)
    server = GstRtspServer.RTSPOnvifServer()
    server.set_address("127.0.0.1")
    server.set_service("0")
    factory = factory_of(Units(path), codec)
    role = GstRtspServer.RTSPPermissions()
    role.add_permission_for_role(user, "media.factory.access", True)
    role.add_permission_for_role(user, "media.factory.construct", True)
    factory.set_permissions(role)
    server.set_auth(authentication(user, password))
    server.get_mount_points().add_factory("/replay", factory)
    server.attach(None)
    sys.stdout.write(f"{server.get_bound_port()}\n")
    sys.stdout.flush()
    GLib.MainLoop().run()


main(*sys.argv[1:])
