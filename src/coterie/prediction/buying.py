"""The model of one shop's buyers: which family fits, and what it says of each customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from coterie.features import FeatureTable
from coterie.prediction.bgnbd import BetaGeoNBD
from coterie.prediction.family import PurchaseModel, is_degenerate
from coterie.prediction.gammagamma import GammaGamma
from coterie.prediction.histories import DAYS_PER_WEEK, Floats, distinct, purchase_history
from coterie.prediction.mbgnbd import ModifiedBetaGeoNBD
from coterie.prediction.paretonbd import ParetoNBD
from coterie.prediction.past_rate import PastRate
from coterie.prediction.spread import order_range, spend_range

Predictor: TypeAlias = PurchaseModel | PastRate

NEVER_LEAVES = (
    "The orders alone say that nobody ever leaves, so a weak prior on leaving was added to BG/NBD, and "
    "MBG/NBD and Pareto/NBD were tried beside it"
)


@dataclass(frozen=True, eq=False)
class Buyers:
    """The order histories of those who bought, and their money.

    Attributes
    ----------
    rows : ndarray of shape (n, 3)
        x, t_x, T in weeks.
    n_orders, mean_basket : ndarray of shape (n,)
    """

    rows: Floats
    n_orders: Floats
    mean_basket: Floats

    @classmethod
    def of(cls, table: FeatureTable) -> Buyers:
        """The buyers of a table, in its order.

        Parameters
        ----------
        table : FeatureTable
            Of customers with at least one order.

        Returns
        -------
        Buyers
        """
        n_orders, basket = (table.X[name].to_numpy(np.float64) for name in ("n_orders", "mean_basket"))
        return cls(np.column_stack(purchase_history(table)), n_orders, np.maximum(basket, 0.0))

    def take(self, chosen: npt.NDArray[np.intp]) -> Buyers:
        """Some of them, each as often as chosen."""
        return Buyers(self.rows[chosen], self.n_orders[chosen], self.mean_basket[chosen])


def candidates(buyers: Buyers) -> tuple[list[PurchaseModel], tuple[str, ...]]:
    """The models to choose from: BG/NBD, or where it degenerates three others.

    Parameters
    ----------
    buyers : Buyers

    Returns
    -------
    models : list of PurchaseModel
        Fitted.
    notes : tuple of str
    """
    plain = BetaGeoNBD().fit(*buyers.rows.T)
    if not is_degenerate(plain):
        return [plain], ()
    held = BetaGeoNBD().fit(*buyers.rows.T, prior=True)
    others = [kind().fit(*buyers.rows.T) for kind in (ModifiedBetaGeoNBD, ParetoNBD)]
    return [held, *(model for model in others if not is_degenerate(model))], (NEVER_LEAVES,)


def refitted(models: Sequence[PurchaseModel], buyers: Buyers) -> list[PurchaseModel]:
    """The same kinds of model, fitted on other buyers; with the prior where one alone says nothing.

    Parameters
    ----------
    models : sequence of PurchaseModel
    buyers : Buyers

    Returns
    -------
    list of PurchaseModel
    """
    found = []
    for model in models:
        made = type(model)().fit(*buyers.rows.T)
        found.append(
            type(model)().fit(*buyers.rows.T, prior=True) if is_degenerate(made) and model.PRIOR else made
        )
    return found


def order_values(buyers: Buyers) -> GammaGamma | None:
    """The Gamma-Gamma model of their order values; None if fewer than ten have any.

    Parameters
    ----------
    buyers : Buyers

    Returns
    -------
    GammaGamma or None
    """
    paid = (buyers.mean_basket > 0) & (buyers.n_orders >= 1)
    if paid.sum() < 10:
        return None
    return GammaGamma().fit(buyers.n_orders[paid], buyers.mean_basket[paid])


@dataclass(frozen=True, eq=False)
class Said:
    """What a model says of each buyer; arrays of shape (n,), waiting in days."""

    expected_orders: Floats
    p_active: Floats
    p_alive: Floats
    waiting: Floats
    orders: tuple[Floats, Floats]
    value: Floats
    spend: tuple[Floats, Floats]


def say(model: Predictor, values: GammaGamma | None, *, buyers: Buyers, horizon_days: float) -> Said:
    """Ask a model about buyers; equal histories are asked about once.

    Parameters
    ----------
    model : PurchaseModel or PastRate
    values : GammaGamma or None
        None takes everybody's own mean.
    buyers : Buyers
    horizon_days : float

    Returns
    -------
    Said
    """
    rows, position = distinct(buyers.rows)
    x, t_x, T = rows.T
    weeks = horizon_days / DAYS_PER_WEEK
    expected, active = model.expected_orders(weeks, x, t_x, T), model.p_active(weeks, x, t_x, T)
    shape = x + (model.params_["r"] if isinstance(model, PurchaseModel) else 1.0)
    low, high = order_range(active, expected, shape=shape)
    told = (expected, active, _alive(model, rows), model.median_wait(x, T) * DAYS_PER_WEEK, low, high, shape)
    expected, active, alive, waiting, low, high, shape = (each[position] for each in told)
    value, spread = _values(values, buyers)
    spend = spend_range(active, expected, shape=shape, value=value, spread=spread)
    return Said(expected, active, alive, waiting, (low, high), value, spend)


def _alive(model: Predictor, rows: Floats) -> Floats:
    """P(alive), missing where the model cannot tell: BG/NBD knows nothing of one-time buyers."""
    if not isinstance(model, PurchaseModel):
        return np.full(len(rows), np.nan)
    alive = model.p_alive(*rows.T)
    return np.where(rows[:, 0] > 0, alive, np.nan) if isinstance(model, BetaGeoNBD) else alive


def _values(values: GammaGamma | None, buyers: Buyers) -> tuple[Floats, tuple[Floats, Floats]]:
    """Expected value of an order, and the squared coefficients of variation of one order and of that mean."""
    if values is None:
        return buyers.mean_basket, (np.ones(len(buyers.n_orders)), np.zeros(len(buyers.n_orders)))
    p, q, _ = values.params_.values()
    of_mean = 1.0 / np.maximum(p * buyers.n_orders + q - 2.0, 0.5)
    return values.expected_value(buyers.n_orders, buyers.mean_basket), (
        np.full_like(of_mean, 1.0 / p),
        of_mean,
    )
