"""Asking a device about itself: what a first state needs at once, the rest by and by."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime

from ..budget import Budget, BudgetSpentError
from ..clock import ZERO
from ..errors import (
    DeviceFaultError,
    DriverError,
    InvalidAnswerError,
    NotSupportedError,
    UnknownDeviceError,
)
from ..inquiry import ABSENT, UNHEARD, Inquired, Inquiry
from ..ports import DEFAULT_RTSP_PORT
from .addresses import SafeAddresses
from .clock import RecorderClock
from .device_time import TIME
from .facts import Facts
from .identity import DEVICE_INFORMATION, SCOPES
from .jobs import JOBS, job_state as ask_job_state
from .memory import DeviceMemory
from .network import INTERFACES, PROTOCOLS
from .profiles import PROFILES1, PROFILES2, Profile
from .properties import Listening, give_back, listen, pull
from .question import Question
from .service import Service
from .services import CAPABILITIES, SERVICES
from .sources import SOURCES
from .titles import TITLES, TITLES2
from .transport import Transport

# Set-up asks for these in this order; nothing of it costs more with more channels.
_FIRST = (
    "profiles",
    "sources",
    "scopes",
    "interfaces",
    "protocols",
    "jobs",
    "titles",
    "properties",
)
_ESSENTIAL = frozenset({"profiles"})
# A place to listen: made, emptied once, and given back.
REQUESTS_TO_LISTEN = 3
# What each needs of the device, any of them.
_SERVICES = {
    "sources": (Service.MEDIA,),
    "titles": (Service.MEDIA, Service.MEDIA2),
    "jobs": (Service.RECORDING,),
    "properties": (Service.EVENTS,),
}


class Survey(Inquiry[Transport]):
    """Collects facts. Every method may raise DriverError; AuthenticationError always ends it."""

    def __init__(
        self, facts: Facts, clock: RecorderClock, memory: DeviceMemory, addresses: SafeAddresses
    ) -> None:
        """Initialize."""
        super().__init__(facts.absent)
        facts.absent["disks"] = "devices of this kind tell nothing of their disks"
        facts.absent["channel_status"] = "the device does not tell which inputs have a signal"
        self._facts = facts
        self._clock = clock
        self._memory = memory
        self._addresses = addresses
        # Whether the device takes the end of a subscription only, not how long it is to last.
        self._names_ends = False
        # Whether it has answered GetServices.
        self._names_services = False
        # The question that told what is written into the pictures.
        self._titled_by: Question[Mapping[str, str]] | None = None
        self._inquired = {
            "time": Inquired("clock", self.time),
            "services": Inquired("services", self.services),
            "identity": Inquired("recorder", self.identity),
            "scopes": Inquired("scopes", self.scopes),
            "interfaces": Inquired("network", self.interfaces),
            "protocols": Inquired("rtsp_port", self.protocols),
            "profiles": Inquired("streams", self.profiles),
            "sources": Inquired("sources", self.sources),
            "titles": Inquired("titles", self.titles),
            "jobs": Inquired("record_jobs", self.jobs),
            "properties": Inquired("properties", self.properties),
        }

    async def everything(self, transport: Transport) -> None:
        """Ask for all that a first state needs.

        The clock comes first, as logins go by it, and who the device is before all that is not for strangers.
        """
        with suppress(*ABSENT):
            await self.ask("time", transport)
        if self._names_services:
            # They are known, and where they are hardly ever changes.
            await self._put("services", transport)
        else:
            await self.ask("services", transport)
        await self.ask("identity", transport)
        for name in _FIRST:
            if self.is_wanted(name, transport):
                await self._put(name, transport, essential=name in _ESSENTIAL)
        if not self._facts.places() and self._refusal is not None:
            raise self._refusal

    async def thoroughly(self, transport: Transport) -> None:
        """Ask for all that there is; what is absent stops nothing but where nothing says that it is ONVIF.

        Raises DriverError.
        """
        with suppress(*ABSENT):
            await self.ask("time", transport)
        await self.ask("services", transport)
        for name in ("identity", *_FIRST):
            if self.is_wanted(name, transport):
                await self._put(name, transport)

    async def recorded(self, transport: Transport) -> None:
        """Ask a recording, where nothing is essential, and now is long ago."""
        for name in ("services", "identity", *_FIRST):
            await self._put(name, transport)

    def is_wanted(self, name: str, transport: Transport) -> bool:
        """Whether this device can tell such a thing, and has not yet."""
        services = _SERVICES.get(name)
        if services is not None and all(transport.offers(one) is False for one in services):
            return False
        return name != "interfaces" or self._facts.identity.mac is None

    async def time(self, transport: Transport, budget: Budget | None = None) -> None:
        """Ask for the device's time."""
        heard = await transport.exchange(TIME, budget)
        self._clock.note_time(heard.sent, heard.received, TIME.read(heard.tree))

    async def services(self, transport: Transport) -> None:
        """Ask where the services are; those of recordings may be told by the older question alone."""
        try:
            named = await _surely(transport, SERVICES)
            self._names_services = True
        except BudgetSpentError:
            raise
        except ABSENT:
            if self._names_services:
                # It named them before, so that passes; the older answer never has Media2.
                raise
            try:
                named = await transport.ask(CAPABILITIES)
            except (NotSupportedError, InvalidAnswerError) as err:
                raise UnknownDeviceError("what answers there is not ONVIF") from err
        safe = {service: self._addresses.web(address) for service, address in named.items()}
        found = {service: address for service, address in safe.items() if address is not None}
        transport.take_addresses(found)
        if Service.SEARCH not in found:
            self._facts.absent["recordings"] = (
                "the device has no service for recordings (Profile G)"
            )
        else:
            self._facts.absent.pop("recordings", None)

    async def identity(self, transport: Transport) -> None:
        """Ask who the device is, which proves the login; another firmware makes the memory worthless."""
        information = await transport.ask(DEVICE_INFORMATION)
        self._facts.identity.information = information
        if information.firmware:
            self._memory.note_firmware(information.firmware)

    async def scopes(self, transport: Transport) -> None:
        """Ask what the device says of itself to whoever looks for devices: its name, for one."""
        self._facts.identity.scopes = await transport.ask(SCOPES)

    async def interfaces(self, transport: Transport) -> None:
        """Ask for its MAC addresses, by which it is known again at another address."""
        self._facts.identity.interfaces = await transport.ask(INTERFACES)

    async def protocols(self, transport: Transport) -> None:
        """Ask for the port of RTSP, for streams whose address names none."""
        self._facts.rtsp_port = await transport.ask(PROTOCOLS)
        self._addresses.rtsp_default = self._facts.rtsp_port or DEFAULT_RTSP_PORT

    async def profiles(self, transport: Transport) -> None:
        """Ask for its media profiles: Media2, which knows H.265, and Media1 where that says nothing.

        What fails leaves them as they are known.
        """
        facts = self._facts
        found: tuple[Profile, ...] = ()
        if transport.offers(Service.MEDIA2) is not False:
            try:
                found = await _surely(transport, PROFILES2)
            except BudgetSpentError:
                raise
            except ABSENT as err:
                if facts.profiles2 and isinstance(err, DeviceFaultError | InvalidAnswerError):
                    # It told them before, so that passes; Media1 would hide what is H.265.
                    raise
        older = () if found else await transport.ask(PROFILES1)
        if not (found or older):
            raise NotSupportedError("the device lists no media profile with a picture")
        facts.profiles2, facts.profiles1 = found or None, older or facts.profiles1

    async def sources(self, transport: Transport) -> None:
        """Ask for its inputs, in their order, and whether they show something."""
        self._facts.sources = await transport.ask(SOURCES)

    async def titles(self, transport: Transport) -> None:
        """Ask what is written into the pictures: Media1, and Media2 where that doesn't say."""
        answered, refusals = False, list[DriverError]()
        for question in (TITLES, TITLES2):
            if transport.offers(question.service) is False:
                continue
            try:
                found = await transport.ask(question)
            except BudgetSpentError:
                raise
            except ABSENT as err:
                if question is self._titled_by:
                    # It told them before, so that passes.
                    raise
                refusals.append(err)
                continue
            if found:
                self._titled_by, self._facts.titles = question, found
                return
            answered = True
        if refusals and not answered:
            raise refusals[0]
        self._facts.titles = {}

    async def jobs(self, transport: Transport) -> None:
        """Ask what it is told to record."""
        self._facts.jobs = await transport.ask(JOBS)
        known = {job.token for job in self._facts.jobs}
        for gone in self._facts.writing.keys() - known:
            del self._facts.writing[gone]

    async def properties(self, transport: Transport) -> None:
        """Ask what is so now of inputs, jobs and disks."""
        transport.afford(REQUESTS_TO_LISTEN)
        place = await self._place_to_listen(transport)
        address = self._addresses.web(place.address)
        if address is None:
            raise InvalidAnswerError("the device names no place to listen")
        try:
            self._facts.take_properties(await transport.ask(pull(place, address)))
        finally:
            await transport.end(give_back(place, address))

    async def _place_to_listen(self, transport: Transport) -> Listening:
        if not self._names_ends:
            place = await transport.ask(listen())
            if not place.is_over:
                return place
            self._names_ends = True
        return await transport.ask(listen(datetime.now(UTC) + (self._clock.offset or ZERO)))

    async def job_state(self, transport: Transport, job: str) -> None:
        """Ask whether one job writes."""
        with suppress(*UNHEARD):
            state = await transport.ask(ask_job_state(job))
            if state is not None:
                self._facts.writing[job] = state


async def _surely[T](transport: Transport, question: Question[T]) -> T:
    """Ask once more where the answer makes no sense, before an older question takes the place of this one."""
    try:
        return await transport.ask(question)
    except InvalidAnswerError:
        return await transport.ask(question)
