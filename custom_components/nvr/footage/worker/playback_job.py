"""The job of making the parts of a playback, from one transfer."""

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import takewhile
from pathlib import Path

from .faults import InvalidBytesError, NoPictureError
from .inputs import PartInput, PartOrder, integer, open_source, wait_for_part
from .lead import Lead
from .segment_writer import write_segment
from .slots import FilledSlot, Slots, TimedFrame
from .sound_track import FRAME_SAMPLES, SoundClock, SoundShape, SoundTrack, shape_of
from .source import Source
from .splicer import Frame
from .units import TICKS_PER_SECOND, AudioFormat, CodedPacket, Picture, Sound
from .wire import JsonObject, JsonValue, Wire

INIT_NAME = "init.mp4"
STILL_NAME = "still.mp4"
SEGMENT_SUFFIX = ".m4s"
# Sound may come this much later than pictures of the same time; what is later is taken to be missing.
_SOUND_LAG = TICKS_PER_SECOND
_SILENT_SOUND = AudioFormat("pcm_alaw", 8000)
_NOMINAL_TICKS = TICKS_PER_SECOND // 25
_MAX_STEP = TICKS_PER_SECOND
_MAX_HELD_BYTES = 128 << 20


class PlaybackJob:
    """Makes the parts from slot ``first`` on, until the transfer ends or nobody wants more.

    An event ``made`` tells each part that is there; the first one tells the shape of the sound, which later
    jobs of the same playback are given, so that all parts fit one initialization. The result tells at which part
    the footage ended. Beside the parts lies one more at time 0, which shows a single picture: parts that
    have no footage are made from it.
    """

    def __init__(self, wire: Wire, values: JsonObject) -> None:
        self._wire = wire
        self._folder = Path(str(values["folder"]))
        self._origin = integer(values["origin"])
        self._length = integer(values["slot"])
        self._count = integer(values["count"])
        self._first = integer(values["first"])
        self._shape, self._shape_known = _shape(values.get("sound"))
        self._slots = Slots(self._length, self._count, self._first)
        self._closed: deque[FilledSlot] = deque()
        self._packets: deque[CodedPacket] = deque()
        self._sound: SoundTrack | None = None
        self._sound_clock = SoundClock()
        self._step = _NOMINAL_TICKS
        self._last: TimedFrame | None = None
        self._key: TimedFrame | None = None
        self._written_key: Frame | None = None
        self._longest_gop = 0
        self._made = 0
        self._ended_at = 0
        self._held_bytes = 0

    def run(self) -> JsonObject:
        """Do the job. Parts that were finished stay whatever happens."""
        order = wait_for_part(self._wire)
        if order is None:
            raise NoPictureError("no transfer")
        stream = PartInput(self._wire)
        source = open_source(stream, self._folder)
        try:
            self._read(source, order)
        finally:
            source.close()
            if self._sound is not None:
                self._sound.close()
        stream.drain()
        return {"made": self._made, "end": self._ended_at}

    def _read(self, source: Source, order: PartOrder) -> None:
        keeper = order.timekeeper()
        from_start = order.base == self._origin
        lead = Lead(keeper.second_of(self._origin)) if from_start else None
        for unit in source:
            if isinstance(unit, Sound):
                utc = None if unit.pts is None else keeper.utc(unit.pts)
                self._hear(unit, utc, source)
                continue
            keeper.see(unit)
            utc = keeper.utc(unit.pts)
            if utc is None:
                continue
            for picture, time in [(unit, utc)] if lead is None else lead.push(unit, utc):
                self._show(picture, time, source, from_start=from_start)
        for picture, time in () if lead is None else lead.rest():
            self._show(picture, time, source, from_start=from_start)
        self._finish(source)

    def _show(self, picture: Picture, utc: int, source: Source, *, from_start: bool) -> None:
        frame = Frame(picture, utc, utc - picture.pts + picture.dts)
        pts, dts = frame.time - self._origin, frame.order - self._origin
        if self._last is None and from_start:
            # Recordings begin within the second that the search named. The first picture is shown from 0 on.
            pts = dts = 0
        elif self._last is not None:
            dts = max(dts, self._last.dts + 1)
            pts = max(pts, dts)
            if dts - self._last.dts < _MAX_STEP:
                self._step = dts - self._last.dts
        timed = TimedFrame(frame, pts, dts)
        self._last = timed
        self._held_bytes += picture.size
        if self._held_bytes > _MAX_HELD_BYTES:
            raise InvalidBytesError("a part would be too large")
        self._closed.extend(self._slots.push(timed))
        if picture.key:
            if self._key is not None:
                self._longest_gop = max(self._longest_gop, utc - self._key.frame.time)
            self._key = timed
        self._begin_sound(source)
        self._make(source, ended=False)

    def _begin_sound(self, source: Source) -> None:
        """Decide on the sound when the first slot wanted has begun."""
        if self._sound is not None or (self._shape_known and self._shape is None):
            return
        begin = self._slots.begin
        if begin is None:
            return
        self._know_shape(source)
        if self._shape is not None:
            grid = FRAME_SAMPLES * TICKS_PER_SECOND
            first = -(-begin * self._shape[0] // grid)
            self._sound = SoundTrack(
                source.audio or _SILENT_SOUND, shape=self._shape, first_frame=first
            )

    def _know_shape(self, source: Source) -> None:
        if not self._shape_known:
            self._shape = None if source.audio is None else shape_of(source.audio)
            self._shape_known = True

    def _hear(self, sound: Sound, utc: int | None, source: Source) -> None:
        if self._sound is None or source.audio is None:
            return
        time = self._sound_clock(
            None if utc is None else utc - self._origin,
            None if self._last is None else self._last.pts,
        )
        self._packets.extend(self._sound.add(sound.data, time))
        self._make(source, ended=False)

    def _finish(self, source: Source) -> None:
        last = self._last
        if last is None:
            raise NoPictureError("no picture in the transfer")
        slot, self._ended_at = self._slots.finish(last.pts + self._step)
        self._closed.append(slot)
        self._begin_sound(source)
        if self._sound is not None:
            self._packets.extend(self._sound.pad(slot.end))
            self._packets.extend(self._sound.finish(slot.end))
        self._make(source, ended=True)
        if self._key is not None:
            self._know_shape(source)
            self._put_still(self._key.frame, source)

    def _make(self, source: Source, *, ended: bool) -> None:
        """Write the closed slots whose sound has come."""
        while self._closed and (ended or self._has_sound(self._closed[0].end)):
            self._write(self._closed.popleft(), source)

    def _has_sound(self, end: int) -> bool:
        if self._sound is None or self._last is None:
            return True
        if self._last.pts - self._sound.position > _SOUND_LAG:
            self._packets.extend(self._sound.pad(self._last.pts - _SOUND_LAG // 2))
        return bool(self._packets) and self._time_of(self._packets[-1]) >= end

    def _time_of(self, packet: CodedPacket) -> int:
        assert self._sound is not None
        return (packet.pts or 0) * TICKS_PER_SECOND // self._sound.rate

    def _sound_until(self, end: int) -> Iterator[CodedPacket]:
        while self._packets and self._time_of(self._packets[0]) < end:
            packet = self._packets.popleft()
            if self._slots.begin is not None and self._time_of(packet) >= self._slots.begin:
                yield packet

    def _write(self, slot: FilledSlot, source: Source) -> None:
        packets = list(self._sound_until(slot.end))
        self._held_bytes -= sum(timed.frame.picture.size for timed in slot.frames)
        if slot.number < self._first:
            return
        for timed in slot.frames:
            if timed.frame.picture.key:
                self._written_key = timed.frame
        frames = slot.frames or self._still(slot)
        fits = not frames or self._put_segment(slot, frames, packets, source)
        self._made += 1
        self._wire.event(
            "made",
            number=slot.number,
            fits=fits,
            sound=list(self._shape) if self._shape is not None else False,
            longest_gop=self._longest_gop,
        )

    def _put_segment(
        self,
        slot: FilledSlot,
        frames: Sequence[TimedFrame],
        packets: Sequence[CodedPacket],
        source: Source,
    ) -> bool:
        """Write a part. False if its pictures have another form than those that the playback began with."""
        target = self._folder / f"{slot.number}{SEGMENT_SUFFIX}"
        first = self._folder / INIT_NAME
        if target.exists() and first.exists():
            return True
        form = frames[0].frame.picture.form
        frames = tuple(takewhile(lambda timed: timed.frame.picture.form == form, frames))
        stream = None if self._sound is None else self._sound.stream
        init, segment = write_segment(
            slot.number, source.template(form), frames, slot.end, stream, packets
        )
        if not begins_parts(first, init):
            return False
        if not (self._folder / STILL_NAME).exists():
            self._put_still(frames[0].frame, source)
        put(target, segment)
        return True

    def _put_still(self, frame: Frame, source: Source) -> None:
        """Lay down the part that is shown where there is no footage: one key picture, and silence."""
        if not frame.picture.key:
            return
        sound = None if self._shape is None else SoundTrack(_SILENT_SOUND, shape=self._shape)
        packets = [] if sound is None else [*sound.pad(self._length), *sound.finish(self._length)]
        # The encoder begins one frame before time 0, and its last frame may reach into the next part.
        silence = [
            packet
            for packet in packets
            if sound is not None
            and (packet.pts or 0) >= 0
            and ((packet.pts or 0) + FRAME_SAMPLES) * TICKS_PER_SECOND <= self._length * sound.rate
        ]
        init, segment = write_segment(
            0,
            source.template(frame.picture.form),
            (TimedFrame(frame, 0, 0),),
            self._length,
            None if sound is None else sound.stream,
            silence,
        )
        if begins_parts(self._folder / INIT_NAME, init):
            put(self._folder / STILL_NAME, segment)
        if sound is not None:
            sound.close()

    def _still(self, slot: FilledSlot) -> tuple[TimedFrame, ...]:
        """Return what stands on the screen where there is no footage: a player gives up at an empty part."""
        frame = self._written_key or (None if self._key is None else self._key.frame)
        start = slot.number * self._length
        return () if frame is None else (TimedFrame(frame, start, start),)


def begins_parts(first: Path, init: bytes) -> bool:
    """Return whether the file that begins all parts is this; it is, if there was none."""
    if not first.exists():
        put(first, init)
    return first.read_bytes() == init


def put(target: Path, data: bytes) -> None:
    """Write a file that is there whole or not at all."""
    part = target.with_name(f".{target.name}.part")
    try:
        part.write_bytes(data)
        part.replace(target)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def _shape(value: JsonValue) -> tuple[SoundShape | None, bool]:
    """Read what is known of the playback's sound: nothing (None), that there is none (False), or its shape."""
    if value is None:
        return None, False
    if isinstance(value, list) and len(value) == 2:
        return (integer(value[0]), integer(value[1])), True
    return None, True
