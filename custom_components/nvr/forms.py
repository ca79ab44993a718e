"""The forms of the flows, and what an entry holds for them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from homeassistant.const import (
    CONF_HOST,
    CONF_PASSWORD,
    CONF_PORT,
    CONF_USERNAME,
    UnitOfInformation,
)
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol

from .const import (
    CONF_AREAS,
    CONF_CHANNELS,
    CONF_ENCRYPTION,
    CONF_FREE_GIGABYTES,
    CONF_HIDDEN_CHANNELS,
    CONF_MEDIA_FOLDER,
    CONF_QUEUE_LIMIT,
    CONF_RECORDER,
    CONF_RTSP_PORT,
    CONF_TLS,
    CONF_VERIFY_TLS,
    HIGHEST_PORT,
    SECTION_CONNECTION,
    SECTION_DEFAULT_STREAMS,
    SECTION_LIMITS,
)
from .default_streams import default_stream
from .drivers.models import Channel
from .library.folder import RESERVE_BYTES
from .library.queue import JOBS_LIMIT
from .locating import Site
from .trust import trust_data

RESERVE_GIGABYTES = round(RESERVE_BYTES / 1_000_000_000, 2)
MOST_FREE_GIGABYTES = 100_000

PLAIN = "plain"
TRUST = "trust"
VERIFY = "verify"

USERNAME = TextSelector(TextSelectorConfig(autocomplete="username"))
PASSWORD = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="current-password")
)
PORT = NumberSelector(
    NumberSelectorConfig(min=1, max=HIGHEST_PORT, step=1, mode=NumberSelectorMode.BOX)
)

CREDENTIALS_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_USERNAME): USERNAME,
        vol.Required(CONF_PASSWORD): PASSWORD,
    }
)


def choice_schema(found: Sequence[SelectOptionDict]) -> vol.Schema:
    """Return the form that asks which recorder is to be added: one of those found, or one at a typed address."""
    if not found:
        return vol.Schema({vol.Required(CONF_HOST): TextSelector()})
    listed = SelectSelector(SelectSelectorConfig(options=list(found), mode=SelectSelectorMode.LIST))
    return vol.Schema(
        {
            vol.Optional(CONF_RECORDER, default=found[0]["value"]): listed,
            vol.Optional(CONF_HOST): TextSelector(),
        }
    )


def ways_of(sites: Iterable[Site]) -> list[str]:
    """Return how a recorder that answers at these places may be spoken to, the best first."""
    return [
        way
        for site in sorted(sites, key=lambda one: not one.connection.tls)
        for way in _WAYS[site.connection.tls]
    ]


_WAYS = {True: (TRUST, VERIFY), False: (PLAIN,)}


def login_schema(sites: Iterable[Site]) -> vol.Schema:
    """Return the form that asks for credentials, and in its folded part how to speak to the recorder."""
    ways = ways_of(sites)
    way = SelectSelector(
        SelectSelectorConfig(
            options=ways, mode=SelectSelectorMode.LIST, translation_key=CONF_ENCRYPTION
        )
    )
    return vol.Schema(
        {
            **CREDENTIALS_SCHEMA.schema,
            vol.Required(SECTION_CONNECTION, default={}): section(
                vol.Schema(
                    {
                        vol.Optional(CONF_ENCRYPTION, default=ways[0]): way,
                        vol.Optional(CONF_RTSP_PORT): PORT,
                    }
                ),
                {"collapsed": True},
            ),
        }
    )


def channel_field(channel: Channel) -> str:
    """Return what a channel is called in forms, also as the name of a field of its own."""
    return f"{channel.number} · {channel.name}"


def _channels_selector(channels: Sequence[Channel]) -> SelectSelector:
    options = [
        SelectOptionDict(value=str(one.number), label=channel_field(one)) for one in channels
    ]
    return SelectSelector(
        SelectSelectorConfig(options=options, multiple=True, mode=SelectSelectorMode.LIST)
    )


def options_schema(
    channels: Sequence[Channel],
    options: Mapping[str, Any],
    folders: Iterable[str],
    folder: str,
) -> vol.Schema:
    """Return the form of the options: channels and streams of a recorder that is loaded, folder and limits of any."""
    hidden = options.get(CONF_HIDDEN_CHANNELS, ())
    picked = [str(one.number) for one in channels if one.number not in hidden]
    streams = {
        vol.Optional(
            channel_field(one), default=default_stream(one, options).value
        ): SelectSelector(
            SelectSelectorConfig(
                options=[stream.name.value for stream in one.streams],
                mode=SelectSelectorMode.DROPDOWN,
                translation_key="stream",
            )
        )
        for one in channels
        if one.streams
    }
    asked: dict[vol.Marker, object] = {}
    if channels:
        asked[vol.Required(CONF_CHANNELS, default=picked)] = _channels_selector(channels)
    if streams:
        asked[vol.Required(SECTION_DEFAULT_STREAMS, default={})] = section(
            vol.Schema(streams), {"collapsed": True}
        )
    asked[vol.Required(CONF_MEDIA_FOLDER, default=folder)] = SelectSelector(
        SelectSelectorConfig(options=list(folders), mode=SelectSelectorMode.DROPDOWN)
    )
    waiting = options.get(CONF_QUEUE_LIMIT, JOBS_LIMIT)
    free = options.get(CONF_FREE_GIGABYTES, RESERVE_GIGABYTES)
    limits = {
        vol.Optional(CONF_QUEUE_LIMIT, default=waiting): NumberSelector(
            NumberSelectorConfig(min=1, max=JOBS_LIMIT, step=1, mode=NumberSelectorMode.BOX)
        ),
        vol.Optional(CONF_FREE_GIGABYTES, default=free): NumberSelector(
            NumberSelectorConfig(
                min=RESERVE_GIGABYTES,
                max=MOST_FREE_GIGABYTES,
                step="any",
                unit_of_measurement=UnitOfInformation.GIGABYTES,
                mode=NumberSelectorMode.BOX,
            )
        ),
    }
    asked[vol.Required(SECTION_LIMITS, default={})] = section(
        vol.Schema(limits), {"collapsed": True}
    )
    return vol.Schema(asked)


def report_schema(channels: Sequence[Channel]) -> vol.Schema:
    """Return the form that asks which channels are wanted."""
    picked = _channels_selector(channels)
    listed = {vol.Optional(CONF_CHANNELS, default=[str(one.number) for one in channels]): picked}
    return vol.Schema(
        {
            **(listed if channels else {}),
            vol.Optional(CONF_AREAS, default=True): BooleanSelector(),
        }
    )


def login_data(sites: Sequence[Site], user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an entry holds for a recorder that answers at these places, and the filled form."""
    chosen = user_input[SECTION_CONNECTION]
    way = chosen.get(CONF_ENCRYPTION, ways_of(sites)[0])
    connection = next(one.connection for one in sites if way in _WAYS[one.connection.tls])
    return {
        CONF_HOST: connection.host,
        CONF_PORT: connection.port,
        CONF_TLS: connection.tls,
        CONF_VERIFY_TLS: way == VERIFY,
        CONF_USERNAME: user_input[CONF_USERNAME],
        CONF_PASSWORD: user_input[CONF_PASSWORD],
        CONF_RTSP_PORT: _port(chosen),
        **(trust_data(connection) if way == TRUST else {}),
    }


def _port(streams: Mapping[str, Any]) -> int | None:
    port = streams.get(CONF_RTSP_PORT)
    return None if port is None else int(port)


def address_text(data: Mapping[str, Any]) -> str:
    """Return the address that an entry holds as a user would type it."""
    host: str = data[CONF_HOST]
    port = data[CONF_PORT]
    if port is None:
        return host
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def login_values(data: Mapping[str, Any], sites: Iterable[Site]) -> dict[str, Any]:
    """Return the form that asks for credentials as an entry would fill it in, without the password.

    How it spoke to the recorder is left out where that isn't offered any more.
    """
    way = _way_of(data)
    rtsp_port = data[CONF_RTSP_PORT]
    return {
        CONF_USERNAME: data[CONF_USERNAME],
        SECTION_CONNECTION: {
            **({CONF_ENCRYPTION: way} if way in ways_of(sites) else {}),
            **({} if rtsp_port is None else {CONF_RTSP_PORT: rtsp_port}),
        },
    }


def _way_of(data: Mapping[str, Any]) -> str:
    if not data[CONF_TLS]:
        return PLAIN
    return VERIFY if data[CONF_VERIFY_TLS] else TRUST
