from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import check_grad
from scipy.special import gammaln, hyp2f1

from coterie.errors import InputError, ParameterError
from coterie.features import FeatureSpec, FeatureTable
from coterie.prediction import BetaGeoNBD, ModifiedBetaGeoNBD, ParetoNBD, fit_lifetime, with_ltv
from coterie.prediction.family import PurchaseModel, is_degenerate

Floats = npt.NDArray[np.float64]
PAPER = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}


def simulated(n: int, params: dict[str, float], *, weeks: int = 78) -> tuple[Floats, Floats, Floats]:
    """Histories x, t_x, T of customers who behave exactly as the model says, times to the day."""
    random = np.random.default_rng(0)
    rate = random.gamma(params["r"], 1.0 / params["alpha"], n)
    leaving = random.beta(params["a"], params["b"], n)
    T = random.integers(1, weeks * 7, n) / 7.0
    x, t_x, now, active = np.zeros(n), np.zeros(n), np.zeros(n), np.ones(n, dtype=bool)
    while active.any():
        now = now + random.exponential(1.0, n) / np.maximum(rate, 1e-12)
        active &= now < T
        x[active] += 1
        t_x[active] = np.floor(now[active] * 7.0) / 7.0
        active &= random.random(n) >= leaving
    return x, t_x, T


histories = st.tuples(st.integers(0, 300), st.floats(0.0, 1.0), st.floats(0.0, 500.0)).map(
    lambda drawn: (float(drawn[0]), drawn[1] * drawn[2] if drawn[0] else 0.0, drawn[2])
)
parameters = st.fixed_dictionaries({name: st.floats(0.05, 20.0) for name in ("r", "alpha", "a", "b")})


FAMILIES = (BetaGeoNBD, ModifiedBetaGeoNBD, ParetoNBD)
four = st.tuples(*[st.floats(0.05, 20.0)] * 4)


def with_values(family: type[PurchaseModel], values: tuple[float, ...]) -> PurchaseModel:
    return family.from_params(dict(zip(family.NAMES, values, strict=True)))


@pytest.mark.parametrize("family", FAMILIES)
@given(history=histories, values=four)
@settings(deadline=None)
def test_the_gradient_is_that_of_the_likelihood(
    family: type[PurchaseModel], history: tuple[float, float, float], values: tuple[float, ...]
) -> None:
    rows, logs = np.array([history]), np.log(values)

    def value(at: Floats) -> float:
        return float(family.log_likelihood(at, rows)[0][0])

    def gradient(at: Floats) -> Floats:
        slope: Floats = family.log_likelihood(at, rows)[1][:, 0]
        return slope

    error = check_grad(value, gradient, logs)
    scale = 1.0 + np.abs(gradient(logs)).max() + abs(value(logs))
    assert error / scale < 1e-5


@pytest.mark.parametrize("family", FAMILIES)
@given(history=histories, values=four, horizon=st.floats(0.1, 500.0))
@settings(deadline=None)
def test_chances_and_expectations_of_every_family_stay_in_their_ranges(
    family: type[PurchaseModel],
    history: tuple[float, float, float],
    values: tuple[float, ...],
    horizon: float,
) -> None:
    model = with_values(family, values)
    orders, later = (model.expected_orders(ahead, *history)[0] for ahead in (horizon, horizon * 1.5))
    active, alive = model.p_active(horizon, *history)[0], model.p_alive(*history)[0]
    assert np.isfinite(orders) and 0.0 <= orders <= later * (1.0 + 1e-6) + 1e-9
    assert 0.0 <= active <= alive + 1e-6 <= 1.0 + 1e-6
    assert active <= orders * (1.0 + 1e-6) + 1e-6, "who orders does so at least once"


@given(histories, parameters, st.floats(0.1, 500.0))
@settings(deadline=None)
def test_expected_orders_and_p_alive_stay_in_their_ranges(
    history: tuple[float, float, float], params: dict[str, float], horizon: float
) -> None:
    model = BetaGeoNBD.from_params(params)
    orders = model.expected_orders(horizon, *history)[0]
    later = model.expected_orders(horizon * 1.5, *history)[0]
    alive = model.p_alive(*history)[0]
    assert np.isfinite(orders) and 0.0 <= orders <= later * (1.0 + 1e-6) + 1e-9
    assert 0.0 <= alive <= 1.0
    x, _, T = history
    assert orders <= horizon * (params["r"] + x) / (params["alpha"] + T) * (1.0 + 1e-6) + 1e-9


