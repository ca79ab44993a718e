"""What worked on this device, by the names under which it is kept."""

from ..memory import DeviceMemory as KeptMemory
from ..models import ClockConvention

CONVENTION = "convention"
CONVENTION_EVIDENCE = "convention_evidence"
CONVENTION_BY_FOOTAGE = "convention_by_footage"
SEARCH_DIALECT = "search_dialect"
SEARCH_PAGE = "search_page"
SEARCH_PAGING = "search_paging"
SEARCH_WINDOW = "search_window"
SEARCH_ENDS_REPEATING = "search_ends_repeating"
SEARCH_TOOK_NOTHING = "search_took_nothing"
DOWNLOAD_VERB = "download_verb"
DOWNLOAD_BY_TIME = "download_by_time"
SNAPSHOT_PATH = "snapshot_path"
LIVE_FORM = "live_form"
TREE = "tree"
DOWNLOAD_ADDRESS = "download_address"


class DeviceMemory(KeptMemory):
    """The winners among the variants of ISAPI."""

    lasting = frozenset({TREE})

    @property
    def convention(self) -> ClockConvention:
        """What the times in search answers mean, as measured before."""
        try:
            return ClockConvention(self.text(CONVENTION) or "")
        except ValueError:
            return ClockConvention.UNKNOWN
