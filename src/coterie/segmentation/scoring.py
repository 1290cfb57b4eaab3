"""A fitted model as one SQL query: the segment of every customer, computed where the customers are.

The query repeats the arithmetic of `Model.predict` step by step and in its order: scales, principal
components, then the nearest centre or the likeliest component. It uses what ANSI SQL and every warehouse
have (WITH, CASE, LN, POWER, LEAST, GREATEST); numbers carry an exponent, which makes them doubles.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from coterie.errors import ParameterError
from coterie.kernels import Components
from coterie.segmentation.result import NO_NET_SPEND_NAME, UNASSIGNED
from coterie.segmentation.scales import POOLED, CategoryScale, NumberScale
from coterie.store import double_literal, quoted_name, quoted_text

if TYPE_CHECKING:
    from coterie.segmentation.gmm import GaussianMixture
    from coterie.segmentation.model import Model
    from coterie.segmentation.transform import Transform

Floats = npt.NDArray[np.float64]
Columns = dict[str, str]
"""SQL expression of each column that a step adds."""

CENTERS, MIXTURES = ("kmeans", "tpa"), ("gmm",)
"""Methods whose rule is the nearest centre, or the likeliest component."""


def scoring_sql(model: Model, table: str = "customers") -> str:
    """An ANSI SQL query that gives every customer of a table its segment.

    Parameters
    ----------
    model : Model
        Of k-means, a Gaussian mixture, or TPA where centres are all that is left of it.
    table : str
        Name of a table with customer_id and the model's attributes in raw units, as customers.csv has
        them; it is quoted.

    Returns
    -------
    str
        The query; it gives customer_id, segment_id and segment_name. The segment is NULL where an
        attribute is NULL, -1 for customers without net spend.

    Raises
    ------
    ParameterError
        If the rule of the method cannot be said in SQL.
    """
    if not can_be_sql(model):
        raise ParameterError(
            f"The rule of the method {model.method} cannot be said in SQL",
            where="method",
            to_do="Use segments.sql, the tree of rules that stands in for any model",
        )
    steps = [*_placed(model.transform), *_rule(model)]
    source, parts = quoted_name(table), []
    for number, step in enumerate(steps, start=1):
        added = ",\n".join(f"  {sql} AS {name}" for name, sql in step.items())
        parts.append(f"step{number} AS (\nSELECT *,\n{added}\nFROM {source}\n)")
        source = f"step{number}"
    segment = f'SELECT "customer_id",\n  {_segment(model, list(steps[-1]))} AS "segment_id"\nFROM {source}'
    parts.append(f"placed AS (\n{segment}\n)")
    name = f'  {_name(model)} AS "segment_name"'
    return "WITH " + ", ".join(parts) + f'\nSELECT "customer_id", "segment_id",\n{name}\nFROM placed\n'


def can_be_sql(model: Model) -> bool:
    """Whether `scoring_sql` can say the rule of this model.

    Parameters
    ----------
    model : Model

    Returns
    -------
    bool
    """
    bare = not getattr(model.estimator, "networks_", ()) and getattr(model.estimator, "mode", "") != "som"
    if model.amendments:
        return False
    return model.method in MIXTURES or (model.method in CENTERS and bare)


def _placed(transform: Transform) -> list[Columns]:
    """The coordinates z0, z1, ... of a customer: scaled columns, rotated where there are categories."""
    scaled = [sql for scale in transform.scales for sql in _coordinates(scale)]
    if transform.components is None:
        return [_named("z", scaled)]
    return [_named("x", scaled), _named("z", _rotated(transform.centre, transform.components))]


def _rotated(centre: Floats, components: Floats) -> Iterable[str]:
    for component in components:
        terms = zip(_names("x", len(centre)), centre, component, strict=True)
        yield _sum(f"({x} - {_number(middle)}) * {_number(loading)}" for x, middle, loading in terms)


def _coordinates(scale: NumberScale | CategoryScale) -> list[str]:
    column = quoted_name(scale.name)
    if isinstance(scale, CategoryScale):
        return _indicators(column, scale)
    bent = _bent(f"CAST({column} AS DOUBLE PRECISION)", scale)
    return [f"({bent} - {_number(scale.mean)}) * {_number(scale.factor)}"]


def _bent(x: str, scale: NumberScale) -> str:
    if scale.bend == "log1p":
        return f"LN(1e0 + CASE WHEN {x} < 0e0 THEN 0e0 ELSE {x} END)"
    if scale.bend == "yeo-johnson":
        return _yeo_johnson(f"(({x} - {_number(scale.centre)}) / {_number(scale.spread)})", scale.power)
    return x


def _yeo_johnson(x: str, power: float) -> str:
    """Yeo and Johnson (2000), equation 2.1."""
    above = f"(POWER({x} + 1e0, {_number(power)}) - 1e0) / {_number(power)}" if power else f"LN({x} + 1e0)"
    rest = 2.0 - power
    below = f"-(POWER(1e0 - {x}, {_number(rest)}) - 1e0) / {_number(rest)}" if rest else f"-LN(1e0 - {x})"
    return f"(CASE WHEN {x} >= 0e0 THEN {above} ELSE {below} END)"


def _indicators(column: str, scale: CategoryScale) -> list[str]:
    """(indicator - share) / sqrt(share) per level; a level without a place lies at the mean, 0."""
    value = f"CAST({column} AS VARCHAR)"
    listed = ", ".join(quoted_text(level) for level in scale.levels if level != POOLED) or "NULL"
    pooled = POOLED in scale.levels
    sql = []
    for level, share in zip(scale.levels, scale.shares, strict=True):
        factor = scale.root_weight / np.sqrt(share)
        inside, outside = _number((1.0 - share) * factor), _number(-share * factor)
        member = f"{value} NOT IN ({listed})" if level == POOLED else f"{value} = {quoted_text(level)}"
        other = f"ELSE {outside}" if pooled else f"WHEN {value} IN ({listed}) THEN {outside} ELSE 0e0"
        sql.append(f"CASE WHEN {column} IS NULL THEN NULL WHEN {member} THEN {inside} {other} END")
    return sql


def _rule(model: Model) -> list[Columns]:
    """The steps whose last one has a column per cluster, the best one lowest."""
    estimator: Any = model.estimator
    if model.method in MIXTURES:
        return _surprises(estimator)
    centers: Floats = estimator.cluster_centers_
    return [_named("d", [_squared_distance(center) for center in centers])]


def _squared_distance(center: Floats) -> str:
    gaps = [f"({z} - {_number(value)})" for z, value in zip(_names("z", len(center)), center, strict=True)]
    return _sum(f"{gap} * {gap}" for gap in gaps)


def _surprises(mixture: GaussianMixture) -> list[Columns]:
    """Half the squared length of the whitened gap to each component less its log density at the mean."""
    d = mixture.n_features_in_
    constants = Components(mixture.means_, mixture.whitening_, np.log(mixture.weights_)).constants
    whitened: list[str] = []
    for mean, whitening in zip(mixture.means_, mixture.whitening_, strict=True):
        whitened += _whitened(whitening if whitening.ndim == 2 else np.diag(whitening), mean)
    names = _names("w", len(whitened))
    surprises = [
        f"{_number(-constant)} + 5e-1 * ({_sum(f'{w} * {w}' for w in names[c * d : (c + 1) * d])})"
        for c, constant in enumerate(constants)
    ]
    return [_named("w", whitened), _named("d", surprises)]


def _whitened(lower: Floats, mean: Floats) -> Iterable[str]:
    """The coordinates in which the component is a unit ball."""
    names = _names("z", len(mean))
    gaps = [f"({z} - {_number(value)})" for z, value in zip(names, mean, strict=True)]
    for i in range(len(gaps)):
        yield _sum(f"{_number(lower[i, j])} * {gaps[j]}" for j in range(i + 1) if i == j or lower[i, j])


def _segment(model: Model, columns: list[str]) -> str:
    """The segment of the lowest column; the first one on a tie."""
    order = [int(model.order[cluster]) for cluster in range(len(columns))]
    lowest = f"LEAST({', '.join(columns)})" if len(columns) > 1 else columns[0]
    cases = "".join(f" WHEN {name} THEN {segment}" for name, segment in zip(columns, order, strict=True))
    spent = {spec.name for spec in model.specs if spec.source == "transactions"}
    nothing = " OR ".join(f"{quoted_name(name)} <= 0" for name in ("monetary", "n_orders") if name in spent)
    chosen = f"CASE {lowest}{cases} END"
    return f"CASE WHEN {nothing} THEN {UNASSIGNED} ELSE {chosen} END" if nothing else chosen


def _name(model: Model) -> str:
    names = {UNASSIGNED: NO_NET_SPEND_NAME, **model.names}
    cases = "".join(f" WHEN {segment} THEN {quoted_text(name)}" for segment, name in names.items())
    return f'CASE "segment_id"{cases} END'


def _named(letter: str, expressions: Iterable[str]) -> Columns:
    return {f"coterie_{letter}{i}": sql for i, sql in enumerate(expressions)}


def _names(letter: str, n: int) -> list[str]:
    return [f"coterie_{letter}{i}" for i in range(n)]


def _sum(terms: Iterable[str]) -> str:
    return " + ".join(terms)


def _number(value: float) -> str:
    """A double, in parentheses if it is negative."""
    literal = double_literal(float(value))
    return f"({literal})" if value < 0 else literal
