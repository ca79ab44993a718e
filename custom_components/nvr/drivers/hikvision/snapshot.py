"""Stills of now (section 8 of the notes)."""

from collections.abc import Callable
from time import monotonic

from ..answer import PICTURE, Answer
from ..errors import DeviceFaultError, DriverError, InvalidAnswerError
from ..models import Right
from ..pictures import PatientPictures, SharedPictures, read_picture
from .faults import RefusedRequestError
from .memory import SNAPSHOT_PATH, DeviceMemory
from .streams import CHANNEL_FACTOR
from .transport import Request, Transport, decode

_PATHS = {
    "streaming": "/ISAPI/Streaming/channels/{number}/picture",
    # Recorders that refuse the first for IP channels.
    "proxy": "/ISAPI/ContentMgmt/StreamingProxy/channels/{number}/picture",
    # Old cameras count channels here, not streams.
    "channel": "/ISAPI/Streaming/channels/{channel}/picture",
}


class Snapshots:
    """Fetches stills; calls for one picture at the same time share one request."""

    def __init__(
        self, transport: Transport, memory: DeviceMemory, now: Callable[[], float] = monotonic
    ) -> None:
        """Initialize."""
        self._transport = transport
        self._memory = memory
        self._shared = SharedPictures[int](now)
        self._patient = PatientPictures()
        self._forms: dict[int, str] = {}
        self._takes_size = True

    async def fetch(self, number: int, size: tuple[int, int] | None = None) -> bytes:
        """Return a JPEG of a stream, scaled where the device feels like it. Raises DriverError."""
        return await self._shared.get(number, lambda: self._fetch(number, size))

    async def close(self) -> None:
        """End what runs."""
        await self._shared.close()

    async def _fetch(self, number: int, size: tuple[int, int] | None) -> bytes:
        # What works on one channel may be refused on another, so the others stay in reach.
        known = self._forms.get(number) or self._memory.text(SNAPSHOT_PATH)
        names = sorted(_PATHS, key=lambda name: name != known)
        error: DriverError | None = None
        for name in names:
            path = _PATHS[name].format(number=number, channel=number // CHANNEL_FACTOR)
            try:
                picture = await self._sized(path, size)
            except RefusedRequestError as err:
                error = error or err
            except DeviceFaultError as err:
                # What a model lacks may be answered like that, too.
                if name == known:
                    raise
                error = error or err
            else:
                self._forms[number] = name
                self._memory.keep(SNAPSHOT_PATH, name)
                return picture
        raise error or InvalidAnswerError("no picture")

    async def _sized(self, path: str, size: tuple[int, int] | None) -> bytes:
        """Ask for a picture of a size; most ignore the wish, some refuse it."""
        if size is None or not self._takes_size:
            return await self._patiently(path)
        wish = f"?videoResolutionWidth={size[0]}&videoResolutionHeight={size[1]}"
        try:
            return await self._patiently(path + wish)
        except RefusedRequestError as err:
            if not err.fault.is_malformed:
                raise
        picture = await self._patiently(path)
        self._takes_size = False
        return picture

    async def _patiently(self, path: str) -> bytes:
        request = Request(path=path, decode=read_picture, limits=PICTURE, right=Right.LIVE)

        async def ask() -> Answer:
            return await self._transport.exchange(request)

        async def read(answer: Answer) -> bytes:
            return await decode(request, answer)

        return await self._patient.take(path.partition("?")[0], ask, read)
