"""What an action answers that does its work for several cameras."""

from collections.abc import Sequence

from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util.json import JsonObjectType

from .targets import Target


def answers_of(
    call: ServiceCall,
    targets: Sequence[Target],
    outcomes: Sequence[JsonObjectType | BaseException],
) -> ServiceResponse:
    """Return what became of each camera; one that failed has ``error`` and ``cause`` in its place.

    Raises:
        HomeAssistantError: All cameras failed, or one did and nobody looks at the answer.
    """
    errors = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    if errors and (len(errors) == len(outcomes) or not call.return_response):
        raise errors[0]
    answers: JsonObjectType = {}
    for target, outcome in zip(targets, outcomes, strict=True):
        if isinstance(outcome, HomeAssistantError):
            answers[target.key] = {"error": str(outcome), "cause": outcome.translation_key}
        elif isinstance(outcome, BaseException):
            raise outcome
        else:
            answers[target.key] = outcome
    return answers if call.return_response else None
