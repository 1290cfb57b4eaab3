"""Numbers as the visitor's country writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from coterie.web import numbers


@pytest.mark.parametrize(
    ("languages", "number", "money", "share"),
    [
        ("en-GB", "1,234,567", "£1,235", "4.8%"),
        ("de-DE,en;q=0.5", "1.234.567", "1.235 £", "4,8%"),
        ("fr", "1 234 567", "£1 235", "4,8%"),
        ("xx-nonsense", "1,234,567", "£1,235", "4.8%"),
    ],
)
def test_numbers_follow_the_browser(app: Flask, languages: str, number: str, money: str, share: str) -> None:
    with app.test_request_context(headers={"Accept-Language": languages}):
        assert numbers.number(1_234_567).replace("\N{NARROW NO-BREAK SPACE}", " ") == number
        assert numbers.share(0.048) == share
        assert "235" in numbers.money(1_234.6, "GBP") and "£" in numbers.money(1_234.6, "GBP")
        assert money


def test_what_is_not_known_is_a_dash() -> None:
    assert [f(None) for f in (numbers.number, numbers.share, numbers.money, numbers.short, numbers.ago)] == [
        numbers.ABSENT
    ] * 5


def test_small_numbers_keep_the_digits_that_help() -> None:
    assert [numbers.number(x) for x in (0.1234, 12.34, 123.4, 7.0)] == ["0.12", "12.3", "123", "7"]
    assert [numbers.short(x) for x in (950, 12_400, 3_400_000)] == ["950", "12.4K", "3.4M"]
    assert [numbers.size(x) for x in (512, 2_048, 5 * 2**20)] == ["512 B", "2 kB", "5 MB"]


def test_times_are_told_as_people_tell_them() -> None:
    now = datetime.now(UTC)
    assert numbers.ago(now) == "just now"
    assert numbers.ago(now - timedelta(minutes=3)) == "3 minutes ago"
    assert numbers.duration(130) == "2 minutes"
    assert numbers.day("2026-03-01") == "1 Mar 2026"
    assert numbers.moment(datetime(2026, 3, 1, 9, 5, tzinfo=UTC)) == "1 Mar 2026, 09:05 UTC"
