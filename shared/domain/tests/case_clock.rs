//! A case's clock warns once and is breached once, each at its own time.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

use crm_domain::care::{Care, CaseSpan};
use crm_domain::case::{CannotChange, Case, CaseStatus, Clock, MOST_MOVES, Priority, Target};
use crm_domain::identity::NodeId;
use crm_domain::settings::Settings;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn clock(settings: &Settings, priority: Priority, opened_at: &str) -> (String, String) {
    let clock = Clock::first_response(settings, priority, at(opened_at));
    (clock.warn_at.to_string(), clock.due_at.to_string())
}

fn times(warn: &str, due: &str) -> (String, String) {
    (warn.to_owned(), due.to_owned())
}

/// An urgent case opened at noon: warns at 13:30, due at 14:00.
fn urgent() -> Clock {
    Clock::first_response(
        &Settings::default(),
        Priority::Urgent,
        at("2026-03-06T12:00:00Z"),
    )
}

#[test]
fn the_default_targets_are_those_of_the_house() {
    let settings = Settings::default();
    // A Friday, half an hour before the weekend.
    let friday = "2026-03-06T16:30:00Z";
    let urgent = times("2026-03-06T18:00:00Z", "2026-03-06T18:30:00Z");
    let high = times("2026-03-06T19:30:00Z", "2026-03-06T20:30:00Z");
    let normal = times("2026-03-09T14:30:00Z", "2026-03-09T16:30:00Z");
    let low = times("2026-03-10T12:30:00Z", "2026-03-10T16:30:00Z");
    assert_eq!(clock(&settings, Priority::Urgent, friday), urgent);
    assert_eq!(clock(&settings, Priority::High, friday), high);
    assert_eq!(clock(&settings, Priority::Normal, friday), normal);
    assert_eq!(clock(&settings, Priority::Low, friday), low);
}

#[test]
fn one_business_hour_from_friday_half_past_four_is_monday_half_past_nine() {
    let mut settings = Settings::default();
    settings.first_response.normal = Target::BusinessHours(1);
    let expected = times("2026-03-09T09:15:00Z", "2026-03-09T09:30:00Z");
    assert_eq!(
        clock(&settings, Priority::Normal, "2026-03-06T16:30:00Z"),
        expected
    );
}

#[test]
fn a_business_day_of_a_store_in_new_york_is_over_at_its_five_o_clock() {
    let settings = Settings {
        time_zone: "America/New_York".to_owned(),
        ..Settings::default()
    };
    // Clocks there change on the Sunday between.
    let expected = times("2026-03-09T19:00:00Z", "2026-03-09T21:00:00Z");
    assert_eq!(
        clock(&settings, Priority::Normal, "2026-03-06T22:00:00Z"),
        expected
    );
}

#[test]
fn a_breach_is_stamped_at_its_due_time_however_late_the_checker_runs() {
    let mut clock = urgent();
    clock.advance(at("2026-03-20T00:00:00Z"));
    assert_eq!(clock.warned_at, Some(at("2026-03-06T13:30:00Z")));
    assert_eq!(clock.breached_at, Some(at("2026-03-06T14:00:00Z")));
    assert_eq!(clock.escalation_level(), 2);
    assert_eq!(clock.next_at(), None);
}

#[test]
fn the_checker_looks_first_for_the_warning_then_for_the_breach() {
    let mut clock = urgent();
    assert_eq!(clock.next_at(), Some(clock.warn_at));
    clock.advance(clock.warn_at);
    assert_eq!(clock.breached_at, None);
    assert_eq!(clock.escalation_level(), 1);
    assert_eq!(clock.next_at(), Some(clock.due_at));
}

#[test]
fn an_answer_in_time_stops_the_clock() {
    let mut clock = urgent();
    clock.meet(at("2026-03-06T13:00:00Z"));
    clock.advance(at("2026-03-20T00:00:00Z"));
    assert_eq!((clock.warned_at, clock.breached_at), (None, None));
    assert_eq!(clock.next_at(), None);
}

