"""Segmentation -> Knowledge: the card of every segment, and the tree that defines them all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from coterie.features import FeatureTable, counted, percent
from coterie.knowledge.actions import recommend
from coterie.knowledge.card import Knowledge, Profile
from coterie.knowledge.cuts import code_columns
from coterie.knowledge.figures import (
    everyone_and_segments,
    revenue_shares,
    standard_differences,
    without_places,
)
from coterie.knowledge.names import segment_names
from coterie.knowledge.playbooks import Recommendation
from coterie.knowledge.products import ProductLift, product_lifts
from coterie.knowledge.rules import Rule, find_rules
from coterie.knowledge.traits import Effects, Trait
from coterie.knowledge.tree import fit_tree
from coterie.segmentation import NO_NET_SPEND_NAME, OUTLIERS_NAME, UNASSIGNED, Segment, Segmentation

if TYPE_CHECKING:
    import pandas as pd

HOLDOUT_SHARE = 0.30
"""Customers kept from growing rules and trees, to measure them on."""

MAX_GROWN_ON = 20_000
"""Customers rules are searched on; all figures are measured on everybody held out."""

_Positions = npt.NDArray[np.intp]


def name_segments(result: Segmentation) -> Segmentation:
    """The same segmentation with names a marketer would use.

    Parameters
    ----------
    result : Segmentation
        Of any method; one whose clusters have names of their own, as the RFM grid's, keeps them.

    Returns
    -------
    Segmentation
        Its segments and its model carry the names.
    """
    if hasattr(result.model.estimator, "names_"):
        return result
    names = segment_names(_effects(without_places(result.table, keep=result.attributes)), result.labels)
    segments = tuple(replace(segment, name=names[segment.id]) for segment in result.segments)
    return replace(result, segments=segments, model=result.model.with_names(names))


def segment_name_of_customers(result: Segmentation) -> npt.NDArray[np.object_]:
    """The segment name of every customer, "No net spend" or "Outliers" for those in none.

    Parameters
    ----------
    result : Segmentation of n customers

    Returns
    -------
    ndarray of shape (n,), str objects
    """
    names = result.names
    named = np.array([names.get(int(label), OUTLIERS_NAME) for label in result.labels], dtype=object)
    named[(result.labels == UNASSIGNED) & result.table.no_net_spend] = NO_NET_SPEND_NAME
    return named


def profile_segments(result: Segmentation) -> Knowledge:
    """Who the segments are, what sets them apart, the rules that find them and what to do about them.

    Parameters
    ----------
    result : Segmentation
        Named already (`name_segments`), or profiled under the names it has.

    Returns
    -------
    Knowledge
        Profiles in the order of the segment ids.

    Notes
    -----
    30 % of customers of every segment, drawn with the segmentation's random_state, take no part in
    growing rules and the tree whose fidelity is told; precision, recall and fidelity are theirs.
    """
    table, labels = result.table, result.labels
    grow, held_out = _split(labels, result.random_state)
    columns = code_columns(table, result.attributes)
    rules = find_rules(columns, labels, X=table.X, grow=_at_most(grow), held_out=held_out)
    tree = fit_tree(columns, labels, table=table, grow=grow, held_out=held_out, names=result.names)
    told = without_places(table, keep=result.attributes)
    medians = everyone_and_segments(told, labels, names=result.names)
    shares = revenue_shares(table, labels)
    effects = _effects(told)
    actions, products = recommend(table, labels), product_lifts(table, labels)
    profiles = tuple(
        _profile(
            segment,
            effects.distinct(effects.traits(segment.id, labels == segment.id)),
            rule=rules[segment.id],
            action=actions.get(segment.id),
            products=products.get(segment.id, ()),
            figures=(shares.get(segment.id), medians),
        )
        for segment in result.segments
    )
    return Knowledge(
        profiles=profiles,
        tree=tree,
        headline=_headline(profiles),
        medians=medians,
        differences=standard_differences(told, labels, names=result.names),
        unassigned=_unassigned(result),
        specs=table.specs,
        currency=table.dataset.currency if table.dataset is not None else None,
        whole=frozenset(spec.name for spec in table.specs if table.whole(spec.name)),
    )


def _effects(table: FeatureTable) -> Effects:
    return Effects.of(table, code_columns(table, [spec.name for spec in table.specs]))


def _split(labels: npt.NDArray[np.int32], random_state: int) -> tuple[_Positions, _Positions]:
    """Positions to grow on and to measure on; each label is parted alike, a lone customer is grown on."""
    draws = np.random.default_rng(random_state)
    held_out = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        n_held_out = min(round(HOLDOUT_SHARE * len(members)), len(members) - 1)
        held_out[draws.permutation(members)[:n_held_out]] = True
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)


def _at_most(rows: _Positions) -> _Positions:
    if len(rows) <= MAX_GROWN_ON:
        return rows
    return np.sort(np.random.default_rng(0).choice(rows, MAX_GROWN_ON, replace=False))


def _profile(
    segment: Segment,
    traits: tuple[Trait, ...],
    *,
    rule: Rule,
    action: Recommendation | None,
    products: tuple[ProductLift, ...],
    figures: tuple[float | None, pd.DataFrame],
) -> Profile:
    revenue_share, medians = figures
    return Profile(
        segment_id=segment.id,
        name=segment.name,
        description=_description(segment, revenue_share, traits=traits),
        n_customers=segment.n_customers,
        share=segment.share,
        revenue_share=revenue_share,
        medians=medians.loc[:, ["Everyone", segment.name]],
        traits=traits,
        rule=rule,
        action=action,
        products=products,
        notes=_notes(rule, action, traits=traits),
    )


def _description(segment: Segment, revenue_share: float | None, *, traits: Sequence[Trait]) -> str:
    money = f", bringing {percent(revenue_share)} of revenue" if revenue_share is not None else ""
    sentences = [f"{counted(segment.n_customers, 'customer')}: {percent(segment.share)} of all{money}."]
    told = [trait.words for trait in traits[:3]]
    if told:
        sentences.append(f"What sets them apart: {'; '.join(told)}.")
    else:
        sentences.append("No single feature sets them clearly apart from the others.")
    return " ".join(sentences)


def _notes(rule: Rule, action: Recommendation | None, *, traits: Sequence[Trait]) -> tuple[str, ...]:
    notes = []
    if action is None:
        notes.append("No action is proposed: the playbooks need dated orders.")
    elif action.fit:
        notes.append(action.fit)
    if not rule.conditions:
        notes.append("No rule of up to four conditions tells these customers from the others.")
    elif rule.precision is None or rule.recall is None:
        notes.append("The rule could not be measured: too few customers to keep some aside for it.")
    if not traits:
        notes.append("No feature differs by more than a negligible effect (Cliff's delta .147).")
    return tuple(notes)


def _headline(profiles: Sequence[Profile]) -> str:
    """How many segments, and the one whose money is furthest above its number."""
    how_many = counted(len(profiles), "segment")
    with_money = [p for p in profiles if p.revenue_share is not None]
    if len(profiles) > 1 and with_money:
        top = max(with_money, key=lambda p: ((p.revenue_share or 0.0) - p.share, -p.segment_id))
        return (
            f"{how_many}; {percent(top.share)} of customers ({top.name}) "
            f"bring {percent(top.revenue_share or 0.0)} of revenue"
        )
    if not profiles:
        return "No segments"
    largest = max(profiles, key=lambda p: (p.n_customers, -p.segment_id))
    return f"{how_many}; the largest is {largest.name} with {percent(largest.share)} of customers"


def _unassigned(result: Segmentation) -> Mapping[str, int]:
    """How many customers are in no segment, by the reason."""
    named = segment_name_of_customers(result)[result.labels == UNASSIGNED]
    counts = {name: int((named == name).sum()) for name in (NO_NET_SPEND_NAME, OUTLIERS_NAME)}
    return {name: count for name, count in counts.items() if count}
