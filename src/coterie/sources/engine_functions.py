"""Functions of the engine that Ibis has no name for; import it inside functions, it loads Ibis."""

# Ibis reads the signatures: no postponed annotations in this file.
import ibis
import ibis.expr.datatypes as dt


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def md5(x: str) -> dt.string:
    """MD5 as hexadecimal text."""


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def nfc_normalize(x: str) -> dt.string:
    """Unicode normal form C."""


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def strlen(x: str) -> dt.int64:
    """Length in bytes."""


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def timezone(zone: str, at: dt.timestamp) -> dt.timestamp:
    """A naive time is taken to be in the zone; an aware one is shown in it, naive."""


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def try_strptime(x: str, layout: str) -> dt.timestamp:
    """A text read by a layout, null if it does not fit."""


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]
def make_timestamp(microseconds: int) -> dt.timestamp:
    """A UTC timestamp from microseconds since 1970."""
