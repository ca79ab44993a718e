"""The simulated recorders of a demo, in their process: they come up and have what the proofs look for."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from demo.personalities import plans_of
from demo.recorders import PASSWORD, RecorderHost
from demo.secrets import process_arguments
from demo.steps.channels import whole_channel
from demo.vendors import VENDORS, Vendor

HOUR = timedelta(hours=1)


@pytest.fixture
async def host(tmp_path: Path) -> AsyncIterator[RecorderHost]:
    async with RecorderHost.run(tmp_path / "simulator") as running:
        yield running


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=VENDORS)
async def test_a_makers_recorders_have_what_the_proofs_look_for(
    host: RecorderHost, vendor: Vendor
) -> None:
    recorders = await host.start(plans_of(vendor.many))
    assert len({recorder.title for recorder in recorders.values()}) == len(recorders)
    now = datetime.now(UTC)
    for recorder in recorders.values():
        assert recorder.plan.vendor is vendor
        assert recorder.clock_change < now
        channel = whole_channel(recorder)
        assert await recorder.recordings(channel.number, now - HOUR, now)
    first = recorders[vendor.first]
    # The form of those who add it has no place for a port.
    assert first.tells_ports
    assert {channel.codec for channel in first.channels.values()} >= {"H.264", "H.265"}
    assert not all(channel.online for channel in first.channels.values())


async def test_orders_stand_in_no_arguments(host: RecorderHost) -> None:
    [recorder] = (await host.start(plans_of(["hikvision/current"]))).values()
    assert not any(PASSWORD in arguments for arguments in process_arguments())
    traffic = await recorder.traffic(datetime.now(UTC) - HOUR, datetime.now(UTC))
    assert (traffic.paths, traffic.refused) == ([], 0)
