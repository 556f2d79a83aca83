//! What becomes of an order of the sample store, and when.

use jiff::{SignedDuration, Timestamp};

use super::dice::Dice;
use super::order::{Line, Till};
use super::persona::Persona;
use super::span::days_after;

/// What becomes of an order.
#[derive(Debug, Clone, Default)]
pub struct Fate {
    /// It only tests the shop.
    pub is_test: bool,
    /// When it was called off.
    pub cancelled_at: Option<Timestamp>,
    /// When it is paid, if not at once.
    pub paid_later_at: Option<Timestamp>,
    /// Shipments, one or two.
    pub shipments: Vec<Shipment>,
    /// What comes back.
    pub comeback: Option<Comeback>,
}

/// A parcel on its way.
#[derive(Debug, Clone)]
pub struct Shipment {
    /// When it left.
    pub sent_at: Timestamp,
    /// When it was seen on the way.
    pub seen_at: Option<Timestamp>,
    /// When it arrived; a counter hands over without it.
    pub delivered_at: Option<Timestamp>,
    /// Which lines are in it.
    pub lines: std::ops::Range<usize>,
}

/// Goods that come back, or money that goes back for them.
#[derive(Debug, Clone)]
pub struct Comeback {
    /// How it is settled.
    pub kind: ComebackKind,
    /// Place of each line with the units of it.
    pub units: Vec<(usize, i64)>,
    /// When the buyer asked.
    pub asked_at: Timestamp,
    /// When the shop agreed.
    pub agreed_at: Timestamp,
    /// When it was settled.
    pub settled_at: Timestamp,
    /// Why.
    pub reason: &'static str,
}

/// How something that comes back is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComebackKind {
    /// A return with its document, then the money.
    Refunded,
    /// A return with its document, then other goods.
    Exchanged,
    /// Money for damage, nothing comes back.
    Damaged,
}

const REASONS: [&str; 5] = [
    "unwanted",
    "color",
    "not_as_described",
    "defective",
    "style",
];

impl Fate {
    /// What becomes of an order with these lines.
    #[must_use]
    pub fn plan(
        persona: Persona,
        till: Till,
        placed_at: Timestamp,
        in_vain: bool,
        lines: &[Line],
        dice: &mut Dice,
    ) -> Self {
        if in_vain {
            return Self::in_vain(placed_at, dice);
        }
        let shipments = shipments(till, placed_at, lines.len(), dice);
        let arrived = shipments
            .iter()
            .filter_map(|parcel| parcel.delivered_at)
            .max();
        Self {
            paid_later_at: (till == Till::Trade).then(|| days_after(placed_at, 18..=44, dice)),
            comeback: arrived.and_then(|at| comeback(persona, at, lines, dice)),
            shipments,
            ..Self::default()
        }
    }

    /// A test of the shop now and then; most are called off.
    fn in_vain(placed_at: Timestamp, dice: &mut Dice) -> Self {
        let is_test = dice.chance(25);
        let soon = SignedDuration::from_mins(dice.number(20..=600));
        Self {
            is_test,
            cancelled_at: (!is_test).then(|| placed_at + soon),
            ..Self::default()
        }
    }
}

fn shipments(till: Till, placed_at: Timestamp, lines: usize, dice: &mut Dice) -> Vec<Shipment> {
    if till == Till::Counter {
        return vec![Shipment {
            sent_at: placed_at,
            seen_at: None,
            delivered_at: None,
            lines: 0..lines,
        }];
    }
    let sent_at = days_after(placed_at, 1..=2, dice);
    let parcel = |sent_at, lines, dice: &mut Dice| {
        let delivered_at = days_after(sent_at, 1..=5, dice);
        let seen = sent_at + SignedDuration::from_hours(9);
        Shipment {
            sent_at,
            seen_at: dice.chance(20).then_some(seen),
            delivered_at: Some(delivered_at),
            lines,
        }
    };
    if lines < 2 || !dice.chance(10) {
        return vec![parcel(sent_at, 0..lines, dice)];
    }
    let rest_at = days_after(sent_at, 2..=4, dice);
    vec![parcel(sent_at, 0..1, dice), parcel(rest_at, 1..lines, dice)]
}

fn comeback(
    persona: Persona,
    arrived: Timestamp,
    lines: &[Line],
    dice: &mut Dice,
) -> Option<Comeback> {
    let percent = match persona {
        Persona::SendsBack => 85,
        Persona::Wholesale => 4,
        _ => 8,
    };
    if !dice.chance(percent) {
        return None;
    }
    let kind = match dice.number(0..=9) {
        _ if persona == Persona::SendsBack => ComebackKind::Refunded,
        0..=5 => ComebackKind::Refunded,
        6..=7 => ComebackKind::Exchanged,
        _ => ComebackKind::Damaged,
    };
    let asked_at = days_after(arrived, 1..=9, dice);
    let agreed_at = asked_at + SignedDuration::from_hours(dice.number(2..=30));
    Some(Comeback {
        kind,
        units: units(persona, kind, lines, dice),
        asked_at,
        agreed_at,
        settled_at: days_after(agreed_at, 3..=7, dice),
        reason: dice.pick(&REASONS),
    })
}

fn units(
    persona: Persona,
    kind: ComebackKind,
    lines: &[Line],
    dice: &mut Dice,
) -> Vec<(usize, i64)> {
    let goods = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| !line.is_gift_card());
    let mut units: Vec<_> = goods.map(|(at, line)| (at, line.quantity)).collect();
    if kind == ComebackKind::Exchanged || persona != Persona::SendsBack {
        units.truncate(1);
        if kind != ComebackKind::Refunded {
            for (_, units) in &mut units {
                *units = 1;
            }
        }
    } else if units.len() > 1 && dice.chance(40) {
        units.pop();
    }
    units
}
