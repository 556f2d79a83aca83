//! connector-push.
