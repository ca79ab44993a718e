"""Reading answers: the envelope around them, and what it is instead of an answer."""

from http import HTTPStatus
from xml.etree.ElementTree import Element

from .. import xml
from ..errors import InvalidAnswerError, UnknownDeviceError
from ..models import Right
from .faults import http_fault, soap_fault

FAULT = "Fault"


def read_answer(status: int, body: bytes, operation: str, right: Right) -> Element:
    """Return the element that answers an operation.

    Names count, not prefixes nor order. Raises DriverError: for a fault, for HTTP's own refusals, and
    InvalidAnswerError, UnknownDeviceError for what is no answer.
    """
    try:
        message = read_message(body)
    except InvalidAnswerError, UnknownDeviceError:
        # Web servers write pages of their own to refusals.
        if status >= HTTPStatus.BAD_REQUEST or not body.strip():
            raise http_fault(status, operation, right) from None
        raise
    if message is None:
        raise http_fault(status, operation, right)
    name = xml.local(message)
    if name == FAULT:
        raise soap_fault(message, operation, right)
    if name != f"{operation}Response":
        raise InvalidAnswerError(f"{operation}: the device answers another question")
    return message


def read_message(body: bytes) -> Element | None:
    """Return what an envelope holds, None where it holds nothing.

    Raises InvalidAnswerError, UnknownDeviceError where it is none.
    """
    root = xml.parse(body)
    if xml.local(root) != "Envelope":
        raise UnknownDeviceError("what answers there is not ONVIF")
    content = xml.find(root, "Body")
    return None if content is None else next(iter(content), None)
