"""What knowledge gives: one Profile per segment, and all of them with their tree as Knowledge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

from coterie.errors import NotFoundError
from coterie.features import FeatureSpec, percent
from coterie.knowledge.playbooks import Recommendation
from coterie.knowledge.products import ProductLift
from coterie.knowledge.rules import Rule
from coterie.knowledge.traits import Trait
from coterie.knowledge.tree import SegmentTree

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Profile:
    """The card of one segment.

    Attributes
    ----------
    segment_id : int
    name : str
    description : str
        Two or three plain sentences.
    n_customers : int
    share : float, 0-1
        Of all customers.
    revenue_share : float or None, 0-1
        Of all positive net spend; None without money.
    medians : DataFrame of shape (n_features, 2)
        Everyone's typical value beside the members', in raw units.
    traits : tuple of Trait
        At most five, strongest first; none of them negligible.
    rule : Rule
    action : Recommendation or None
        None without dated orders; `notes` then say so.
    products : tuple of ProductLift
    notes : tuple of str
    """

    segment_id: int
    name: str
    description: str
    n_customers: int
    share: float
    revenue_share: float | None
    medians: pd.DataFrame
    traits: tuple[Trait, ...]
    rule: Rule
    action: Recommendation | None
    products: tuple[ProductLift, ...] = ()
    notes: tuple[str, ...] = ()

    def _repr_html_(self) -> str:
        traits = "".join(f"<li>{escape(trait.words)}</li>" for trait in self.traits)
        action = f"<p>{escape(self.action.name)}: {escape(self.action.strategy)}.</p>" if self.action else ""
        return f"<h3>{escape(self.name)}</h3><p>{escape(self.description)}</p><ul>{traits}</ul>{action}"


@dataclass(frozen=True, eq=False)
class Knowledge:
    """All that is known of a segmentation.

    Attributes
    ----------
    profiles : tuple of Profile, ordered by segment id
    tree : SegmentTree
        The definition of all segments, as Python and as SQL, with its fidelity.
    headline : str
        "5 segments; 12% of customers (Champions) bring 48% of revenue".
    medians : DataFrame of shape (n_features, 1 + n_segments)
        Raw units, everyone first.
    differences : DataFrame of shape (n_numbers, n_segments)
        Standardised, for heat maps and snake plots.
    unassigned : mapping of str to int
        Customers in no segment, by the reason.
    specs : tuple of FeatureSpec
    currency : str or None
    whole : frozenset of str
        Features that take whole numbers only.
    """

    profiles: tuple[Profile, ...]
    tree: SegmentTree
    headline: str
    medians: pd.DataFrame
    differences: pd.DataFrame
    unassigned: Mapping[str, int] = field(default_factory=dict)
    specs: tuple[FeatureSpec, ...] = ()
    currency: str | None = None
    whole: frozenset[str] = frozenset()

    def __iter__(self) -> Iterator[Profile]:
        return iter(self.profiles)

    def __len__(self) -> int:
        return len(self.profiles)

    def __getitem__(self, segment: int | str) -> Profile:
        """The profile of a segment by its id or name."""
        for profile in self.profiles:
            if segment in (profile.segment_id, profile.name):
                return profile
        names = ", ".join(profile.name for profile in self.profiles)
        raise NotFoundError(f"There is no segment {segment!r}", to_do=f"Choose from: {names}")

    def rule_words(self, profile: Profile) -> str:
        """The rule of a profile in words, with units and currency.

        Parameters
        ----------
        profile : Profile

        Returns
        -------
        str
        """
        return profile.rule.words(self.specs, self.currency, whole=self.whole)

    def frame(self) -> pd.DataFrame:
        """One row per segment: size, money, rule with its figures, action.

        Returns
        -------
        DataFrame of shape (n_segments, 14)
        """
        import pandas as pd

        return pd.DataFrame([self._row(profile) for profile in self.profiles])

    def _row(self, profile: Profile) -> dict[str, object]:
        action = profile.action
        return {
            "segment_id": profile.segment_id,
            "name": profile.name,
            "n_customers": profile.n_customers,
            "share": profile.share,
            "revenue_share": profile.revenue_share,
            "traits": "; ".join(trait.words for trait in profile.traits),
            "rule": self.rule_words(profile),
            "rule_precision": profile.rule.precision,
            "rule_recall": profile.rule.recall,
            "rule_coverage_share": profile.rule.coverage_share,
            "playbook": action.name if action else None,
            "action": action.strategy if action else None,
            "do_not": action.do_not if action else None,
            "kpi": action.kpi if action else None,
        }

    def _repr_html_(self) -> str:
        fidelity = self.tree.fidelity
        told = f" The tree repeats {percent(fidelity)} of them." if fidelity is not None else ""
        return f"<p>{escape(self.headline)}.{told}</p>" + self.frame().to_html(index=False, escape=True)
