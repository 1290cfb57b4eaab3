"""The PDF can be read aloud: it is tagged, has a language, a title, and words for its pictures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pypdf
import pytest

from tests.cli.conftest import Run


@pytest.fixture(scope="module")
def pdf(run: Run) -> pypdf.PdfReader:
    return pypdf.PdfReader(run.out / "report.pdf")


def elements(node: Any) -> Iterator[Any]:
    """Every element of a structure tree, in reading order."""
    node = node.get_object()
    if isinstance(node, dict):
        yield node
        below = node.get("/K", []).get_object() if "/K" in node else []
        for child in below if isinstance(below, list) else [below]:
            yield from elements(child)


def test_it_is_tagged_and_names_its_language_and_title(run: Run, pdf: pypdf.PdfReader) -> None:
    marks: Any = pdf.root_object["/MarkInfo"]
    assert marks["/Marked"].value is True
    assert str(pdf.root_object["/Lang"]) == "en"
    n_segments = len(json.loads((run.out / "summary.json").read_text(encoding="utf-8"))["segments"])
    assert pdf.metadata is not None
    assert str(pdf.metadata.title).startswith(f"Customer segments: {n_segments} segments; ")


def test_its_structure_has_headings_tables_with_headers_and_a_text_for_every_picture(
    pdf: pypdf.PdfReader,
) -> None:
    found = list(elements(pdf.root_object["/StructTreeRoot"]))
    kinds = [one.get("/S") for one in found]
    assert kinds.count("/H1") == 1
    assert {"/H2", "/Table", "/TH", "/TD"} <= set(kinds)
    figures = [one for one in found if one.get("/S") == "/Figure"]
    assert figures
    assert all(str(figure.get("/Alt", "")).strip() for figure in figures)
