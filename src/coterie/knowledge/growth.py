"""Growing a small tree: CART first, then each question asked again while that puts more customers right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from coterie.knowledge.cuts import Column, take

MAX_ROWS = 10_000
"""Customers a tree is grown on; more change no readable cut."""

N_STARTS = 48
"""CART trees polished, the first on all customers alike, the others on random weights."""

MAX_SWEEPS = 10

_Rows = npt.NDArray[np.intp]
_Labels = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Node:
    """A question (column, cut) with the branches for its low and high side, or a leaf with a label."""

    label: int
    column: int = -1
    cut: int = -1
    low: Node | None = None
    high: Node | None = None

    def predict(self, columns: Sequence[Column], rows: _Rows) -> _Labels:
        """Labels of the customers at these positions."""
        if self.low is None or self.high is None:
            return np.full(len(rows), self.label, dtype=np.int32)
        is_low = columns[self.column].is_low(self.cut, rows)
        labels = np.empty(len(rows), dtype=np.int32)
        labels[is_low] = self.low.predict(columns, rows[is_low])
        labels[~is_low] = self.high.predict(columns, rows[~is_low])
        return labels


def grow_tree(columns: Sequence[Column], labels: _Labels, *, rows: _Rows, n_leaves: int) -> Node:
    """The tree of at most `n_leaves` leaves that puts most of these customers where their label says.

    Parameters
    ----------
    columns : sequence of Column, n customers
    labels : ndarray of shape (n,), int32
    rows : ndarray of positions
        The customers to grow on; above `MAX_ROWS` a fixed sample of them.
    n_leaves : int

    Returns
    -------
    Node
        Polished by alternating optimisation [1]_ from the best of `N_STARTS` CART trees.

    References
    ----------
    .. [1] Carreira-Perpinan, Tavallali (2018). Alternating optimization of decision trees. NeurIPS 31.
    """
    if len(rows) > MAX_ROWS:
        rows = np.sort(np.random.default_rng(0).choice(rows, MAX_ROWS, replace=False))
    if not len(rows) or not columns:
        return Node(int(np.bincount(labels[rows]).argmax()) if len(rows) else 0)
    columns, labels = take(columns, rows), labels[rows]
    trees = [_polished(tree, columns, labels=labels) for tree in _starts(columns, labels, n_leaves=n_leaves)]
    everyone = np.arange(len(labels))
    n_right = [int((tree.predict(columns, everyone) == labels).sum()) for tree in trees]
    return _pruned(trees[int(np.argmax(n_right))], columns, rows=everyone)


def _starts(columns: Sequence[Column], labels: _Labels, *, n_leaves: int) -> Iterator[Node]:
    """CART trees on the codes; categories as one yes/no column per level."""
    from sklearn.tree import DecisionTreeClassifier

    questions = [
        (position, -1 if column.kind == "number" else level)
        for position, column in enumerate(columns)
        for level in range(1 if column.kind == "number" else column.n_cuts)
    ]
    codes = np.column_stack(
        [columns[p].codes if level < 0 else columns[p].codes == level for p, level in questions]
    ).astype(np.float32)
    draws = np.random.default_rng(0)
    for start in range(N_STARTS):
        weight = np.ones(len(labels))
        if start:
            weight = draws.exponential(size=int(labels.max()) + 1)[labels] * draws.exponential(
                size=len(labels)
            )
        cart = DecisionTreeClassifier(max_leaf_nodes=max(n_leaves, 2), random_state=0)
        yield _from_cart(cart.fit(codes, labels, sample_weight=weight), questions)


def _from_cart(cart: object, questions: Sequence[tuple[int, int]], *, node: int = 0) -> Node:
    tree, classes = cart.tree_, cart.classes_  # type: ignore[attr-defined]
    label = int(classes[int(tree.value[node, 0].argmax())])
    if tree.children_left[node] < 0:
        return Node(label)
    position, level = questions[tree.feature[node]]
    return Node(
        label,
        position,
        int(np.floor(tree.threshold[node])) if level < 0 else level,
        _from_cart(cart, questions, node=int(tree.children_left[node])),
        _from_cart(cart, questions, node=int(tree.children_right[node])),
    )


def _polished(tree: Node, columns: Sequence[Column], *, labels: _Labels) -> Node:
    everyone = np.arange(len(labels))
    for _ in range(MAX_SWEEPS):
        better = _swept(tree, columns, labels=labels, rows=everyone)
        if better == tree:
            break
        tree = better
    return tree


def _swept(node: Node, columns: Sequence[Column], *, labels: _Labels, rows: _Rows) -> Node:
    """The branch with every question below and then its own asked where most customers come out right."""
    if not len(rows):
        return node
    if node.low is None or node.high is None:
        return Node(int(np.bincount(labels[rows]).argmax()))
    is_low = columns[node.column].is_low(node.cut, rows)
    low = _swept(node.low, columns, labels=labels, rows=rows[is_low])
    high = _swept(node.high, columns, labels=labels, rows=rows[~is_low])
    node = replace(node, low=low, high=high)
    right_if_low = (low.predict(columns, rows) == labels[rows]).astype(np.int64)
    right_if_high = (high.predict(columns, rows) == labels[rows]).astype(np.int64)
    return _best_question(node, columns, rows=rows, gain=right_if_low - right_if_high)


def _best_question(
    node: Node, columns: Sequence[Column], *, rows: _Rows, gain: npt.NDArray[np.int64]
) -> Node:
    """The node asking where the customers on the low side gain most; as it is if nothing is better."""
    best = int(gain[columns[node.column].is_low(node.cut, rows)].sum())
    for position, column in enumerate(columns):
        totals = column.low_sums(column.codes[rows], gain)
        cut = int(totals.argmax())
        if totals[cut] > best:
            best, node = int(totals[cut]), replace(node, column=position, cut=cut)
    return node


def _pruned(node: Node, columns: Sequence[Column], *, rows: _Rows) -> Node:
    """The tree without questions that part nobody, or whose both answers lead to the same segment."""
    if node.low is None or node.high is None:
        return node
    is_low = columns[node.column].is_low(node.cut, rows)
    if is_low.all() or not is_low.any():
        return _pruned(node.low if is_low.all() else node.high, columns, rows=rows)
    low = _pruned(node.low, columns, rows=rows[is_low])
    high = _pruned(node.high, columns, rows=rows[~is_low])
    if low.low is None and high.low is None and low.label == high.label:
        return Node(low.label)
    return replace(node, low=low, high=high)
