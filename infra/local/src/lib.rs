//! The whole system in one process: the same functions, the same template, no AWS.

pub mod args;
pub mod clock;
pub mod deliver;
pub mod functions;
pub mod gateway;
pub mod pump;
pub mod replay;
pub mod sample;
pub mod serve;
pub mod services;
pub mod system;
pub mod template;
