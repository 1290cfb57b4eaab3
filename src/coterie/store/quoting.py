"""Names, texts and numbers as SQL reads them."""

from __future__ import annotations


def quoted_name(name: str) -> str:
    """The name of a table or column as SQL reads it, whatever is in it.

    Parameters
    ----------
    name : str

    Returns
    -------
    str

    Examples
    --------
    >>> quoted_name('a"b')
    '"a""b"'
    """
    return '"' + name.replace('"', '""') + '"'


def quoted_text(text: str) -> str:
    """A text as a literal of SQL.

    Parameters
    ----------
    text : str

    Returns
    -------
    str

    Examples
    --------
    >>> quoted_text("O'Hara")
    "'O''Hara'"
    """
    return "'" + text.replace("'", "''") + "'"


def double_literal(value: float) -> str:
    """A double as a literal of SQL: without an exponent it would be a decimal.

    Parameters
    ----------
    value : float

    Returns
    -------
    str

    Examples
    --------
    >>> double_literal(0.5)
    '0.5e0'
    """
    text = repr(value)
    return text if "e" in text else f"{text}e0"
