"""What Home Assistant's bus says when a clip is ready, or can't be made."""

from homeassistant.core import Context, HomeAssistant, callback

from .clip_description import describe_job
from .const import EVENT_CLIP_FAILED, EVENT_CLIP_READY
from .library.job import Job, JobPhase


@callback
def fire_clip_event(hass: HomeAssistant, job: Job) -> None:
    """Tell of a job that has ended, in the context of the call that asked for the clip.

    Any other job is passed over, so that this can listen to a queue.
    """
    if not job.phase.ended:
        return
    caller = job.caller
    hass.bus.async_fire(
        EVENT_CLIP_READY if job.phase is JobPhase.DONE else EVENT_CLIP_FAILED,
        describe_job(job),
        context=Context(id=caller.context_id, parent_id=caller.parent_id, user_id=caller.user_id),
    )