@pytest.mark.parametrize("a", [0.3, 0.793, 1.5])
def test_expected_orders_equal_equation_ten_of_the_paper(a: float) -> None:
    x, t_x, T, t = np.array([0.0, 1, 2, 10]), np.array([0.0, 10, 30.43, 30]), np.full(4, 38.86), 39.0
    r, alpha, b = 0.243, 4.414, 2.426
    shrink = ((alpha + T) / (alpha + T + t)) ** (r + x)
    top = 1.0 - shrink * hyp2f1(r + x, b + x, a + b + x - 1.0, t / (alpha + T + t))
    left = np.where(x > 0, a / (b + np.maximum(x, 1.0) - 1.0) * ((alpha + T) / (alpha + t_x)) ** (r + x), 0.0)
    expected = (a + b + x - 1.0) / (a - 1.0) * top / (1.0 + left)
    model = BetaGeoNBD.from_params({"r": r, "alpha": alpha, "a": a, "b": b})
    np.testing.assert_allclose(model.expected_orders(t, x, t_x, T), expected, rtol=1e-9)


def test_nothing_happens_at_a_equal_to_one() -> None:
    at, beside = (
        BetaGeoNBD.from_params({**PAPER, "a": a}).expected_orders(52.0, 3, 20.0, 30.0)[0]
        for a in (1.0, 1.001)
    )
    assert at == pytest.approx(beside, rel=1e-3)


@pytest.mark.parametrize("x", [0, 3, 99, 300])
def test_whole_parameters_do_not_overflow(x: int) -> None:
    whole, beside = (
        BetaGeoNBD.from_params({"r": 1.0, "alpha": 1.0, "a": a, "b": 1.0}).expected_orders(20.0, x, 0.0, 1.0)
        for a in (2.0, 2.001)
    )
    assert whole[0] == pytest.approx(beside[0], rel=0.01)


def test_a_frequent_customer_who_fell_silent_is_less_likely_alive_than_one_who_just_bought() -> None:
    silent, fresh, once = BetaGeoNBD.from_params(PAPER).p_alive(
        [20, 20, 0], [10.0, 38.0, 0.0], [39.0, 39.0, 39.0]
    )
    assert silent < 0.01 < 0.9 < fresh
    assert once == 1.0


def test_a_first_time_buyer_is_worth_less_the_longer_ago_the_order() -> None:
    orders = BetaGeoNBD.from_params(PAPER).expected_orders(52.0, [0, 0, 0], [0, 0, 0], [1.0, 20.0, 80.0])
    assert (np.diff(orders) < 0).all()


def test_the_parameters_of_simulated_customers_are_recovered() -> None:
    model = BetaGeoNBD().fit(*simulated(20_000, PAPER))
    assert model.params_ == pytest.approx(PAPER, rel=0.15)


def test_the_unit_of_time_only_scales_alpha() -> None:
    x, t_x, T = simulated(2_000, PAPER)
    weeks, days = BetaGeoNBD().fit(x, t_x, T), BetaGeoNBD().fit(x, t_x * 7.0, T * 7.0)
    assert days.params_["alpha"] == pytest.approx(7.0 * weeks.params_["alpha"], rel=1e-4)
    assert days.params_["b"] == pytest.approx(weeks.params_["b"], rel=1e-3)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_finds_the_parameters_its_own_customers_have(family: type[PurchaseModel]) -> None:
    """The likelihood at the fit is at least that at the truth."""
    x, t_x, T = simulated(3_000, PAPER)
    fitted = family().fit(x, t_x, T)
    beside = with_values(family, (0.3, 5.0, 0.8, 2.0))
    assert fitted.log_likelihood_ >= beside.log_likelihood_rows(x, t_x, T).sum()


def test_where_nobody_ever_leaves_a_prior_keeps_leaving_possible() -> None:
    histories = simulated(3_000, {"r": 1.0, "alpha": 5.0, "a": 1e-6, "b": 50.0})
    plain, held = BetaGeoNBD().fit(*histories), BetaGeoNBD().fit(*histories, prior=True)
    assert is_degenerate(plain)
    assert held.params_["a"] / sum(held.params_[name] for name in "ab") > 1e-5
    assert held.params_["b"] < 50.0


def test_the_integral_of_the_pareto_model_is_that_of_the_papers() -> None:
    """Fader, Hardie (2005), "A note on deriving the Pareto/NBD model", with its hypergeometric functions."""
    r, alpha, s, beta = 0.553, 10.578, 0.606, 11.669
    x, t_x, T = np.array([0.0, 2, 26]), np.array([0.0, 30.43, 30.86]), np.array([38.86, 38.86, 31.0])
    power = r + s + x

    def part(at: Floats) -> Floats:
        where = (beta - alpha) / (beta + at)
        found: Floats = hyp2f1(power, r + x, power + 1.0, where) / (beta + at) ** power
        return found

    alive = (alpha + T) ** -(r + x) * (beta + T) ** -s
    whole = alive + s / power * (part(t_x) - part(T))
    expected = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta) + np.log(whole)
    model = ParetoNBD.from_params({"r": r, "alpha": alpha, "s": s, "beta": beta})
    np.testing.assert_allclose(model.log_likelihood_rows(x, t_x, T), expected, rtol=1e-9)


