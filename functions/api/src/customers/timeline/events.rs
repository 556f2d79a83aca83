//! What happened, each with its time and what is told of it.

use crm_domain::case::CaseStatus;
use crm_domain::chronicle::Cause;
use crm_domain::consent::Decision;
use crm_domain::customer::Node;
use crm_domain::field::FieldChange;
use crm_domain::merge::{By, Merge};
use crm_domain::order::{Happened, Happening};
use crm_domain::settings::Settings;
use crm_store::{CaseSummary, LooseReturnSummary, OrderRecord, ToldChange};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Position;
use crate::assessment::{self, Changed};
use crate::communications::SaidView;
use crate::customers::facts::Said;
use crate::customers::fields::ChangeView;
use crate::customers::whole::{MEDIA, decisions};

/// Of two things at one instant the one of the higher rank is the later.
const ORDER: u8 = 1;
const CASE: u8 = 3;
pub(super) const LOOSE: u8 = 4;
pub(super) const SAID: u8 = 5;
pub(super) const FIELDS: u8 = 6;
const CONSENT: u8 = 7;
const MERGE: u8 = 8;
const CHANGE: u8 = 9;

/// One thing that happened.
pub(super) struct Event {
    pub(super) at: Timestamp,
    rank: u8,
    id: String,
    shown: Value,
    /// Whether the caller may not see it. It has its place in a page all the
    /// same, or whoever sees less would find the end of a list too early.
    hidden: bool,
}

impl Event {
    pub(super) fn position(&self) -> Position {
        (self.at, self.rank, self.id.clone())
    }

    fn new(at: Timestamp, rank: u8, id: String, kind: &str, mut shown: Value) -> Self {
        shown["kind"] = kind.into();
        if shown.get("on").is_none() {
            shown["at"] = at.to_string().into();
        }
        Self {
            at,
            rank,
            id,
            shown,
            hidden: false,
        }
    }

    pub(super) fn seen(self, seen: bool) -> Self {
        Self {
            hidden: !seen,
            ..self
        }
    }

    /// What is told of it, to whom it may be told.
    pub(super) fn shown(self) -> Option<Value> {
        (!self.hidden).then_some(self.shown)
    }
}

/// All that happened to an order.
pub(super) fn of_order(record: &OrderRecord) -> Vec<Event> {
    let order = &record.order;
    let currency = order.body.as_ref().map(|(_, body)| body.currency);
    let events = order.happenings().into_iter().enumerate();
    let events = events.map(|(n, happening)| {
        let Happening { at, what } = happening;
        let mut shown = json!({"order_id": order.id});
        if let Some((_, body)) = &order.body {
            shown["order_name"] = body.name.clone().into();
        }
        if let Some(id) = what.id() {
            shown["id"] = id.into();
        }
        match &what {
            Happened::Placed => {
                let summary = order.summary();
                shown["status"] = json!(order.status());
                shown["channel"] = json!(summary.as_ref().map(|summary| summary.channel));
                shown["gross"] = json!(summary.as_ref().map(|summary| summary.gross));
                shown["currency"] = json!(currency);
            }
            Happened::Returned(_, status) => shown["status"] = json!(status),
            Happened::Refunded(_, amount) => {
                shown["amount"] = json!(amount);
                shown["currency"] = json!(currency);
            }
            _ => {}
        }
        // An order's own events in the order in which they can come about.
        let step = match &what {
            Happened::Placed => 0,
            Happened::Shipped(_) => 1,
            Happened::Delivered(_) => 2,
            Happened::Returned(..) => 3,
            Happened::Refunded(..) => 4,
            Happened::Cancelled => 5,
        };
        // A return is told of once a state, at one instant maybe.
        let id = what.id().unwrap_or_default();
        let id = format!("{}#{step}#{id}#{n:04}", order.id);
        Event::new(at, ORDER, id, what.name(), shown)
    });
    events.collect()
}

pub(super) fn of_loose_return(loose: &LooseReturnSummary) -> Event {
    let id = loose.id.to_string();
    let shown = json!({"id": id, "refunded": loose.refunded, "units": loose.units});
    Event::new(loose.at, LOOSE, id, "return_without_order", shown)
}

