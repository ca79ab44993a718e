"""What a refusal says in SOAP (section 2 of the notes)."""

from http import HTTPStatus

from .errors import Refusal
from .firmware import Firmware
from .xml import Document, envelope


def fault(refusal: Refusal, firmware: Firmware) -> bytes:
    """Give the message of a refusal, in the form in which the firmware speaks."""
    soap = firmware.envelope or "s"
    code: Document = {}
    for subcode in reversed(refusal.subcodes):
        inner = {"soap:Subcode": code} if code else {}
        code = {"soap:Value": f"ter:{subcode}", **inner}
    outer = {"soap:Value": f"{soap}:{'Receiver' if refusal.receiver else 'Sender'}"}
    content: Document = {
        "soap:Code": {**outer, "soap:Subcode": code},
        "soap:Reason": {"soap:Text": {"@xml:lang": "en", "#text": refusal.reason}},
        **({} if refusal.detail is None else {"soap:Detail": {"soap:Text": refusal.detail}}),
    }
    return envelope({"soap:Fault": content}, firmware)


def usual_status(refusal: Refusal) -> HTTPStatus:
    """Give the status of HTTP that it comes with."""
    return HTTPStatus.INTERNAL_SERVER_ERROR if refusal.receiver else HTTPStatus.BAD_REQUEST
