//! crm-events.
