//! Where the fifths of all customers begin (DOMAIN section 3).

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Quintiles;
use super::values::Values;
use crate::money::Amount;

/// How often each last date, number of orders and gross occurs.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Fifths {
    last_order_on: BTreeMap<Date, u64>,
    orders: BTreeMap<i64, u64>,
    gross: Values,
}

impl Fifths {
    pub(super) fn add(&mut self, last_order_on: Date, orders: i64, gross: Amount) {
        *self.last_order_on.entry(last_order_on).or_default() += 1;
        *self.orders.entry(orders).or_default() += 1;
        self.gross.add(gross);
    }

    pub(super) fn absorb(&mut self, other: Self) {
        for (date, count) in other.last_order_on {
            *self.last_order_on.entry(date).or_default() += count;
        }
        for (orders, count) in other.orders {
            *self.orders.entry(orders).or_default() += count;
        }
        self.gross.absorb(other.gross);
    }

    pub(super) fn cuts(&mut self) -> Quintiles {
        let all = self.orders.values().sum();
        let dates = self.last_order_on.iter().map(|(date, n)| (*date, *n));
        let orders = self.orders.iter().map(|(orders, n)| (*orders, *n));
        Quintiles {
            last_order_on: cuts(dates, all),
            orders: cuts(orders, all),
            gross: cuts(self.gross.counted(), all),
        }
    }
}

/// For each j from 1 to 4 the least value with so many strictly worse that 5
/// of them for every one of all are j or more: who reaches j of these has the
/// digit 1 + floor(5 x strictly worse / all), and ties stay together. Absent
/// where no value has so many below it.
fn cuts<T: Copy>(ascending: impl Iterator<Item = (T, u64)>, all: u64) -> [Option<T>; 4] {
    let mut cuts = [None; 4];
    let mut worse: u64 = 0;
    for (value, count) in ascending {
        for (j, cut) in (1..).zip(&mut cuts) {
            if cut.is_none() && 5 * worse >= j * all {
                *cut = Some(value);
            }
        }
        worse += count;
    }
    cuts
}
