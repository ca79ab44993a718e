"""The parameter sets that the pictures of one source have had."""

from av.container import InputContainer
from av.video.stream import VideoStream

from .faults import InvalidBytesError, NoPictureError
from .parameters import open_picture, parameter_sets
from .units import VideoCodec

# Cameras are set otherwise now and then, and some alternate between day and night.
_MAX_FORMS = 8


class Forms:
    """Numbers the parameter sets of key pictures, and tells what each means."""

    def __init__(self) -> None:
        # By parameter sets: the number of the form and its first key picture.
        self._numbers: dict[bytes, int] = {}
        self._keys: list[tuple[VideoCodec, bytes]] = []
        self._opened: dict[int, InputContainer] = {}
        self.current = 0

    def learn(self, codec: VideoCodec, key: bytes) -> int:
        """Return the number of a key picture's form; one without parameter sets has that of the one before.

        Raises InvalidBytesError if they change without end.
        """
        found = parameter_sets(codec, key)
        if self._keys and not found:
            return self.current
        if found not in self._numbers:
            if len(self._numbers) >= _MAX_FORMS:
                raise InvalidBytesError("the pictures change their format again and again")
            self._numbers[found] = len(self._keys)
            self._keys.append((codec, key))
        self.current = self._numbers[found]
        return self.current

    def template(self, form: int) -> VideoStream:
        """Return a stream that has the codec parameters of a form.

        Raises NoPictureError if there is none yet.
        """
        if form not in self._opened:
            if form >= len(self._keys):
                raise NoPictureError("no key picture")
            self._opened[form] = open_picture(*self._keys[form])
        return self._opened[form].streams.video[0]

    def close(self) -> None:
        """Let go of what was opened."""
        for opened in self._opened.values():
            opened.close()
