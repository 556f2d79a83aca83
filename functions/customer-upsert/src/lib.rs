//! customer-upsert.
