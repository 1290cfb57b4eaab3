"""Features of events and feedback: how customers and the business talk to each other."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from coterie.features.block import MEDIAN, Block, Known, days_between, slugs
from coterie.features.table import FeatureSpec
from coterie.preprocessing import exact_sum

if TYPE_CHECKING:
    import ibis

N_KINDS = 6
"""So many kinds of events, the most frequent, are counted one by one."""


def event_block(events: ibis.Table, *, end: date | None, known: Known) -> Block:
    """Counts of events, in all and by kind, days since the last and mean value.

    Parameters
    ----------
    events : ibis.Table
        Nothing later than `end`.
    end : date or None
        Days count to here.
    known : mapping of str to FeatureSpec
        Of a saved model: its kinds are used.

    Returns
    -------
    Block
    """
    wanted: dict[str, Any] = {"n_events": events.count()}
    specs = [FeatureSpec("n_events", "count", "Events recorded", "events", label="visits and events")]
    for spec in _kinds(events, known):
        wanted[spec.name] = (events.kind == spec.levels[0]).cast("int64").sum().fill_null(0)
        specs.append(spec)
    if "value" in events.columns:
        wanted["mean_event_value"] = _exact_mean(events.value)
        specs.append(_mean_spec("mean_event_value", "events", label="value of an event"))
    return _with_days(events, wanted, specs=specs, name="event", end=end)


def feedback_block(feedback: ibis.Table, *, end: date | None) -> Block:
    """How often, how well and how lately customers told what they think.

    Parameters
    ----------
    feedback : ibis.Table
        Nothing later than `end`.
    end : date or None
        Days count to here.

    Returns
    -------
    Block
    """
    wanted: dict[str, Any] = {"n_feedback": feedback.count()}
    specs = [FeatureSpec("n_feedback", "count", "Reviews and ratings given", "feedback", label="reviews")]
    if "rating" in feedback.columns:
        wanted["mean_rating"] = _exact_mean(feedback.rating)
        specs.append(_mean_spec("mean_rating", "feedback", label="rating"))
    return _with_days(feedback, wanted, specs=specs, name="feedback", end=end)


def _exact_mean(column: Any) -> Any:
    return exact_sum(column) / column.count().nullif(0)


def _mean_spec(name: str, source: str, *, label: str) -> FeatureSpec:
    return FeatureSpec(name, "number", f"Mean {label}", source, fill=MEDIAN, label=f"mean {label}")


def _kinds(events: ibis.Table, known: Known) -> tuple[FeatureSpec, ...]:
    import ibis

    if "kind" not in events.columns:
        return ()
    if known:
        return tuple(spec for spec in known.values() if spec.source == "events.kind")
    named = events.filter(events.kind.notnull())
    counts = named.group_by("kind").aggregate(n_rows=named.count())
    top = counts.order_by(ibis.desc("n_rows"), "kind").limit(N_KINDS).to_pandas()
    kinds = [str(kind) for kind in top.kind]
    return tuple(
        FeatureSpec(
            f"n_events_{slug}",
            "count",
            f"Events of the kind {kind}",
            "events.kind",
            label=f"{kind} events".replace("_", " "),
            levels=(kind,),
        )
        for kind, slug in zip(kinds, slugs(kinds), strict=True)
    )


def _with_days(
    rows: ibis.Table, wanted: dict[str, Any], *, specs: list[FeatureSpec], name: str, end: date | None
) -> Block:
    import ibis

    if end is not None and "at" in rows.columns:
        wanted = {**wanted, f"days_since_{name}": days_between(rows["at"].date().max(), ibis.literal(end))}
        sentence = f"Days from the last {name} to the observation end"
        label = f"days since last {name}"
        specs = [
            *specs,
            FeatureSpec(f"days_since_{name}", "days", sentence, specs[0].source, fill=MEDIAN, label=label),
        ]
    return Block(rows.group_by("customer_id").aggregate(**wanted), tuple(specs))
