"""The API keeps its own description: what fits it is answered as it says, the rest refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from coterie.web import create_app
from coterie.web.visitors import digest
from coterie.workspace import DatasetRecord, SegmentationRecord, Token, User, Workspace

load_all_checks()
UPLOAD = "POST /api/datasets"
UNCHECKED = CHECKS.get_by_names(["positive_data_acceptance", "negative_data_rejection"])
"""For uploads: what a file has to hold, its description cannot say, and a form has nothing but text."""

TOKEN = "a token for this test alone"
AUTHORIZED = {"Authorization": f"Bearer {TOKEN}", "Accept-Encoding": "identity"}


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    opened = Workspace(tmp_path_factory.mktemp("api"))
    now = datetime.now(UTC)
    opened.datasets.add(DatasetRecord("dataset", "Orders", now, files=(("orders.csv", "0" * 64, 1),)))
    opened.segmentations.add(SegmentationRecord("segmentation", "Spring", "dataset", now))
    opened.users.add(User("ann", "ann", "owner", "", now))
    opened.tokens.add(Token("token", "ann", "for a test", digest(TOKEN), "owner", now))
    yield schemathesis.openapi.from_wsgi("/api/openapi.json", create_app(opened), headers=AUTHORIZED)
    opened.close()


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: str(mode.value))
def test_every_answer_is_one_the_description_names(described: Any, mode: GenerationMode) -> None:
    for found in described.get_all_operations():
        _assert_kept(found.ok(), mode)


def _assert_kept(operation: Any, mode: GenerationMode) -> None:
    unchecked: Any = UNCHECKED if operation.label == UPLOAD else []

    @settings(max_examples=5, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def keeps_to_it(case: Any) -> None:
        case.call_and_validate(headers=AUTHORIZED, excluded_checks=unchecked)

    keeps_to_it()
