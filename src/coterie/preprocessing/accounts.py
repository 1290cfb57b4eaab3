"""Accounts that were made to try the shop out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from coterie.preprocessing.money import exact_sum
from coterie.preprocessing.quality import QualityStep
from coterie.sources import ROLES, Dataset

if TYPE_CHECKING:
    import ibis

TEST_NAME = r"^test($|[^a-z])"
"""`test`, `test1`, `Test_user`, `test@shop.com`; not `tester`, `testa` or `contest`."""

EXAMPLE_ADDRESS = r"@([a-z0-9-]+\.)*example\.[a-z.]+$"
"""Addresses under example.*, which reach nobody (RFC 2606)."""

_MOST = 0.5
"""If more of the addresses than this are under example.*, the file is made up or masked: they stay."""


def drop_test_accounts(dataset: Dataset) -> tuple[Dataset, QualityStep]:
    """Drop customers whose id or e-mail address is plainly a test's, from all tables.

    Parameters
    ----------
    dataset : Dataset

    Returns
    -------
    Dataset, QualityStep
        `n_dropped` counts the rows of all tables, `amount_dropped` the money of transactions.
    """
    accounts = _test_accounts(dataset)
    n_accounts = 0 if accounts is None else int(accounts.count().to_pandas())
    n_rows, money = 0, 0.0
    if accounts is not None and n_accounts:
        accounts = accounts.cache()
        for role in ROLES:
            rows = getattr(dataset, role)
            if rows is not None:
                gone = rows.semi_join(accounts, "customer_id")
                n_rows += int(gone.count().to_pandas())
                money += float(exact_sum(gone.amount).to_pandas()) if role == "transactions" else 0.0
                dataset = replace(dataset, **{role: rows.anti_join(accounts, "customer_id")})
    sentence = (
        "Test accounts (an id or e-mail address that is 'test', starts with 'test' and no further "
        f"letter, or lies under example.*), dropped: {n_accounts:,}"
    )
    return dataset, QualityStep("test accounts", sentence, n_dropped=n_rows, amount_dropped=money)


def _test_accounts(dataset: Dataset) -> ibis.Table | None:
    found = [
        _tests(rows, column)
        for role in ROLES
        if (rows := getattr(dataset, role)) is not None
        for column in ("customer_id", "email")
        if column in rows.columns
    ]
    every = found[0]
    for more in found[1:]:
        every = every.union(more)
    return every.distinct()


def _tests(rows: ibis.Table, column: str) -> Any:
    name = rows[column].lower()
    is_test = name.re_search(TEST_NAME)
    is_example = name.re_search(EXAMPLE_ADDRESS)
    share = rows.aggregate(share=is_example.mean()).to_pandas().share[0]
    if 0 < share <= _MOST:
        is_test = is_test | is_example
    return rows.filter(is_test.fill_null(False)).select("customer_id")
