"""What is told of movement and drift, as plain JSON, and the two pictures of a movement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from coterie.movement import Drift, Movement, changes

if TYPE_CHECKING:
    import pandas as pd

    from coterie.charts import Chart


def summarise_movement(moved: Movement) -> dict[str, Any]:
    """Tell where customers and their money went, and why.

    Parameters
    ----------
    moved : Movement

    Returns
    -------
    dict
        start, end (ISO dates or None); n_customers, n_moved, moved_share, n_new, n_appeared, n_lost; names
        of all nodes by id (as text); rows and columns (ids) with people and money (None without amounts)
        row by row; causes (flows parted by cause); changes (sentence, n_customers, from, to, cause) and
        segments, sentences about segments that are no longer the same.
    """
    identity = moved.identity
    return {
        "start": None if moved.start is None else moved.start.isoformat(),
        "end": None if moved.end is None else moved.end.isoformat(),
        "n_customers": len(moved.customers),
        **{
            name: getattr(moved, name) for name in ("n_moved", "moved_share", "n_new", "n_appeared", "n_lost")
        },
        "names": {str(node): moved.names[node] for node in sorted({*moved.rows, *moved.columns})},
        "rows": list(moved.rows),
        "columns": list(moved.columns),
        "people": moved.matrix().to_numpy().tolist(),
        "money": _money(moved),
        "causes": _causes(moved),
        "changes": [
            {"sentence": one.sentence, "n_customers": one.number, **one.where} for one in changes(moved)
        ],
        "segments": [] if identity is None else list(identity.sentences(moved.names)),
    }


def _money(moved: Movement) -> list[list[float]] | None:
    if moved.customers["money"].isna().any():
        return None
    cells: list[list[float]] = moved.matrix(money=True).to_numpy().tolist()
    return cells


def _causes(moved: Movement) -> list[dict[str, Any]]:
    flows = moved.causes()
    told = flows.astype(object).where(flows.notna(), None)
    return [{str(name): value for name, value in flow.items()} for flow in told.to_dict("records")]


def summarise_drift(drift: Drift) -> dict[str, Any]:
    """Tell whether a model still fits.

    Parameters
    ----------
    drift : Drift

    Returns
    -------
    dict
        proposal (a sentence or two), refit_proposed, reasons, notices; distance_ratio, smallest_share,
        days_since_fit, n_then, n_now; features: name, psi, threshold, noticed, sentence.
    """
    own = ("proposal", "distance_ratio", "smallest_share", "days_since_fit", "n_then", "n_now")
    of_feature = ("name", "psi", "threshold", "noticed", "sentence")
    return {
        **{name: getattr(drift, name) for name in own},
        "refit_proposed": bool(drift.reasons),
        "reasons": list(drift.reasons),
        "notices": list(drift.notices),
        "features": [{name: getattr(one, name) for name in of_feature} for one in drift.features],
    }


def movement_charts(told: Mapping[str, Any], *, of: str = "people", currency: str = "") -> tuple[Chart, ...]:
    """Draw who or what went where.

    Parameters
    ----------
    told : mapping
        Of `summarise_movement`.
    of : str
        "people" or "money".
    currency : str
        Of the money.

    Returns
    -------
    tuple of Chart
        The flows, and the shares of each row.
    """
    from coterie import charts

    matrix, names = _matrix(told, of), {int(node): name for node, name in told["names"].items()}
    unit = "customers" if of == "people" else currency or "spend"
    days = [told["start"], told["end"]]
    period = " to ".join(days) if all(days) else ""
    draw = (charts.segment_flows, charts.migration_heatmap)
    return tuple(chart(matrix, names, unit=unit, period=period) for chart in draw)


def _matrix(told: Mapping[str, Any], of: str) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(told[of], index=told["rows"], columns=told["columns"])


def named_matrix(told: Mapping[str, Any], *, of: str = "people") -> pd.DataFrame:
    """Give the migration matrix under the names of its nodes, to be written as a table.

    Parameters
    ----------
    told : mapping
        Of `summarise_movement`.
    of : str
        "people" or "money".

    Returns
    -------
    DataFrame
        from, and a column for each node one can be in.
    """
    matrix = _matrix(told, of)
    names = [told["names"][str(node)] for node in matrix.columns]
    rows = [told["names"][str(node)] for node in matrix.index]
    named = matrix.set_axis(names, axis=1).reset_index(drop=True)
    named.insert(0, "from", rows)
    return named
