"""The tables of the metadata database."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa


class Moment(sa.types.TypeDecorator[datetime]):
    """A moment in UTC as text that sorts by time, the same in SQLite and PostgreSQL."""

    impl = sa.String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: object) -> str | None:
        """Write a moment as ISO text with microseconds."""
        return None if value is None else value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: str | None, dialect: object) -> datetime | None:
        """Read it back."""
        return None if value is None else datetime.fromisoformat(value)


METADATA = sa.MetaData()


def _id() -> sa.Column[str]:
    return sa.Column("id", sa.Text, primary_key=True)


def _of(table: str, *, name: str, ondelete: str = "CASCADE") -> sa.Column[str]:
    return sa.Column(name, sa.ForeignKey(f"{table}.id", ondelete=ondelete), index=True, nullable=False)


users = sa.Table(
    "users",
    METADATA,
    _id(),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("changed_at", Moment, nullable=False),
)
sessions = sa.Table(
    "sessions",
    METADATA,
    sa.Column("digest", sa.Text, primary_key=True),
    _of("users", name="user_id"),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("seen_at", Moment, nullable=False),
)
tokens = sa.Table(
    "tokens",
    METADATA,
    _id(),
    _of("users", name="user_id"),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False, unique=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
)
attempts = sa.Table(
    "attempts",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("key", sa.Text, nullable=False, index=True),
    sa.Column("at", Moment, nullable=False),
)
datasets = sa.Table(
    "datasets",
    METADATA,
    _id(),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("fingerprint", sa.Text, nullable=False, unique=True),
    sa.Column("files", sa.JSON, nullable=False),
    sa.Column("options", sa.JSON, nullable=False),
    sa.Column("report", sa.JSON(none_as_null=True)),
    sa.Column("quality", sa.JSON(none_as_null=True)),
    sa.Column("n_customers", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
)
segmentations = sa.Table(
    "segmentations",
    METADATA,
    _id(),
    sa.Column("name", sa.Text, nullable=False),
    _of("datasets", name="dataset_id", ondelete="RESTRICT"),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("request", sa.JSON, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("headline", sa.Text, nullable=False),
    sa.Column("n_customers", sa.Integer, nullable=False),
    sa.Column("n_segments", sa.Integer, nullable=False),
    sa.Column("method", sa.Text, nullable=False),
    sa.Column("parent_id", sa.ForeignKey("segmentations.id", ondelete="SET NULL")),
)
current = sa.Table(
    "current",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("segmentation_id", sa.ForeignKey("segmentations.id", ondelete="SET NULL")),
)
"""One row: the segmentation that is in use."""

edits = sa.Table(
    "edits",
    METADATA,
    _id(),
    _of("segmentations", name="segmentation_id"),
    sa.Column("at", Moment, nullable=False),
    sa.Column("user_name", sa.Text, nullable=False),
    sa.Column("edit", sa.JSON, nullable=False),
)
notes = sa.Table(
    "notes",
    METADATA,
    _id(),
    _of("segmentations", name="segmentation_id"),
    sa.Column("segment_id", sa.Integer),
    sa.Column("at", Moment, nullable=False),
    sa.Column("user_name", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
)
reports = sa.Table(
    "reports",
    METADATA,
    _id(),
    _of("segmentations", name="segmentation_id"),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
)
campaigns = sa.Table(
    "campaigns",
    METADATA,
    _id(),
    sa.Column("segmentation_id", sa.ForeignKey("segmentations.id", ondelete="SET NULL"), index=True),
    sa.Column("segment_id", sa.Integer, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("user_name", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("facts", sa.JSON, nullable=False),
    sa.Column("audience", sa.Text, nullable=False),
    sa.Column("result", sa.JSON(none_as_null=True)),
)
"""What was measured outlives the segmentation it was planned from."""

jobs = sa.Table(
    "jobs",
    METADATA,
    _id(),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("target_id", sa.Text, nullable=False, index=True),
    sa.Column("after_id", sa.Text),
    sa.Column("state", sa.Text, nullable=False, index=True),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("sentence", sa.Text, nullable=False),
    sa.Column("share", sa.Double, nullable=False),
    sa.Column("seconds_left", sa.Double),
    sa.Column("failure", sa.JSON(none_as_null=True)),
    sa.Column("submitted_at", Moment, nullable=False),
    sa.Column("ended_at", Moment),
)
