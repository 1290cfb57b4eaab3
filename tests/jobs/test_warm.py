"""A child that stays answers many questions, and is replaced when it dies."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from coterie.errors import ConflictError, CoterieError, SchemaError
from coterie.jobs.warm import WarmChild
from tests.jobs import work
from tests.jobs.test_child import MEMORY_MB, gone_within


@pytest.fixture
def child() -> Iterator[WarmChild]:
    made = WarmChild(memory_mb=MEMORY_MB)
    yield made
    made.close()


def test_the_same_child_answers_again_even_after_a_failure(child: WarmChild) -> None:
    pid = child.ask(work.my_pid, {}, within_s=60)
    assert pid != os.getpid()
    with pytest.raises(SchemaError) as told:
        child.ask(work.fail_with, {"words": "There is no amount"}, within_s=60)
    assert (told.value.what, told.value.where) == ("There is no amount", "orders.csv")
    assert child.ask(work.my_pid, {}, within_s=60) == pid
    child.close()
    assert gone_within(5, [pid])


def test_a_child_that_dies_or_takes_too_long_is_a_sentence_and_the_next_question_finds_another(
    child: WarmChild,
) -> None:
    pid = child.ask(work.my_pid, {}, within_s=60)
    with pytest.raises(CoterieError, match="The work ended by itself"):
        child.ask(work.end_suddenly, {}, within_s=60)
    second = child.ask(work.my_pid, {}, within_s=60)
    assert second != pid
    with pytest.raises(ConflictError, match="It takes too long"):
        child.ask(work.sleep, {"seconds": 60}, within_s=0.2)
    assert gone_within(5, [second])
