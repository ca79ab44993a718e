"""The ways in which firmwares hand over footage."""

import asyncio
import json
from urllib.parse import quote

import pytest

from simulator.box import RecorderBox
from simulator.core.transfer import Length
from simulator.hikvision.traits.answers import NAMESPACE_NEW
from simulator.hikvision.traits.download import ClipCutting, DownloadForm
from simulator.hikvision.traits.search import Wanted

from ..plugged import change
from .isapi import PASSWORD, Isapi
from .raw import Raw
from .test_download import descriptor_times, event

PATH = "/ISAPI/ContentMgmt/download"
PSIA = "/PSIA/Custom/SelfExt/ContentMgmt/download"
ATTRIBUTES = f' version="1.0" xmlns="{NAMESPACE_NEW}"'


def document(address: str, attributes: str = "") -> str:
    """Write a request."""
    escaped = address.replace("&", "&amp;")
    return f"<downloadRequest{attributes}><playbackURI>{escaped}</playbackURI></downloadRequest>"


@pytest.fixture
async def address(current_isapi: Isapi) -> str:
    """Find something short."""
    return await event(current_isapi, 301)


async def status(isapi: Isapi, form: DownloadForm, address: str) -> int:
    """Ask in a form, and read no more than the status."""
    path, method, body = PATH, "POST", document(address)
    match form:
        case DownloadForm.PSIA:
            path = PSIA
        case DownloadForm.GET_QUERY:
            path, method, body = f"{PATH}?playbackURI={quote(address, safe='')}", "GET", ""
        case DownloadForm.GET_BODY:
            method = "GET"
        case DownloadForm.PUT:
            method = "PUT"
        case DownloadForm.POST:
            pass
    async with isapi.session.request(method, path, data=body or None) as response:
        return response.status


@pytest.mark.parametrize("form", DownloadForm)
async def test_each_form_alone(
    current: RecorderBox, current_isapi: Isapi, address: str, form: DownloadForm
) -> None:
    change(current, download_forms=frozenset({form}))
    taken = {each for each in DownloadForm if await status(current_isapi, each, address) == 200}
    assert taken == {form}


@pytest.mark.parametrize(
    ("wanted", "bare", "marked"),
    [(Wanted.EITHER, 200, 200), (Wanted.WANTED, 400, 200), (Wanted.REFUSED, 200, 400)],
)
async def test_attributes_may_be_wanted_or_not(
    current: RecorderBox,
    current_isapi: Isapi,
    address: str,
    wanted: Wanted,
    bare: int,
    marked: int,
) -> None:
    change(current, download_attributes=wanted)
    for attributes, expected in (("", bare), (ATTRIBUTES, marked)):
        body = document(address, attributes)
        async with current_isapi.session.post(PATH, data=body) as response:
            assert response.status == expected


async def test_a_token_may_be_wanted(
    current: RecorderBox, current_isapi: Isapi, address: str
) -> None:
    assert (await current_isapi.get("Security/token?format=json")).status == 403
    change(current, download_token=True)
    assert (await current_isapi.download(address)).sub_status == "badAuthorization"
    answer = json.loads((await current_isapi.get("Security/token?format=json")).body)
    token = answer["Token"]["value"]
    body = document(address)
    async with current_isapi.session.post(f"{PATH}?token={token}", data=body) as response:
        assert response.status == 200


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        (ClipCutting.TRUE, "true"),
        (ClipCutting.DENIED, "false"),
        (ClipCutting.CLAIMED, "true"),
        (ClipCutting.ABSENT, None),
    ],
)
async def test_capabilities_may_lie(
    current: RecorderBox, current_isapi: Isapi, claims: ClipCutting, said: str | None
) -> None:
    change(current, download_claims=claims)
    answer = await current_isapi.get("ContentMgmt/download/capabilities")
    assert (answer.status == 200) is (said is not None)
    assert answer.root.findtext("isSupportDownloadbyTime") == said


@pytest.fixture
def raw(current: RecorderBox) -> Raw:
    """See all bytes that come."""
    return Raw(current, PASSWORD)


async def whole(isapi: Isapi, address: str) -> bytes:
    """Give the footage as a mannerly firmware sends it."""
    return (await isapi.download(address)).body


async def test_lengths_may_lie(
    current: RecorderBox, current_isapi: Isapi, raw: Raw, address: str
) -> None:
    footage = await whole(current_isapi, address)
    for said, length in (
        (Length.EXACT, len(footage)),
        (Length.OVERSTATED, len(footage) + 1024 * 1024),
        (Length.UNDERSTATED, len(footage) - len(footage) // 3),
        (Length.ZERO, 0),
    ):
        change(current, download_length=said)
        came = await raw.ask(PATH, "POST", document(address))
        assert came.announced == length
        assert came.body == footage, said


async def test_lengths_may_be_missing(
    current: RecorderBox, current_isapi: Isapi, raw: Raw, address: str
) -> None:
    footage = await whole(current_isapi, address)
    change(current, download_length=Length.ABSENT)
    came = await raw.ask(PATH, "POST", document(address))
    assert b"Content-Length" not in came
    assert b"chunked" not in came
    assert came.body == footage
    change(current, download_length=Length.CHUNKED)
    came = await raw.ask(PATH, "POST", document(address))
    assert b"Transfer-Encoding: chunked" in came
    assert await whole(current_isapi, address) == footage


async def test_the_end_may_never_come(
    current: RecorderBox, current_isapi: Isapi, raw: Raw, address: str
) -> None:
    footage = await whole(current_isapi, address)
    change(current, download_length=Length.ABSENT, stays_open=True, downloads=1)
    async with raw.connected(PATH, "POST", document(address)) as reader:
        await reader.readuntil(b"\r\n\r\n")
        assert await reader.readexactly(len(footage)) == footage
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await reader.read(1)
        assert (await current_isapi.download(address)).status == 503, "its slot is taken"


async def test_transfers_may_break_now_and_then(
    current: RecorderBox, current_isapi: Isapi, raw: Raw, address: str
) -> None:
    footage = await whole(current_isapi, address)
    change(current, download_breaks=2)
    lengths = [len((await raw.ask(PATH, "POST", document(address))).body) for _ in range(4)]
    assert sorted(set(lengths)) == [len(footage) // 2, len(footage)]
    assert lengths[0] != lengths[1]


async def test_types_vary(current: RecorderBox, raw: Raw, address: str) -> None:
    for said in ("Opaque/data", "video/mp4", None):
        change(current, download_type=said)
        head = (await raw.ask(PATH, "POST", document(address))).partition(b"\r\n\r\n")[0]
        assert (b"Content-Type" in head) is (said is not None)
        assert said is None or f"Content-Type: {said}".encode() in head


async def test_footage_may_lack_its_head_and_its_clock(
    current: RecorderBox, current_isapi: Isapi, address: str
) -> None:
    full = await whole(current_isapi, address)
    assert full.startswith(b"IMKH")
    assert descriptor_times(full)
    change(current, footage_head=False)
    assert (await whole(current_isapi, address)).startswith(b"\0\0\1\xba")
    change(current, time_descriptor=False)
    assert descriptor_times(await whole(current_isapi, address)) == []


@pytest.mark.parametrize(("lenient", "expected"), [(True, 200), (False, 400)])
async def test_addresses_with_bare_ampersands(
    current: RecorderBox, current_isapi: Isapi, address: str, lenient: bool, expected: int
) -> None:
    change(current, reads_bare_ampersands=lenient)
    body = f"<downloadRequest><playbackURI>{address}</playbackURI></downloadRequest>"
    async with current_isapi.session.post(PATH, data=body) as response:
        assert response.status == expected
