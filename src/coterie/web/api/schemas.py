"""What the API takes and gives, as its description shows it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from apiflask.fields import UploadFile
from pydantic import BaseModel, ConfigDict, Field, field_validator

from coterie.web.api.ahead import MemberForecastOut, Share
from coterie.workspace import EditRecord, Job, SegmentationRecord

LONGEST_TEXT = 2_000


def listed(model: type[BaseModel]) -> Any:
    """A list of these: APIFlask takes it, its types do not say so."""
    return list[model]  # type: ignore[valid-type]


class ErrorOut(BaseModel):
    """What went wrong, where, and what to do about it."""

    code: str = Field(examples=["not_found"])
    message: str
    where: str = ""
    what_to_do: str = ""
    request_id: str = ""


class Record(BaseModel):
    """Made from a record of the workspace."""

    model_config = ConfigDict(from_attributes=True)


class DatasetIn(BaseModel):
    """Files that belong together, as multipart/form-data."""

    files: list[UploadFile] = Field(min_length=1)
    name: str | None = Field(None, min_length=1, max_length=200)


class FileOut(BaseModel):
    """A file as it was uploaded."""

    name: str
    sha256: str
    n_bytes: int


class DatasetOut(Record):
    """Files that belong together; how reading and cleaning went, once imported."""

    id: str
    name: str
    created_at: datetime
    state: Literal["uploaded", "importing", "ready", "failed"]
    n_customers: int
    files: list[FileOut]
    options: dict[str, Any]
    report: dict[str, Any] | None
    quality: dict[str, Any] | None

    @field_validator("files", mode="before")
    @classmethod
    def named(cls, files: list[tuple[str, str, int]]) -> list[FileOut]:
        """The record holds name, SHA-256 and size of each file in this order."""
        return [FileOut(name=name, sha256=sha256, n_bytes=n_bytes) for name, sha256, n_bytes in files]


class JobOut(Record):
    """Long work: how far it is, or how it ended."""

    id: str
    kind: Literal["import", "segmentation", "edit"]
    target_id: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    step: str
    sentence: str
    share: Share
    seconds_left: float | None
    failure: dict[str, Any] | None
    submitted_at: datetime
    ended_at: datetime | None


class SegmentationOut(Record):
    """One segmentation: what was asked for and, once ready, what came out."""

    id: str
    name: str
    dataset_id: str
    created_at: datetime
    state: Literal["running", "ready", "failed"]
    request: dict[str, Any]
    headline: str
    method: str
    n_customers: int
    n_segments: int
    parent_id: str | None


class SegmentationIn(BaseModel):
    """What to segment and how; all but the dataset has a good default."""

    model_config = ConfigDict(extra="forbid")

    dataset_id: str
    name: str | None = Field(None, min_length=1, max_length=200)
    method: str = "auto"
    n_segments: int | None = Field(None, ge=2, le=1_000)
    attributes: list[str] | None = Field(None, min_length=1, max_length=1_000)
    weights: dict[str, Annotated[float, Field(ge=0, le=1_000, allow_inf_nan=False)]] | None = None
    truth: str | None = None
    observation_end: date | None = None
    random_state: int = Field(0, ge=0, lt=2**32)


class StartedOut(BaseModel):
    """A segmentation that is being made, and the job that makes it."""

    segmentation: SegmentationOut
    job: JobOut

    @classmethod
    def of(cls, segmentation: SegmentationRecord, job: Job) -> StartedOut:
        """Put the two together."""
        return cls(segmentation=SegmentationOut.model_validate(segmentation), job=JobOut.model_validate(job))


class CurrentIn(BaseModel):
    """Which segmentation to use, and which was in use when that was decided."""

    model_config = ConfigDict(extra="forbid")

    segmentation_id: str
    instead_of: str | None = None


class SegmentOut(BaseModel):
    """One segment: who it is, how it is defined, what to do."""

    id: int
    name: str
    n_customers: int
    share: Share
    n_core_members: int
    revenue_share: float | None
    rule: str
    rule_sql: str
    rule_precision: float | None
    rule_recall: float | None
    action: str | None


class ComparedOut(BaseModel):
    """One method at one number of segments, with its scores."""

    model_config = ConfigDict(extra="allow")

    method: str
    n_clusters: int | None
    silhouette: float | None
    davies_bouldin: float | None
    dunn: float | None
    stability: float | None
    flags: list[str]
    notes: list[str]
    failure: str | None


class MembersQuery(BaseModel):
    """Which customers, in which order."""

    model_config = ConfigDict(extra="forbid")

    segment_id: int | None = Field(None, ge=-1, lt=2**31)
    search: str = Field("", max_length=200, description="Part of a customer_id")
    sort: str = Field("customer_id", max_length=1_000)
    descending: bool = False
    columns: str = Field("", max_length=10_000, description="Names with commas between; empty for all")
    page: int = Field(1, ge=1, le=10**9)
    n_rows: int = Field(50, ge=1, le=1_000)


class MembersOut(Record):
    """A page of customers."""

    columns: list[str]
    rows: list[list[Any]]
    n_members: int
    page: int
    n_pages: int


class MemberOut(BaseModel):
    """One customer: segment, how clearly it belongs there, every feature by its name, what to expect."""

    model_config = ConfigDict(extra="allow")

    customer_id: str
    segment_id: int
    segment_name: str
    forecast: MemberForecastOut | None


class NoteIn(BaseModel):
    """What an expert wants others to know."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=LONGEST_TEXT)
    segment_id: int | None = Field(None, ge=0, lt=2**31)


