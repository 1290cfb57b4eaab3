"""Names and texts as SQL reads them."""

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
