"""Numbers of ports."""

DEFAULT_RTSP_PORT = 554
MAX_PORT = 65535
