"""The job of making one clip."""

from pathlib import Path
import time
from typing import override

from av.video.stream import VideoStream

from .cutter import Cutter, Track
from .faults import NoPictureError
from .inputs import PartInput, PartOrder, integer, open_source, wait_for_part
from .mp4_boxes import complete
from .mp4_writer import Mp4Writer
from .sound_track import SoundClock, SoundTrack
from .source import Source
from .splicer import Frame, Item, Splicer, Tone
from .timekeeper import Timekeeper
from .units import AudioFormat, Picture, Unit
from .verifier import verify
from .wire import JsonObject, Wire

_PROGRESS_SECONDS = 0.25


class _ClipTrack(Track):
    """Pictures and sound on their way into the file."""

    def __init__(self, path: Path, template: VideoStream, audio: AudioFormat | None) -> None:
        self._sound = None if audio is None else SoundTrack(audio)
        self.codec = template.codec_context.name
        self.size = (template.codec_context.width, template.codec_context.height)
        self.extradata = template.codec_context.extradata
        self._writer = Mp4Writer(path, template, self._sound)

    @property
    def has_sound(self) -> bool:
        return self._sound is not None and self._sound.heard

    @override
    def picture(self, frame: Frame, pts: int, dts: int) -> None:
        self._writer.picture(frame.picture, pts, dts)

    @override
    def tone(self, tone: Tone, time: int | None, *, anew: bool) -> None:
        if self._sound is not None:
            self._sound.decode_as(tone.audio)
            if anew:
                self._sound.place_anew()
            self._writer.sound(self._sound.add(tone.sound.data, time))

    def finish(self, duration: int) -> None:
        if self._sound is not None:
            self._writer.sound(self._sound.finish(duration))
        self._writer.finish(duration)
        self.close()

    def abandon(self) -> None:
        self._writer.abandon()
        self.close()

    def close(self) -> None:
        if self._sound is not None:
            self._sound.close()


class ClipJob:
    """Makes an MP4 of [start, end) from the transfers that the parent sends.

    After each transfer an event ``part`` tells what it held; the result tells what the clip is.
    """

    def __init__(self, wire: Wire, values: JsonObject) -> None:
        self._wire = wire
        self._path = Path(str(values["path"]))
        self._start = integer(values["start"])
        self._end = integer(values["end"])
        self._cutter = Cutter(self._start, self._end, self._open_track)
        self._splicer = Splicer(self._cutter.push)
        self._sources: list[Source] = []
        self._template: VideoStream | None = None
        self._audio: AudioFormat | None = None
        self._track: _ClipTrack | None = None
        self._reported = 0.0

    def run(self) -> JsonObject:
        """Do the job. Whatever goes wrong, no file is left."""
        try:
            while (order := wait_for_part(self._wire)) is not None:
                self._part(order)
            return self._finish()
        except BaseException:
            if self._track is not None:
                self._track.abandon()
            self._path.unlink(missing_ok=True)
            raise
        finally:
            for source in self._sources:
                source.close()

    def _open_track(self) -> Track:
        assert self._template is not None
        self._track = _ClipTrack(self._path, self._template, self._audio)
        return self._track

    def _part(self, order: PartOrder) -> None:
        stream = PartInput(self._wire)
        keeper = order.timekeeper()
        retry = False
        try:
            source = open_source(stream, self._path.parent)
        except NoPictureError:
            # Another recording may still hold something.
            source = None
        if source is not None:
            self._sources.append(source)
            self._splicer.begin_part(more=order.more)
            retry = self._read(source, keeper, order)
            if retry:
                self._sources.pop().close()
        if not stream.ended:
            self._wire.event("enough")
            stream.drain()
        self._wire.event(
            "part",
            retry=retry,
            first_wall=keeper.first_wall,
            seen=keeper.seen,
            exact=keeper.exact and (source is None or source.tells_time),
            newest=self._splicer.newest,
            complete=self._cutter.complete,
        )

    def _read(self, source: Source, keeper: Timekeeper, order: PartOrder) -> bool:
        """Read one transfer; True if it has to be fetched again from the recording's start."""
        seen = False
        form: int | None = None
        shown: int | None = None
        clock = SoundClock()
        for unit in source:
            if isinstance(unit, Picture):
                keeper.see(unit)
                if unit.key and not seen:
                    if order.loose and not keeper.exact and not source.begins_near:
                        return True
                    seen = True
                    self._cutter.allow_for(order.clock_error, source.time_error)
                if unit.key and unit.form != form:
                    form = unit.form
                    if not self._accept(source, form):
                        return False
            utc = None if unit.pts is None else keeper.utc(unit.pts)
            if isinstance(unit, Picture):
                shown = utc
            else:
                utc = clock(utc, shown)
            if not seen or (utc is None and isinstance(unit, Picture)):
                continue
            self._splicer.push(_item(unit, utc, source))
            if self._splicer.newest is not None and self._splicer.newest >= self._end:
                self._splicer.finish()
            if self._cutter.complete:
                return False
            self._report()
        return False

    def _accept(self, source: Source, form: int) -> bool:
        """Go on with pictures of another form; False if the clip has to end before them.

        A file holds pictures of one codec and one set of parameters. Before the clip has begun, any will do.
        """
        template = source.template(form)
        known = self._template
        if known is None or template.codec_context.extradata != known.codec_context.extradata:
            self._splicer.flush()
            if self._cutter.origin is not None:
                self._cutter.break_off()
                return False
            self._cutter.restart()
            self._template, self._audio = template, source.audio
        return True

    def _report(self) -> None:
        now = time.monotonic()
        if now - self._reported >= _PROGRESS_SECONDS:
            self._reported = now
            self._wire.event("progress", newest=self._splicer.newest)

    def _finish(self) -> JsonObject:
        self._splicer.finish()
        self._cutter.begin()
        if self._track is None or self._cutter.origin is None:
            raise NoPictureError("no picture in the asked span")
        cutter, track = self._cutter, self._track
        duration = cutter.duration
        try:
            track.finish(duration)
        finally:
            self._track = None
        complete(self._path, duration)
        self._wire.event("verifying")
        verify(self._path, duration, cutter.step, last=cutter.last)
        return {
            "start": cutter.origin,
            "end": cutter.stop,
            "duration": duration,
            "video_codec": track.codec,
            "audio_codec": "aac" if track.has_sound else None,
            "width": track.size[0],
            "height": track.size[1],
            "format_changed": cutter.broken_off,
            "missing": [[start, end] for start, end in cutter.missing],
        }


def _item(unit: Unit, utc: int | None, source: Source) -> Item:
    if isinstance(unit, Picture):
        assert utc is not None
        return Frame(unit, utc, utc - unit.pts + unit.dts)
    assert source.audio is not None
    return Tone(unit, utc, source.audio)
