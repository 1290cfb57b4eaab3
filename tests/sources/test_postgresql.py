"""A real server, over the network, with a password."""

from __future__ import annotations

import traceback
from typing import Any

import pytest

from coterie.errors import InputError, NotFoundError
from tests.opening import read_to_end


@pytest.fixture(scope="module")
def shop(postgresql: Any) -> Any:
    postgresql.administrator.execute(
        """
        CREATE TABLE orders (id text, at timestamp, seen timestamptz, amount numeric(10,2), rate float8,
                             paid boolean, n bigint, note text, tags text[]);
        INSERT INTO orders VALUES
          ('00123', '2011-01-02 03:04:05', '2011-01-02 03:04:05+02', 12.50, 17850.0, true,
           12345678901234567890 % 9007199254740993, 'a,"b"', '{x,y}'),
          ('NA', NULL, NULL, -3.10, 0.1, false, NULL, '', NULL);
        CREATE TABLE many AS SELECT i::text AS id FROM generate_series(1, 70000) i;
        CREATE TABLE empty (id text);
        CREATE SCHEMA crm;
        CREATE TABLE crm."we""ird; DROP TABLE orders; --" AS SELECT 1 AS a;
        """
    )
    return postgresql


def test_values_are_printed_exactly(shop: Any) -> None:
    found = read_to_end(shop.url("orders"))
    assert found.rows == [
        ["00123", "2011-01-02 03:04:05", "2011-01-02 01:04:05.000000+00:00", "12.50", "17850", "true",
         str(12345678901234567890 % 9007199254740993), 'a,"b"', "{x,y}"],
        ["NA", None, None, "-3.10", "0.1", "false", None, None, None],
    ]  # fmt: skip
    assert found.table.source.endswith("postgres::orders")


def test_a_large_table_comes_in_batches(shop: Any) -> None:
    found = read_to_end(shop.url("public.many"))
    assert found.column("id") == [str(i) for i in range(1, 70_001)]
    assert found.lines == list(range(1, 70_001))


def test_a_table_in_a_schema_is_found_and_its_name_is_only_a_name(shop: Any) -> None:
    found = read_to_end(shop.url("crm.we%22ird;%20DROP%20TABLE%20orders;%20--"))
    assert found.rows == [["1"]]
    assert read_to_end(shop.url("orders")).rows


def test_a_missing_table_is_told_with_those_there_are(shop: Any) -> None:
    with pytest.raises(NotFoundError, match=r"no table 'nope'.*many, orders, crm\.we"):
        read_to_end(shop.url("nope"))
    with pytest.raises(NotFoundError, match="more than one table"):
        read_to_end(shop.url())


def test_an_empty_table_is_refused(shop: Any) -> None:
    with pytest.raises(InputError, match="no rows"):
        read_to_end(shop.url("empty"))


@pytest.mark.parametrize("password", ["planted-wrong", "planted%0a=x'"])
def test_the_password_is_in_no_message_and_no_cause(shop: Any, password: str) -> None:
    with pytest.raises(InputError) as caught:
        read_to_end(shop.url("orders", password=password))
    told = "".join(traceback.format_exception_only(caught.value)) + repr(caught.value.__cause__)
    assert "planted" not in told


@pytest.mark.parametrize(
    "url",
    [
        "postgres://host/base?table=t",
        "mysql://root@host/base",
        "sqlite:////etc/passwd",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "jdbc:h2:mem:x;INIT=RUNSCRIPT://y",
        "postgresql://u:planted@host/base?options=-c%20x",
        "postgresql://u:planted@host/base?host=/tmp",
        "postgresql://u:planted@host/base?sslmode=require&sslcert=/etc/passwd",
        "postgresql://u:planted@host/base?sslmode=no",
        "postgresql://u:planted@host/base?connect_timeout=x",
        "postgresql://u:planted@host:port/base",
        "postgresql://u:planted@%2Ftmp/base",
        "postgresql://u:planted@a,b/base",
        "postgresql://u:planted@host/",
        "postgresql://u:planted@host/base%20host=x",
        "postgresql://[::1/base",
    ],
)
def test_an_address_that_is_not_plainly_allowed_is_refused(url: str) -> None:
    with pytest.raises(InputError) as caught:
        read_to_end(url)
    assert "planted" not in str(caught.value)
