//! One order of the sample store: what was bought, for how much.

use jiff::Timestamp;

use super::catalogue::{GIFT_CARD, PRODUCTS, Product};
use super::dice::Dice;
use super::fate::Fate;
use super::ids::{Kind, id};
use super::money::{percent_of, tax_in};
use super::names::{EURO, Tender};
use super::person::Person;
use super::persona::Persona;

/// Delivery is free from here on.
const FREE_FROM_CENTS: i64 = 7_500;
const SHIPPING_CENTS: i64 = 590;
/// What a trade customer pays of the price without tax, in percent.
const TRADE_PERCENT: i64 = 62;

/// Where an order was placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Till {
    /// In the online shop.
    Web,
    /// Over the counter.
    Counter,
    /// By a company, on terms.
    Trade,
}

/// One line of an order; amounts in cents of the shop's currency.
#[derive(Debug, Clone)]
pub struct Line {
    /// Its id.
    pub id: u64,
    /// What was bought.
    pub product: &'static Product,
    /// How many.
    pub quantity: i64,
    /// Price of one.
    pub price: i64,
    /// Discount on the line.
    pub discount: i64,
    /// Tax in the discounted price.
    pub tax: i64,
}

/// One order, with everything that is going to happen to it.
#[derive(Debug)]
pub struct Order {
    /// Its place among its customer's orders.
    pub ordinal: u16,
    /// Its id.
    pub id: u64,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// Where.
    pub till: Till,
    /// The currency its buyer saw.
    pub shown: &'static Tender,
    /// What was bought.
    pub lines: Vec<Line>,
    /// What sending it costs.
    pub shipping: i64,
    /// The discount code that was used.
    pub code: Option<&'static str>,
    /// The page the buyer came in by.
    pub landing: &'static str,
    /// The page that linked there.
    pub referring: Option<&'static str>,
    /// What becomes of it.
    pub fate: Fate,
}

/// Where buyers come from.
const ARRIVALS: [(&str, Option<&str>); 6] = [
    ("/", None),
    ("/", Some("https://search.example.com/")),
    (
        "/collections/kitchen?utm_source=newsletter&utm_medium=email",
        None,
    ),
    (
        "/collections/living?utm_source=instagram&utm_medium=paid_social",
        Some("https://social.example.net/"),
    ),
    (
        "/products/waffle-robe?utm_source=homeletter&utm_medium=influencer",
        Some("https://homeletter.example.org/robes"),
    ),
    (
        "/collections/bedroom?utm_source=search&utm_medium=cpc",
        Some("https://search.example.com/"),
    ),
];

impl Order {
    /// A person's order placed at `placed_at`; one placed `in_vain` comes to
    /// nothing.
    #[must_use]
    pub fn plan(
        seed: u64,
        person: &Person,
        ordinal: u16,
        placed_at: Timestamp,
        in_vain: bool,
    ) -> Self {
        let mut dice = Dice::of(seed, person.index, 1_000 + u64::from(ordinal));
        let till = till(person.persona, &mut dice);
        let code = (till == Till::Web && dice.chance(16)).then_some("HEARTH10");
        let n = u64::from(ordinal);
        let mut lines = lines(person, n, till, code.is_some(), &mut dice);
        if till == Till::Web && dice.chance(3) {
            lines.push(gift_card(person.index, n, lines.len()));
        }
        let worth: i64 = lines.iter().map(Line::paid).sum();
        let free = till != Till::Web || worth >= FREE_FROM_CENTS;
        let (landing, referring) = dice.pick(&ARRIVALS);
        let fate = Fate::plan(person.persona, till, placed_at, in_vain, &lines, &mut dice);
        Self {
            ordinal,
            id: id(Kind::Order, person.index, n),
            placed_at,
            till,
            shown: if till == Till::Web {
                person.country.currency
            } else {
                &EURO
            },
            lines,
            shipping: if free { 0 } else { SHIPPING_CENTS },
            code,
            landing,
            referring,
            fate,
        }
    }