@pytest.mark.parametrize("family", FAMILIES)
def test_nothing_is_expected_of_a_horizon_of_zero(family: type[PurchaseModel]) -> None:
    model = with_values(family, (0.5, 5.0, 0.8, 2.0))
    assert model.expected_orders(0.0, [0, 3], [0.0, 9.0], [10.0, 10.0]) == pytest.approx([0.0, 0.0])
    assert model.p_active(0.0, [0, 3], [0.0, 9.0], [10.0, 10.0]) == pytest.approx([0.0, 0.0])


@pytest.mark.parametrize(("x", "t_x", "T"), [(1, 5.0, 4.0), (-1, 0.0, 4.0), (1, 1.0, np.nan), ([], [], [])])
def test_an_impossible_history_is_refused(x: object, t_x: object, T: object) -> None:
    with pytest.raises(InputError):
        BetaGeoNBD().fit(x, t_x, T)  # type: ignore[arg-type]


def test_parameters_and_horizons_out_of_range_are_refused() -> None:
    with pytest.raises(ParameterError):
        BetaGeoNBD.from_params({**PAPER, "a": 0.0})
    with pytest.raises(ParameterError):
        BetaGeoNBD.from_params(PAPER).expected_orders(-1.0, 0, 0.0, 5.0)


def test_a_million_customers_are_fitted_and_scored_in_seconds() -> None:
    x, t_x, T = (np.tile(values, 10) for values in simulated(100_000, PAPER))
    started = time.process_time()
    BetaGeoNBD().fit(x, t_x, T).expected_orders(52.0, x, t_x, T)
    assert time.process_time() - started < 5.0


def table(
    n_orders: list[int], recency: list[float], *, tenure: list[float], basket: list[float]
) -> FeatureTable:
    columns = {"recency_days": recency, "n_orders": n_orders, "tenure_days": tenure, "mean_basket": basket}
    X = pd.DataFrame(columns, dtype=np.float64)
    return FeatureTable(
        customer_ids=np.array([f"c{i}" for i in range(len(X))], dtype=object),
        X=X,
        specs=tuple(FeatureSpec(name, "days", name, "transactions") for name in X.columns),
        defaults=("recency_days", "n_orders"),
        no_net_spend=np.zeros(len(X), dtype=bool),
    )


def test_lifetime_value_is_expected_orders_times_the_mean_basket() -> None:
    customers = table([3, 1, 0], [70.0, 350.0, 10.0], tenure=[273.0, 350.0, 10.0], basket=[20.0, 50.0, 0.0])
    model = BetaGeoNBD.from_params(PAPER)
    valued = with_ltv(customers, horizon_days=91, model=model)
    orders = model.expected_orders(13.0, [2, 0], [29.0, 0.0], [39.0, 50.0])
    np.testing.assert_allclose(valued.X["ltv"], [*orders * [20.0, 50.0], 0.0])
    assert valued.spec("ltv").unit == "money"
    assert "91 days" in valued.spec("ltv").description
    assert "ltv" not in customers.X.columns


def test_a_customer_in_the_red_has_no_lifetime_value() -> None:
    customers = table([2, 2], [7.0, 7.0], tenure=[70.0, 70.0], basket=[-30.0, 30.0])
    ltv = with_ltv(customers, model=BetaGeoNBD.from_params(PAPER)).X["ltv"]
    assert ltv[0] == 0.0 < ltv[1]


def test_the_model_is_fitted_on_the_customers_unless_one_is_given() -> None:
    x, t_x, T = simulated(1_000, PAPER)
    n_orders, tenure, recency = (x + 1).astype(int).tolist(), T * 7.0, (T - t_x) * 7.0
    customers = table(n_orders, recency.tolist(), tenure=tenure.tolist(), basket=[10.0] * 1_000)
    model = fit_lifetime(customers)
    assert model is not None
    assert model.params_ == pytest.approx(BetaGeoNBD().fit(x, t_x, T).params_, rel=1e-6)
    pd.testing.assert_frame_equal(with_ltv(customers).X, with_ltv(customers, model=model).X)


@pytest.mark.parametrize("missing", ["recency_days", "tenure_days", "n_orders", "mean_basket"])
def test_without_orders_the_table_stays_as_it_is(missing: str) -> None:
    customers = table([2], [7.0], tenure=[70.0], basket=[30.0])
    without = replace(customers, X=customers.X.drop(columns=missing))
    assert with_ltv(without) is without
    assert fit_lifetime(without) is None
