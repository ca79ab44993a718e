"""Accounts, and who is logged in (section 12 of the protocol notes)."""

from collections.abc import Iterable
from typing import Final

from aiohttp import web

from simulator.core.accounts import Right, User

from .device import Device
from .grammar import Json
from .route import Route, cgi
from .rpc import Call, Method, Reply

_MODULE: Final = "userManager"
_RIGHTS: Final = {
    Right.LIVE: "Monitor",
    Right.PLAYBACK: "Replay",
    Right.SETTINGS: "GeneralConf",
    Right.STATUS: "SystemInfo",
}


def routes() -> Iterable[Route]:
    """Give the resources."""
    yield cgi(_MODULE, "getActiveUserInfoAll", active_users, Right.SETTINGS)
    yield cgi(_MODULE, "getUserInfoAll", all_users, Right.SETTINGS)


def methods() -> Iterable[Method]:
    """Give the methods."""
    yield Method(f"{_MODULE}.getActiveUserInfoAll", active_by_call, Right.SETTINGS)
    yield Method(f"{_MODULE}.getUserInfoAll", users_by_call, Right.SETTINGS)
    yield Method(f"{_MODULE}.getAuthorityList", rights)


def _active(device: Device) -> list[Json]:
    return [
        {
            "ClientAddress": session.source,
            "ClientType": "Web3.0",
            "Group": _group(session.user),
            "Id": number,
            "Name": session.user.name,
        }
        for number, session in enumerate(device.sessions.users(device.firmware.session_life), 1)
        if session.user is not None
    ]


def _users(device: Device) -> list[Json]:
    return [
        {
            "AuthorityList": _authority(user),
            "Group": _group(user),
            "Id": number,
            "Memo": "",
            "Name": user.name,
            "Password": "******",
        }
        for number, user in enumerate(device.recorder.accounts.users.values(), 1)
    ]


def _group(user: User) -> str:
    return "admin" if user.administrator else "user"


def _authority(user: User) -> list[Json]:
    return [*sorted(_RIGHTS[right] for right in user.rights)]


async def active_users(device: Device, _request: web.Request) -> web.StreamResponse:
    """Tell who is logged in."""
    return device.fields(_active(device), "users")


async def all_users(device: Device, _request: web.Request) -> web.StreamResponse:
    """Tell who may log in."""
    return device.fields(_users(device), "users")


async def active_by_call(device: Device, _call: Call) -> Reply:
    """Tell who is logged in."""
    return Reply({"users": _active(device)})


async def users_by_call(device: Device, _call: Call) -> Reply:
    """Tell who may log in."""
    return Reply({"users": _users(device)})


async def rights(device: Device, call: Call) -> Reply:
    """Tell what the caller may do."""
    user = call.verdict.user if call.verdict is not None else None
    names = [
        f"{name}_{number:02}"
        for name in ("Monitor", "Replay")
        for number in range(1, 1 + device.capacity)
    ]
    return Reply({"authority": [*(_authority(user) if user is not None else []), *names]})
