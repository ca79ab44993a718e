"""onvif-python, another client than Home Assistant's, asks the simulated devices: Media2 and Profile G included."""

import asyncio
from asyncio.subprocess import PIPE
import json
from pathlib import Path
from typing import Any

import pytest

from scripts.provision.layout import OTHERS_VENV
from simulator.box import RecorderBox
from simulator.footage.formats import VideoCodec
from simulator.onvif.namespaces import Service
from simulator.onvif.traits.login import Proof
from tests.simulator.plugged import change

from .conftest import PASSWORD, USER

PROGRAM = Path(__file__).with_name("onvif_python_program.py")
PYTHON = OTHERS_VENV / "bin/python"
CODECS = {VideoCodec.H264: "H264", VideoCodec.H265: "H265"}
NVR, CAMERA, LIVE = "onvif/nvr", "onvif/camera", "onvif/live"

pytestmark = pytest.mark.skipif(
    not PYTHON.exists(), reason="other people's client is not installed"
)


async def told(box: RecorderBox, password: str = PASSWORD, *, digest: bool = False) -> Any:
    """Let it ask for all it can, and give what it was told."""
    asked = {
        "host": box.host,
        "port": box.http_port,
        "user": USER,
        "password": password,
        "digest": digest,
    }
    process = await asyncio.create_subprocess_exec(PYTHON, PROGRAM, stdin=PIPE, stdout=PIPE)
    output, _ = await process.communicate(json.dumps(asked).encode())
    return json.loads(output)


def expected(box: RecorderBox) -> list[str]:
    """Give the codecs of all streams of a device, by channel."""
    channels = box.recorder.channels.values()
    return [CODECS[form.codec] for each in channels for form in each.streams.values()]


@pytest.mark.parametrize("box", [NVR, CAMERA], indirect=True)
async def test_a_device_with_recordings(box: RecorderBox) -> None:
    """It sees by Media2 what Media1 doesn't tell: which streams are H.265."""
    seen = await told(box)
    identity = box.recorder.identity
    assert seen["information"][1:] == [identity.model, identity.firmware, identity.serial]
    assert set(seen["services"]) >= {Service.MEDIA2, Service.SEARCH, Service.REPLAY}
    assert [codec for *_, codec in seen["media2"]["profiles"]] == expected(box)
    assert len(seen["media1"]["profiles"]) == len(expected(box))
    resolve = box.personality.face.resolve
    for media in ("media1", "media2"):
        assert resolve(seen[media]["live"].partition(str(box.rtsp_port))[2]).live
    assert [token for token, *_ in seen["found"]] == [token for token, _ in seen["recordings"]]
    assert all("Video" in kinds for _, kinds in seen["recordings"])
    assert resolve(seen["replay"].partition(str(box.rtsp_port))[2]).spans
    assert {"State", "IsMotion"} & set(seen["events"])


@pytest.mark.parametrize("box", [LIVE], indirect=True)
async def test_a_device_without(box: RecorderBox) -> None:
    """It has no list of services, and no service that isn't in its capabilities."""
    seen = await told(box)
    assert seen["information"][1] == box.recorder.identity.model
    assert [codec for *_, codec in seen["media1"]["profiles"]] == expected(box)
    assert "ActionNotSupported" in seen["services"]
    for part in ("media2", "recordings", "found", "replay"):
        assert "failed" in seen[part]


@pytest.mark.parametrize("box", [NVR], indirect=True)
async def test_digest_alone(box: RecorderBox) -> None:
    change(box, proofs=frozenset({Proof.DIGEST}))
    seen = await told(box, digest=True)
    assert seen["information"][1] == box.recorder.identity.model
    assert seen["found"]
    assert box.recorder.accounts.failed_logins == 0


@pytest.mark.parametrize("box", [NVR], indirect=True)
async def test_a_wrong_password(box: RecorderBox) -> None:
    seen = await told(box, "wrong")
    assert "NotAuthorized" in seen["information"]
    assert "NotAuthorized" in seen["found"]
