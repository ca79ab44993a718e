"""Worker processes for the tests of footage."""

from collections.abc import AsyncIterator
import os

import pytest

from custom_components.nvr.footage.workers import WorkerPool


@pytest.fixture
async def pool() -> AsyncIterator[WorkerPool]:
    """Real workers, measured by coverage where the tests are."""
    measured = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
    workers = WorkerPool(environment=measured)
    yield workers
    await workers.close()
    assert not workers.pids
