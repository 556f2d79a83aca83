//! The API over the two tables, request by request.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

mod audit;
mod cases;
mod contract;
mod cursors;
mod customers;
mod doors;
mod exports;
mod money;
mod reasons;
mod roles;
mod runs;
mod settings;
mod shop;
mod support;
mod tags;
