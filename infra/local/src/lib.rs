//! The whole system in one process: the same functions, the same template, no AWS.

pub mod clock;
pub mod functions;
pub mod gateway;
pub mod template;
