//! workflow-dispatcher.
