"""Plays a replay by GStreamer's own elements; runs in the system's Python, which has them.

Arguments: address, rate, and where to seek to as nanoseconds since 1900 (start and stop), or nothing.
Prints the time of each picture as GStreamer understands it in nanoseconds since 1900, and `end` when it
takes the replay for over.
"""

import importlib
import sys
from typing import Any

SOURCE = (
    "rtspsrc name=source onvif-mode=true onvif-rate-control=false protocols=tcp latency=50"
    " ! rtponvifparse ! rtp{codec}depay ! {codec}parse ! appsink name=sink sync=false emit-signals=true"
)
# Nobody waits as long for a replay that goes on; a busy machine takes its time.
PATIENCE_S = 120

gi = importlib.import_module("gi")
gi.require_version("Gst", "1.0")
Gst = importlib.import_module("gi.repository.Gst")
GLib = importlib.import_module("gi.repository.GLib")


def tell(*words: object) -> None:
    """Write a line at once."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def main(address: str, codec: str, rate: str, *span: str) -> None:
    """Play until the end."""
    Gst.init(None)
    pipeline = Gst.parse_launch(SOURCE.format(codec=codec))
    pipeline.get_by_name("source").set_property("location", address)
    loop = GLib.MainLoop()
    ready = {"sought": not span}

    def seek() -> None:
        ready["sought"] = True
        begins, ends = (int(each) for each in span)
        kind = Gst.SeekType.SET
        flags = Gst.SeekFlags.FLUSH
        pipeline.seek(float(rate), Gst.Format.TIME, flags, kind, begins, kind, ends)

    def on_sample(sink: Any) -> Any:
        sample = sink.emit("pull-sample")
        if not span or sample.get_segment().start == int(span[0]):
            tell(sample.get_buffer().pts)
        return Gst.FlowReturn.OK

    def on_message(_bus: Any, message: Any) -> None:
        playing = message.type == Gst.MessageType.STATE_CHANGED and message.src is pipeline
        if (
            playing
            and not ready["sought"]
            and message.parse_state_changed()[1] == Gst.State.PLAYING
        ):
            seek()
        elif message.type == Gst.MessageType.EOS:
            tell("end")
            loop.quit()
        elif message.type == Gst.MessageType.ERROR:
            tell(*message.parse_error())
            loop.quit()

    pipeline.get_by_name("sink").connect("new-sample", on_sample)
    bus = pipeline.get_bus()
    bus.add_signal_watch()
    bus.connect("message", on_message)
    GLib.timeout_add_seconds(PATIENCE_S, loop.quit)
    pipeline.set_state(Gst.State.PLAYING)
    loop.run()
    pipeline.set_state(Gst.State.NULL)


main(*sys.argv[1:])
