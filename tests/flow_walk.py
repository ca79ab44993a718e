"""Going through a flow of the integration as a person does, whatever it shows in between."""

from collections.abc import Mapping
from typing import Any

from aiohttp.test_utils import TestClient
from homeassistant.config_entries import SOURCE_USER, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.nvr.const import DOMAIN


async def settled(hass: HomeAssistant, result: ConfigFlowResult) -> ConfigFlowResult:
    """Wait until a flow that shows progress shows something else."""
    while result["type"] is FlowResultType.SHOW_PROGRESS:
        await hass.async_block_till_done()
        result = await hass.config_entries.flow.async_configure(result["flow_id"])
    return result


async def open_flow(hass: HomeAssistant) -> ConfigFlowResult:
    """Begin to add a recorder."""
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    return await settled(hass, result)


async def send(
    hass: HomeAssistant, flow: ConfigFlowResult, answer: Mapping[str, Any]
) -> ConfigFlowResult:
    """Send a form, and wait for what is shown after it."""
    result = await hass.config_entries.flow.async_configure(flow["flow_id"], dict(answer))
    return await settled(hass, result)


async def walk(
    hass: HomeAssistant, flow: ConfigFlowResult, answers: Mapping[str, Mapping[str, Any]]
) -> ConfigFlowResult:
    """Send one form after the other, each by its step, until there is no answer to one, or it was wrong."""
    while flow["type"] is FlowResultType.FORM and not flow["errors"]:
        if (answer := answers.get(flow["step_id"])) is None:
            break
        flow = await send(hass, flow, answer)
    return flow


async def post(hass: HomeAssistant, client: TestClient[Any, Any], path: str, **form: Any) -> Any:
    """Send something as the web interface does, below the address of flows, and return what it shows next."""
    response = await client.post(f"/api/config/config_entries/flow{path}", json=form)
    flow = await response.json()
    while flow["type"] == FlowResultType.SHOW_PROGRESS:
        await hass.async_block_till_done()
        response = await client.get(f"/api/config/config_entries/flow/{flow['flow_id']}")
        flow = await response.json()
    return flow


def suggested(result: ConfigFlowResult) -> dict[str, Any]:
    """Return what a form shows as filled in."""

    def values(schema: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in schema.schema.items():
            if hasattr(value, "options") and hasattr(value, "schema"):
                found[str(key)] = values(value.schema)
            elif key.description:
                found[str(key)] = key.description["suggested_value"]
        return found

    return values(result["data_schema"])
