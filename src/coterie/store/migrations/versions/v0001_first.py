"""The tables the workspace began with."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    _accounts()
    _datasets()
    _remarks()
    _jobs()
    op.bulk_insert(sa.table("current", sa.column("number")), [{"number": 1}])


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=True)


def _text(name: str, *, unique: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, unique=unique)


def _moment(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(32), nullable=False)


def _of(table: str, *, name: str, ondelete: str = "CASCADE") -> sa.Column[str]:
    key = sa.ForeignKey(f"{table}.id", ondelete=ondelete)
    return sa.Column(name, sa.Text, key, index=True, nullable=False)


def _accounts() -> None:
    op.create_table(
        "users",
        _key("id"),
        _text("name", unique=True),
        _text("role"),
        _text("password_hash"),
        _moment("changed_at"),
    )
    op.create_table(
        "sessions",
        _key("digest"),
        _of("users", name="user_id"),
        _moment("created_at"),
        _moment("seen_at"),
    )
    op.create_table(
        "tokens",
        _key("id"),
        _of("users", name="user_id"),
        _text("name"),
        _text("digest", unique=True),
        _text("role"),
        _moment("created_at"),
    )
    op.create_table(
        "attempts",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("key", sa.Text, nullable=False, index=True),
        _moment("at"),
    )


def _datasets() -> None:
    op.create_table(
        "datasets",
        _key("id"),
        _text("name"),
        _moment("created_at"),
        _text("fingerprint", unique=True),
        sa.Column("files", sa.JSON, nullable=False),
        sa.Column("options", sa.JSON, nullable=False),
        sa.Column("report", sa.JSON),
        sa.Column("quality", sa.JSON),
        sa.Column("n_customers", sa.Integer, nullable=False),
        _text("state"),
    )
    op.create_table(
        "segmentations",
        _key("id"),
        _text("name"),
        _of("datasets", name="dataset_id", ondelete="RESTRICT"),
        _moment("created_at"),
        sa.Column("request", sa.JSON, nullable=False),
        _text("state"),
        _text("headline"),
        sa.Column("n_customers", sa.Integer, nullable=False),
        sa.Column("n_segments", sa.Integer, nullable=False),
        _text("method"),
        sa.Column("parent_id", sa.Text, sa.ForeignKey("segmentations.id", ondelete="SET NULL")),
    )
    op.create_table(
        "current",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("segmentation_id", sa.Text, sa.ForeignKey("segmentations.id", ondelete="SET NULL")),
    )


def _remarks() -> None:
    op.create_table(
        "edits",
        _key("id"),
        _of("segmentations", name="segmentation_id"),
        _moment("at"),
        _text("user_name"),
        sa.Column("edit", sa.JSON, nullable=False),
    )
    op.create_table(
        "notes",
        _key("id"),
        _of("segmentations", name="segmentation_id"),
        sa.Column("segment_id", sa.Integer),
        _moment("at"),
        _text("user_name"),
        _text("text"),
    )
    op.create_table(
        "reports",
        _key("id"),
        _of("segmentations", name="segmentation_id"),
        _text("name"),
        _moment("created_at"),
    )


def _jobs() -> None:
    op.create_table(
        "jobs",
        _key("id"),
        _text("kind"),
        sa.Column("target_id", sa.Text, nullable=False, index=True),
        sa.Column("after_id", sa.Text),
        sa.Column("state", sa.Text, nullable=False, index=True),
        _text("step"),
        _text("sentence"),
        sa.Column("share", sa.Double, nullable=False),
        sa.Column("seconds_left", sa.Double),
        sa.Column("failure", sa.JSON),
        _moment("submitted_at"),
        sa.Column("ended_at", sa.String(32)),
    )