    /// Price of the lines before discounts.
    #[must_use]
    pub fn list_price(&self) -> i64 {
        self.lines
            .iter()
            .map(|line| line.price * line.quantity)
            .sum()
    }

    /// All discounts.
    #[must_use]
    pub fn discount(&self) -> i64 {
        self.lines.iter().map(|line| line.discount).sum()
    }

    /// All tax, that in the shipping included.
    #[must_use]
    pub fn tax(&self) -> i64 {
        let of_lines: i64 = self.lines.iter().map(|line| line.tax).sum();
        of_lines + self.shipping_tax()
    }

    /// Tax in the price of shipping.
    #[must_use]
    pub fn shipping_tax(&self) -> i64 {
        if self.tax_included() {
            tax_in(self.shipping)
        } else {
            0
        }
    }

    /// What is to be paid.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.list_price() - self.discount() + self.shipping
    }

    /// Whether prices include tax; trade prices have none.
    #[must_use]
    pub fn tax_included(&self) -> bool {
        self.till != Till::Trade
    }
}

impl Line {
    /// What is paid for the line, tax included where prices include it.
    #[must_use]
    pub fn paid(&self) -> i64 {
        self.price * self.quantity - self.discount
    }

    /// What `units` of it are given back at, without tax, and that tax.
    #[must_use]
    pub fn worth_of(&self, units: i64) -> (i64, i64) {
        let share = |cents: i64| cents * units / self.quantity.max(1);
        (share(self.paid() - self.tax), share(self.tax))
    }

    /// Whether it sells a gift card.
    #[must_use]
    pub fn is_gift_card(&self) -> bool {
        self.product.sku == GIFT_CARD.sku
    }
}

fn till(persona: Persona, dice: &mut Dice) -> Till {
    match persona {
        Persona::Wholesale => Till::Trade,
        Persona::WalkIn => Till::Counter,
        Persona::Guest | Persona::SendsBack => Till::Web,
        _ if dice.chance(9) => Till::Counter,
        _ => Till::Web,
    }
}

fn lines(person: &Person, order: u64, till: Till, reduced: bool, dice: &mut Dice) -> Vec<Line> {
    let most = match person.persona {
        Persona::Wholesale => 6,
        Persona::Regular | Persona::FormerRegular | Persona::SendsBack => 4,
        _ => 3,
    };
    let count = u64::try_from(dice.number(1..=most)).unwrap_or(1);
    let mut place = usize::try_from(dice.number(0..=23)).unwrap_or_default();
    let mut lines = Vec::new();
    for n in 0..count {
        let product = &PRODUCTS[place];
        // Seven is prime to the shelf: no product comes twice in an order.
        place = (place + 7) % PRODUCTS.len();
        let quantity = match till {
            Till::Trade => 6 * dice.number(1..=5),
            _ if product.cents < 2_500 => dice.number(1..=4),
            _ if product.cents < 6_000 => dice.number(1..=2),
            _ => 1,
        };
        let price = match till {
            Till::Trade => percent_of(TRADE_PERCENT, product.cents - tax_in(product.cents)),
            _ => product.cents,
        };
        let discount = if reduced {
            percent_of(10, price * quantity)
        } else {
            0
        };
        let paid = price * quantity - discount;
        lines.push(Line {
            id: id(Kind::Line, person.index, order * 20 + n),
            product,
            quantity,
            price,
            discount,
            tax: if till == Till::Trade { 0 } else { tax_in(paid) },
        });
    }
    lines
}

fn gift_card(person: u32, order: u64, place: usize) -> Line {
    let place = u64::try_from(place).unwrap_or_default();
    Line {
        id: id(Kind::Line, person, order * 20 + place),
        product: &GIFT_CARD,
        quantity: 1,
        price: GIFT_CARD.cents,
        discount: 0,
        tax: 0,
    }
}
