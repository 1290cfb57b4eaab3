"""A model fitted anew from where it stands, so that segments stay themselves, and who moved because of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from coterie.features import FeatureTable, counted, percent
from coterie.movement.comparing import between_models
from coterie.movement.drift import Drift, find_drift
from coterie.movement.identity import Identity, identify
from coterie.movement.migration import Movement
from coterie.movement.snapshots import snapshot_of, take_snapshot
from coterie.segmentation import Parts, Relabel, Segmentation, finish, refit_trial

if TYPE_CHECKING:
    import pandas as pd

    from coterie.segmentation import Model, Trial


Namer: TypeAlias = "Callable[[Segmentation], Mapping[int, str]]"
MANY = 0.10
"""If the model alone moves more customers than this, and nothing had drifted, the old one is better kept."""


@dataclass(frozen=True, eq=False)
class Refit:
    """What fitting anew changed.

    Attributes
    ----------
    identity : Identity
        Which segment is which, by the customers both models placed.
    movement : Movement
        From the day of the old model, if the customers can be described as of then, else on the same day.
    n_customers, n_moved : int
        Customers, and those among them whom the new model puts elsewhere than the old one, now.
    kept_transform : bool
        Whether the scales stayed as they were.
    drift : Drift or None
        What was found before; None if the model knows nothing of the customers of its fit.
    notes : tuple of str
    """

    identity: Identity
    movement: Movement
    n_customers: int
    n_moved: int
    kept_transform: bool
    drift: Drift | None = None
    notes: tuple[str, ...] = ()

    @property
    def moved_share(self) -> float:
        """Customers whom the model alone moved, as a share of all."""
        return self.n_moved / self.n_customers

    @property
    def sentence(self) -> str:
        """What it did, in a sentence."""
        n_kept, n_new = len(self.identity.similarity), len(self.identity.parents) + len(self.identity.births)
        told = f"{counted(n_kept, 'segment')} kept their names" if n_kept != 1 else "1 segment kept its name"
        born = f", {n_new} {'is' if n_new == 1 else 'are'} new" if n_new else ""
        moved = f"{counted(self.n_moved, 'customer')} ({percent(self.moved_share)})"
        return f"{told}{born}; {moved} moved because the model did."

    def moves(self) -> pd.DataFrame:
        """Everybody who is not where they were.

        Returns
        -------
        DataFrame
            customer_id, previous_segment, segment, changed_on, cause.
        """
        told = self.movement.customers
        columns = ["customer_id", "previous_segment", "segment", "changed_on", "cause"]
        return told.loc[told.cause != "", columns].reset_index(drop=True)


def refit(
    model: Model,
    table: FeatureTable,
    *,
    earlier: FeatureTable | None = None,
    random_state: int = 0,
    keep_transform: bool | None = None,
    namer: Namer | None = None,
) -> tuple[Segmentation, Refit]:
    """Fit a model anew on the customers of today, from where it stands.

    Parameters
    ----------
    model : Model
    table : FeatureTable
        Customers of today, of any origin; they are described as those of the fit were.
    earlier : FeatureTable, optional
        Customers as of the day of the model, so that moves can be told by cause. Default: those of today.
    random_state : int
    keep_transform : bool, optional
        Leave the scales as they are. By default K-Means learns them anew, under the same weights and
        bends: over seven months of Online Retail the model then moved 5.5 % of the customers in the
        median, with scales as they were 9.0 %. Other methods keep them unless a feature has drifted far.
    namer : callable (Segmentation) -> mapping of int to str, optional
        Names by id for segments that are new. Default: plain names.

    Returns
    -------
    Segmentation, Refit
        Segments keep id and name where they are the same; new ones have plain names and ids above all
        old ones. The model's revision is one higher.

    Raises
    ------
    InputError
        If the method cannot run on these customers.
    """
    table = model.aligned(table)
    drift = None if model.reference is None else find_drift(model, table)
    if keep_transform is None:
        keep_transform = _keeps_scales(model, drift)
    trial = refit_trial(model, table, random_state=random_state, keep_transform=keep_transform)
    weights = {name: weight for name, weight in model.transform.weights.items() if round(weight, 9) != 1.0}
    result = finish(trial, table, random_state=random_state, weights=weights)
    kept = take_snapshot(model, table)
    identity = identify(kept.segment_ids, result.labels, known=model.names, found=result.names)
    result = _identified(result, identity, old=model, names=namer(result) if namer else result.names)
    before = kept if earlier is None else take_snapshot(model, earlier)
    moved = between_models(before, kept, after=snapshot_of(result))
    n_moved = int((kept.segment_ids != result.labels).sum())
    notes = _notes(model, trial)
    if n_moved > MANY * len(table) and drift is not None and not drift.reasons:
        notes += (
            "The old model still fits and this one moves many customers: consider keeping the old one.",
        )
    told = Refit(identity, moved, len(table), n_moved, keep_transform, drift, notes)
    return replace(result, why=told.sentence, notes=notes), told


def _keeps_scales(model: Model, drift: Drift | None) -> bool:
    """Parts of a segment that people split by likeness are known by places under the old scales."""
    if any(isinstance(amendment, Parts) for amendment in model.amendments):
        return True
    return model.method != "kmeans" and (drift is None or not drift.scales_moved)


def _identified(
    result: Segmentation, identity: Identity, *, old: Model, names: Mapping[int, str]
) -> Segmentation:
    """The segments under the ids and names they keep."""
    names = _named(identity, names, old=old)
    model = result.model
    if any(i != j for i, j in identity.ids.items()):
        to = tuple(identity.ids.get(i, i) for i in range(max(identity.ids) + 1))
        model = model.amended(Relabel(to), names)
    segments = [replace(s, id=identity.ids[s.id], name=names[identity.ids[s.id]]) for s in result.segments]
    return replace(
        result,
        labels=identity.apply(result.labels),
        segments=tuple(sorted(segments, key=lambda segment: segment.id)),
        model=replace(model, names=names, revision=old.revision + 1),
    )


def _named(identity: Identity, names: Mapping[int, str], *, old: Model) -> dict[int, str]:
    """Old names for what is kept; a new segment is called like no other, before or now."""
    named = {i: old.names[i] for i in identity.ids.values() if i in old.names}
    for own, i in identity.ids.items():
        if i not in named:
            plain = names[own].startswith("Segment ")
            wanted = f"Segment {i + 1}" if plain else names[own]
            taken = {*old.names.values(), *named.values()}
            named[i] = wanted if wanted not in taken else f"{wanted} ({i + 1})"
    return dict(sorted(named.items()))


def _notes(model: Model, trial: Trial) -> tuple[str, ...]:
    lost = model.amendments and trial.model is not None and not trial.model.amendments
    said = ["What people changed is not part of the new model: make those changes anew."] if lost else []
    return (*trial.notes, *said)
