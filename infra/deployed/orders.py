"""A small Shopify order, as its orders/create webhook carries it, and the headers it comes with."""

import base64
import hashlib
import hmac
import json
import uuid
from datetime import UTC, datetime

SHOP = "check.myshopify.com"
# Above what a double holds exactly, as real ids are.
FIRST_ID = 9_007_199_254_740_993


def _both(amount):
    money = {"amount": amount, "currency_code": "EUR"}
    return {"shop_money": money, "presentment_money": money}


def _line(number):
    return {
        "id": FIRST_ID + 100 + number, "product_id": FIRST_ID + 200, "variant_id": FIRST_ID + 300,
        "title": "Walnut tray", "sku": "TRAY-1", "quantity": 2, "current_quantity": 2, "price": "20.00",
        "price_set": _both("20.00"), "total_discount": "0.00", "total_discount_set": _both("0.00"),
        "discount_allocations": [], "tax_lines": [], "gift_card": False, "requires_shipping": True, "taxable": True,
        "fulfillment_status": None, "vendor": None, "properties": [],
    }


def order(number, email):
    """The `number`th order of the check, placed just now and paid: 40.00 euros of goods, 5.00 of shipping."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return {
        "id": FIRST_ID + number, "admin_graphql_api_id": f"gid://shopify/Order/{FIRST_ID + number}",
        "name": f"#{1000 + number}", "number": number, "order_number": 1000 + number,
        "email": email, "contact_email": email, "phone": None, "note": None, "tags": "", "test": False,
        "created_at": now, "processed_at": now, "updated_at": now, "closed_at": None,
        "cancelled_at": None, "cancel_reason": None, "confirmed": True,
        "financial_status": "paid", "fulfillment_status": None, "payment_terms": None,
        "currency": "EUR", "presentment_currency": "EUR", "taxes_included": False,
        "total_price": "45.00", "total_price_set": _both("45.00"), "current_total_price": "45.00",
        "current_total_price_set": _both("45.00"), "subtotal_price": "40.00", "subtotal_price_set": _both("40.00"),
        "current_subtotal_price": "40.00", "current_subtotal_price_set": _both("40.00"),
        "total_line_items_price": "40.00", "total_line_items_price_set": _both("40.00"),
        "total_discounts": "0.00", "total_discounts_set": _both("0.00"), "total_tax": "0.00",
        "total_tax_set": _both("0.00"), "total_shipping_price_set": _both("5.00"), "total_outstanding": "0.00",
        "tax_lines": [], "discount_codes": [], "discount_applications": [], "source_name": "web",
        "landing_site": None, "referring_site": None, "note_attributes": [], "payment_gateway_names": ["bogus"],
        "billing_address": None, "shipping_address": None,
        "customer": {
            "id": FIRST_ID + 500 + number, "email": email, "first_name": "Ada", "last_name": "Check", "phone": None,
            "created_at": now, "updated_at": now, "state": "enabled", "note": None, "verified_email": True,
            "tags": "", "currency": "EUR", "tax_exempt": False,
        },
        "line_items": [_line(number)],
        "shipping_lines": [{
            "id": FIRST_ID + 400 + number, "title": "Parcel", "price": "5.00", "price_set": _both("5.00"),
            "discounted_price": "5.00", "discounted_price_set": _both("5.00"), "discount_allocations": [],
            "tax_lines": [], "is_removed": False,
        }],
        "fulfillments": [], "refunds": [], "returns": [],
    }


def webhook(number, email, secret):
    """Headers and body of the order's delivery, signed with `secret`."""
    body = json.dumps(order(number, email)).encode()
    signature = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    return {
        "Content-Type": "application/json",
        "X-Shopify-Topic": "orders/create",
        "X-Shopify-Shop-Domain": SHOP,
        "X-Shopify-API-Version": "2026-01",
        "X-Shopify-Webhook-Id": str(uuid.uuid4()),
        "X-Shopify-Event-Id": str(uuid.uuid4()),
        "X-Shopify-Triggered-At": datetime.now(UTC).isoformat(),
        "X-Shopify-Hmac-Sha256": signature,
    }, body
