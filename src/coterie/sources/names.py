"""What columns are called in the files of the world, for each role of table.

Names are compared without capitals, accents and punctuation: ``CustomerID``, ``customer id`` and
``Customer-Id`` are one name. The earlier a name stands, the surer it is; after "|" stand names that
often mean something else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Literal

from coterie.sources.dataset import Role

Kind = Literal["id", "text", "number", "date"]

SURE, UNSURE = 0.95, 0.7
"""Confidence in a column that is named by a sure and by an ambiguous name."""

KINDS: Mapping[str, Kind] = {
    "customer_id": "id", "order_id": "id", "at": "date", "amount": "number", "quantity": "number",
    "unit_price": "number", "value": "number", "rating": "number", "birth_date": "date", "age": "number",
    "latitude": "number", "longitude": "number",
}  # fmt: skip
"""Kinds of the canonical columns; those not listed are text."""

_CUSTOMER_ID = """customer_id cust_id customer_no customer_nr customer_number customer_code customer_key
    customer_ref customer_identifier client_id client_no client_number client_num client_code user_id
    member_id member_number household_id household_key shopper_id buyer_id account_id account_number
    subscriber_id visitor_id person_id contact_id profile_id loyalty_id loyalty_card card_id
    kunden_id kunden_nr kundennummer kunden_nummer kundennr kd_nr debitor debitor_nr
    id_client numero_client no_client num_client code_client client_numero
    id_cliente cliente_id numero_cliente codigo_cliente cod_cliente num_cliente
    | customer client user member household buyer shopper kunde cliente"""
_EMAIL_AS_ID = " customer_email email_address email"
_AT_ORDER = """order_date invoice_date purchase_date transaction_date sale_date sales_date order_time
    order_datetime invoice_datetime transaction_time transaction_datetime transaction_timestamp
    order_timestamp order_purchase_timestamp purchase_time purchase_timestamp ordered_at purchased_at
    paid_at order_created_at bill_date receipt_date
    bestelldatum rechnungsdatum kaufdatum auftragsdatum belegdatum buchungsdatum verkaufsdatum
    date_commande date_de_commande date_facture date_achat date_transaction date_vente
    fecha_pedido fecha_factura fecha_compra fecha_venta fecha_transaccion
    at datetime timestamp date_time created_at | date time day created datum zeitpunkt fecha ts"""
_AT = """at timestamp datetime date_time event_time event_date event_timestamp occurred_at created_at
    received_at sent_at review_date reviewed_at posted_at submitted_at visit_time visit_date session_start
    | date time day created datum zeitpunkt fecha ts"""
_CHANNEL = """channel sales_channel order_channel kanal vertriebskanal canal canal_venta
    | platform store_type medium source"""
_COUNTRY = """country country_name country_code land pays pais ship_country shipping_country
    billing_country customer_country | nation"""

_TEXTS: Mapping[Role, Mapping[str, str]] = {
    "transactions": {
        "customer_id": _CUSTOMER_ID + _EMAIL_AS_ID,
        "order_id": """order_id order_no order_nr order_number order_code invoice_no invoice_id
            invoice_number invoice_nr basket_id transaction_id transaction_no trans_id receipt_id receipt_no
            receipt_number ticket_id ticket_no bill_no bill_id purchase_id sale_id sales_order
            bestell_id bestellnummer bestell_nr auftragsnummer auftrags_nr auftrag_nr rechnungsnummer
            rechnung_nr rechnungs_nr beleg_nr belegnummer bon_nr
            id_commande numero_commande num_commande no_commande numero_facture num_facture no_facture
            id_pedido no_pedido numero_pedido num_pedido pedido_id numero_factura num_factura id_factura
            | order invoice basket receipt ticket transaction bestellung commande facture pedido factura""",
        "at": _AT_ORDER,
        "amount": """amount total_amount line_total line_amount order_total order_amount order_value
            sales_value sales_amount sale_amount net_amount gross_amount amount_paid payment_value
            dollar_value total_price total_sales extended_price revenue turnover subtotal grand_total
            purchase_amount transaction_amount total_value invoice_amount amount_eur amount_usd amount_gbp
            betrag gesamtbetrag umsatz gesamtpreis rechnungsbetrag bestellwert summe
            montant montant_total montant_ttc montant_ht total_ttc total_ht chiffre_affaires prix_total
            importe importe_total monto monto_total precio_total ventas valor_total
            | total sales value spend payment net gross sum valor""",
        "quantity": """quantity qty quantity_ordered order_quantity item_quantity n_items number_of_items
            item_count items_count number_of_cds number_of_units units_sold quantite qte menge anzahl stueck
            stueckzahl bestellmenge cantidad unidades | units items pieces count number""",
        "unit_price": """unit_price price_per_unit item_price price_each single_price selling_price
            product_price einzelpreis stueckpreis prix_unitaire prix_unit precio_unitario
            | price preis prix precio cost_per_unit rate""",
        "product": """product_id product_code product_no product_number product_key stock_code sku sku_id
            item_id item_code item_no item_number article_id article_no article_number article_code ean upc
            gtin asin isbn artikel_nr artikelnummer artikel_id produkt_id produktnummer
            ref_produit id_produit code_produit reference_produit code_article id_producto codigo_producto
            codigo_articulo | product item article artikel produkt produit producto articulo""",
        "product_name": """product_name product_title product_description item_name item_description
            article_name description artikelbezeichnung artikelname produktname produktbezeichnung
            designation libelle nom_produit nombre_producto descripcion descripcion_producto
            | bezeichnung beschreibung title""",
        "category": """category product_category category_name category_id product_type product_group
            product_line department department_name item_category commodity kategorie warengruppe
            produktgruppe abteilung categorie rayon famille categoria categoria_producto departamento
            familia | class group section dept type""",
        "channel": _CHANNEL,
        "country": _COUNTRY,
        "currency": "currency currency_code waehrung devise moneda divisa",
    },
    "customers": {
        "customer_id": _CUSTOMER_ID + " id nr nummer" + _EMAIL_AS_ID,
        "email": "email e_mail email_address mail_address customer_email correo courriel | mail",
        "birth_date": """birth_date date_of_birth dob birthday birthdate geburtsdatum geburtstag
            date_naissance date_de_naissance fecha_nacimiento fecha_de_nacimiento""",
        "age": "age age_years customer_age age_in_years alter edad",
        "gender": "gender sex geschlecht sexe sexo genero | genre",
        "city": "city town ville ciudad stadt wohnort customer_city ship_city billing_city | ort",
        "region": "region state province county bundesland kanton departement provincia customer_state",
        "country": _COUNTRY,
        "latitude": "latitude lat breitengrad latitud geo_lat",
        "longitude": "longitude lon lng laengengrad longitud geo_lon geo_lng | long",
        "consent": """consent marketing_consent email_consent opt_in email_opt_in newsletter_consent
            gdpr_consent accepts_marketing einwilligung consentement consentimiento""",
    },
    "events": {
        "customer_id": _CUSTOMER_ID + _EMAIL_AS_ID,
        "at": _AT,
        "kind": """kind event event_type event_name event_kind action action_type activity activity_type
            interaction interaction_type ereignis evenement evento | type""",
        "channel": _CHANNEL + " network social_network",
        "url": "url page_url page uri link page_path landing_page | path page_name site",
        "value": "value event_value revenue | amount score",
    },
    "feedback": {
        "customer_id": _CUSTOMER_ID + _EMAIL_AS_ID,
        "at": _AT,
        "text": """text review review_text comment comments feedback feedback_text message body
            review_body review_content verbatim opinion kommentar rezension bewertungstext
            commentaire avis comentario resena opinion_text | content note answer""",
        "rating": """rating stars star_rating review_rating review_score score nps nps_score
            satisfaction csat bewertung sterne note_client calificacion puntuacion valoracion
            | note points grade""",
        "channel": _CHANNEL,
    },
}


def normalised(name: str) -> str:
    """A column name without capitals, accents and punctuation, its words joined by "_"."""
    name = re.sub(r"[äöüÄÖÜ]", lambda umlaut: umlaut[0] + "e", unicodedata.normalize("NFC", name))
    plain = (
        unicodedata.normalize("NFKD", name.replace("ß", "ss").replace("°", "o"))
        .encode("ascii", "ignore")
        .decode()
    )
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", plain)
    return re.sub(r"[^a-z0-9]+", "_", split.lower()).strip("_")


def _ranked(text: str) -> dict[str, tuple[float, int]]:
    sure, _, unsure = text.partition("|")
    names = [(name, SURE) for name in sure.split()] + [(name, UNSURE) for name in unsure.split()]
    ranked: dict[str, tuple[float, int]] = {}
    for rank, (name, confidence) in enumerate(names):
        ranked.setdefault(name.replace("_", ""), (confidence, rank))
    return ranked


SYNONYMS: Mapping[Role, Mapping[str, Mapping[str, tuple[float, int]]]] = {
    role: {canonical: _ranked(text) for canonical, text in columns.items()}
    for role, columns in _TEXTS.items()
}
"""Per role and canonical column: name without "_" -> (confidence, rank; a lower rank goes first)."""


def name_match(role: Role, canonical: str, *, name: str) -> tuple[float, int] | None:
    """How sure a column of this name is the canonical one, and its rank; None if it is not."""
    return SYNONYMS[role][canonical].get(normalised(name).replace("_", ""))
