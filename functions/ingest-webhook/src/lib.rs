//! ingest-webhook.
