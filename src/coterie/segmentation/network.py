"""Small neural networks kept as plain arrays: trained by scikit-learn, evaluated and saved without it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.special import softmax
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor

from coterie.segmentation.fitting import one_thread

Floats = npt.NDArray[np.float64]

HIDDEN_UNITS = 32
MAX_EPOCHS = 100
MIN_BATCH, BATCHES = 200, 15
"""Rows of a gradient step: MIN_BATCH or, if larger, a fifteenth of the rows, so that steps stay few."""


@dataclass(frozen=True)
class Network:
    """One hidden layer of rectified linear units over standardised inputs.

    Attributes
    ----------
    shift, scale : ndarrays of shape (n_inputs,)
        Mean and standard deviation of the training inputs.
    hidden, output : ndarrays of shape (n_inputs + 1, n_hidden) and (n_hidden + 1, n_outputs)
        Weights; the last row is the intercept.
    """

    shift: Floats
    scale: Floats
    hidden: Floats
    output: Floats

    def forward(self, X: Floats) -> Floats:
        """Raw outputs, shape (n, n_outputs)."""
        with one_thread():
            inner = ((X - self.shift) / self.scale) @ self.hidden[:-1] + self.hidden[-1]
            outer: Floats = np.maximum(inner, 0.0) @ self.output[:-1] + self.output[-1]
        return outer

    def probabilities(self, X: Floats) -> Floats:
        """Softmax of the outputs, shape (n, n_outputs); rows sum to 1."""
        shares: Floats = softmax(self.forward(X), axis=1)
        return shares

    def export(self, prefix: str) -> dict[str, Floats]:
        """The four arrays by name."""
        return {f"{prefix}_{name}_": getattr(self, name) for name in ("shift", "scale", "hidden", "output")}

    @classmethod
    def restore(cls, state: Mapping[str, Any], prefix: str) -> Self:
        """The network an `export` with this prefix came from."""
        return cls(*(state[f"{prefix}_{name}_"] for name in ("shift", "scale", "hidden", "output")))


def train_classifier(X: Floats, labels: npt.NDArray[np.int32], *, random: np.random.RandomState) -> Network:
    """A network whose probabilities are those of the labels 0..k-1, all of which occur, k >= 2."""
    shift, scale = _standard(X)
    trained = _fitted(MLPClassifier, (X - shift) / scale, y=labels, random=random)
    hidden, output = _layers(trained)
    if output.shape[1] == 1:  # scikit-learn has one logistic output for two classes
        output = np.column_stack([np.zeros(len(output)), output])
    return Network(shift, scale, hidden, output)


def train_regressors(
    X: Floats, y: Floats, *, randoms: Sequence[np.random.RandomState]
) -> tuple[Network, ...]:
    """One network per random state; the mean of their outputs predicts y."""
    shift, scale = _standard(X)
    level, spread = float(y.mean()), float(y.std()) or 1.0
    networks = []
    for random in randoms:
        hidden, output = _layers(
            _fitted(MLPRegressor, (X - shift) / scale, y=(y - level) / spread, random=random)
        )
        output = output * spread
        output[-1] += level
        networks.append(Network(shift, scale, hidden, output))
    return tuple(networks)


def _standard(X: Floats) -> tuple[Floats, Floats]:
    spread = X.std(axis=0)
    return X.mean(axis=0), np.where(spread > 0, spread, 1.0)


def _fitted(kind: type, X: Floats, *, y: npt.NDArray[Any], random: np.random.RandomState) -> Any:
    """The trained scikit-learn network; stopping at MAX_EPOCHS is meant."""
    network = kind(
        hidden_layer_sizes=(HIDDEN_UNITS,),
        batch_size=min(len(X), max(MIN_BATCH, len(X) // BATCHES)),
        learning_rate_init=0.01,
        max_iter=MAX_EPOCHS,
        tol=1e-3,
        n_iter_no_change=5,
        random_state=random,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return network.fit(X, y)


def _layers(trained: Any) -> tuple[Floats, Floats]:
    """Hidden and output weights with the intercepts as last row."""
    hidden, output = (
        np.vstack([weights, intercepts])
        for weights, intercepts in zip(trained.coefs_, trained.intercepts_, strict=True)
    )
    return hidden, output
