"""A recorded device on the network."""

from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web

from simulator.core.accounts import Accounts, LoginPolicy, User
from simulator.core.digest import Scheme
from simulator.core.time_source import TimeSource

from .dahua.face import DahuaReplay
from .dahua.folder import is_dahua, read_folder as read_dahua
from .face import ReplayFace
from .hikvision.face import HikvisionReplay
from .hikvision.folder import read_folder as read_hikvision
from .onvif.face import OnvifReplay
from .onvif.folder import is_onvif, read_folder as read_onvif

# Requests that are being served when it stops don't get any longer.
_GRACE_S = 0.01
# A client may want to see this beginning.
_DAHUA_REALM = "Login to a0c50bcd05b2f03d067e530d9bf069af"


@dataclass(frozen=True, kw_only=True)
class ReplayOptions:
    """Where a recorded device listens, and who may log in.

    Attributes:
        host: the address to listen on.
        port: for HTTP; 0 is one that is free.
        user: name of the administrator.
        password: the administrator's.
        basic: whether it knows Basic alone, as the oldest firmware does; digest else.
    """

    host: str = "127.0.0.1"
    port: int = 0
    user: str = "admin"
    password: str = field(default="12345", repr=False)
    basic: bool = False


class ReplayBox:
    """One recorded device that listens for HTTP."""

    def __init__(self, folder: Path, options: ReplayOptions | None = None) -> None:
        """Read what was recorded.

        Raises:
            OSError: the folder can't be read.
        """
        self.options = options or ReplayOptions()
        now = TimeSource()
        schemes = frozenset({Scheme.BASIC if self.options.basic else Scheme.MD5})
        owner = User(name=self.options.user, password=self.options.password, administrator=True)
        onvif, dahua = is_onvif(folder), is_dahua(folder)
        policy = LoginPolicy(schemes=schemes, realm=_DAHUA_REALM if dahua else LoginPolicy.realm)
        self.accounts = Accounts(now=now, users=[owner], policy=policy)
        self.face: ReplayFace
        if onvif:
            self.face = OnvifReplay(read_onvif(folder), self.accounts, now)
        elif dahua:
            self.face = DahuaReplay(read_dahua(folder), self.accounts, now)
        else:
            self.face = HikvisionReplay(read_hikvision(folder), self.accounts, now)
        self._runner: web.AppRunner | None = None

    @property
    def address(self) -> str:
        """Host and port, as a user would type them."""
        if self._runner is None:
            raise RuntimeError("it doesn't listen")
        return f"{self.options.host}:{self._runner.addresses[0][1]}"

    async def __aenter__(self) -> Self:
        """Listen.

        Raises:
            OSError: the port is taken.
        """
        runner = web.AppRunner(
            self.face.application(),
            access_log=None,
            handler_cancellation=True,
            shutdown_timeout=_GRACE_S,
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, self.options.host, self.options.port).start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Listen no longer."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()
