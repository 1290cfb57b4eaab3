"""Every error and warning Coterie raises on purpose.

::

    CoterieError                    what happened, where, what to do; the cause is chained
    |- InputError(ValueError)       the data or an option cannot be used
    |  |- SchemaError               columns or roles do not fit
    |  |- TooFewCustomersError      not enough customers for what was asked
    |  |- TooLargeError             a file is larger than a setting allows
    |  `- ParameterError            an option has a value outside its range
    |- NotFoundError(LookupError)   a named file, model or table does not exist
    |- ConflictError                it exists already, or somebody else changed it
    |- StorageError                 nothing can be written: no room left, or no right to
    `- DeliveryError                a result could not be handed over (.permanent: no use retrying)

    CoterieWarning(UserWarning)
    |- DataQualityWarning           the data were mended or part of them ignored
    `- UndefinedScoreWarning        a score has no value here
"""

from __future__ import annotations


class CoterieError(Exception):
    """An expected failure, told in one sentence a marketer understands.

    Parameters
    ----------
    what : str
        What happened, without a full stop.
    where : str
        File, line, column or option it happened at; empty if it has no place.
    to_do : str
        What the reader can do about it, as a sentence without a full stop.
    """

    def __init__(self, what: str, *, where: str = "", to_do: str = "") -> None:
        super().__init__(what, where, to_do)
        self.what = what
        self.where = where
        self.to_do = to_do

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        advice = f" {self.to_do}." if self.to_do else ""
        return f"{self.what}{place}.{advice}"


class InputError(CoterieError, ValueError):
    """The data or an option cannot be used."""


class SchemaError(InputError):
    """Columns are missing, ambiguous or of the wrong kind."""


class TooFewCustomersError(InputError):
    """Fewer customers than the request needs."""


class TooLargeError(InputError):
    """A file is larger than a setting allows."""


class ParameterError(InputError):
    """An option has a value outside its range."""


class NotFoundError(CoterieError, LookupError):
    """A named file, model, table or column does not exist."""


class ConflictError(CoterieError):
    """The target exists already, or was changed by somebody else."""


class StorageError(CoterieError):
    """Nothing can be written: there is no room left, or no right to."""


class DeliveryError(CoterieError):
    """A result could not be handed over.

    Parameters
    ----------
    what, where, to_do : str
        As in CoterieError.
    permanent : bool
        True if trying again cannot help.
    """

    def __init__(self, what: str, *, where: str = "", to_do: str = "", permanent: bool = False) -> None:
        super().__init__(what, where=where, to_do=to_do)
        self.permanent = permanent


class CoterieWarning(UserWarning):
    """Something the reader should know; the work goes on."""


class DataQualityWarning(CoterieWarning):
    """Data were mended, or part of them had to be ignored."""


class UndefinedScoreWarning(CoterieWarning):
    """A score has no value for this partition."""
