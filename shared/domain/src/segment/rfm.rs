//! Recency, frequency, monetary value: three digits and a name for each code.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use jiff::civil::Date;

use crate::money::Amount;
use crate::population::Quintiles;
use crate::settings::RfmThresholds;

/// Three digits from 1 (worst) to 5 (best).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Score {
    /// How recently the customer bought.
    pub r: u8,
    /// How often.
    pub f: u8,
    /// For how much.
    pub m: u8,
}

impl Score {
    /// The digits for days since the last order, counted orders, and their
    /// gross in the reporting currency.
    #[must_use]
    pub fn of(limits: &RfmThresholds, recency_days: i64, orders: i64, gross: Amount) -> Self {
        Scorer::new(limits).score(recency_days, orders, gross)
    }

    /// The digits by the place among all customers, each in fifths: one and
    /// the number of fifths' beginnings that are reached.
    #[must_use]
    pub fn by_place(fifths: &Quintiles, last_order_on: Date, orders: i64, gross: Amount) -> Self {
        fn reached<T: PartialOrd>(cuts: &[Option<T>; 4], value: &T) -> u8 {
            let reached = cuts.iter().flatten().map(|cut| u8::from(value >= cut));
            1 + reached.sum::<u8>()
        }
        Self {
            r: reached(&fifths.last_order_on, &last_order_on),
            f: reached(&fifths.orders, &orders),
            m: reached(&fifths.gross, &gross),
        }
    }

    /// The digits as one word, such as `545`.
    #[must_use]
    pub fn code(self) -> String {
        format!("{}{}{}", self.r, self.f, self.m)
    }

    /// The named group of the code: recency against the mean of frequency
    /// and monetary value, by the grid of DOMAIN section 3.
    #[must_use]
    #[inline]
    pub fn group(self) -> Group {
        // Twice the mean, so that halves stay whole numbers.
        let column = match self.f + self.m {
            9.. => 0,
            6..=8 => 1,
            4..=5 => 2,
            _ => 3,
        };
        let row = usize::from(5 - self.r.clamp(1, 5));
        GRID[row][column]
    }
}

const GRID: [[Group; 4]; 5] = {
    use Group::{
        AboutToSleep, AtRisk, Champions, Hibernating, Loyal, NeedsAttention, New, PotentialLoyal,
        Promising,
    };
    [
        [Champions, PotentialLoyal, Promising, New],
        [Loyal, PotentialLoyal, Promising, Promising],
        [Loyal, NeedsAttention, NeedsAttention, AboutToSleep],
        [AtRisk, AtRisk, AboutToSleep, AboutToSleep],
        [AtRisk, AtRisk, Hibernating, Hibernating],
    ]
};

/// The limits made ready for scoring many.
#[derive(Debug, Clone, Copy)]
pub struct Scorer<'a> {
    limits: &'a RfmThresholds,
    /// The limits of monetary value in billionths; none of the ten-decimal
    /// kind.
    gross: Option<[i128; 4]>,
}

impl<'a> Scorer<'a> {
    /// Makes the limits ready.
    #[must_use]
    #[inline]
    pub fn new(limits: &'a RfmThresholds) -> Self {
        let [two, three, four, five] = limits.monetary_gross.map(Amount::billionths);
        let gross = match (two, three, four, five) {
            (Some(two), Some(three), Some(four), Some(five)) => Some([two, three, four, five]),
            _ => None,
        };
        Self { limits, gross }
    }

    /// The digits of a customer, as [`Score::of`] gives them.
    #[must_use]
    #[inline]
    pub fn score(&self, recency_days: i64, orders: i64, gross: Amount) -> Score {
        fn digit<T>(limits: &[T; 4], passed: impl Fn(&T) -> bool) -> u8 {
            limits.iter().map(|limit| u8::from(passed(limit))).sum()
        }
        let limits = self.limits;
        Score {
            r: 5 - digit(&limits.recency_days, |most| recency_days > *most),
            f: 1 + digit(&limits.frequency_orders, |least| orders >= *least),
            m: 1 + match (self.gross, gross.billionths()) {
                (Some(limits), Some(gross)) => digit(&limits, |least| gross >= *least),
                _ => digit(&limits.monetary_gross, |least| gross >= *least),
            },
        }
    }
}

/// A group of customers with a name people use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Group {
    /// Recent, frequent, big.
    Champions,
    /// Frequent and big, not quite so recent.
    Loyal,
    /// Recent, with room to grow.
    #[serde(rename = "Potential Loyal")]
    PotentialLoyal,
    /// First order just placed.
    New,
    /// Recent and small.
    Promising,
    /// Above the middle and cooling.
    #[serde(rename = "Needs Attention")]
    NeedsAttention,
    /// Below the middle and cooling.
    #[serde(rename = "About to Sleep")]
    AboutToSleep,
    /// Once good, gone quiet.
    #[serde(rename = "At Risk")]
    AtRisk,
    /// Small and long gone.
    Hibernating,
}

impl Group {
    /// Every group, best first.
    pub const ALL: [Self; 9] = [
        Self::Champions,
        Self::Loyal,
        Self::PotentialLoyal,
        Self::New,
        Self::Promising,
        Self::NeedsAttention,
        Self::AboutToSleep,
        Self::AtRisk,
        Self::Hibernating,
    ];

    /// Rank among the groups, the greater the better.
    #[must_use]
    pub fn standing(self) -> usize {
        let place = Self::ALL.iter().position(|group| *group == self);
        Self::ALL.len() - place.expect("every group is listed")
    }

    /// The name people use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Champions => "Champions",
            Self::Loyal => "Loyal",
            Self::PotentialLoyal => "Potential Loyal",
            Self::New => "New",
            Self::Promising => "Promising",
            Self::NeedsAttention => "Needs Attention",
            Self::AboutToSleep => "About to Sleep",
            Self::AtRisk => "At Risk",
            Self::Hibernating => "Hibernating",
        }
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
