"""What a child process does for a campaign: draw its audience, bring its outcomes together."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coterie.errors import CoterieError, InputError
from coterie.jobs import Progress
from coterie.settings import Settings
from coterie.store import Store, replacing
from coterie.workspace.campaigns import facts_of

if TYPE_CHECKING:
    import pandas as pd

    from coterie.experiments import CampaignPlan, Lift
    from coterie.sources import Dataset


def draw_audience(
    plan: Mapping[str, Any],
    *,
    folders: Mapping[str, str],
    segment_id: int,
    earlier: Sequence[str],
    settings: Mapping[str, Any],
    target: str,
    progress: Progress,
) -> None:
    """Freeze who is treated and who is held out.

    Parameters
    ----------
    plan : mapping
        A `CampaignPlan`, its start in ISO.
    folders : mapping
        segmentation and dataset; that of a dataset which was not kept need not exist.
    segment_id : int
    earlier : sequence of str
        Campaigns as JSON, whose treated customers have a cooldown.
    settings : mapping
    target : str
        JSON: audience and facts, see `CampaignRecord`.
    progress : callable
    """
    from coterie.experiments import Campaign, CampaignPlan, plan_campaign

    wanted = CampaignPlan(**{**plan, "start": date.fromisoformat(plan["start"])})
    progress("Reading the members", 0.0)
    members = _members(Path(folders["segmentation"]), segment_id)
    with contextlib.closing(Store(settings=Settings(**settings))) as store:
        consent = _consent(Path(folders["dataset"]), store)
    told = members if consent is None else members.merge(consent, on="customer_id", how="left")
    progress("Looking ahead", 0.3)
    drawn = plan_campaign(
        told,
        wanted,
        earlier=[Campaign.from_json(text) for text in earlier],
        base_rate=_base_rate(Path(folders["segmentation"]), members, plan=wanted),
    )
    segment = str(members["segment"].iloc[0])
    facts = facts_of(drawn, segment=segment, consent="not recorded" if consent is None else "recorded")
    _write({"audience": drawn.to_json(), "facts": facts}, target)


def measure_outcomes(
    audience: str,
    *,
    source: Mapping[str, str],
    others: Sequence[str],
    settings: Mapping[str, Any],
    target: str,
    progress: Progress,
) -> None:
    """Say what a campaign proved.

    Parameters
    ----------
    audience : str
        The campaign as JSON.
    source : mapping
        name, and either dataset, a folder with later orders, or file, a CSV of outcomes with as_of, the day
        before which it is complete ("" if the window is over).
    others : sequence of str
        Campaigns as JSON that may have treated the held out ones.
    settings : mapping
    target : str
        Folder: result.json and the chart.
    progress : callable
    """
    from coterie.charts import lift_chart
    from coterie.delivery import printed_table
    from coterie.experiments import Campaign, evidence_of, measure

    campaign = Campaign.from_json(audience)
    progress("Reading the outcomes", 0.0)
    rows, as_of = _outcomes(source, campaign.plan, limits=Settings(**settings))
    lift = measure(campaign, rows, as_of=as_of, others=[Campaign.from_json(text) for text in others])
    evidence = asdict(evidence_of(campaign, lift)) if lift.is_final else None
    progress("Drawing", 0.8)
    chart = lift_chart(_groups(lift))
    said = {key: getattr(chart, key) for key in ("name", "title", "alt")}
    result = {
        "lift": asdict(lift),
        "evidence": evidence,
        "chart": {**said, "table": printed_table(chart.table, {})},
        "source": source["name"],
        "as_of": as_of,
    }
    with replacing(Path(target)) as draft:
        draft.mkdir()
        chart.save(draft)
        _write(result, str(draft / "result.json"))


def _members(segmentation: Path, segment_id: int) -> pd.DataFrame:
    import pandas as pd

    rows = pd.read_parquet(
        segmentation / "members.parquet",
        columns=["customer_id", "segment_name"],
        filters=[("segment_id", "==", segment_id)],
    )
    if not len(rows):
        raise InputError("This segment has no members", to_do="Choose another segment")
    named = rows.rename(columns={"segment_name": "segment"}).astype(str)
    return named.assign(reason="in the segment " + named["segment"])


def _consent(folder: Path, store: Store) -> pd.DataFrame | None:
    """What the customers table says, or nothing if it does not tell."""
    customers = _dataset(folder, store).customers if folder.is_dir() else None
    if customers is None or "consent" not in customers.columns:
        return None
    rows: pd.DataFrame = customers.select("customer_id", "consent").to_pandas()
    return rows.astype({"customer_id": str}).drop_duplicates("customer_id")


def _dataset(folder: Path, store: Store) -> Dataset:
    from coterie.sources import load_dataset

    return load_dataset(folder, store=store)


def _base_rate(segmentation: Path, members: pd.DataFrame, *, plan: CampaignPlan) -> float | None:
    """Share of the members who are expected to order in the window anyway; None where nobody can tell."""
    from coterie.features import load_features
    from coterie.prediction import forecast

    table = segmentation / "archive" / "features" / "table"
    if not table.is_dir():
        return None
    try:
        told = forecast(load_features(table), horizon_days=plan.window_days).customers
    except CoterieError:
        return None
    own = told[told["customer_id"].astype(str).isin(members["customer_id"])]
    return float(own["p_active"].sum()) / len(members)


def _outcomes(
    source: Mapping[str, str], plan: CampaignPlan, *, limits: Settings
) -> tuple[pd.DataFrame, date | None]:
    if "file" in source:
        return _from_file(source, plan)
    from coterie.experiments import outcomes_from_orders

    with contextlib.closing(Store(settings=limits)) as store:
        orders = _orders(_dataset(Path(source["dataset"]), store))
    last = orders["at"].max().date() if len(orders) else None
    if last is None or last < plan.start:
        raise InputError(
            "The orders end before the campaign begins",
            where=source["name"],
            to_do=f"Choose a dataset with orders from {plan.start.isoformat()} on",
        )
    return outcomes_from_orders(orders, plan), last + timedelta(days=1)


def _from_file(source: Mapping[str, str], plan: CampaignPlan) -> tuple[pd.DataFrame, date | None]:
    import pandas as pd

    try:
        # An id like 00012 is text; measure() reads the other columns as what they should be.
        rows = pd.read_csv(source["file"], dtype={"customer_id": str}, skipinitialspace=True)
    except (ValueError, UnicodeDecodeError) as cause:
        raise InputError(
            "The file cannot be read as CSV",
            where=source["name"],
            to_do="Save it as CSV in UTF-8 with the columns customer_id, converted and value",
        ) from cause
    return rows, date.fromisoformat(source["as_of"]) if source.get("as_of") else None


def _orders(dataset: Dataset) -> pd.DataFrame:
    rows = dataset.transactions
    if rows is None or not {"at", "amount"} <= set(rows.columns):
        raise InputError("This dataset has no dated orders with amounts", to_do="Choose another dataset")
    wanted = [name for name in ("customer_id", "at", "amount", "order_id") if name in rows.columns]
    told: pd.DataFrame = rows.select(*wanted).to_pandas()
    return told[told["at"].notna()].astype({"customer_id": str})


def _groups(lift: Lift) -> pd.DataFrame:
    """Both groups as the chart draws them."""
    import pandas as pd

    from coterie.experiments import rate_range

    groups = {
        "Treated": (lift.treated_rate, lift.n_treated),
        "Held out": (lift.control_rate, lift.n_control),
    }
    rows = [
        {"group": name, "n_customers": n, "rate": one.estimate, "low": one.low, "high": one.high}
        for name, (rate, n) in groups.items()
        for one in [rate_range(round(rate * n), n)]
    ]
    return pd.DataFrame(rows)


def _write(content: Mapping[str, Any], target: str) -> None:
    text = json.dumps(content, ensure_ascii=False, default=lambda day: day.isoformat())
    with replacing(Path(target)) as draft:
        draft.write_text(text, encoding="utf-8")