class NoteOut(Record):
    """A note on a segmentation, or on one of its segments."""

    id: str
    segmentation_id: str
    segment_id: int | None
    at: datetime
    user_name: str
    text: str


class ConditionIn(BaseModel):
    """A condition on customers: a feature, how it is compared, with what."""

    model_config = ConfigDict(extra="forbid")

    feature: str
    op: Literal["<=", ">", "==", "!="]
    value: float | str


class EditIn(BaseModel):
    """A change by hand: its kind and what that kind needs.

    rename: segment_id, name. merge: segment_ids, name. split: segment_id and n_parts or condition, names.
    move, pin: customer_ids, segment_id. save_as: customer_ids, name. lock: segment_id. annotate:
    segment_id, text. together, apart: customer_ids.
    """

    model_config = ConfigDict(extra="forbid")

    kind: str = Field(examples=["rename"])
    segment_id: int | None = Field(None, ge=0, lt=2**31)
    segment_ids: list[int] | None = None
    customer_ids: list[str] | None = Field(None, max_length=50_000)
    name: str | None = Field(None, max_length=LONGEST_TEXT)
    names: list[str] | None = None
    n_parts: int | None = None
    condition: ConditionIn | None = None
    text: str | None = Field(None, max_length=LONGEST_TEXT)


class EditOut(Record):
    """A change that was made: by whom, when, and as JSON."""

    id: str
    segmentation_id: str
    at: datetime
    user_name: str
    edit: dict[str, Any]


class MadeOut(BaseModel):
    """A change that was made, and the job that brings pictures and report up to date."""

    edit: EditOut
    job: JobOut

    @classmethod
    def of(cls, edit: EditRecord, job: Job) -> MadeOut:
        """Put the two together."""
        return cls(edit=EditOut.model_validate(edit), job=JobOut.model_validate(job))


class EffectOut(BaseModel):
    """What a change would do: who moves, the sizes and the score before and after."""

    model_config = ConfigDict(extra="allow")

    n_moved: int
    silhouette_before: float | None
    silhouette_after: float | None
    segments: list[dict[str, Any]]


class FileOfResultOut(Record):
    """A file of a result: send GET to its name below this address."""

    name: str
    words: str
    n_bytes: int


class AssignIn(BaseModel):
    """Whose customers to put into the segments."""

    model_config = ConfigDict(extra="forbid")

    dataset_id: str
    observation_end: date | None = None


class AssignedOut(BaseModel):
    """A customer and the segment it falls into; the margin says how clearly, 0-1."""

    customer_id: str
    segment_id: int
    segment_name: str
    margin: float | None


class MovementQuery(BaseModel):
    """Between which days; by default the last thirty of the data."""

    model_config = ConfigDict(extra="forbid")

    start: date | None = None
    end: date | None = None


class ChangeOut(BaseModel):
    """What changed and why, in a sentence: how many customers, between which nodes."""

    model_config = ConfigDict(populate_by_name=True)

    sentence: str
    n_customers: int
    from_id: int = Field(alias="from")
    to_id: int = Field(alias="to")
    cause: str


class FlowOut(BaseModel):
    """Customers who went from one node to another for one cause, and their money."""

    model_config = ConfigDict(extra="ignore")

    from_id: int
    to_id: int
    cause: Literal["arrivals", "ageing", "behaviour", "refit", "records"]
    n_customers: int
    n_people_changed: int
    n_ruler_moved: int
    money: float | None


class MovementOut(BaseModel):
    """Who went where. Nodes: segments from 0; -1 in none, -2 new, -3 not in the earlier data, -4 lost."""

    start: date
    end: date
    n_customers: int
    n_moved: int
    moved_share: Share | None
    n_new: int
    n_appeared: int
    n_lost: int
    names: dict[str, str] = Field(description="Of all nodes, by id")
    rows: list[int] = Field(description="Nodes one can come from")
    columns: list[int] = Field(description="Nodes one can be in")
    people: list[list[int]]
    money: list[list[float]] | None
    causes: list[FlowOut]
    changes: list[ChangeOut]


class DriftQuery(BaseModel):
    """Whose customers to hold against those of the fit; by default those of its own dataset."""

    model_config = ConfigDict(extra="forbid")

    dataset_id: str | None = None


class DriftOut(BaseModel):
    """Whether the model still fits, and why."""

    proposal: str
    refit_proposed: bool
    reasons: list[str]
    notices: list[str]
    distance_ratio: float
    smallest_share: Share | None
    days_since_fit: int | None
    n_then: int
    n_now: int
    observation_end: date | None
    features: list[dict[str, Any]]
