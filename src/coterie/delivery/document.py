"""The report as plain words and figures, laid out once and printed twice: as HTML and as PDF."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from coterie.delivery.agreement import build_agreement
from coterie.delivery.portraits import portrait, revenue_by_month, told_features
from coterie.delivery.printing import feature_labels, figure, printed_table
from coterie.delivery.summary import read_scores
from coterie.features import counted, label_with_unit, percent
from coterie.investigation import edits_in_words
from coterie.knowledge import (
    EVIDENCE_MEANS,
    Knowledge,
    Profile,
    Recommendation,
    Rule,
    sentence_case,
)
from coterie.segmentation import CLUSTERERS, Segmentation, Trial
from coterie.selection import COMPARED, REFERENCES, later_spend_sentence

if TYPE_CHECKING:
    from coterie.assessment import Score
    from coterie.charts import Chart
    from coterie.preprocessing import DataQuality
    from coterie.sources import IngestReport

COMPARED_IN_PRINT = tuple(name for name in COMPARED if name not in {"calinski_harabasz", "smallest_share"})
READ_ALOUD = tuple(name for name in COMPARED_IN_PRINT if name not in REFERENCES)
N_NEXT_STEPS = 3

VERDICTS = {
    "reproducible": "Repeated on parts of the customers, these segments come out much the same"
    " (reproducible).",
    "constructive": "The data hold no sharp borders; these segments are a useful way to divide the customers,"
    " not groups that were there before (constructive).",
    "unstable: constructive": "Repeated on parts of the customers, these segments come out differently"
    " (unstable): use them as a first sorting, not as facts.",
    "nothing to separate": "The customers do not differ in what was looked at: there is nothing to separate.",
}
"""What a verdict on the structure means (Dolnicar, Gruen and Leisch 2018, chapter 7)."""


def build_document(
    result: Segmentation, knowledge: Knowledge, *, charts: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Lay out the report.

    Parameters
    ----------
    result : Segmentation
    knowledge : Knowledge
    charts : sequence of dict
        As `print_charts` gives them.

    Returns
    -------
    dict
        Text and lists of text, except for `charts`, which carry `name`, and for what pages compare and
        draw: `features`, and the `typical`, `differences` and `history` of the segments.
    """
    profiles, chosen = knowledge.profiles, result.trial
    labels = feature_labels(result.table.specs, knowledge.currency)
    history = revenue_by_month(result)
    segments = [_segment(p, knowledge, result=result, history=history.get(p.segment_id)) for p in profiles]
    return {
        "title": "Customer segments",
        "headline": knowledge.headline,
        "why": result.why,
        "runner_up": result.runner_up,
        "verdict": VERDICTS.get(result.verdict, ""),
        "detailed": _detailed(result),
        "segments": _explained(segments),
        "features": told_features(knowledge),
        "next_steps": _next_steps(profiles),
        "fidelity": _share(knowledge.tree.fidelity),
        "charts": list(charts),
        "comparison": build_comparison(result.trials),
        "later_spend": later_spend_sentence(chosen) if chosen else "",
        "agreement": build_agreement(result),
        "flags": list(chosen.flags) if chosen else [],
        "scores": read_scores(chosen, READ_ALOUD) if chosen else [],
        "real_shares": _real_shares(result, labels),
        "data": _data(result),
        "edits": edits_in_words(result),
        "edit_notes": list(result.notes),
        "glossary": _glossary(result, labels),
        "method": CLUSTERERS[result.method].title,
        "attributes": ", ".join(_weighted(name, result, labels=labels) for name in result.attributes),
        "random_state": str(result.random_state),
        "version": version("coterie"),
    }


def _glossary(result: Segmentation, labels: Mapping[str, str]) -> list[list[str]]:
    table = result.table
    return [[labels[s.name], s.name, s.description, table.missing_rule(s.name)] for s in table.specs]


def _share(share: float | None) -> str:
    return "-" if share is None else percent(share)


def _weighted(name: str, result: Segmentation, *, labels: Mapping[str, str]) -> str:
    weight = result.weights.get(name, 1.0)
    return labels[name] if weight == 1.0 else f"{labels[name]} (weight {weight:g})"


def _detailed(result: Segmentation) -> str:
    if result.detailed is None:
        return ""
    title = CLUSTERERS[result.detailed.method].title
    return f"A more detailed answer that holds up too: {title} with {result.detailed.n_clusters} segments."


def _segment(
    profile: Profile, knowledge: Knowledge, *, result: Segmentation, history: list[list[Any]] | None
) -> dict[str, Any]:
    from coterie.charts import segment_style

    specs = {spec.name: spec for spec in knowledge.specs}
    stability = result.segment_stability.get(profile.segment_id)
    medians = [
        [label_with_unit(spec, knowledge.currency), figure(own, spec.unit), figure(everyone, spec.unit)]
        for spec, (everyone, own) in zip(
            [specs[str(name)] for name in profile.medians.index], profile.medians.to_numpy(), strict=True
        )
    ]
    return {
        "id": profile.segment_id,
        "name": profile.name,
        "description": profile.description,
        "colour": segment_style(profile.segment_id)[0],
        "n_customers": f"{profile.n_customers:,}",
        "people": counted(profile.n_customers, "customer"),
        "share": _share(profile.share),
        "revenue_share": _share(profile.revenue_share),
        "stability": "" if stability is None else _share(stability),
        "traits": [trait.words for trait in profile.traits],
        "medians": medians,
        **portrait(profile, knowledge),
        "history": history or [],
        "rule": _rule(profile.rule, knowledge.rule_words(profile)),
        "action": _action(profile.action),
        "products": [f"{product.name}: {product.words}" for product in profile.products],
        "notes": list(profile.notes),
    }


