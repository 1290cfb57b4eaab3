"""One IF-THEN rule per segment: at most four conditions a person can read, measured on held-out customers."""

from __future__ import annotations

import itertools
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from coterie.features import FeatureSpec, Predicate, range_words
from coterie.knowledge.cuts import Column, take

if TYPE_CHECKING:
    import pandas as pd

MAX_CONDITIONS = 4
BEAM = 12
"""Partial rules kept at each length; 1 would be plain greedy search."""

MIN_PRECISION = 0.80
MIN_RECALL = 0.70
MARGIN = 0.06
"""The search asks this much more than the bars, because held-out customers are never as kind."""

CONDITION_COST = 0.005
"""F1 a further condition must bring to be worth reading."""


@dataclass(frozen=True)
class Rule:
    """Who is in a segment, in at most four conditions that all hold.

    Attributes
    ----------
    segment_id : int
    conditions : tuple of Predicate
        All of them hold; none of them is redundant. Empty means every customer.
    precision, recall : float or None, 0-1
        Of held-out customers the rule picks, the share in the segment; of those in the segment, the share
        it picks. None if no such customer was held out.
    coverage_share : float, 0-1
        Share of held-out customers the rule picks.
    n_holdout : int
        Customers the three shares were measured on; the rule was not grown on them.
    """

    segment_id: int
    conditions: tuple[Predicate, ...]
    precision: float | None
    recall: float | None
    coverage_share: float
    n_holdout: int

    def mask(self, X: pd.DataFrame) -> npt.NDArray[np.bool_]:
        """Whom the rule picks, of shape (n_customers,).

        Parameters
        ----------
        X : DataFrame of shape (n_customers, n_features), raw units

        Returns
        -------
        ndarray of shape (n_customers,), bool
        """
        return every(self.conditions, X)

    def words(
        self, specs: Iterable[FeatureSpec], currency: str | None = None, *, whole: Container[str] = ()
    ) -> str:
        """The rule as a sentence part.

        Parameters
        ----------
        specs : iterable of FeatureSpec
        currency : str, optional
        whole : container of str
            Features that take whole numbers only.

        Returns
        -------
        str
            "orders at least 5 and days since last order 10 to 30".
        """
        by_name = {spec.name: spec for spec in specs}
        parts = []
        for feature, conditions in itertools.groupby(self.conditions, key=lambda one: one.feature):
            spec, told = by_name[feature], tuple(conditions)
            if [one.op for one in told] == [">", "<="]:
                parts.append(range_words(*told, spec=spec, currency=currency, whole=feature in whole))
            else:
                parts.extend(one.words(spec, currency, whole=feature in whole) for one in told)
        return " and ".join(parts) if parts else "every customer"

    def sql(self) -> str:
        """The rule as an ANSI SQL condition.

        Returns
        -------
        str
        """
        return " AND ".join(condition.sql() for condition in self.conditions) or "1 = 1"

    def python(self) -> str:
        """The rule as a Python expression over a mapping named `row`.

        Returns
        -------
        str
        """
        return " and ".join(condition.python() for condition in self.conditions) or "True"

    def to_json(self) -> dict[str, Any]:
        """The rule and its figures as plain JSON values.

        Returns
        -------
        dict
        """
        return {
            "segment_id": self.segment_id,
            "conditions": [condition.to_json() for condition in self.conditions],
            "precision": self.precision,
            "recall": self.recall,
            "coverage_share": self.coverage_share,
            "n_holdout": self.n_holdout,
        }

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall on held-out customers, 0 if either is undefined."""
        if not self.precision or not self.recall:
            return 0.0
        return 2 * self.precision * self.recall / (self.precision + self.recall)


def every(conditions: Sequence[Predicate], X: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Customers for whom all conditions hold, of shape (n_customers,)."""
    picked = np.ones(len(X), dtype=bool)
    for condition in conditions:
        picked &= condition.mask(X)
    return picked


def measure_rule(
    segment_id: int, conditions: Sequence[Predicate], *, X: pd.DataFrame, member: npt.NDArray[np.bool_]
) -> Rule:
    """A rule with its precision, recall and coverage on these customers."""
    picked = every(conditions, X)
    n_right = int((picked & member).sum())
    return Rule(
        segment_id,
        tuple(conditions),
        precision=n_right / int(picked.sum()) if picked.any() else None,
        recall=n_right / int(member.sum()) if member.any() else None,
        coverage_share=float(picked.mean()) if len(picked) else 0.0,
        n_holdout=len(picked),
    )


@dataclass(frozen=True)
class _Term:
    """One side of one cut of one column."""

    column: int
    cut: int
    low: bool

    def predicate(self, columns: Sequence[Column]) -> Predicate:
        column = columns[self.column]
        if self.low and column.kind == "category" and column.codes.max() < 2 and len(column.levels) == 2:
            return column.high_side(1 - self.cut)  # "is Female" reads better than "is not Male"
        return column.low_side(self.cut) if self.low else column.high_side(self.cut)

    def mask(self, columns: Sequence[Column]) -> npt.NDArray[np.bool_]:
        low = columns[self.column].is_low(self.cut)
        return low if self.low else ~low


_Terms = tuple[_Term, ...]


