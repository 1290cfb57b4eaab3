from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.charts import segment_style
from coterie.charts.style import (
    SEGMENT_COLOURS,
    SEGMENT_MARKERS,
    axis_words,
    compared,
    drawn,
    feature_words,
    printed,
    short_number,
    spec_of,
    wrapped,
)
from coterie.features import FeatureSpec

# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB.
EYES = {
    "normal": np.eye(3),
    "protanope": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranope": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}


def lab(colour: str, eye: str) -> np.ndarray:
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = EYES[eye] @ np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    relative = xyz @ np.clip(linear, 0, 1) / np.array([0.95047, 1.0, 1.08883])
    f = np.where(relative > 0.008856, np.cbrt(relative), 7.787 * relative + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("eye", EYES)
def test_any_two_segment_colours_can_be_told_apart(eye: str) -> None:
    seen = [lab(colour, eye) for colour in SEGMENT_COLOURS]
    assert min(float(np.linalg.norm(a - b)) for a, b in combinations(seen, 2)) > 15


def test_segments_differ_in_colour_and_in_shape() -> None:
    styles = [segment_style(i) for i in range(12)]
    assert [colour for colour, _ in styles] == list(SEGMENT_COLOURS)
    assert [marker for _, marker in styles] == list(SEGMENT_MARKERS)
    assert segment_style(-1)[0] not in SEGMENT_COLOURS


@given(st.integers(0, 143))
def test_many_segments_still_differ_in_colour_or_shape(other: int) -> None:
    assert all(segment_style(i) != segment_style(other) for i in range(60) if i != other) or other >= 60


@given(st.text(), st.integers(3, 40), st.integers(1, 4))
def test_any_text_is_wrapped_into_its_room(text: str, width: int, n_lines: int) -> None:
    lines = wrapped(text, width, n_lines=n_lines).split("\n")
    assert 1 <= len(lines) <= n_lines
    assert all(len(line) <= width for line in lines)


def test_what_the_font_lacks_becomes_a_box_and_what_nobody_sees_goes() -> None:
    assert drawn("Loyal\x00\u202e  a\nb é Ж €") == "Loyal a b é Ж €"
    assert "□" in drawn("\U0001f389 party")
    assert drawn("  ") == "(no name)"


def test_a_feature_above_an_axis_begins_with_a_capital() -> None:
    spend = FeatureSpec("monetary", "GBP", "", "transactions", label="spend")
    assert (feature_words(spend), axis_words(spend)) == ("Spend", "Spend (GBP)")


def test_a_column_that_nobody_described_is_called_by_its_name() -> None:
    assert axis_words(spec_of("shoe_size")) == "Shoe size"


@pytest.mark.parametrize(
    ("value", "words"),
    [
     (0, "0"), (-0.001, "0"), (0.254, "0.25"), (3, "3"), (12.34, "12.3"), (999.5, "1,000"), (10_000, "10k"),
     (-45.2, "-45.2"), (3_140_000, "3.1M"), (999_700, "1M")],
)  # fmt: skip
def test_a_number_is_printed_short(value: float, words: str) -> None:
    assert short_number(value) == words


def test_a_value_is_printed_with_its_unit() -> None:
    assert printed(0.12, "share") == "12%"
    assert printed(1200, "EUR") == "1,200 EUR"


def test_a_difference_is_told_in_words_not_in_sigma() -> None:
    assert compared(0.1) == "about average"
    assert compared(-0.5) == "a little below average"
    assert compared(1.0) == "above average"
    assert compared(-2.4) == "far below average"
