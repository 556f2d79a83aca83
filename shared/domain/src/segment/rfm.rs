//! Recency, frequency, monetary value: three digits and a name for each code.

use std::fmt;

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
        let missed = |days: &&i64| recency_days > **days;
        let reached = |least: &&i64| orders >= **least;
        let earned = |least: &&Amount| gross >= **least;
        Self {
            r: 5 - digit(limits.recency_days.iter().filter(missed).count()),
            f: 1 + digit(limits.frequency_orders.iter().filter(reached).count()),
            m: 1 + digit(limits.monetary_gross.iter().filter(earned).count()),
        }
    }

    /// The digits by the place among all customers, each in fifths: one and
    /// the number of fifths' beginnings that are reached.
    #[must_use]
    pub fn by_place(fifths: &Quintiles, last_order_on: Date, orders: i64, gross: Amount) -> Self {
        fn reached<T: PartialOrd>(cuts: &[Option<T>; 4], value: &T) -> u8 {
            let reached = cuts.iter().flatten().filter(|cut| value >= cut);
            1 + digit(reached.count())
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

fn digit(count: usize) -> u8 {
    u8::try_from(count).expect("four limits at most")
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

/// A group of customers with a name people use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
