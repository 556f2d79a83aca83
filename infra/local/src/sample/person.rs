//! One customer of the sample store, from the first day to the last.

use jiff::{SignedDuration, Timestamp};

use super::dice::Dice;
use super::ids::{Kind, id};
use super::names::{COUNTRIES, Country, FAMILY, GIVEN, STREETS};
use super::order::Order;
use super::persona::Persona;
use super::span::{self, Span};

/// A customer with everything that is going to happen.
#[derive(Debug)]
pub struct Person {
    /// Its place among the customers.
    pub index: u32,
    /// What kind it is.
    pub persona: Persona,
    /// The shop's id of its account; guests have none.
    pub account: Option<u64>,
    /// Given name.
    pub given: &'static str,
    /// Family name.
    pub family: &'static str,
    /// Its company's name, when it buys for one.
    pub company: Option<String>,
    /// Whether it gave an e-mail address.
    has_email: bool,
    /// Telephone number, if it gave one.
    pub phone: Option<String>,
    /// Where it lives.
    pub country: &'static Country,
    town: usize,
    street: &'static str,
    number: i64,
    /// When it signed up.
    pub joined_at: Timestamp,
    /// What it decided about marketing when it signed up.
    subscribed: bool,
    /// When it changed its mind about that.
    pub changed_mind_at: Option<Timestamp>,
    /// When it moved house.
    pub moved_at: Option<Timestamp>,
    /// When it took another e-mail address.
    pub new_email_at: Option<Timestamp>,
    /// Whether the first order came before the account.
    pub began_as_guest: bool,
    /// Its orders, the oldest first.
    pub orders: Vec<Order>,
}

impl Person {
    /// The customer with this index.
    #[must_use]
    pub fn plan(seed: u64, index: u32, span: &Span) -> Self {
        let mut dice = Dice::of(seed, index, 0);
        let persona = Persona::of(index);
        let wholesale = persona == Persona::Wholesale;
        let country = country(&mut dice);
        let family = dice.pick(&FAMILY);
        let mut person = Self {
            index,
            persona,
            account: has_account(persona).then(|| id(Kind::Customer, index, 0)),
            given: dice.pick(&GIVEN),
            family,
            company: wholesale.then(|| format!("{family} Stores")),
            has_email: persona != Persona::WalkIn,
            phone: phone(index, &mut dice),
            country,
            town: usize::try_from(dice.number(0..=2)).unwrap_or_default(),
            street: dice.pick(&STREETS),
            number: dice.number(1..=180),
            joined_at: span.end(),
            subscribed: dice.chance(58),
            changed_mind_at: None,
            moved_at: None,
            new_email_at: None,
            began_as_guest: persona == Persona::Returning && dice.chance(20),
            orders: Vec::new(),
        };
        person.buy(seed, span, &mut dice);
        person.live(span, &mut dice);
        person
    }

    fn buy(&mut self, seed: u64, span: &Span, dice: &mut Dice) {
        let habit = self.persona.habit();
        let count = dice.number(habit.orders);
        let mut days_ago = dice.number(habit.last_days_ago);
        let mut times = Vec::new();
        for _ in 0..count {
            if days_ago > span::DAYS - 4 {
                break;
            }
            times.push(match self.persona {
                Persona::JustNow => span.hours_ago(dice.number(1..=45), dice),
                _ => span.days_ago(days_ago, dice),
            });
            days_ago += dice.number(habit.gap_days.clone());
        }
        // A prospect may have tried; whoever buys may have, as well.
        let tried = match self.persona {
            Persona::Prospect => dice.chance(50),
            Persona::WalkIn | Persona::JustNow => false,
            _ => dice.chance(6),
        };
        if tried {
            times.push(span.days_ago(days_ago.min(span::DAYS - 4), dice));
        }
        times.reverse();
        for (ordinal, at) in (0_u16..).zip(times) {
            let in_vain = tried && ordinal == 0;
            let order = Order::plan(seed, self, ordinal, at, in_vain);
            self.orders.push(order);
        }
    }

    fn live(&mut self, span: &Span, dice: &mut Dice) {
        let named = usize::from(self.began_as_guest);
        let first = self.orders.get(named).map(|order| order.placed_at);
        self.joined_at = match first {
            // Most make an account at the till.
            Some(first) if dice.chance(75) => first - SignedDuration::from_secs(40),
            Some(first) if !self.began_as_guest => {
                first - SignedDuration::from_hours(dice.number(2..=70))
            }
            Some(first) => first - SignedDuration::from_secs(40),
            None => span.days_ago(dice.number(self.persona.habit().last_days_ago), dice),
        };
        let later = |percent: u8, dice: &mut Dice| {
            let happens = dice.chance(percent);
            let at = span::days_after(self.joined_at, 5..=200, dice);
            (happens && at < span.end()).then_some(at)
        };
        self.changed_mind_at = later(14, dice);
        self.moved_at = later(10, dice);
        self.new_email_at = later(4, dice);
    }

    /// Whether anything of this order names the account.
    #[must_use]
    pub fn is_known_in(&self, order: &Order) -> bool {
        self.account.is_some() && !(self.began_as_guest && order.ordinal == 0)
    }

    /// Its e-mail address at a moment.
    #[must_use]
    pub fn email(&self, at: Timestamp) -> Option<String> {
        let domain = match self.index % 3 {
            0 => "example.com",
            1 => "example.org",
            _ => "example.net",
        };
        let family = self.family.to_lowercase();
        let given = self.given.to_lowercase();
        let local = match self.new_email_at {
            Some(changed) if changed <= at => format!("{family}.{given}"),
            _ => format!("{given}.{family}"),
        };
        self.has_email
            .then(|| format!("{local}.{}@{domain}", self.index))
    }

    /// Whether it wants marketing mail at a moment, and since when that holds.
    #[must_use]
    pub fn consent(&self, at: Timestamp) -> (bool, Timestamp) {
        match self.changed_mind_at {
            Some(changed) if changed <= at => (!self.subscribed, changed),
            _ => (self.subscribed, self.joined_at),
        }
    }

    /// Street, town and postal code at a moment.
    #[must_use]
    pub fn home(&self, at: Timestamp) -> (String, &'static str, &'static str) {
        let moved = self.moved_at.is_some_and(|moved| moved <= at);
        let (town, number) = if moved {
            ((self.town + 1) % 3, self.number + 7)
        } else {
            (self.town, self.number)
        };
        let (town, code) = self.country.towns[town];
        (format!("{number} {}", self.street), town, code)
    }

    /// When its record changed last before a moment.
    #[must_use]
    pub fn updated_at(&self, at: Timestamp) -> Timestamp {
        [self.changed_mind_at, self.moved_at, self.new_email_at]
            .into_iter()
            .flatten()
            .filter(|changed| *changed <= at)
            .max()
            .unwrap_or(self.joined_at)
    }
}

fn has_account(persona: Persona) -> bool {
    !matches!(persona, Persona::Guest | Persona::WalkIn)
}

fn country(dice: &mut Dice) -> &'static Country {
    let mut place = dice.number(0..=99);
    for (country, share) in &COUNTRIES {
        if place < *share {
            return country;
        }
        place -= share;
    }
    &COUNTRIES[0].0
}

/// Drama has a thousand mobile numbers; whoever comes later gives none.
fn phone(index: u32, dice: &mut Dice) -> Option<String> {
    (dice.chance(40) && index < 1_000).then(|| format!("+447700900{index:03}"))
}
