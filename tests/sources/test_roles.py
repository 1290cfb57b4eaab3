from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.errors import SchemaError
from coterie.sources.dataset import ROLES
from coterie.sources.names import SYNONYMS, name_match, normalised
from coterie.sources.profile import profile_columns
from coterie.sources.roles import Layout, lay_out, positions_told


def laid_out(header: str, *lines: str, told: dict[str, int | None] | None = None) -> Layout:
    """The layout of a small table of cells parted by commas."""
    names = header.split(",")
    cells = [line.split(",") for line in lines]
    columns = {f"c{i}": pa.array([row[i] or None for row in cells], pa.string()) for i in range(len(names))}
    return lay_out(profile_columns(pa.table(columns), names), source="x.csv", told=told or {}, role=None)


def taken(layout: Layout, header: str) -> dict[str, str]:
    names = header.split(",")
    return {canonical: names[guess.position] for canonical, guess in layout.columns.items()}


ORDERS = [
    "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country",
    "Order Number,Item SKU,Product Name,Qty,Order Date,Item Price,Customer Number,Ship Country",
    "Bestellnummer,Artikelnummer,Artikelbezeichnung,Menge,Bestelldatum,Einzelpreis,Kundennr.,Land",
    "N° commande,Réf. produit,Désignation,Quantité,Date commande,Prix unitaire,Code client,Pays",
    "Número Pedido,Código Producto,Descripción,Cantidad,Fecha Pedido,Precio Unitario,ID Cliente,País",
]


@pytest.mark.parametrize("header", ORDERS)
def test_orders_are_recognised_in_four_languages(header: str) -> None:
    layout = laid_out(
        header.replace("Item SKU", "SKU"),
        "1,p1,Tea,2,2024-01-05,3.5,c1,France",
        "2,p2,Mug,1,2024-01-06,7,c1,France",
    )
    assert layout.role == "transactions"
    positions = {canonical: guess.position for canonical, guess in layout.columns.items()}
    wanted = ["order_id", "product", "product_name", "quantity", "at", "unit_price", "customer_id", "country"]
    assert {name: positions.get(name) for name in wanted} == dict(zip(wanted, range(8), strict=True))


def test_a_price_without_quantity_is_the_amount() -> None:
    header = "customer_id,date,price"
    assert taken(laid_out(header, "a,2024-01-05,3", "a,2024-01-06,4"), header)["amount"] == "price"


def test_a_product_name_stands_in_for_a_missing_product_code() -> None:
    header = "customer_id,date,amount,description"
    found = taken(laid_out(header, "a,2024-01-05,3,Tea", "a,2024-01-06,4,Mug"), header)
    assert found["product"] == "description"
    assert "product_name" not in found


@pytest.mark.parametrize(
    "name", ["Clothing ID", "Income", "Recency", "Annual_Income(k$)", "Dt_Customer", "z"]
)
def test_names_that_only_resemble_a_canonical_one_are_not_taken_for_it(name: str) -> None:
    for role in ROLES:
        for canonical in ("customer_id", "amount", "at"):
            if canonical in SYNONYMS[role]:
                assert name_match(role, canonical, name=name) is None


def test_a_column_whose_values_deny_its_name_is_not_taken() -> None:
    layout = laid_out("customer_id,order_id,amount,date", "a,1,3,soon", "a,2,4,later")
    assert "at" not in layout.columns
    assert layout.role == "transactions"


def test_genre_is_a_gender_only_if_its_values_are() -> None:
    assert "gender" in laid_out("id,genre", "1,Male", "2,Female").columns
    assert "gender" not in laid_out("id,genre", "1,Jazz", "2,Rock").columns


def test_dates_under_an_unknown_name_are_found_by_their_values() -> None:
    header = "customer_id,geliefert,amount"
    layout = laid_out(header, "a,2024-01-05,3", "a,2024-01-06,4")
    assert taken(layout, header)["at"] == "geliefert"
    assert layout.columns["at"].confidence < 0.95


def test_one_row_a_customer_without_orders_is_a_table_of_customers() -> None:
    header = "ID,Income,Kids,Signup"
    layout = laid_out(header, "1,500,0,2012-01-05", "2,700,1,2012-01-06")
    assert layout.role == "customers"
    assert taken(layout, header) == {"customer_id": "ID"}


def test_a_nameless_first_column_that_counts_the_rows_is_the_id() -> None:
    layout = laid_out("column 1,Age", "0,30", "1,40")
    assert layout.columns["customer_id"].position == 0


def test_texts_with_stars_are_feedback_and_clicks_are_events() -> None:
    assert laid_out("customer_id,review_text,stars", "a,Nice,5", "a,Bad,1").role == "feedback"
    assert (
        laid_out("user_id,timestamp,event,page", "a,2024-01-05,view,/", "b,2024-01-05,view,/").role
        == "events"
    )


def test_orders_without_a_customer_are_not_mistaken_for_customers() -> None:
    with pytest.raises(SchemaError, match="--map customer_id"):
        laid_out("order_id,date,amount", "1,2024-01-05,3", "2,2024-01-06,4")


def test_repeated_customers_with_products_but_no_money_are_refused() -> None:
    with pytest.raises(SchemaError, match="--map at"):
        laid_out("user,item", "1,5", "1,6", "2,5")


def test_what_the_user_says_beats_every_guess() -> None:
    header = "customer_id,household,date,amount"
    told: dict[str, int | None] = {"customer_id": 1, "at": None, "order_id": 2}
    layout = laid_out(header, "a,h,2024-01-05,3", "b,h,2024-01-06,4", told=told)
    assert taken(layout, header) == {"customer_id": "household", "order_id": "date", "amount": "amount"}
    assert layout.columns["customer_id"].confidence == 1


def test_naming_an_amount_makes_a_table_of_single_purchases_orders() -> None:
    lines = ("a,2024-01-05,30,3", "b,2024-01-06,40,4")
    assert laid_out("customer_id,joined,age,paid", *lines).role == "customers"
    assert laid_out("customer_id,joined,age,paid", *lines, told={"amount": 3}).role == "transactions"
    assert laid_out("customer_id,joined,age,paid", *lines, told={"at": None}).role == "customers"


def test_a_mapping_names_columns_by_name_number_or_not_at_all() -> None:
    mapping = {"customer_id": "Who", "at": "#2", "amount": "-", "product": "absent"}
    assert positions_told(mapping, ["who", "when"], numbered=True) == {
        "customer_id": 0,
        "at": 1,
        "amount": None,
    }
    assert positions_told(mapping, ["who", "when"], numbered=False) == {"customer_id": 0, "amount": None}


@pytest.mark.parametrize("role", ROLES)
def test_no_name_means_two_columns_of_one_table_for_sure(role: str) -> None:
    sure = [
        name
        for names in SYNONYMS[role].values()  # type: ignore[index]
        for name, (confidence, _) in names.items()
        if confidence > 0.9
    ]
    assert sorted(sure) == sorted(set(sure))


@given(st.text(max_size=30))
def test_normalising_a_name_twice_changes_nothing(name: str) -> None:
    assert normalised(normalised(name)) == normalised(name)


def test_names_are_compared_without_capitals_accents_and_punctuation() -> None:
    for name in ("CustomerID", "customer id", "Customer-Id", "CUSTOMER_ID", "customerid", " Customer  ID "):
        assert name_match("transactions", "customer_id", name=name)
    assert normalised("Größe (m²)") == "groesse_m2"
