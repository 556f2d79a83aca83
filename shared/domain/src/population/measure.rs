//! Everyone, looked at one by one and in any order.

use std::collections::BTreeMap;

use jiff::Span;
use jiff::civil::Date;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

use super::channels::Channels;
use super::fifths::Fifths;
use super::snapshot::Figures;
use super::tally::Tally;
use super::values::Values;
use super::{Counted, Cutoffs, Snapshot, VipCutoffs};
use crate::acquisition::{self, won_by};
use crate::identity::NodeId;
use crate::segment::{Assessment, Group, Health, Rules, Segment, Stage, Subject};
use crate::settings::{RfmMode, Settings};
use crate::totals::View;
use crate::value::{BackTest, BackTesting, Buyer, Predictor, Sample, year_ahead};

/// The channel of whoever bought before origins were kept.
const UNKNOWN: &str = "unknown";

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
    first_order_on: Option<Date>,
    /// Those who are ranked, for the model to be fitted to.
    sample: Sample,
    back_testing: BackTesting,
}

/// What is looked for beside the figures.
#[derive(Debug, Clone, Copy)]
pub struct Scope {
    /// The date.
    pub on: Date,
    /// The model is fitted to one customer in so many, by their ids: a few
    /// hundred thousand say as much as millions, in a bounded room.
    pub one_in: u32,
    /// How many days the models are asked to predict, if they are compared.
    pub back_test_days: Option<i64>,
    /// Whether the figures alone are wanted: the limits are known.
    pub figures_only: bool,
}

impl Scope {
    /// Everyone, on a date; no comparison of models.
    #[must_use]
    pub fn on(on: Date) -> Self {
        Self {
            on,
            one_in: 1,
            back_test_days: None,
            figures_only: false,
        }
    }

    /// The same without what limits are made from.
    #[must_use]
    pub fn figures_only(self) -> Self {
        Self {
            figures_only: true,
            ..self
        }
    }
}

impl Measure {
    /// Looks at one more customer, assessed on a date by some rules; gives
    /// what the customer adds to the figures.
    pub fn add(&mut self, member: &Member<'_>, rules: &Rules<'_>, scope: &Scope) -> Counted {
        let settings = rules.settings;
        let view = member.subject.totals.view(settings.count_zero_value_orders);
        let buyer = Buyer::of(member.subject.totals.history(), settings, scope.on);
        let predicted = predicted(&view, rules, buyer.as_ref(), scope.on);
        let tally = Tally::of(&view.sums, predicted);
        self.count(member.assessment, &tally);
        if let Some((first, last)) = dates(&view, settings) {
            self.buyers.absorb(&tally);
            self.acquired(member, settings, first, scope.on, &tally);
            if member.subject.ranked && !scope.figures_only {
                self.nets.add(view.sums.net());
                self.model(member, settings, buyer, scope);
            }
            if settings.rfm.mode == RfmMode::Quintiles && !scope.figures_only {
                let fifths = self.fifths.get_or_insert_default();
                fifths.add(last, view.sums.orders, view.sums.gross);
            }
        }
        Counted {
            tally,
            stage: member.assessment.stage,
            by_orders: view.sums.orders >= settings.lifecycle.vip_orders,
        }
    }

    fn count(&mut self, found: &Assessment, tally: &Tally) {
        self.all.absorb(tally);
        if found.vip {
            self.vips.absorb(tally);
        }
        self.vips_by_rank += u64::from(found.by_rank);
        at(&mut self.segments, &Segment::ALL, &found.segment).absorb(tally);
        at(&mut self.stages, &Stage::ALL, &found.stage).absorb(tally);
        at(&mut self.health, &Health::ALL, &found.health).absorb(tally);
        if let Some(group) = found.group {
            at(&mut self.groups, &Group::ALL, &group).absorb(tally);
        }
    }

    fn model(
        &mut self,
        member: &Member<'_>,
        settings: &Settings,
        buyer: Option<Buyer>,
        scope: &Scope,
    ) {
        if !super::hash(member.id.as_str()).is_multiple_of(scope.one_in.max(1)) {
            return;
        }
        if let Some(buyer) = buyer {
            self.sample.add(buyer);
        }
        if let Some(days) = scope.back_test_days {
            let history = member.subject.totals.history();
            self.back_testing.add(history, settings, scope.on, days);
        }
    }

