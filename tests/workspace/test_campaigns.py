"""Campaigns: kept as they were frozen, drawn from a segment, measured by a file or by later orders."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from coterie.errors import InputError, NotFoundError, SchemaError, TooFewCustomersError
from coterie.experiments import CampaignPlan
from coterie.workspace import (
    Workspace,
    add_campaign,
    export_edge_customers,
    find_advice,
    find_edge_customers,
    measure_from_dataset,
    measure_from_file,
    preview_campaign,
)
from tests.finished import QUICK, TREE, a_campaign, add_finished
from tests.workspace.conftest import a_dataset, a_segmentation

PLAN = CampaignPlan("Spring", "Loyal", date(2025, 5, 1), holdout=0.3, consent_confirmed=True)


@pytest.fixture
def shop(tmp_path: Path, finished: dict[str, Path]) -> Iterator[Workspace]:
    opened = Workspace(tmp_path / "shop")
    add_finished(opened, finished)
    shutil.copytree(finished[QUICK].parent / "dataset", opened.datasets.folder("store"))
    yield opened
    opened.close()


def _with_consent(ws: Workspace, answers: list[str]) -> None:
    path = ws.datasets.folder("store") / "customers.parquet"
    rows = pd.read_parquet(path)
    told = [answers[i % len(answers)] for i in range(len(rows))]
    path.unlink()
    rows.assign(consent=told).to_parquet(path, index=False)


def test_a_campaign_is_loaded_as_it_was_saved_and_outlives_its_segmentation(either: Workspace) -> None:
    made = a_segmentation(either, a_dataset(either))
    first = either.campaigns.add(a_campaign("one", made.id))
    assert either.campaigns.load("one") == first
    assert either.campaigns.load("one").campaign.control == first.campaign.control
    [listed] = either.campaigns.list()
    assert (listed.audience, listed.facts) == ("", first.facts)
    measured = either.campaigns.save(replace(first, state="measured", result={"lift": {}, "evidence": None}))
    assert either.campaigns.load("one") == measured
    either.segmentations.remove(made.id)
    assert either.campaigns.load("one") == replace(measured, segmentation_id=None)
    with pytest.raises(NotFoundError, match="campaign"):
        either.campaigns.load("two")


def test_the_counts_of_an_audience_add_up_and_who_said_no_is_left_out(shop: Workspace) -> None:
    _with_consent(shop, ["yes", "no", ""])
    facts = preview_campaign(shop, TREE, segment_id=1, plan=replace(PLAN, consent_confirmed=False)).facts
    members = next(s for s in shop.segmentations.summary(TREE)["segments"] if s["id"] == 1)["n_customers"]
    assert facts["consent"] == "recorded"
    assert set(facts["left_out"]) == {"said no", "consent unknown"}
    assert facts["n_asked"] == members
    assert facts["n_treated"] + facts["n_control"] + sum(facts["left_out"].values()) == members
    assert 0.0 < facts["base_rate"] < 1.0 and "can be detected" in facts["sentence"]


def test_nobody_is_treated_where_consent_is_not_recorded_and_not_confirmed(shop: Workspace) -> None:
    with pytest.raises(TooFewCustomersError, match="consent unknown"):
        preview_campaign(shop, TREE, segment_id=1, plan=replace(PLAN, consent_confirmed=False))


def test_who_was_treated_lately_is_left_alone(shop: Workspace) -> None:
    first = add_campaign(shop, TREE, segment_id=1, plan=PLAN, user_name="ann")
    again = preview_campaign(shop, TREE, segment_id=1, plan=replace(PLAN, name="Again")).facts
    assert again["left_out"] == {"treated lately": first.facts["n_treated"]}
    assert again["n_asked"] == first.facts["n_asked"]


def test_later_orders_measure_a_campaign_and_the_next_advice_says_so(shop: Workspace) -> None:
    made = add_campaign(shop, TREE, segment_id=1, plan=PLAN)
    measured = measure_from_dataset(shop, made.id, dataset_id="store")
    assert measured.state == "measured" and measured.result is not None
    assert shop.campaigns.load(made.id) == measured
    lift = measured.result["lift"]
    assert (lift["n_treated"], lift["n_control"]) == (made.facts["n_treated"], made.facts["n_control"])
    assert lift["difference"]["low"] <= lift["difference"]["estimate"] <= lift["difference"]["high"]
    assert measured.evidence is not None and measured.evidence.grade == "own holdout"
    told = {one["action"]: (one["grade"], one["told"]) for one in find_advice(shop, TREE, segment_id=1)}
    assert told["Loyal"] == ("own holdout", measured.evidence.sentence)
    assert "Do nothing" in told


def test_an_open_window_gives_no_evidence(shop: Workspace, tmp_path: Path) -> None:
    made = add_campaign(shop, TREE, segment_id=1, plan=PLAN)
    path = tmp_path / "outcomes.csv"
    path.write_text(f"customer_id,converted,at\n{made.campaign.treatment[0]},1,2025-05-02\n")
    looked = measure_from_file(shop, made.id, path=path, name="outcomes.csv", as_of=date(2025, 5, 10))
    assert (looked.state, looked.evidence) == ("planned", None)
    assert looked.result is not None and looked.result["lift"]["verdict"] == "too early"


def test_outcomes_that_cannot_be_read_or_do_not_reach_the_start_are_refused(
    shop: Workspace, tmp_path: Path
) -> None:
    later = add_campaign(shop, TREE, segment_id=1, plan=replace(PLAN, start=date(2026, 3, 1)))
    with pytest.raises(InputError, match="end before the campaign begins"):
        measure_from_dataset(shop, later.id, dataset_id="store")
    path = tmp_path / "outcomes.csv"
    path.write_bytes(b"\xff\xfe\x00customer_id\x00")
    with pytest.raises((InputError, SchemaError)):
        measure_from_file(shop, later.id, path=path, name="outcomes.csv")
    path.write_text("customer_id,converted\n00001,maybe\n")
    with pytest.raises(SchemaError, match="neither 0 nor 1"):
        measure_from_file(shop, later.id, path=path, name="outcomes.csv")
    assert shop.campaigns.load(later.id).result is None


def test_the_customers_at_the_edge_are_told_and_handed_over(shop: Workspace) -> None:
    found = {i: find_edge_customers(shop, TREE, segment_id=i) for i in range(3)}
    assert any(told and (told["rising"]["n"] or told["slipping"]["n"]) for told in found.values())
    for segment_id, told in found.items():
        assert told is not None
        rows = "".join(export_edge_customers(shop, TREE, segment_id=segment_id)).splitlines()
        assert len(rows) - 1 == told["rising"]["n"] + told["slipping"]["n"]
        for way in ("rising", "slipping"):
            assert sum(n for _, n in told[way]["to"]) == told[way]["n"]
            margins = [margin for _, margin, _ in told[way]["rows"]]
            assert margins == sorted(margins) and len(margins) <= 10
