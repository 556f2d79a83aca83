//! crm-local.
