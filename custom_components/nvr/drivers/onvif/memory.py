"""What worked on this device, by name (kept with the entry and handed to the next driver)."""

from ..memory import MAX_TEXT as MAX_TEXT, DeviceMemory as DeviceMemory  # noqa: PLC0414 # re-exported

LOGIN = "login"
"""With what the device lets us in: ``digest`` of HTTP, or ``token``."""
MISLABELLED = "mislabelled_seconds"
"""By how much the UTC that the device tells is another than the one by which it judges tokens."""
STREAM_ADDRESS = "stream_of_"
"""Before the token of a profile: where its stream is, without credentials."""
RECORDED_IN = "recorded_in"
"""What the times of recordings mean: ``utc`` or ``wall``."""
TRACK_STATES = "track_states"
"""How the device is asked for the history of its tracks."""
STARTS_TOLD = "starts_told"
"""Whether it says what was so at the beginning of a searched time."""
REPLAY_FORM = "replay_form"
"""Which of the headers for replay the device takes."""
