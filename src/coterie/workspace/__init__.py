"""What a shop keeps: its datasets, segmentations, people and jobs, in one folder.

Its parts are imported when they are asked for: a child process that does one step needs few of them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coterie.workspace.advising import export_edge_customers, find_advice, find_edge_customers
    from coterie.workspace.assigning import assign_customers
    from coterie.workspace.campaigning import (
        add_campaign,
        campaign_folder,
        measure_from_dataset,
        measure_from_file,
        preview_campaign,
    )
    from coterie.workspace.campaigns import CampaignRecord
    from coterie.workspace.datasets import DatasetRecord
    from coterie.workspace.edits import EditRecord
    from coterie.workspace.jobs import Job
    from coterie.workspace.members import (
        MemberPage,
        MemberRequest,
        export_members,
        list_members,
        load_member,
        load_member_forecast,
    )
    from coterie.workspace.moving import find_base, preview_moves
    from coterie.workspace.notes import NoteRecord
    from coterie.workspace.pipeline import Pipeline
    from coterie.workspace.reading import find_attributes, load_preview
    from coterie.workspace.reports import ReportRecord
    from coterie.workspace.repository import new_id
    from coterie.workspace.segmentations import SegmentationRecord
    from coterie.workspace.sessions import Session
    from coterie.workspace.snapshots import add_table, allowed_hosts
    from coterie.workspace.tokens import Token
    from coterie.workspace.uploads import add_sample, add_upload
    from coterie.workspace.users import User
    from coterie.workspace.workspace import Workspace

_HOME = {
    "find_edge_customers": "advising",
    "export_edge_customers": "advising",
    "find_advice": "advising",
    "preview_campaign": "campaigning",
    "measure_from_file": "campaigning",
    "measure_from_dataset": "campaigning",
    "campaign_folder": "campaigning",
    "add_campaign": "campaigning",
    "CampaignRecord": "campaigns",
    "DatasetRecord": "datasets",
    "EditRecord": "edits",
    "Job": "jobs",
    "MemberPage": "members",
    "MemberRequest": "members",
    "NoteRecord": "notes",
    "Pipeline": "pipeline",
    "ReportRecord": "reports",
    "SegmentationRecord": "segmentations",
    "Session": "sessions",
    "Token": "tokens",
    "User": "users",
    "Workspace": "workspace",
    "add_sample": "uploads",
    "add_table": "snapshots",
    "add_upload": "uploads",
    "export_members": "members",
    "allowed_hosts": "snapshots",
    "assign_customers": "assigning",
    "find_attributes": "reading",
    "find_base": "moving",
    "list_members": "members",
    "load_member": "members",
    "load_member_forecast": "members",
    "load_preview": "reading",
    "preview_moves": "moving",
    "new_id": "repository",
}
"""The file of each name."""

__all__ = [
    "CampaignRecord",
    "DatasetRecord",
    "EditRecord",
    "Job",
    "MemberPage",
    "MemberRequest",
    "NoteRecord",
    "Pipeline",
    "ReportRecord",
    "SegmentationRecord",
    "Session",
    "Token",
    "User",
    "Workspace",
    "add_campaign",
    "add_sample",
    "add_table",
    "add_upload",
    "allowed_hosts",
    "assign_customers",
    "campaign_folder",
    "export_edge_customers",
    "export_members",
    "find_advice",
    "find_attributes",
    "find_base",
    "find_edge_customers",
    "list_members",
    "load_member",
    "load_member_forecast",
    "load_preview",
    "measure_from_dataset",
    "measure_from_file",
    "new_id",
    "preview_campaign",
    "preview_moves",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _HOME:
        raise AttributeError(f"module 'coterie.workspace' has no attribute {name!r}")
    value = getattr(import_module(f"coterie.workspace.{_HOME[name]}"), name)
    globals()[name] = value
    return value
