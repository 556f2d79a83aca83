//! The schedule's tick: which clock, and the time it stands for.

use jiff::Timestamp;
use serde::Deserialize;

/// A tick as the schedule sends it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Tick {
    /// Which schedule.
    pub kind: TickKind,
    /// The schedule's own time, however late it is delivered.
    #[serde(default)]
    pub time: Option<Timestamp>,
}

/// The schedules that this function follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TickKind {
    /// Case clocks.
    Sla,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Tick> {
        serde_json::from_str(text).ok()
    }

    #[test]
    fn a_tick_carries_the_time_of_its_schedule() {
        let tick = read(r#"{"kind": "sla", "time": "2026-03-06T14:00:00Z"}"#).unwrap();
        assert_eq!(tick.time, Some("2026-03-06T14:00:00Z".parse().unwrap()));
        assert_eq!(read(r#"{"kind": "sla"}"#).unwrap().time, None);
    }

    #[test]
    fn what_is_meant_for_another_function_is_no_tick() {
        for text in [
            r#"{"kind": "nightly"}"#,
            "{}",
            r#"{"kind": "sla", "time": "noon"}"#,
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
