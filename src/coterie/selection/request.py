"""What a comparison is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from coterie.settings import Settings


@dataclass(frozen=True)
class CompareRequest:
    """What to compare, on which attributes, against which truth.

    Attributes
    ----------
    n_segments : int or None
        Only this number of segments; None tries `k_range` and chooses.
    k_range : (int, int)
        Smallest and largest number of segments tried.
    attributes : tuple of str or None
        Features that cluster; None = the defaults of the table.
    weights : mapping of str to float or None
        How much an attribute counts; 1 is normal, 0 drops it.
    truth : ndarray of shape (n_customers,) or None
        Known groups, for ARI and NMI only; they take no part in the choice.
    random_state : int
    settings : Settings
        The floors a choice has to pass.
    """

    n_segments: int | None = None
    k_range: tuple[int, int] = (3, 8)
    attributes: tuple[str, ...] | None = None
    weights: Mapping[str, float] | None = None
    truth: npt.NDArray[np.object_] | None = None
    random_state: int = 0
    settings: Settings = field(default_factory=Settings)