def find_conditions(columns: Sequence[Column], member: npt.NDArray[np.bool_]) -> tuple[Predicate, ...]:
    """The conditions that describe the members best: beam search on F1, then each term tried again.

    Parameters
    ----------
    columns : sequence of Column
        The customers to grow on, n of them.
    member : ndarray of shape (n,), bool

    Returns
    -------
    tuple of Predicate, at most `MAX_CONDITIONS`
        Ordered by feature, lower bound first. Empty if no condition tells members from others.
    """
    search = _Search(columns, member)
    best = search.best(search.beam())
    best = search.without_idle_terms(search.retried(best))
    order = {column.feature: position for position, column in enumerate(columns)}
    found = {term.predicate(columns) for term in best}
    return tuple(sorted(found, key=lambda p: (order[p.feature], p.op != ">", p.op, str(p.value))))


class _Search:
    """The beam search over conjunctions of terms."""

    def __init__(self, columns: Sequence[Column], member: npt.NDArray[np.bool_]) -> None:
        self.columns = columns
        self.member = member
        self.n_members = int(member.sum())

    def beam(self) -> list[_Terms]:
        """The best conjunctions of every length, shortest first."""
        kept: list[_Terms] = [()]
        found = list(kept)
        for _ in range(MAX_CONDITIONS):
            grown = [option for terms in kept for option in self.options(terms, BEAM)]
            grown.sort(key=lambda option: -option[0])
            kept = list(dict.fromkeys(_ordered(terms) for _, terms in grown))[:BEAM]
            found.extend(kept)
        return found

    def options(self, terms: _Terms, n_best: int) -> list[tuple[float, _Terms]]:
        """The best ways to add one term, with their values."""
        rows = np.flatnonzero(self.mask(terms))
        of_members = rows[self.member[rows]]
        options: list[tuple[float, _Terms]] = []
        for position, column in enumerate(self.columns):
            n_right = column.low_sums(column.codes[of_members])
            n_picked = column.low_sums(column.codes[rows])
            for low in (True, False):
                values = self.value(
                    n_right if low else len(of_members) - n_right, n_picked if low else len(rows) - n_picked
                )
                for cut in np.argsort(-values, kind="stable")[:n_best]:
                    options.append((float(values[cut]), (*terms, _Term(position, int(cut), low))))
        return options

    def value(
        self, n_right: npt.NDArray[np.int64], n_picked: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.float64]:
        """F1 less twice what precision and recall fall short of their bars."""
        precision = n_right / np.maximum(n_picked, 1)
        recall = n_right / max(self.n_members, 1)
        f1 = 2 * n_right / np.maximum(n_picked + self.n_members, 1)
        short = np.maximum(0, MIN_PRECISION + MARGIN - precision) + np.maximum(
            0, MIN_RECALL + MARGIN - recall
        )
        return np.asarray(f1 - 2 * short)

    def worth(self, terms: _Terms) -> float:
        """The value of a whole conjunction, less the cost of reading it."""
        picked = self.mask(terms)
        n_right, n_picked = np.array([(picked & self.member).sum()]), np.array([picked.sum()])
        return float(self.value(n_right, n_picked)[0]) - CONDITION_COST * len(terms)

    def best(self, candidates: Iterable[_Terms]) -> _Terms:
        """The most worthwhile; the first of equals, so the shorter."""
        return max(candidates, key=self.worth)

    def retried(self, terms: _Terms) -> _Terms:
        """Each term replaced by the best one given the others, while that helps."""
        while True:
            others = [terms[:i] + terms[i + 1 :] for i in range(len(terms))]
            found = [option for rest in others for _, option in self.options(rest, 1)]
            better = self.best([terms, *found])
            if better == terms:
                return terms
            terms = better

    def without_idle_terms(self, terms: _Terms) -> _Terms:
        """Terms dropped while that costs nothing worth having."""
        shorter = [terms[:i] + terms[i + 1 :] for i in range(len(terms))]
        best = self.best([*shorter, terms])
        return terms if best == terms else self.without_idle_terms(best)

    def mask(self, terms: _Terms) -> npt.NDArray[np.bool_]:
        """Whom the terms pick."""
        picked = np.ones(len(self.member), dtype=bool)
        for term in terms:
            picked &= term.mask(self.columns)
        return picked


def _ordered(terms: _Terms) -> _Terms:
    return tuple(sorted(set(terms), key=lambda t: (t.column, t.cut, t.low)))


def find_rules(
    columns: Sequence[Column],
    labels: npt.NDArray[np.int32],
    *,
    X: pd.DataFrame,
    grow: npt.NDArray[np.intp],
    held_out: npt.NDArray[np.intp],
) -> Mapping[int, Rule]:
    """One rule per segment, grown on some customers and measured on others.

    Parameters
    ----------
    columns : sequence of Column, all n customers
    labels : ndarray of shape (n,), int32
        -1 counts as a customer the rules should not pick.
    X : DataFrame of shape (n, n_features), raw units
    grow, held_out : ndarrays of positions, disjoint

    Returns
    -------
    dict of Rule by segment id
    """
    grown_on = take(columns, grow)
    rest = X.iloc[held_out]
    rules = {}
    for segment_id in sorted(set(labels[labels >= 0].tolist())):
        conditions = find_conditions(grown_on, labels[grow] == segment_id)
        member = labels[held_out] == segment_id
        rules[segment_id] = measure_rule(segment_id, conditions, X=rest, member=member)
    return rules
