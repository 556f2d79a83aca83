//! crm-tests.
