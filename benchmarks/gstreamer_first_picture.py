"""Shows the first picture of a replay by GStreamer and prints how many seconds that took; runs in the system's Python.

Arguments: address, and start and end of the span in nanoseconds since 1900, by the device's clock.
"""

import importlib
import sys
from time import perf_counter
from typing import Any

PIPELINE = (
    "rtspsrc name=source onvif-mode=true onvif-rate-control=false protocols=tcp latency=0"
    " ! rtponvifparse ! rtph264depay ! h264parse ! avdec_h264"
    " ! appsink name=sink sync=false emit-signals=true max-buffers=1 drop=true"
)
PATIENCE_S = 30

gi = importlib.import_module("gi")
gi.require_version("Gst", "1.0")
Gst = importlib.import_module("gi.repository.Gst")
GLib = importlib.import_module("gi.repository.GLib")


def main(address: str, start: str, end: str) -> None:
    """Play until a picture is there."""
    Gst.init(None)
    pipeline = Gst.parse_launch(PIPELINE)
    source = pipeline.get_by_name("source")
    source.set_property("location", address)
    loop = GLib.MainLoop()
    began = perf_counter()

    def on_sample(sink: Any) -> Any:
        sink.emit("pull-sample")
        sys.stdout.write(f"{perf_counter() - began}\n")
        loop.quit()
        return Gst.FlowReturn.EOS

    def on_message(_bus: Any, message: Any) -> None:
        if message.type == Gst.MessageType.PROGRESS:
            kind, code, _ = message.parse_progress()
            # Where to begin is told before anything is played.
            if kind == Gst.ProgressType.COMPLETE and code == "open":
                time, flush, at = Gst.Format.TIME, Gst.SeekFlags.FLUSH, Gst.SeekType.SET
                seek = Gst.Event.new_seek(1.0, time, flush, at, int(start), at, int(end))
                source.send_event(seek)
                pipeline.set_state(Gst.State.PLAYING)
        elif message.type == Gst.MessageType.ERROR:
            sys.stderr.write(f"{message.parse_error()}\n")
            loop.quit()

    pipeline.get_by_name("sink").connect("new-sample", on_sample)
    bus = pipeline.get_bus()
    bus.add_signal_watch()
    bus.connect("message", on_message)
    GLib.timeout_add_seconds(PATIENCE_S, loop.quit)
    pipeline.set_state(Gst.State.PAUSED)
    loop.run()
    pipeline.set_state(Gst.State.NULL)


main(*sys.argv[1:])
