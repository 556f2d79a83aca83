//! What the stories, the checks and the benches share.
