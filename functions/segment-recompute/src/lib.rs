//! segment-recompute.
