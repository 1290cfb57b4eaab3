"""From the text of a cell to text, ids and "no value", as Ibis expressions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ibis.expr.types import BooleanValue, IntegerScalar, StringColumn, StringValue, Table

LONGEST_SHOWN = 80
"""Characters of an offending cell that are kept for the reader."""

MISSING = ("", "na", "n/a", "#n/a", "null", "none", "nil", "nat", "-", "--", "?")
"""What stands for "no value" in a column of numbers or dates, in any case of letters. Text is never
taken for missing unless it is empty: NA is a country and may be somebody's id."""

INVISIBLE = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
"""Zero-width characters and marks of writing direction: two ids that differ only in these look equal."""

_IS_MISSING = rf"(?i)^\s*(?:{'|'.join(re.escape(word) for word in MISSING)})\s*$"
_WIDE_SPACE = r"[\s\x{85}\x{a0}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]+"


def text(x: StringValue) -> StringValue:
    """A cell without surrounding space; null if nothing is left."""
    return x.strip().nullif("")


def identifier(x: StringValue) -> StringValue:
    """An id as people read it: trimmed, composed (NFC), without invisible characters, else untouched.

    Leading zeros, ``NA``, capitals and twenty digits survive; null if nothing is left.
    """
    import ibis

    from coterie.sources.engine_functions import nfc_normalize, strlen

    is_ascii = strlen(x) == x.length()
    visible = nfc_normalize(x).re_replace(f"[{_escaped(INVISIBLE)}]+", "")
    trimmed = visible.re_replace(f"^{_WIDE_SPACE}|{_WIDE_SPACE}$", "")
    return ibis.ifelse(is_ascii, x.strip(), trimmed).nullif("")


def has_control_character(x: StringValue) -> BooleanValue:
    """Whether a trimmed id holds NUL, a tab, a line break or the like."""
    return x.re_search(r"[\x00-\x1f\x7f]")


def is_missing(x: StringValue) -> BooleanValue:
    """Whether a cell of a number or date column holds no value."""
    return x.isnull() | x.re_search(_IS_MISSING)


def shown(x: StringValue) -> StringValue:
    """The beginning of a cell, for the list of rejected rows."""
    return x.left(LONGEST_SHOWN)


def id_collisions(rows: Table, column: str) -> dict[str, IntegerScalar]:
    """Counts that tell whether ids of this raw column fall together.

    Returns
    -------
    dict of str to scalar expression
        n_raw: ids as they stand in the file; n_ids: after `identifier`; n_folded: if capitals did not
        count either.
    """
    raw: StringColumn = rows[column]
    ids = identifier(raw)
    return {
        "n_raw": raw.nullif("").nunique(where=ids.notnull()),
        "n_ids": ids.nunique(),
        "n_folded": ids.lower().nunique(),
    }


def _escaped(characters: str) -> str:
    return "".join(c if c == "-" else f"\\x{{{ord(c):x}}}" for c in characters)
