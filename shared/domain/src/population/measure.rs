//! Everyone, looked at one by one and in any order.

use std::collections::BTreeMap;

use jiff::Span;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::channels::Channels;
use super::fifths::Fifths;
use super::snapshot::Figures;
use super::tally::Tally;
use super::values::Values;
use super::{Cutoffs, Snapshot, VipCutoffs};
use crate::identity::NodeId;
use crate::segment::{Assessment, Group, Health, Rules, Segment, Stage, Subject};
use crate::settings::{RfmMode, Settings};
use crate::totals::View;

/// One customer, found to be something.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    /// The person.
    pub id: &'a NodeId,
    /// What the evaluation was about.
    pub subject: Subject<'a>,
    /// What came of it.
    pub assessment: &'a Assessment,
}

/// What some of the customers come to. Parts of a store measured apart and
/// put together in any order give the same as the whole store at once.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Measure {
    all: Tally,
    buyers: Tally,
    recent: Tally,
    vips: Tally,
    vips_by_rank: u64,
    segments: [Tally; Segment::ALL.len()],
    groups: [Tally; Group::ALL.len()],
    stages: [Tally; Stage::ALL.len()],
    health: [Tally; Health::ALL.len()],
    /// By year and quarter of the first order.
    quarters: BTreeMap<(i16, i8), Tally>,
    channels: Channels,
    /// Net values of those who are ranked.
    nets: Values,
    /// Kept only where digits come from places among all.
    fifths: Option<Fifths>,
}

impl Measure {
    /// Looks at one more customer, assessed on a date by some rules.
    pub fn add(&mut self, member: &Member<'_>, rules: &Rules<'_>, on: Date) {
        let settings = rules.settings;
        let view = member.subject.totals.view(settings.count_zero_value_orders);
        let tally = Tally::of(&view.sums, 0.0);
        self.count(member.assessment, &tally);
        if let Some((first, last)) = dates(&view, settings) {
            self.buyers.absorb(&tally);
            self.acquired(first, on, &tally);
            if member.subject.ranked {
                self.nets.add(view.sums.net());
            }
            if settings.rfm.mode == RfmMode::Quintiles {
                let fifths = self.fifths.get_or_insert_default();
                fifths.add(last, view.sums.orders, view.sums.gross);
            }
        }
    }

    fn count(&mut self, found: &Assessment, tally: &Tally) {
        self.all.absorb(tally);
        if found.vip {
            self.vips.absorb(tally);
        }
        self.vips_by_rank += u64::from(found.by_rank);
        at(&mut self.segments, &Segment::ALL, found.segment).absorb(tally);
        at(&mut self.stages, &Stage::ALL, found.stage).absorb(tally);
        at(&mut self.health, &Health::ALL, found.health).absorb(tally);
        if let Some(group) = found.group {
            at(&mut self.groups, &Group::ALL, group).absorb(tally);
        }
    }

    fn acquired(&mut self, first: Date, on: Date, tally: &Tally) {
        let quarter = (first.year(), (first.month() + 2) / 3);
        self.quarters.entry(quarter).or_default().absorb(tally);
        let a_year_ago = on.checked_sub(Span::new().years(1));
        if a_year_ago.is_ok_and(|date| first > date) {
            self.recent.absorb(tally);
        }
        self.channels.add("sale:web", first, tally);
    }

    /// Looks at all that another measure has looked at.
    pub fn absorb(&mut self, other: Self) {
        self.all.absorb(&other.all);
        self.buyers.absorb(&other.buyers);
        self.recent.absorb(&other.recent);
        self.vips.absorb(&other.vips);
        self.vips_by_rank += other.vips_by_rank;
        absorb(&mut self.segments, &other.segments);
        absorb(&mut self.groups, &other.groups);
        absorb(&mut self.stages, &other.stages);
        absorb(&mut self.health, &other.health);
        for (quarter, tally) in &other.quarters {
            self.quarters.entry(*quarter).or_default().absorb(tally);
        }
        self.channels.absorb(other.channels);
        self.nets.absorb(other.nets);
        if let Some(fifths) = other.fifths {
            self.fifths.get_or_insert_default().absorb(fifths);
        }
    }

    /// Customers looked at.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.all.customers
    }

    /// What follows from everyone: the limits for judging one, as the
    /// version after `before`, and the figures of the day.
    #[must_use]
    pub fn finish(mut self, settings: &Settings, before: &Cutoffs, on: Date) -> Snapshot {
        let cutoffs = self.cutoffs(settings, before, on);
        let acquired = self.channels.told();
        Snapshot {
            on,
            settings: settings.version,
            cutoffs,
            all: self.all.figures(),
            buyers: self.buyers.figures(),
            ranked: u64::try_from(self.nets.len()).unwrap_or(u64::MAX),
            recent: self.recent.figures(),
            vips: self.vips.figures(),
            vips_by_rank: self.vips_by_rank,
            segments: named(&self.segments, &Segment::ALL, Segment::name),
            groups: named(&self.groups, &Group::ALL, Group::name),
            stages: named(&self.stages, &Stage::ALL, stage_name),
            health: named(&self.health, &Health::ALL, Health::name),
            channels: acquired.channels,
            quarters: self
                .quarters
                .iter()
                .map(|((year, quarter), tally)| (format!("{year:04}-Q{quarter}"), tally.figures()))
                .collect(),
            acquired: acquired.by_month,
        }
    }

    fn cutoffs(&mut self, settings: &Settings, before: &Cutoffs, on: Date) -> Cutoffs {
        Cutoffs {
            version: before.version + 1,
            on: Some(on),
            vip: vip(&mut self.nets, settings),
            quintiles: self.fifths.as_mut().map(Fifths::cuts),
        }
    }
}

/// The net values that make and unmake a VIP by rank; none while too few are
/// ranked (DOMAIN section 4).
fn vip(nets: &mut Values, settings: &Settings) -> Option<VipCutoffs> {
    let rule = &settings.vip;
    let ranked = i64::try_from(nets.len()).unwrap_or(i64::MAX);
    if ranked < rule.least_base {
        return None;
    }
    Some(VipCutoffs {
        enter: nets.least_of_best(rule.enter_share)?,
        leave: nets.least_of_best(rule.keep_share)?,
    })
}

/// Dates of the first and the last counted order.
fn dates(view: &View, settings: &Settings) -> Option<(Date, Date)> {
    let (first, last) = view.span.filter(|_| view.sums.orders > 0)?;
    Some((settings.date_of(first), settings.date_of(last)))
}

fn at<'t, T: PartialEq, const N: usize>(
    tallies: &'t mut [Tally; N],
    names: &[T; N],
    wanted: T,
) -> &'t mut Tally {
    let place = names.iter().position(|name| *name == wanted);
    &mut tallies[place.expect("every one is listed")]
}

fn absorb<const N: usize>(tallies: &mut [Tally; N], others: &[Tally; N]) {
    for (tally, other) in tallies.iter_mut().zip(others) {
        tally.absorb(other);
    }
}

fn named<T: Copy, const N: usize>(
    tallies: &[Tally; N],
    names: &[T; N],
    name: impl Fn(T) -> &'static str,
) -> BTreeMap<String, Figures> {
    let pairs = names.iter().zip(tallies);
    pairs
        .map(|(one, tally)| (name(*one).to_owned(), tally.figures()))
        .collect()
}

/// The word for a stage is the segment's of whoever is no VIP.
fn stage_name(stage: Stage) -> &'static str {
    Segment::of(stage, false).name()
}
