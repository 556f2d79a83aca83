//! What the stories share: a whole system in memory, and a shop that talks to it.

pub mod books;
pub mod flow;
pub mod recorded;
pub mod shared_data;
pub mod shop;
pub mod stack;
pub mod tables;
