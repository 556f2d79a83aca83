//! Whether a customer meets a condition on a date.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{Candidate, Condition, Measure, Range, Test};
use crate::consent::standing;
use crate::customer::Node;
use crate::field::value_of;
use crate::identity::ExternalId;
use crate::linkage::fold;
use crate::money::Amount;
use crate::totals::Sums;

impl Condition {
    /// Whether a customer meets it on a date.
    #[must_use]
    pub fn matches(&self, who: &Candidate<'_>, on: Date) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.matches(who, on)),
            Self::Any(parts) => parts.iter().any(|part| part.matches(who, on)),
            Self::Not(part) => !part.matches(who, on),
            Self::Test(test) => test.matches(who, on),
        }
    }
}

impl Test {
    /// Whether a customer passes it on a date.
    #[must_use]
    pub fn matches(&self, who: &Candidate<'_>, on: Date) -> bool {
        let found = who.assessment;
        match self {
            Self::Name(name) => who.live().any(|node| is_named(node, name.words())),
            Self::Email(email) => {
                let addresses =
                    |node: &Node| [node.profile.email.clone(), node.claimed_email.clone()];
                who.live()
                    .flat_map(addresses)
                    .any(|known| known.as_ref() == Some(email))
            }
            Self::EmailDomain(domain) => who.live().any(|node| {
                let email = node.profile.email.as_ref();
                let own = email.and_then(|email| email.as_str().rsplit_once('@'));
                own.is_some_and(|(_, own)| own == domain)
            }),
            Self::Phone(digits) => who
                .live()
                .filter_map(|node| node.profile.phone.as_ref())
                .any(|phone| digits.is_of(phone)),
            Self::OrderNumber(number) => who.orders.contains(number),
            Self::Tag(tag) => {
                let same = |own: &str| {
                    own.eq_ignore_ascii_case(tag) || own.to_lowercase() == tag.to_lowercase()
                };
                who.live().any(|node| node.tags.iter().any(same))
            }
            Self::Segment(segment) => found.is_some_and(|found| found.segment == *segment),
            Self::Group(group) => found.is_some_and(|found| found.group == Some(*group)),
            Self::Stage(stage) => found.is_some_and(|found| found.stage == *stage),
            Self::Vip(vip) => found.is_some_and(|found| found.vip) == *vip,
            Self::Health(health) => found.is_some_and(|found| found.health == *health),
            Self::Channel(name) => who
                .channel()
                .is_some_and(|own| own.to_lowercase() == name.to_lowercase()),
            Self::Consent(medium, given) => {
                let consents = who.live().map(|node| &node.consents);
                let yes = standing(consents, *medium).is_some_and(|now| now.state.is_yes());
                yes == *given
            }
            Self::Source(source) => ids(who).any(|id| id.source() == source),
            Self::Shop(shop) => {
                let shop = shop.split_once(':');
                ids(who).any(|id| Some((id.source(), id.shop())) == shop)
            }
            Self::Number(measure, range) => measure.is_within(*range, who, on),
            Self::Field(name, test) => {
                let value = value_of(name, who.nodes, who.settings);
                test.is_passed_by(value.as_ref())
            }
            Self::NamedSegment(id) => who.within.is_some_and(|within| within.contains(id)),
        }
    }
}

fn ids<'a>(who: &Candidate<'a>) -> impl Iterator<Item = &'a ExternalId> {
    who.live().filter_map(|node| node.external_id.as_ref())
}

/// Whether each word begins a word of the node's name.
fn is_named(node: &Node, wanted: &[String]) -> bool {
    let words = name_words(node);
    let begins = |word: &String| words.iter().any(|own| own.starts_with(word.as_str()));
    wanted.iter().all(begins)
}

/// The words of a node's name, in lower case and without accents.
pub(crate) fn name_words(node: &Node) -> Vec<String> {
    let names = [&node.profile.first_name, &node.profile.last_name];
    let names = names.into_iter().flatten();
    names.flat_map(|name| fold::every_word(name)).collect()
}

impl Measure {
    /// Whether a customer's number is within limits; never where there is
    /// none.
    fn is_within(self, range: Range, who: &Candidate<'_>, on: Date) -> bool {
        let view = who.view();
        let sums = &view.sums;
        let days = |at: Timestamp| {
            let since = who.settings.date_of(at);
            i64::from((on - since).get_days()).max(0)
        };
        let bought = view.span.filter(|_| sums.orders > 0);
        match self {
            Self::Gross => range.holds(|limit| sums.gross >= limit),
            Self::Net => range.holds(|limit| sums.net() >= limit),
            Self::Orders => range.holds(|limit| Amount::whole(sums.orders) >= limit),
            Self::AverageOrderValue => {
                sums.orders > 0 && range.holds(|limit| reaches_on_average(sums, limit))
            }
            Self::ReturnRate => {
                sums.units_bought > 0 && range.holds(|limit| is_returned(sums, limit))
            }
            Self::DaysSinceLastOrder => bought.is_some_and(|(_, last)| {
                let days = Amount::whole(days(last));
                range.holds(|limit| days >= limit)
            }),
            Self::DaysSinceFirstOrder => bought.is_some_and(|(first, _)| {
                let days = Amount::whole(days(first));
                range.holds(|limit| days >= limit)
            }),
        }
    }
}

/// Compared without dividing: a quotient may have no end.
fn reaches_on_average(sums: &Sums, limit: Amount) -> bool {
    let least = limit.decimal().checked_mul(Decimal::from(sums.orders));
    least.is_some_and(|least| sums.gross.decimal() >= least)
}

fn is_returned(sums: &Sums, limit: Amount) -> bool {
    let least = limit
        .decimal()
        .checked_mul(Decimal::from(sums.units_bought));
    least.is_some_and(|least| Decimal::from(sums.units_returned) >= least)
}
