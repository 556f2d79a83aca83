//! The kinds of customer that a small shop has, and how many of each.

use std::ops::RangeInclusive;

/// A kind of customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Persona {
    /// Signed up, never bought; some tried and cancelled.
    Prospect,
    /// Bought for the first time in the last two days.
    JustNow,
    /// Bought once, in the last month.
    Newcomer,
    /// Bought once, some months ago.
    OneTimer,
    /// Bought once, long ago.
    LostOneTimer,
    /// Bought a few times, lately too.
    Returning,
    /// Bought a few times, not for months.
    Fading,
    /// Bought a few times, long ago.
    Lost,
    /// Comes again and again.
    Regular,
    /// Came again and again, once.
    FormerRegular,
    /// Buys for a shop of its own, on terms.
    Wholesale,
    /// Sends much of it back.
    SendsBack,
    /// Bought without an account.
    Guest,
    /// Bought over the counter, unnamed.
    WalkIn,
}

/// How a persona buys.
#[derive(Debug, Clone)]
pub struct Habit {
    /// How many orders.
    pub orders: RangeInclusive<i64>,
    /// Days since the last one.
    pub last_days_ago: RangeInclusive<i64>,
    /// Days between two.
    pub gap_days: RangeInclusive<i64>,
}

/// Of every fifty customers.
const SHARES: [(Persona, usize); 14] = [
    (Persona::Prospect, 4),
    (Persona::JustNow, 1),
    (Persona::Newcomer, 4),
    (Persona::OneTimer, 7),
    (Persona::LostOneTimer, 7),
    (Persona::Returning, 7),
    (Persona::Fading, 5),
    (Persona::Lost, 4),
    (Persona::Regular, 3),
    (Persona::FormerRegular, 2),
    (Persona::Wholesale, 2),
    (Persona::SendsBack, 2),
    (Persona::Guest, 1),
    (Persona::WalkIn, 1),
];
const ROUND: usize = 50;
/// Prime to the round, so that a round has every place once.
const STRIDE: usize = 17;

impl Persona {
    /// The persona of the customer with this index. Every fifty in a row have
    /// the same shares, mixed.
    #[must_use]
    pub fn of(index: u32) -> Self {
        let mut place = usize::try_from(index).unwrap_or_default() % ROUND * STRIDE % ROUND;
        for (persona, share) in SHARES {
            match place.checked_sub(share) {
                Some(rest) => place = rest,
                None => return persona,
            }
        }
        unreachable!("the shares add up to a round")
    }

    /// How it buys.
    #[must_use]
    pub fn habit(self) -> Habit {
        let habit = |orders, last_days_ago, gap_days| Habit {
            orders,
            last_days_ago,
            gap_days,
        };
        match self {
            Self::Prospect => habit(0..=0, 2..=300, 1..=1),
            Self::JustNow => habit(1..=1, 0..=0, 1..=1),
            Self::Newcomer => habit(1..=1, 3..=29, 1..=1),
            Self::OneTimer | Self::Guest => habit(1..=1, 32..=178, 1..=1),
            Self::LostOneTimer => habit(1..=1, 183..=538, 1..=1),
            Self::Returning => habit(2..=4, 3..=85, 20..=110),
            Self::Fading => habit(2..=5, 93..=178, 20..=80),
            Self::Lost => habit(2..=4, 185..=420, 14..=40),
            Self::Regular => habit(6..=14, 3..=58, 12..=34),
            Self::FormerRegular => habit(5..=10, 95..=390, 8..=16),
            Self::Wholesale => habit(3..=8, 5..=80, 25..=60),
            Self::SendsBack => habit(3..=6, 16..=120, 14..=45),
            Self::WalkIn => habit(1..=1, 4..=500, 1..=1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fifty_customers_have_the_same_shares() {
        for start in [0, 50, 600] {
            for (persona, share) in SHARES {
                let of = |index: &u32| Persona::of(*index) == persona;
                assert_eq!((start..start + 50).filter(of).count(), share, "{persona:?}");
            }
        }
    }
}