#[test]
fn a_late_answer_does_not_hide_the_breach_before_it() {
    let mut clock = urgent();
    clock.meet(at("2026-03-06T15:00:00Z"));
    assert_eq!(clock.breached_at, Some(at("2026-03-06T14:00:00Z")));
    assert_eq!(clock.next_at(), None);
}

#[test]
fn an_answer_we_hear_of_late_takes_the_breach_back() {
    let mut clock = urgent();
    clock.advance(at("2026-03-06T15:00:00Z"));
    clock.meet(at("2026-03-06T13:45:00Z"));
    assert_eq!(clock.warned_at, Some(at("2026-03-06T13:30:00Z")));
    assert_eq!(clock.breached_at, None);
}

/// What happens to a clock: the checker runs, or somebody answers.
#[derive(Debug, Clone, Copy)]
enum Event {
    Checked(i64),
    Answered(i64),
}

fn apply(clock: &mut Clock, event: Event) {
    let opened = at("2026-03-06T12:00:00Z");
    match event {
        Event::Checked(minute) => clock.advance(opened + SignedDuration::from_mins(minute)),
        Event::Answered(minute) => clock.meet(opened + SignedDuration::from_mins(minute)),
    }
}

fn some_event() -> impl Strategy<Value = Event> {
    // Steps of 15 minutes hit the warning and the due time themselves.
    (0i64..12, any::<bool>()).prop_map(|(quarter, answered)| {
        if answered {
            Event::Answered(quarter * 15)
        } else {
            Event::Checked(quarter * 15)
        }
    })
}

proptest! {
    #[test]
    fn the_stamps_do_not_depend_on_the_order_or_number_of_events(
        (events, shuffled) in prop::collection::vec(some_event(), 0..8)
            .prop_flat_map(|events| (Just(events.clone()), Just(events).prop_shuffle())),
    ) {
        let (mut one, mut other) = (urgent(), urgent());
        for event in events.iter().chain(&events) {
            apply(&mut one, *event);
        }
        for event in shuffled {
            apply(&mut other, event);
        }
        // The checker has run at last in both.
        apply(&mut one, Event::Checked(1000));
        apply(&mut other, Event::Checked(1000));
        prop_assert_eq!(one, other);
        prop_assert_eq!(one.next_at(), None);
    }

    #[test]
    fn a_warning_comes_before_its_breach_and_after_the_opening(
        hours in 1i64..=1000, kind in 0..3, minute in 0i64..527_040,
    ) {
        let mut settings = Settings::default();
        settings.first_response.low = match kind {
            0 => Target::ClockHours(hours),
            1 => Target::BusinessHours(hours),
            _ => Target::BusinessDays(hours),
        };
        let opened_at = at("2026-01-01T00:00:00Z") + SignedDuration::from_mins(minute);
        let clock = Clock::first_response(&settings, Priority::Low, opened_at);
        prop_assert!(opened_at < clock.warn_at && clock.warn_at < clock.due_at);
    }
}

fn case() -> Case {
    Case {
        id: "lampbroken".to_owned(),
        version: 1,
        node: NodeId::parse("adaadaada").unwrap(),
        order: None,
        subject: "Broken".to_owned(),
        priority: Priority::Urgent,
        status: CaseStatus::New,
        opened_at: at("2026-03-06T12:00:00Z"),
        ended_at: None,
        moves: Vec::new(),
        first_response: urgent(),
    }
}

#[test]
fn every_move_that_a_case_may_make_and_no_other() {
    use CaseStatus::{Closed, Escalated, InProgress, New, Resolved, WaitingOnCustomer};
    let now = at("2026-03-06T13:00:00Z");
    for from in CaseStatus::ALL {
        let mut case = case();
        case.status = from;
        case.ended_at = (!from.is_open()).then_some(now);
        let allowed: Vec<_> = CaseStatus::ALL
            .into_iter()
            .filter(|to| *to != from && case.clone().move_to(*to, now).is_ok())
            .collect();
        let expected = match from {
            New => vec![InProgress, WaitingOnCustomer, Escalated, Resolved, Closed],
            InProgress => vec![WaitingOnCustomer, Escalated, Resolved, Closed],
            WaitingOnCustomer => vec![InProgress, Escalated, Resolved, Closed],
            Escalated => vec![InProgress, WaitingOnCustomer, Resolved, Closed],
            Resolved => vec![InProgress, Closed],
            Closed => vec![],
        };
        assert_eq!(allowed, expected, "{from:?}");
        let same = case.clone();
        assert_eq!(case.move_to(from, now), Ok(()));
        assert_eq!(case, same);
    }
}