pub(super) fn of_said(said: Said) -> Event {
    let view = SaidView::of(said);
    let (at, id) = (view.at(), view.id().to_owned());
    let kind = if view.is_automatic() {
        "message"
    } else {
        "communication"
    };
    let mut shown = json!(view);
    // The word for the kind of event is taken.
    shown["communication"] = shown["kind"].take();
    Event::new(at, SAID, id, kind, shown)
}

pub(super) fn of_fields(change: FieldChange) -> Event {
    let (at, id) = (change.at, change.id.clone());
    Event::new(at, FIELDS, id, "fields_set", json!(ChangeView::of(change)))
}

/// What became of a case, from its opening on.
pub(super) fn of_case(case: &CaseSummary) -> Vec<Event> {
    let of = |at, step: usize, kind: &str, mut shown: Value| {
        shown["case_id"] = case.id.clone().into();
        shown["priority"] = json!(case.priority);
        Event::new(at, CASE, format!("{}#{step:04}", case.id), kind, shown)
    };
    let mut events = vec![of(case.opened_at, 0, "case_opened", json!({}))];
    let mut was_open = true;
    for (n, (at, to)) in case.moves.iter().enumerate() {
        let kind = match (to, was_open) {
            (CaseStatus::Escalated, _) => "case_escalated",
            (to, _) if !to.is_open() => "case_closed",
            (_, false) => "case_reopened",
            _ => "case_moved",
        };
        was_open = to.is_open();
        events.push(of(*at, n + 1, kind, json!({"status": to})));
    }
    let late = case.breached_at.into_iter();
    events.extend(late.map(|at| of(at, 9999, "case_breached", json!({}))));
    events
}

/// Decisions about marketing that have a date.
pub(super) fn of_consent(nodes: &[Node]) -> Vec<Event> {
    let of_medium = |medium| {
        let dated = decisions(nodes, medium).into_iter();
        let dated = dated.filter_map(|decision| Some((decision.at?, decision)));
        dated.map(move |(at, decision): (Timestamp, &Decision)| {
            let shown = json!({
                "medium": medium,
                "state": decision.state,
                "source": decision.source,
            });
            let id = format!("{medium:?}#{:?}", decision.state);
            Event::new(at, CONSENT, id, "consent", shown)
        })
    };
    MEDIA.into_iter().flat_map(of_medium).collect()
}

/// Merges, and their ends.
pub(super) fn of_merges(merges: &[Merge]) -> Vec<Event> {
    let mut events = Vec::new();
    for merge in merges {
        let shown = |by| {
            json!({
                "merge_id": merge.id,
                "by": by,
                "kept_customer_id": merge.kept.person,
                "joined_customer_id": merge.joined.person,
            })
        };
        let id = |step: u8| format!("{}#{step}", merge.id);
        let made = shown(json!(merge.by));
        events.push(Event::new(merge.at, MERGE, id(0), "merge", made));
        if let Some(undone) = &merge.undone {
            // Without a caller, what joined them parted them.
            let by = match undone.caller {
                Some(_) => By::Staff,
                None => merge.by,
            };
            let shown = shown(json!(by));
            events.push(Event::new(undone.at, MERGE, id(1), "unmerge", shown));
        }
    }
    events
}

/// Changes of group, stage, VIP and health. Of these the date is known: what
/// time did stands at its beginning, anything else at its end, behind what
/// may have led to it.
pub(super) fn of_changes(changes: &[ToldChange], settings: &Settings) -> Vec<Event> {
    let events = changes.iter().enumerate().map(|(n, told)| {
        let change = &told.change;
        let mut shown = json!(Changed::of(told, assessment::before(changes, n)));
        if let Some(fields) = shown.as_object_mut() {
            for name in ["facts", "rules", "settings", "cutoffs", "by_rank"] {
                fields.remove(name);
            }
        }
        let end = || {
            let next = change.on.tomorrow().map(|next| settings.start_of(next));
            let next = next.unwrap_or(Timestamp::MAX);
            next.checked_sub(SignedDuration::from_nanos(1))
                .unwrap_or(next)
        };
        let at = match change.cause {
            Cause::Time => settings.start_of(change.on),
            _ => end(),
        };
        Event::new(at, CHANGE, format!("{n:08}"), "change", shown)
    });
    events.collect()
}
