//! What a queue is told to do with its messages.

/// Settings of a queue, with AWS's defaults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Seconds for which a received message is hidden.
    pub visibility_seconds: u32,
    /// Seconds before a sent message can be received for the first time.
    pub delay_seconds: u32,
    /// Seconds after sending at which a message is thrown away.
    pub retention_seconds: u32,
    /// The largest message, body and attributes, in bytes.
    pub max_message_bytes: usize,
    /// Where a message goes that is received too often.
    pub redrive: Option<Redrive>,
}

/// When a message counts as dead, and who keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redrive {
    /// The name of the dead-letter queue.
    pub dead_letters: String,
    /// The number of receives after which the next one moves it there.
    pub max_receive_count: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            visibility_seconds: 30,
            delay_seconds: 0,
            retention_seconds: 345_600,
            max_message_bytes: 1_048_576,
            redrive: None,
        }
    }
}
