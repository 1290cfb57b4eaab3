"""What must not be done twice at once to the same thing is done one after the other."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from coterie.jobs.child import CancelledError
from coterie.jobs.turns import Turns


def test_two_who_want_the_same_are_never_at_it_together() -> None:
    turns, inside, seen = Turns(), [], []

    def work(number: int) -> None:
        with turns.turn("orders", goes_on=lambda: True):
            inside.append(number)
            seen.append(len(inside))
            inside.remove(number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(200)))
    assert seen == [1] * 200


def test_two_who_want_different_things_do_not_wait_for_each_other() -> None:
    turns = Turns()
    with turns.turn("orders", goes_on=lambda: True), turns.turn("reviews", goes_on=lambda: False):
        pass


def test_who_gives_up_waiting_takes_no_turn_and_a_turn_that_failed_is_over() -> None:
    turns, held, done = Turns(), threading.Event(), threading.Event()

    def hold() -> None:
        with turns.turn("orders", goes_on=lambda: True):
            held.set()
            done.wait()
            raise ValueError

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        held.wait()
        with pytest.raises(CancelledError), turns.turn("orders", goes_on=lambda: False):
            raise AssertionError("two at once")
        done.set()
        with pytest.raises(ValueError):
            holding.result()
    with turns.turn("orders", goes_on=lambda: False):
        pass
