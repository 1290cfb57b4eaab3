"""What all repositories share: records in, records out of one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any, ClassVar, Generic, TypeVar
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from coterie.errors import ConflictError, NotFoundError
from coterie.store.metadata import Metadata

R = TypeVar("R")


def new_id() -> str:
    """Give an id nobody has.

    Returns
    -------
    str
        32 letters and digits.
    """
    return uuid4().hex


class Repository(Generic[R]):
    """Records of one kind in their table.

    Parameters
    ----------
    metadata : Metadata
    """

    table: ClassVar[sa.Table]
    kind: ClassVar[type]
    word: ClassVar[str]
    """What a record is called in a message."""

    def __init__(self, metadata: Metadata) -> None:
        self.metadata = metadata

    def add(self, record: R) -> R:
        """Store a new record.

        Parameters
        ----------
        record : record

        Returns
        -------
        record

        Raises
        ------
        ConflictError
            If there is one with this id or name.
        """
        try:
            with self.metadata.writing() as connection:
                connection.execute(self.table.insert().values(self._row(record)))
        except IntegrityError as cause:
            raise ConflictError(f"There is such a {self.word} already") from cause
        return record

    def save(self, record: R) -> R:
        """Store a record in the place of the one with its id, or as a new one.

        Parameters
        ----------
        record : record

        Returns
        -------
        record
        """
        row = self._row(record)
        try:
            with self.metadata.writing() as connection:
                changed = connection.execute(self.table.update().where(self._is(self._key(row))).values(row))
                if not changed.rowcount:
                    connection.execute(self.table.insert().values(row))
        except IntegrityError as cause:
            raise ConflictError(
                f"Another {self.word} is in the way, or what it belongs to is gone"
            ) from cause
        return record

    def load(self, key: str) -> R:
        """The record with this id.

        Parameters
        ----------
        key : str

        Returns
        -------
        record

        Raises
        ------
        NotFoundError
            If there is none.
        """
        record = self._find(self._is(key))
        if record is None:
            raise NotFoundError(f"There is no such {self.word}")
        return record

    def remove(self, key: str) -> None:
        """Remove the record with this id, if there is one.

        Parameters
        ----------
        key : str

        Raises
        ------
        ConflictError
            If others need it.
        """
        try:
            self._remove(self._is(key))
        except IntegrityError as cause:
            raise ConflictError(
                f"This {self.word} is still in use", to_do="Remove first what was made from it"
            ) from cause

    def _find(self, condition: sa.ColumnElement[bool]) -> R | None:
        return next(iter(self._select(condition)), None)

    def _select(self, *conditions: sa.ColumnElement[bool], order: Sequence[Any] = ()) -> list[R]:
        asked = sa.select(self.table).where(*conditions).order_by(*order)
        with self.metadata.reading() as connection:
            return [self._record(dict(row._mapping)) for row in connection.execute(asked)]

    def _remove(self, condition: sa.ColumnElement[bool]) -> None:
        with self.metadata.writing() as connection:
            connection.execute(self.table.delete().where(condition))

    def _is(self, key: str) -> sa.ColumnElement[bool]:
        return next(iter(self.table.primary_key)) == key

    def _key(self, row: dict[str, Any]) -> str:
        return str(row[next(iter(self.table.primary_key)).name])

    def _row(self, record: R) -> dict[str, Any]:
        return asdict(record)  # type: ignore[call-overload,no-any-return]

    def _record(self, row: dict[str, Any]) -> R:
        names = [field.name for field in fields(self.kind)]
        record: R = self.kind(**{name: row[name] for name in names})
        return record
