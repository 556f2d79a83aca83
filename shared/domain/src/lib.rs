//! crm-domain.
