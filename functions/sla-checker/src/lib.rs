//! sla-checker.
