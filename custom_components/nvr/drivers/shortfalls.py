"""What to do about footage that ends before its recording does: ask again, and by which way."""

from .memory import PLAYBACK_BRINGS_MORE, DeviceMemory

# From so many recordings a playback has to bring more before downloads are no longer trusted: one may be a
# recorder that went down in the middle, which ends a transfer of no announced length like any other.
PROOFS = 2
# Of how many recordings it is known which way brought them last.
MAX_KNOWN = 64


class Shortfalls:
    """Learns from footage whether downloads of this device lack what a playback has."""

    def __init__(self, memory: DeviceMemory) -> None:
        """Initialize."""
        self._memory = memory
        self._played: dict[str, bool] = {}
        self._on_trial: set[str] = set()
        self._proofs: set[str] = set()

    def note_way(self, token: str, *, played: bool) -> None:
        """Take by which way the footage of a recording comes."""
        self._played.pop(token, None)
        self._played[token] = played
        while len(self._played) > MAX_KNOWN:
            self._played.pop(next(iter(self._played)))

    def prefers_playback(self, token: str) -> bool:
        """Return whether a recording is better played: on trial, or as this device's downloads are short."""
        return token in self._on_trial or self._memory.flag(PLAYBACK_BRINGS_MORE) is True

    def note_short(self, token: str, *, truncated: bool) -> bool:
        """Take that footage ended early; tell whether asking again, perhaps by playing it, may bring more."""
        if truncated:
            return True
        if self._played.get(token) is not False:
            return False
        if self._memory.flag(PLAYBACK_BRINGS_MORE) is not None:
            return False
        self._on_trial.add(token)
        return True

    def note_further(self, token: str, *, more: bool | None) -> None:
        """Take what asking again brought: more, no more, or nothing that says anything (None)."""
        if token not in self._on_trial:
            return
        self._on_trial.discard(token)
        if more is None or self._played.get(token) is not True:
            return
        if not more:
            # A hole in what is recorded; from now on it is taken for one without asking.
            self._memory.keep(PLAYBACK_BRINGS_MORE, False)
            return
        self._proofs.add(token)
        if len(self._proofs) >= PROOFS:
            self._memory.keep(PLAYBACK_BRINGS_MORE, True)
