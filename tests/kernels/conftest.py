"""Every test that asks for `implementation` runs on the compiled kernels and on their plain twins."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pytest

from coterie.kernels import using


@pytest.fixture(params=["native", "plain"])
def implementation(request: pytest.FixtureRequest) -> Iterator[str]:
    with using(request.param):
        yield request.param


def shapes() -> dict[str, npt.NDArray[np.floating]]:
    """Tables that find the edges of a kernel: ties, copies, one row, one column, many columns, odd memory."""
    random = np.random.default_rng(0)
    rows = random.normal(size=(200, 3))
    return {
        "plain": rows,
        "one row": rows[:1],
        "two rows": rows[:2],
        "one column": random.normal(size=(150, 1)),
        "forty columns": random.normal(size=(120, 40)),
        "ties": random.integers(0, 4, size=(180, 2)).astype(float),
        "copies": np.repeat(rows[:20], 8, axis=0),
        "all the same": np.ones((50, 2)),
        "float32": rows.astype(np.float32),
        "not contiguous": np.asfortranarray(random.normal(size=(160, 8)))[::2, ::2],
        "far from zero": rows + 1e6,
    }


SHAPES = shapes()


@pytest.fixture(params=list(SHAPES))
def X(request: pytest.FixtureRequest) -> npt.NDArray[np.floating]:
    return SHAPES[request.param]
