"""/api/segmentations/ID/members: the customers of a segmentation."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint

from coterie.web.api.schemas import MemberOut, MembersOut, MembersQuery
from coterie.web.house import workspace
from coterie.workspace import MemberPage, MemberRequest, list_members, load_member, load_member_forecast

resource = APIBlueprint(
    "api_members", __name__, url_prefix="/api/segmentations/<segmentation_id>/members", tag="Members"
)


@resource.get("")
@resource.input(MembersQuery, location="query")
@resource.output(MembersOut)
@resource.doc(security="token", responses={400: "No such column"})
def list_some(segmentation_id: str, query_data: MembersQuery) -> MemberPage:
    """A page of customers with their segment and features."""
    asked = query_data.model_dump()
    asked["columns"] = tuple(name.strip() for name in query_data.columns.split(",") if name.strip())
    return list_members(workspace(), segmentation_id, request=MemberRequest(**asked))


@resource.get("/<path:customer_id>")
@resource.output(MemberOut)
@resource.doc(security="token")
def show(segmentation_id: str, customer_id: str) -> dict[str, Any]:
    """Everything the segmentation knows of one customer, and what it expects of them."""
    member = load_member(workspace(), segmentation_id, customer_id=customer_id)
    ahead = load_member_forecast(workspace(), segmentation_id, customer_id=customer_id)
    return {**member, "forecast": ahead}
