"""What worked on this device, by name (kept with the entry and handed to the next driver)."""

from ..memory import DeviceMemory as DeviceMemory  # noqa: PLC0414 # re-exported

RPC_ANSWERS = "rpc2_answers"
"""Whether there is an RPC2 that lets us in."""
RPC_TRIED = "rpc2_tried"
"""When it was found that there is none."""
PREFERRED = "preferred"
"""By which family of requests questions are asked first: ``rpc`` or ``cgi``."""
FORM = "form_"
"""Before the name of a question: in which form the device answers it; ``none`` where it refused all."""
SNAPSHOT_BASE = "snapshot_base"
"""From which number on snapshots count channels."""

SEARCHED_BY = "searched_by"
SEARCH_BASE = "search_base_{}"
"""From which number on searches count channels, by the family of requests."""
SEARCH_ENDS_REFUSED = "search_ends_refused"
WORK_DIRECTORY = "work_directory"
BITMAP_SHIFT = "bitmap_shift"
DOWNLOAD_WAY = "download_way"
DOWNLOAD_BY_TIME = "download_by_time"