def _explained(segments: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The cards, with the grade of evidence explained where it is read first."""
    for segment in segments:
        if segment["action"] is not None:
            segment["action"]["grade"] += f" ({EVIDENCE_MEANS})"
            break
    return segments


def _rule(rule: Rule, words: str) -> dict[str, str]:
    return {
        "words": words,
        "sql": rule.sql(),
        "python": rule.python(),
        "json": json.dumps(rule.to_json()["conditions"], ensure_ascii=False),
        "precision": _share(rule.precision),
        "recall": _share(rule.recall),
        "coverage": _share(rule.coverage_share),
    }


def _action(action: Recommendation | None) -> dict[str, str] | None:
    if action is None:
        return None
    return {
        "playbook": action.name,
        "strategy": action.strategy,
        "do_not": action.do_not,
        "channel": action.channel,
        "kpi": action.kpi,
        "evidence": sentence_case(action.evidence_grade),
        "grade": sentence_case(action.evidence_grade),
        "share_of_members": _share(action.playbook_share),
        "holdout": _share(action.holdout_share),
    }


def _next_steps(profiles: Sequence[Profile]) -> list[dict[str, str]]:
    """The actions for the segments with the most revenue."""
    actionable = [profile for profile in profiles if profile.action is not None]
    ranked = sorted(actionable, key=lambda p: (-(p.revenue_share or 0.0), p.segment_id))
    return [
        {"segment": profile.name, "strategy": profile.action.strategy, "channel": profile.action.channel}
        for profile in ranked[:N_NEXT_STEPS]
        if profile.action is not None
    ]


def print_charts(
    charts: Sequence[Chart], result: Segmentation, *, currency: str | None
) -> list[dict[str, Any]]:
    """Say what the report prints beside each picture.

    Parameters
    ----------
    charts : sequence of Chart
        In reading order.
    result : Segmentation
    currency : str or None

    Returns
    -------
    list of dict
        name, title, alt and table: text only.
    """
    labels = feature_labels(result.table.specs, currency)
    return [
        {
            "name": chart.name,
            "title": chart.title,
            "alt": chart.alt,
            "table": printed_table(chart.table, labels),
        }
        for chart in charts
    ]


def build_comparison(trials: Sequence[Trial]) -> dict[str, Any]:
    """Lay out the comparison: one row a trial; notes that hold for all of them stand below the table.

    A score that no trial has a value of has no column.

    Parameters
    ----------
    trials : sequence of Trial

    Returns
    -------
    dict
        `columns`, `rows` and `notes`, all text.
    """
    ran = [trial.notes for trial in trials if not trial.failure]
    shared = [note for note in (ran[0] if ran else ()) if all(note in notes for notes in ran)]
    names = [name for name in COMPARED_IN_PRINT if any(_has_value(trial, name) for trial in trials)]
    rows = []
    for trial in trials:
        cells = [_score(trial.scores.get(name)) for name in names]
        own = [note for note in trial.notes if note not in shared]
        remark = trial.failure or " ".join((*trial.flags, *own))
        rows.append(
            [CLUSTERERS[trial.method].title, str(trial.n_clusters or trial.n_asked or "-"), *cells, remark]
        )
    columns = ["Method", "Segments", *(name.replace("_", " ") for name in names), "Remarks"]
    return {"columns": columns, "rows": rows, "notes": shared}


def _has_value(trial: Trial, name: str) -> bool:
    return name in trial.scores and trial.scores[name].value is not None


def _score(score: Score | None) -> str:
    if score is None or score.value is None:
        return "-"
    if score.name.endswith("_share"):
        return percent(score.value)
    error = f" \N{PLUS-MINUS SIGN} {score.standard_error:.3f}" if score.standard_error else ""
    return f"{score.value:.3f}{error}"


def _real_shares(result: Segmentation, labels: Mapping[str, str]) -> str:
    """How much each attribute counts in the distances; nothing for a method that measures none."""
    if CLUSTERERS[result.method].space == "raw":
        return ""
    shares = result.model.transform.real_shares()
    return ", ".join(f"{labels[name]} {percent(share)}" for name, share in shares.items())


def _data(result: Segmentation) -> dict[str, Any]:
    table = result.table
    report = None if table.dataset is None else table.dataset.report
    return {
        "n_customers": f"{len(table):,}",
        "observation_end": "" if table.observation_end is None else table.observation_end.isoformat(),
        "files": [] if report is None else _files(report),
        "rejections": [] if report is None else _rejections(report),
        "steps": [] if table.quality is None else _steps(table.quality),
        "notes": [] if table.quality is None else list(table.quality.notes),
        "fingerprint": "" if table.dataset is None else table.dataset.fingerprint,
    }


def _files(report: IngestReport) -> list[list[str]]:
    return [
        [
            one.source,
            one.role,
            f"{one.n_read:,}",
            f"{one.n_accepted:,}",
            f"{one.n_rejected:,}",
            "-" if one.money_total is None else f"{one.money_total:,.2f}",
        ]
        for one in report.files
    ]


def _rejections(report: IngestReport) -> list[list[str]]:
    return [
        [one.source, reason, f"{count:,}"] for one in report.files for reason, count in one.reasons.items()
    ]


def _steps(quality: DataQuality) -> list[list[str]]:
    return [
        [step.sentence, f"{step.n_dropped:,}", f"{step.n_changed:,}", f"{step.amount_dropped:,.2f}"]
        for step in quality.steps
    ]
