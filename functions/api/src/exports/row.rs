//! One line of the table for each person.

use std::fmt::Display;

use crm_domain::chronicle::Facts;
use crm_domain::identity::{ExternalId, NodeId};
use crm_domain::segment::{Assessment, Rules, Score, Subject};
use crm_domain::value::Worth;
use jiff::civil::Date;

use super::{PAGE_BYTES, csv};
use crate::decimal::plain;

const COLUMNS: &str = "customer_id,external_id,as_of,first_order_at,last_order_at,recency_days,\
    frequency,monetary,r,f,m,code,group,stage,vip,segment,health,gross,net,aov,orders_per_year,\
    simple_value,model_value,p_alive,return_rate_orders,return_rate_units,return_rate_value,\
    next_change_on";

/// A page of the table.
pub(super) struct Table {
    text: String,
    /// Lines there is still room for.
    room: usize,
}

/// Somebody in the table.
pub(super) struct Who<'a> {
    pub(super) id: &'a NodeId,
    /// At all sources, in any order.
    pub(super) external_ids: Vec<&'a ExternalId>,
    pub(super) subject: Subject<'a>,
    pub(super) assessment: &'a Assessment,
}

impl Table {
    /// A page of at most so many lines; the first has a header beside them.
    pub(super) fn new(room: usize, first: bool) -> Self {
        let header = if first { COLUMNS } else { "" };
        let end = if first { "\r\n" } else { "" };
        Self {
            text: format!("{header}{end}"),
            room,
        }
    }

    /// Lines there is still room for, if they are not too long.
    pub(super) fn room(&self) -> usize {
        if self.text.len() >= PAGE_BYTES {
            return 0;
        }
        self.room
    }

    pub(super) fn text(self) -> String {
        self.text
    }

    /// Adds somebody, by the rules and the date of the assessment.
    pub(super) fn add(&mut self, who: &Who<'_>, rules: &Rules<'_>) {
        let mut line = String::with_capacity(256);
        for (place, cell) in cells(who, rules).iter().enumerate() {
            if place > 0 {
                line.push(',');
            }
            csv::push(&mut line, cell);
        }
        self.text.push_str(&line);
        self.text.push_str("\r\n");
        self.room = self.room.saturating_sub(1);
    }
}

fn cells(who: &Who<'_>, rules: &Rules<'_>) -> [String; 28] {
    let made = who.assessment;
    let subject = &who.subject;
    let worth = Worth::of(subject, rules, made.on);
    let facts = Facts::of(subject, rules, made.on);
    let settings = rules.settings;
    let view = subject.totals.view(settings.count_zero_value_orders);
    let rates = view.sums.return_rates();
    let span = view.span.filter(|_| facts.orders > 0);
    let recency = facts.recency_days.filter(|_| facts.orders > 0);
    let digit = |part: fn(&Score) -> u8| optional(made.score.as_ref().map(part));
    [
        who.id.to_string(),
        external_ids(who),
        made.on.to_string(),
        optional(span.map(|(first, _)| first)),
        optional(span.map(|(_, last)| last)),
        optional(recency),
        facts.orders.to_string(),
        facts.gross.to_string(),
        digit(|score| score.r),
        digit(|score| score.f),
        digit(|score| score.m),
        optional(made.score.map(Score::code)),
        optional(made.group),
        made.stage.to_string(),
        made.vip.to_string(),
        made.segment.to_string(),
        made.health.to_string(),
        worth.gross.to_string(),
        worth.net.to_string(),
        optional(worth.average_order_value),
        optional(worth.orders_per_year),
        optional(worth.simple),
        optional(worth.model.and_then(plain)),
        optional(worth.alive.and_then(plain)),
        optional(rates.orders),
        optional(rates.units),
        optional(rates.value),
        optional::<Date>(made.next_change_on),
    ]
}

/// What is unknown is an empty cell.
pub(super) fn optional<T: Display>(value: Option<T>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

fn external_ids(who: &Who<'_>) -> String {
    let mut ids: Vec<_> = who.external_ids.iter().map(|id| id.as_str()).collect();
    ids.sort_unstable();
    ids.join(" ")
}
