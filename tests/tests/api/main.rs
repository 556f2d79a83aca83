//! The API over the two tables, request by request.

mod cases;
mod customers;
mod doors;
mod settings;
mod shop;
mod support;
