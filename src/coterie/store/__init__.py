"""The one place that opens engines and writes files.

A Store is a folder of Parquet tables and one DuckDB connection, reached through Ibis, that can see
nothing outside this folder. Every file is written under a temporary name and renamed when complete; in
a CSV, text that looks like a formula is made harmless and numbers stay numbers.
"""

from coterie.store.engines import Store, read_only_duckdb, read_only_postgresql, read_only_sqlite
from coterie.store.files import (
    FORMULA_STARTS,
    csv_text,
    harmless,
    link_or_copy,
    read_json,
    remove_drafts,
    replacing,
    write_csv,
)
from coterie.store.quoting import double_literal, quoted_name, quoted_text

__all__ = [
    "FORMULA_STARTS",
    "Store",
    "csv_text",
    "double_literal",
    "harmless",
    "link_or_copy",
    "quoted_name",
    "quoted_text",
    "read_json",
    "read_only_duckdb",
    "read_only_postgresql",
    "read_only_sqlite",
    "remove_drafts",
    "replacing",
    "write_csv",
]
