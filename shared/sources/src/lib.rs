//! crm-sources.
