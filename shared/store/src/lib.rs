//! crm-store.
