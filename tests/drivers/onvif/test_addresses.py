"""Addresses that devices name, and where they lead in the end."""

import pytest

from custom_components.nvr.drivers.models import Connection
from custom_components.nvr.drivers.onvif.addresses import SafeAddresses

OURS = Connection(host="192.0.2.10", port=8080, username="ad:min", password="p@ss/1")


@pytest.mark.parametrize(
    ("told", "asked"),
    [
        ("http://192.0.2.10:8080/onvif/Media", "/onvif/Media"),
        # Another network, another scheme, somebody else.
        ("http://10.0.0.2/onvif/Media", "/onvif/Media"),
        ("https://192.0.2.10/onvif/Media?x=1&y=%20", "/onvif/Media?x=1&y=%20"),
        ("http://evil.example:80/onvif/Media", "/onvif/Media"),
        ("http://user:pass@169.254.1.1/onvif/Media", "/onvif/Media"),
        # Itself, by the name that we know: its port is its own word.
        ("http://192.0.2.10/onvif/Media", "http://192.0.2.10/onvif/Media"),
        ("http://192.0.2.10:9000/a?b", "http://192.0.2.10:9000/a?b"),
        ("http://192.0.2.10:0/a?b", "/a?b"),
        # As firmware writes it.
        ("http://10.0.0.2:80:80/onvif/Subscription?Idx=4", "/onvif/Subscription?Idx=4"),
        ("http://[fe80::1]/onvif/Media", "/onvif/Media"),
        (" http://10.0.0.2/a b\r\nX: y ", "/a%20b%0D%0AX:%20y"),
        ("http://10.0.0.2", "/"),
        # What would be read as the name of a host.
        ("http://10.0.0.2//evil.example/x?y", "http://192.0.2.10:8080//evil.example/x?y"),
        ("http://192.0.2.10:81//evil.example/x", "http://192.0.2.10:81//evil.example/x"),
        # No address of the web.
        ("rtsp://10.0.0.2/x", None),
        ("/onvif/Media", None),
        ("javascript:alert(1)", None),
        ("http://10.0.0.2:99999/x", None),
        ("", None),
        (None, None),
        ("http://10.0.0.2/" + "x" * 5000, None),
    ],
)
def test_questions_go_to_who_answered(told: str | None, asked: str | None) -> None:
    assert SafeAddresses(OURS).web(told) == asked


@pytest.mark.parametrize(
    ("told", "ours"),
    [
        ("rtsp://10.0.0.2:8554/live?a=1&b=%2F", "rtsp://192.0.2.10:8554/live?a=1&b=%2F"),
        ("rtsp://10.0.0.2/live", "rtsp://192.0.2.10:554/live"),
        ("rtsp://u:secret@10.0.0.2/live", "rtsp://192.0.2.10:554/live"),
        ("rtsp://10.0.0.2", "rtsp://192.0.2.10:554/"),
        ("http://10.0.0.2/live", None),
        ("file:///etc/hostname", None),
        (None, None),
    ],
)
def test_streams_come_from_who_answered(told: str | None, ours: str | None) -> None:
    assert SafeAddresses(OURS).rtsp(told) == ours


def test_the_port_of_the_user_goes_before_the_device_s() -> None:
    forwarded = Connection(host="fd00::1", username="u", password="p", rtsp_port=10554)
    address = SafeAddresses(forwarded).rtsp("rtsp://10.0.0.2:554/live")
    assert address == "rtsp://[fd00::1]:10554/live"


def test_a_port_that_no_address_names_is_the_one_that_the_device_tells() -> None:
    addresses = SafeAddresses(OURS)
    addresses.rtsp_default = 5544
    address = addresses.rtsp("rtsp://10.0.0.2/live")
    assert address == "rtsp://192.0.2.10:5544/live"
    assert addresses.rtsp_port(address) == 5544


def test_credentials_are_encoded() -> None:
    url = SafeAddresses(OURS).with_credentials("rtsp://192.0.2.10:554/rtsp://x")
    assert url == "rtsp://ad%3Amin:p%40ss%2F1@192.0.2.10:554/rtsp://x"
