"""The HTTP server of a recorded ONVIF device."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
import re
from typing import Final, override

from aiohttp import web

from simulator.core.accounts import Accounts, Outcome, Verdict
from simulator.core.time_source import Now
from simulator.onvif.errors import Refusal
from simulator.onvif.fault import fault, usual_status
from simulator.onvif.firmware import Firmware
from simulator.onvif.login import read_token
from simulator.onvif.modules import OPERATIONS
from simulator.onvif.namespaces import PREFIX_OF, Service
from simulator.onvif.times import written
from simulator.onvif.xml import CONTENT_TYPE, Document, envelope, read_message, split
from simulator.replay.face import ReplayFace

from .clock import told_on
from .recording import (
    EVENTS_FOUND,
    FIND_EVENTS,
    FIND_RECORDINGS,
    RECORDINGS_FOUND,
    Answer,
    Key,
    Recording,
)

_KEY: Final = web.RequestKey("key", tuple)
_OPEN: Final = frozenset(each.key for each in OPERATIONS if each.open)
_SERVICES: Final[Key] = (Service.DEVICE, "GetServices")
_INFORMATION: Final[Key] = (Service.DEVICE, "GetDeviceInformation")
# What it has to tell, though it may tell nothing by it.
_UNTOLD: Final[Document] = {
    f"tds:{name}": ""
    for name in ("Manufacturer", "Model", "FirmwareVersion", "SerialNumber", "HardwareId")
}
_CAPABILITIES: Final[Key] = (Service.DEVICE, "GetCapabilities")
_TIME: Final[Key] = (Service.DEVICE, "GetSystemDateAndTime")
_SEARCHES: Final = ((FIND_RECORDINGS, RECORDINGS_FOUND), (FIND_EVENTS, EVENTS_FOUND))
_END_SEARCH: Final[Key] = (Service.SEARCH, "EndSearch")
_SEARCH_TOKEN: Final = "SearchToken[1]"
_ADDRESS: Final = re.compile(rb"(<(?:[\w.-]+:)?XAddr\b[^>]*>\s*)https?://[^/<\s]+")
_WRITTEN_AS: Final = Firmware()
_NO_SOAP: Final = Refusal.malformed()
_NOT_THERE: Final = Refusal.unsupported()
_NOBODY_S: Final = Refusal.not_authorized()


class OnvifReplay(ReplayFace):
    """Gives recorded answers, whatever the path: a message says itself what it asks for.

    What any device has to have, or what makes recorded answers of use, is put together where it wasn't recorded:
    the list of services, the time, and the steps of a search around what was found. Who it is it is asked by whoever logs
    in, so it has an answer to that, which says nothing where nothing is known.
    """

    def __init__(self, recording: Recording, accounts: Accounts, now: Now) -> None:
        """Serve a recording."""
        super().__init__(accounts, now)
        self._recording = recording
        self._begun = now()

    @property
    @override
    def recording(self) -> Recording:
        return self._recording

    @override
    def is_open(self, request: web.Request) -> bool:
        # There is nothing else to be seen, so that nobody takes it for another make that wants a log-in.
        return request.method != "POST"

    @override
    async def identify(self, request: web.Request) -> Verdict:
        try:
            header, body = read_message(await request.read())
        except Refusal:
            return await super().identify(request)
        request[_KEY] = key = split(body.tag)
        if key in _OPEN:
            return Verdict(outcome=Outcome.GRANTED)
        token = read_token(header)
        if token is None or "Authorization" in request.headers:
            return await super().identify(request)
        # The clock that a token was made by was right when the device was recorded.
        return self.accounts.prove(token.name, token.proves, request.remote or "")

    @override
    def challenge(self, *, stale: bool) -> web.Response:
        refused = _refused(_NOBODY_S, HTTPStatus.UNAUTHORIZED)
        return self.challenged(_sent(refused), stale=stale)

    @override
    async def serve(self, request: web.Request) -> web.StreamResponse:
        if request.method != "POST":
            return web.Response(status=HTTPStatus.NOT_FOUND)
        if _KEY not in request:
            return _sent(_refused(_NO_SOAP))
        return _sent(self._answer(request[_KEY], request.host))

    def _answer(self, key: Key, host: str) -> Answer:
        recorded = self._recording.answer(key)
        if recorded is None:
            made = self._put_together(key, host)
            return made or self._recording.refusal or _refused(_NOT_THERE)
        body = recorded.body
        if key == _TIME:
            body = told_on(body, self._now() - self._begun)
        # The device is here now, and only its own addresses are known to lead to it.
        body = _ADDRESS.sub(rb"\g<1>http://" + host.encode(), body)
        return Answer(body, recorded.status)

    def _put_together(self, key: Key, host: str) -> Answer | None:
        """Answer what wasn't recorded, None for what the device may as well not have."""
        known = self._recording
        if key == _SERVICES and _CAPABILITIES not in known:
            return _written(key, {"tds:Service": [_service(each, host) for each in known.services]})
        if key == _INFORMATION:
            return _written(key, _UNTOLD)
        if key == _TIME:
            return _written(key, {"tds:SystemDateAndTime": _date(self._now())})
        for asked, answered in _SEARCHES:
            if key == asked and answered in known:
                return _written(key, {"tse:SearchToken": _SEARCH_TOKEN})
            if key == answered and asked in known:
                return _written(key, {"tse:ResultList": {"SearchState": "Completed"}})
            if key == _END_SEARCH and (asked in known or answered in known):
                return _written(key, {"tse:Endpoint": written(self._now().replace(tzinfo=None))})
        return None


def _service(namespace: str, host: str) -> Document:
    return {
        "tds:Namespace": namespace,
        "tds:XAddr": f"http://{host}/onvif/{PREFIX_OF.get(namespace, 'other')}_service",
        "tds:Version": {"Major": 2, "Minor": 40},
    }


def _date(instant: datetime) -> Document:
    return {
        "DateTimeType": "NTP",
        "DaylightSavings": False,
        "TimeZone": {"TZ": "UTC0"},
        "UTCDateTime": {
            "Time": {"Hour": instant.hour, "Minute": instant.minute, "Second": instant.second},
            "Date": {"Year": instant.year, "Month": instant.month, "Day": instant.day},
        },
    }


def _written(key: Key, content: Document) -> Answer:
    namespace, name = key
    return Answer(envelope({f"{PREFIX_OF[namespace]}:{name}Response": content}, _WRITTEN_AS))


def _refused(refusal: Refusal, status: HTTPStatus | None = None) -> Answer:
    return Answer(fault(refusal, _WRITTEN_AS), status or usual_status(refusal))


def _sent(answer: Answer) -> web.Response:
    headers: Mapping[str, str] = {"Content-Type": CONTENT_TYPE}
    return web.Response(body=answer.body, status=answer.status, headers=headers)
