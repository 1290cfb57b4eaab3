"""What a shop keeps: its datasets, segmentations, people and jobs, in one folder."""

from coterie.workspace.datasets import DatasetRecord
from coterie.workspace.edits import EditRecord
from coterie.workspace.jobs import Job
from coterie.workspace.members import MemberPage, MemberRequest, list_members, load_member
from coterie.workspace.notes import NoteRecord
from coterie.workspace.reports import ReportRecord
from coterie.workspace.repository import new_id
from coterie.workspace.segmentations import SegmentationRecord
from coterie.workspace.sessions import Session
from coterie.workspace.tokens import Token
from coterie.workspace.uploads import add_sample, add_upload
from coterie.workspace.users import User
from coterie.workspace.workspace import Workspace

__all__ = [
    "DatasetRecord",
    "EditRecord",
    "Job",
    "MemberPage",
    "MemberRequest",
    "NoteRecord",
    "ReportRecord",
    "SegmentationRecord",
    "Session",
    "Token",
    "User",
    "Workspace",
    "add_sample",
    "add_upload",
    "list_members",
    "load_member",
    "new_id",
]
