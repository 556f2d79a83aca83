//! crm-connectors.
