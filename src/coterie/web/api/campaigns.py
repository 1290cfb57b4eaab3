"""/api/campaigns: who is treated, who is left alone, and what that proved."""

from __future__ import annotations

from apiflask import APIBlueprint

from coterie.experiments import CampaignPlan
from coterie.web.api.campaign_schemas import CampaignIn, CampaignOut, CampaignWithPeopleOut, OutcomesIn
from coterie.web.api.schemas import listed
from coterie.web.house import visitor, workspace
from coterie.workspace import CampaignRecord, add_campaign, measure_from_dataset

resource = APIBlueprint("api_campaigns", __name__, url_prefix="/api/campaigns", tag="Campaigns")


@resource.get("")
@resource.output(listed(CampaignOut))
@resource.doc(security="token")
def list_all() -> list[CampaignRecord]:
    """All campaigns, the newest first."""
    return workspace().campaigns.list()


@resource.post("")
@resource.input(CampaignIn)
@resource.output(CampaignWithPeopleOut, status_code=201)
@resource.doc(
    security="token",
    responses={400: "Not JSON", 404: "No such segmentation", 409: "It takes too long", 422: "Nobody is left"},
)
def add(json_data: CampaignIn) -> CampaignWithPeopleOut:
    """Freeze an audience and draw who is held out; nobody is written to."""
    writer = visitor()
    asked = json_data.model_dump(exclude={"segmentation_id", "segment_id"})
    made = add_campaign(
        workspace(),
        json_data.segmentation_id,
        segment_id=json_data.segment_id,
        plan=CampaignPlan(**asked),
        user_name=writer.name if writer else "",
    )
    return CampaignWithPeopleOut.of(made)


@resource.get("/<campaign_id>")
@resource.output(CampaignWithPeopleOut)
@resource.doc(security="token")
def show(campaign_id: str) -> CampaignWithPeopleOut:
    """One campaign with its people."""
    return CampaignWithPeopleOut.of(workspace().campaigns.load(campaign_id))


@resource.post("/<campaign_id>/outcomes")
@resource.input(OutcomesIn)
@resource.output(CampaignOut)
@resource.doc(
    security="token",
    responses={400: "Not JSON", 404: "No such dataset", 409: "It is not read yet", 422: "No orders in it"},
)
def measure(campaign_id: str, json_data: OutcomesIn) -> CampaignRecord:
    """Measure it by the orders of a newer dataset."""
    return measure_from_dataset(workspace(), campaign_id, dataset_id=json_data.dataset_id)
