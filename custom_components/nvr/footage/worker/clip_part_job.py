"""The job of making one part of a playback from a saved clip."""

from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.video.stream import VideoStream

from .faults import InvalidBytesError, NoPictureError
from .inputs import integer
from .playback_job import INIT_NAME, SEGMENT_SUFFIX, begins_parts, put
from .segment_writer import write_segment
from .slots import FilledSlot, Slots, TimedFrame
from .splicer import Frame
from .units import TICKS_PER_SECOND, CodedPacket, Picture, in_ticks
from .wire import JsonObject, Wire

# The lead-in of a clip, which its edit list hides, is decoded in a moment: players of parts know no edit lists.
_LEAD_IN_SPEED = 1000
_MAX_HELD_BYTES = 128 << 20
_SOUND_LAG = 2 * TICKS_PER_SECOND


class ClipPartJob:
    """Writes part ``number`` of the clip at ``path``, which is one of ours, as it would be of a recording."""

    def __init__(self, wire: Wire, values: JsonObject) -> None:
        self._path = str(values["path"])
        self._folder = Path(str(values["folder"]))
        self._number = integer(values["number"])
        self._length = integer(values["slot"])
        count = integer(values["count"])
        self._last = self._number == count - 1
        self._slots = Slots(self._length, count, self._number)
        self._lead_in = 0
        self._sounds: list[CodedPacket] = []
        self._held_bytes = 0

    def run(self) -> JsonObject:
        """Do the job."""
        with av.open(self._path, "r", format="mp4") as container:
            video = container.streams.video[0]
            audio = next(iter(container.streams.audio), None)
            self._lead_in = _lead_in_of(container, video)
            start = max(0, self._number * self._length - self._lead_in)
            unit = video.time_base
            container.seek(
                start * unit.denominator // (unit.numerator * TICKS_PER_SECOND), stream=video
            )
            slot = self._read(container, video, audio)
            init, segment = write_segment(
                slot.number, video, slot.frames, slot.end, audio, self._sounds_of(slot, audio)
            )
        fits = begins_parts(self._folder / INIT_NAME, init)
        if fits:
            put(self._folder / f"{self._number}{SEGMENT_SUFFIX}", segment)
        return {"fits": fits}

    def _read(
        self, container: InputContainer, video: VideoStream, audio: AudioStream | None
    ) -> FilledSlot:
        """Read on until the slot and its sound have come."""
        found: FilledSlot | None = None
        end = 0
        for packet in container.demux([video] if audio is None else [video, audio]):
            if not packet.size or packet.pts is None or packet.dts is None:
                continue
            if packet.stream_index != video.index:
                self._sounds.append(packet)
                continue
            timed = self._timed(packet)
            end = timed.pts + in_ticks(packet.duration or 1, packet.time_base)
            if found is None:
                self._hold(packet.size)
                filled = self._slots.push(timed)
                found = next((slot for slot in filled if slot.number == self._number), None)
            elif audio is None or timed.dts > found.end + _SOUND_LAG:
                return found
        if found is None:
            found, _ = self._slots.finish(end)
        if found.number != self._number or not found.frames:
            raise NoPictureError("the clip is shorter")
        return found

    def _hold(self, size: int) -> None:
        self._held_bytes += size
        if self._held_bytes > _MAX_HELD_BYTES:
            raise InvalidBytesError("a part would be too large")

    def _timed(self, packet: CodedPacket) -> TimedFrame:
        pts = self._place(in_ticks(packet.pts or 0, packet.time_base))
        dts = self._place(in_ticks(packet.dts or 0, packet.time_base))
        return TimedFrame(Frame(Picture(packet, pts, dts, packet.is_keyframe), pts, dts), pts, dts)

    def _place(self, time: int) -> int:
        """Return where a time of the clip lies: after the lead-in, which takes next to no time."""
        return max(0, self._lead_in + (time if time >= 0 else time // _LEAD_IN_SPEED))

    def _sounds_of(self, slot: FilledSlot, audio: AudioStream | None) -> list[CodedPacket]:
        """Return the sound that begins with the slot's pictures.

        At the clip's end none outlasts them: a player that jumps there would find no picture.
        """
        if audio is None:
            return []
        unit = audio.time_base
        begin = 0 if self._number == 0 else self._slots.begin or 0
        shift = self._lead_in * unit.denominator // (unit.numerator * TICKS_PER_SECOND)
        kept = []
        for packet in self._sounds:
            time = in_ticks(packet.pts or 0, packet.time_base)
            place = time + self._lead_in
            length = in_ticks(packet.duration or 0, packet.time_base) if self._last else 1
            if time >= 0 and begin <= place and place + length <= slot.end:
                packet.pts = packet.dts = (packet.pts or 0) + shift
                kept.append(packet)
        return kept


def _lead_in_of(container: InputContainer, video: VideoStream) -> int:
    """Return how much room the pictures before the clip's beginning get."""
    first = next((one for one in container.demux(video) if one.size and one.dts is not None), None)
    if first is None:
        raise NoPictureError("the clip holds no picture")
    earliest = min(in_ticks(first.dts or 0, first.time_base), 0)
    return -(earliest // _LEAD_IN_SPEED)