    fn acquired(
        &mut self,
        member: &Member<'_>,
        settings: &Settings,
        first: Date,
        on: Date,
        tally: &Tally,
    ) {
        self.first_order_on = earlier(self.first_order_on, Some(first));
        let quarter = (first.year(), (first.month() + 2) / 3);
        self.quarters.entry(quarter).or_default().absorb(tally);
        let a_year_ago = on.checked_sub(Span::new().years(1));
        if a_year_ago.is_ok_and(|date| first > date) {
            self.recent.absorb(tally);
        }
        let channel = won_by(&member.subject, settings).unwrap_or_else(|| UNKNOWN.to_owned());
        let is_named = acquisition::names(&channel, settings);
        self.channels.add(channel, is_named, first, tally);
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
        self.first_order_on = earlier(self.first_order_on, other.first_order_on);
        self.sample.absorb(other.sample.into_buyers());
        self.back_testing.absorb(other.back_testing);
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
    /// version after `before`, and the figures of the day. What is made once
    /// a month is taken over from the `last` figures.
    #[must_use]
    pub fn finish(
        mut self,
        settings: &Settings,
        before: &Cutoffs,
        on: Date,
        last: Option<&Snapshot>,
    ) -> Snapshot {
        let tested = std::mem::take(&mut self.back_testing).finish();
        let ranked = u64::try_from(self.nets.len()).unwrap_or(u64::MAX);
        let cutoffs = self.cutoffs(settings, before, on, tested.as_ref());
        let figures = self.figures(settings.version, cutoffs, on);
        Snapshot {
            ranked,
            counted_by: before.version,
            back_tested_on: match tested {
                Some(_) => Some(on),
                None => last.and_then(|last| last.back_tested_on),
            },
            back_test: tested.or_else(|| last.and_then(|last| last.back_test.clone())),
            ..figures
        }
    }

    /// The figures of everyone looked at again, by the limits that the look
    /// before led to.
    #[must_use]
    pub fn again(self, known: Snapshot) -> Snapshot {
        let figures = self.figures(known.settings, known.cutoffs, known.on);
        Snapshot {
            ranked: known.ranked,
            back_tested_on: known.back_tested_on,
            back_test: known.back_test,
            acquired: known.acquired,
            ..figures
        }
    }

    /// The figures, as counted by these limits.
    fn figures(self, settings: u64, cutoffs: Cutoffs, on: Date) -> Snapshot {
        let acquired = self.channels.told();
        Snapshot {
            on,
            settings,
            counted_by: cutoffs.version,
            cutoffs,
            all: self.all.figures(),
            buyers: self.buyers.figures(),
            ranked: 0,
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
            first_order_on: self.first_order_on,
            back_tested_on: None,
            back_test: None,
            acquired: acquired.by_month,
        }
    }

    fn cutoffs(
        &mut self,
        settings: &Settings,
        before: &Cutoffs,
        on: Date,
        tested: Option<&BackTest>,
    ) -> Cutoffs {
        Cutoffs {
            version: before.version + 1,
            on: Some(on),
            vip: vip(&mut self.nets, settings),
            quintiles: self.fifths.as_mut().map(Fifths::cuts),
            model: std::mem::take(&mut self.sample).into_buyers().fit(),
            predictor: tested.map_or(before.predictor, |tested| tested.better),
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

/// What a customer is expected to bring in twelve months, by what was nearer
/// the last time.
fn predicted(view: &View, rules: &Rules<'_>, buyer: Option<&Buyer>, on: Date) -> f64 {
    let value = match rules.cutoffs.predictor {
        Predictor::Model => buyer.map(|buyer| rules.cutoffs.model.value(buyer)),
        Predictor::Simple => dates(view, rules.settings)
            .and_then(|(first, _)| year_ahead(view.sums.gross, first, on))
            .and_then(|value| value.decimal().to_f64()),
    };
    value.unwrap_or(0.0)
}

fn earlier(one: Option<Date>, other: Option<Date>) -> Option<Date> {
    one.into_iter().chain(other).min()
}

/// Dates of the first and the last counted order.
fn dates(view: &View, settings: &Settings) -> Option<(Date, Date)> {
    let (first, last) = view.span.filter(|_| view.sums.orders > 0)?;
    Some((settings.date_of(first), settings.date_of(last)))
}

pub(super) fn at<'t, T: PartialEq, const N: usize>(
    tallies: &'t mut [Tally; N],
    names: &[T; N],
    wanted: &T,
) -> &'t mut Tally {
    let place = names.iter().position(|name| name == wanted);
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
