"""Score: one measured quality of a partition, and what it means in plain words."""

from __future__ import annotations

from dataclasses import dataclass

from coterie.features import percent


@dataclass(frozen=True)
class Score:
    """One measured quality of a partition.

    `value` is None when the score is undefined, and `reason` then says why. `standard_error` is 0 for
    exact values. `low` and `high` bound what the score can be; `higher_is_better` is None for
    scores that are a description and no judgement (noise share, say). `note` says on what the value
    rests where that is not everybody.
    """

    name: str
    value: float | None
    reason: str = ""
    standard_error: float = 0.0
    low: float = 0.0
    high: float = 1.0
    higher_is_better: bool | None = True
    note: str = ""

    def __float__(self) -> float:
        return float("nan") if self.value is None else self.value

    @property
    def sentence(self) -> str:
        """What the value means, for a reader who does not know the score.

        Examples
        --------
        >>> Score("silhouette", 0.31).sentence
        'customers sit closer to their own segment than to the next, with some overlap'
        >>> Score("dunn", None, reason="there is only one segment").sentence
        'not defined here: there is only one segment'
        """
        if self.value is None:
            return f"not defined here: {self.reason}"
        readings = _READINGS.get(self.name)
        if readings is None:
            return f"{self.name.replace('_', ' ')} is {self.value:.3g}"
        words = next(words for upper, words in readings if self.value < upper)
        said = words.format(
            value=self.value, percent=percent(self.value), percent_missed=percent(1 - self.value)
        )
        return f"{said} ({self.note})" if self.note else said


_ANY = float("inf")

# Bands are customary ones: silhouette after Kaufman & Rousseeuw (1990, table 4, p. 88), Jaccard
# stability after Hennig's clusterboot (0.5, 0.6, 0.75, 0.85); the others are ours, coarse on purpose.
_READINGS: dict[str, tuple[tuple[float, str], ...]] = {
    "silhouette": (
        (0.0, "many customers sit closer to another segment than to their own"),
        (0.25, "segments overlap widely: their borders are drawn through a crowd, not along gaps"),
        (0.50, "customers sit closer to their own segment than to the next, with some overlap"),
        (0.70, "segments are clearly apart"),
        (_ANY, "segments are very far apart; look at their sizes before trusting it"),
    ),
    "davies_bouldin": (
        (0.5, "segments are narrow compared with the distances between them"),
        (1.0, "segments are about half as wide as the distance to the most similar one"),
        (1.5, "each segment has a neighbour it is hard to tell from at the border"),
        (_ANY, "segments are as wide as the distances between them, or wider"),
    ),
    "calinski_harabasz": (
        (_ANY, "differences between segments are {value:.0f} times those within, per degree of freedom"),
    ),
    "dunn": (
        (0.05, "the closest customers of two segments almost touch, as they do wherever there is no gap"),
        (0.5, "there is a visible gap between all segments, smaller than their width"),
        (1.0, "all segments are apart by a gap of at least half their width"),
        (_ANY, "every gap between segments is wider than the widest segment"),
    ),
    "dbcv": (
        (-0.5, "segments are far thinner within than between each other: no gaps divide them"),
        (0.0, "most segments are thinner within than at the way to the next one"),
        (0.5, "most segments are denser within than at the way to the next one"),
        (_ANY, "dense segments lie apart in thin surroundings"),
    ),
    "prediction_strength": (
        (0.5, "half of the customers cannot foretell the segments of the other half"),
        (0.8, "half of the customers foretell the segments of the other half in outline"),
        (_ANY, "half of the customers foretell the segments of the other half"),
    ),
    "ari": (
        (0.05, "agrees with the other grouping no better than chance"),
        (0.4, "agrees weakly with the other grouping"),
        (0.65, "agrees with the other grouping on the main lines"),
        (0.9, "agrees with the other grouping on most customers"),
        (_ANY, "is nearly the same grouping"),
    ),
    "nmi": (
        (0.1, "knowing one grouping says almost nothing about the other"),
        (0.4, "knowing one grouping says a little about the other"),
        (0.7, "knowing one grouping says much about the other"),
        (_ANY, "knowing one grouping nearly settles the other"),
    ),
    "noise_share": (
        (1e-12, "every customer is in a segment"),
        (0.2, "{percent} of customers are in no segment"),
        (_ANY, "{percent} of customers are in no segment, too many to plan with"),
    ),
    "largest_share": (
        (0.60, "the largest segment holds {percent} of customers"),
        (_ANY, "one segment holds {percent} of customers: hardly a division"),
    ),
    "smallest_share": (
        (0.03, "the smallest segment holds {percent} of customers, too few to treat apart"),
        (_ANY, "the smallest segment holds {percent} of customers"),
    ),
    "eta_squared": ((_ANY, "the segments account for {percent} of the differences between customers"),),
    "later_value": (
        (0.1, "the segments foretold only {percent} of the differences in later spend"),
        (_ANY, "the segments foretold {percent} of the differences in later spend"),
    ),
    "rfm_grid_later_value": ((_ANY, "the RFM grid foretold {percent} of the differences in later spend"),),
    "spend_cut_later_value": (
        (_ANY, "a plain cut by past spend foretold {percent} of the differences in later spend"),
    ),
    "fidelity": (
        (0.85, "a short list of rules misplaces {percent_missed} of customers: hard to put into words"),
        (_ANY, "a short list of rules places {percent} of customers as the method does"),
    ),
    "stability": (
        (0.5, "segments dissolve when a part of the customers is left out"),
        (0.6, "segments are hardly found again when a part of the customers is left out"),
        (0.75, "a pattern comes back when a part of the customers is left out, its members less so"),
        (0.85, "segments come back when a part of the customers is left out"),
        (_ANY, "segments come back almost unchanged when a part of the customers is left out"),
    ),
    "stability_min": (
        (0.5, "the weakest segment dissolves when a part of the customers is left out"),
        (0.6, "the weakest segment is hardly found again when a part of the customers is left out"),
        (0.75, "even the weakest segment comes back in outline when customers are left out"),
        (_ANY, "even the weakest segment comes back when a part of the customers is left out"),
    ),
}
