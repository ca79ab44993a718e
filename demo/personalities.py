"""Which recorders there are to show and to check, and the check of many of them one after the other."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from demo.check import BROKEN, Check, Report
from demo.installation import Installation
from demo.recorders import RecorderPlan
from demo.vendors import VENDORS, Vendor
from simulator.faces import personalities_of

# The slowest takes a third of this on a machine with two cores that does nothing else.
CHECK_LIMIT_S: Final = 420.0
# So many problems tell on the way what is wrong; the report has more.
SHOWN: Final = 3


def full_name(name: str, vendor: Vendor | None = None) -> str:
    """Return the full name of a personality, which may be given without the maker's.

    Args:
        name: of the personality.
        vendor: whose it is; without one, the first that has it.

    Raises:
        ValueError: there is no such personality.
    """
    makers = [*VENDORS] if vendor is None else [vendor.name]
    known = [each for maker in makers for each in personalities_of(maker)]
    for wanted in (name, *(f"{maker}/{name}" for maker in makers)):
        if wanted in known:
            return wanted
    raise ValueError(f"no personality {name}: there are {', '.join(known)}")


def plans_of(names: Iterable[str]) -> list[RecorderPlan]:
    """Return a plan for one recorder of each personality."""
    return [RecorderPlan(name=name, personality=name) for name in names]


def shown(*vendors: Vendor) -> list[RecorderPlan]:
    """Return plans for the recorders that a demo has of some makers."""
    return plans_of(name for vendor in vendors for name in vendor.shown)


def all_of(vendor: Vendor) -> list[RecorderPlan]:
    """Return a plan for one recorder of each personality of a maker."""
    return plans_of(personalities_of(vendor.name))


@dataclass
class Reports:
    """What came out, by personality."""

    each: dict[str, Report] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether all is well."""
        return bool(self.each) and all(report.ok for report in self.each.values())

    def as_json(self) -> dict[str, object]:
        """Return it as a JSON object."""
        return {"ok": self.ok, **{name: report.as_json() for name, report in self.each.items()}}


async def check_each(
    installation: Installation, reports: Reports, say: Callable[[str], None]
) -> None:
    """Check each recorder of an installation for itself, and take it out again."""
    for recorder in installation.recorders.values():
        report = reports.each[recorder.name]
        say(recorder.name)
        check = Check(installation, report, say, [recorder])
        try:
            async with asyncio.timeout(CHECK_LIMIT_S):
                await check.run()
        except BROKEN as err:
            report.problems.append(f"broke off: {type(err).__name__} {err}")
        try:
            await check.leave()
        except BROKEN as err:
            report.problems.append(f"leaving: {type(err).__name__} {err}")
        report.ok = not report.problems
        say(f"{recorder.name}: {'ok' if report.ok else '; '.join(report.problems[:SHOWN])}")
