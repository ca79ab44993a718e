"""Constants of the NVR integration."""

from datetime import timedelta
import logging
from typing import Final

from homeassistant.const import Platform

DOMAIN: Final = "nvr"
LOGGER: Final = logging.getLogger(__package__)

FIRST_PLATFORMS: Final = (Platform.CAMERA,)
OTHER_PLATFORMS: Final = (Platform.BINARY_SENSOR, Platform.EVENT, Platform.SENSOR)

# On Home Assistant's bus, with the context of the call that asked for the clip.
EVENT_CLIP_READY: Final = "nvr_clip_ready"
EVENT_CLIP_FAILED: Final = "nvr_clip_failed"

# Beside host, port, username and password, which Home Assistant has constants for.
CONF_VENDOR: Final = "vendor"
CONF_TLS: Final = "tls"
CONF_VERIFY_TLS: Final = "verify_tls"
# The certificate that is trusted, and whether its recorder needs TLS that is broken today.
CONF_FINGERPRINT: Final = "fingerprint"
CONF_OLD_TLS: Final = "old_tls"
CONF_RTSP_PORT: Final = "rtsp_port"
# By which a device that tells strangers neither serial number nor MAC address is known in WS-Discovery.
CONF_ENDPOINT: Final = "endpoint"

# What the forms of the set-up ask for: which recorder, how to speak to it, what of it is wanted.
CONF_RECORDER: Final = "recorder"
CONF_ENCRYPTION: Final = "encryption"
CONF_CHANNELS: Final = "channels"

# Options of an entry: the channels that nobody wants, and whether names of cameras suggest areas.
CONF_HIDDEN_CHANNELS: Final = "hidden_channels"
CONF_AREAS: Final = "areas"
# By the number of the channel, as text; one of the media folders; how many clips may wait, how much stays free.
CONF_DEFAULT_STREAMS: Final = "default_streams"
CONF_MEDIA_FOLDER: Final = "media_folder"
CONF_QUEUE_LIMIT: Final = "queue_limit"
CONF_FREE_GIGABYTES: Final = "free_gigabytes"

# Once a minute: disks, channels and clock change slowly, and a recorder is a small box.
POLL_INTERVAL: Final = timedelta(seconds=60)

# What a driver learns comes in bursts, while it is tried out; one write is enough for them.
MEMORY_SAVE_DELAY_SECONDS: Final = 10

# The folded part of the form that asks for credentials.
SECTION_CONNECTION: Final = "connection"
# Those of the options.
SECTION_DEFAULT_STREAMS: Final = "default_streams"
SECTION_LIMITS: Final = "limits"
HIGHEST_PORT: Final = 65535

# Within them no calculation leaves the calendar; recorders whose clock was lost are in 1970.
YEARS: Final = range(1900, 3000)
