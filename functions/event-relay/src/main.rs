//! Entry point: wires the handler in `lib.rs` to Lambda. No logic here.

fn main() {}