#[test]
fn a_case_keeps_its_latest_moves_and_no_more_than_fit() {
    let mut case = case();
    let mut moves = Vec::new();
    for minute in 0..MOST_MOVES + 7 {
        let now = at("2026-03-06T13:00:00Z");
        let now = now + SignedDuration::from_mins(i64::try_from(minute).unwrap());
        let to = if minute % 2 == 0 {
            CaseStatus::Escalated
        } else {
            CaseStatus::InProgress
        };
        case.move_to(to, now).unwrap();
        case.move_to(to, now).unwrap();
        moves.push((now, to));
    }
    assert_eq!(case.moves, moves[7..]);
}

#[test]
fn the_end_stops_the_clock_where_it_is_and_for_good() {
    let mut early = case();
    early
        .move_to(CaseStatus::Resolved, at("2026-03-06T13:00:00Z"))
        .unwrap();
    assert_eq!(early.first_response.next_at(), None);
    early
        .move_to(CaseStatus::InProgress, at("2026-03-07T13:00:00Z"))
        .unwrap();
    assert_eq!(
        (early.ended_at, early.first_response.next_at()),
        (None, None)
    );
    early.first_response.advance(at("2026-03-08T13:00:00Z"));
    assert_eq!(
        (
            early.first_response.warned_at,
            early.first_response.breached_at
        ),
        (None, None)
    );

    // Between the warning and the breach, and nobody had looked yet.
    let mut late = case();
    late.move_to(CaseStatus::Closed, at("2026-03-06T13:45:00Z"))
        .unwrap();
    assert_eq!(
        late.first_response.warned_at,
        Some(at("2026-03-06T13:30:00Z"))
    );
    assert_eq!(late.first_response.breached_at, None);
    assert_eq!(late.first_response.next_at(), None);
}

#[test]
fn what_was_resolved_is_opened_again_within_fourteen_days() {
    let resolved = at("2026-03-06T13:00:00Z");
    let mut case = case();
    case.move_to(CaseStatus::Resolved, resolved).unwrap();
    let last = resolved + SignedDuration::from_hours(14 * 24);
    let late = last + SignedDuration::from_secs(1);
    let refused = case.clone().move_to(CaseStatus::InProgress, late);
    assert_eq!(refused, Err(CannotChange::TooLate));
    assert!(case.clone().move_to(CaseStatus::Closed, late).is_ok());
    assert!(case.move_to(CaseStatus::InProgress, last).is_ok());
}

#[test]
fn of_cases_long_over_nothing_is_kept_and_of_others_everything() {
    let settings = Settings::default();
    let mut care = Care::default();
    let span = |opened: &str, closed: Option<&str>| CaseSpan {
        opened: at(opened),
        closed: closed.map(at),
    };
    care.cases = [
        (
            "old",
            span("2024-01-01T00:00:00Z", Some("2024-01-02T00:00:00Z")),
        ),
        ("open", span("2024-01-01T00:00:00Z", None)),
        (
            "ended",
            span("2024-01-01T00:00:00Z", Some("2025-06-01T00:00:00Z")),
        ),
    ]
    .map(|(id, span)| (id.to_owned(), span))
    .into();
    let now = at("2026-03-06T12:00:00Z");
    care.note("new", span("2026-03-06T12:00:00Z", None), &settings, now);
    let kept: Vec<_> = care.cases.keys().map(String::as_str).collect();
    assert_eq!(kept, ["ended", "new", "open"]);
    // One that a rule still looks at stays, however long it is over.
    let mut settings = settings;
    settings.health.recent_case_days = 3_000;
    care.note(
        "old",
        span("2024-01-01T00:00:00Z", Some("2024-01-02T00:00:00Z")),
        &settings,
        now,
    );
    assert!(care.cases.contains_key("old"));
}
