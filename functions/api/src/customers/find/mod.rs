//! Looking for customers: what is asked for, the way that finds fewest, and a
//! page of those who meet all of it.
//!
//! A way gives candidates; each is read as it is now and held against the
//! whole condition, so that an index which is a moment behind shows nobody it
//! should not. Whoever was forgotten is found by nothing.

mod asked;
pub(crate) mod contract;
mod way;

use crm_domain::condition::{Candidate, Condition, Test};
use crm_domain::named::NamedSegments;
use crm_domain::settings::Settings;
use crm_store::{Consistency, PersonRecord, Store};
use jiff::civil::Date;

use crate::once::digest;
use crate::problem::{Problem, Trouble};
pub(crate) use asked::{PARAMETERS, problem};
pub(crate) use way::Place;
use way::{Found, Way};

/// Most candidates that are looked at for a page of a list.
pub(crate) const MOST_LOOKS: usize = 2_000;

/// Where the condition of a body stands.
const IN_BODY: &str = "condition";

/// The test for a named segment, and the parameter of its name.
const NAMED: &str = "named_segment";

/// What is looked for.
pub(crate) struct Search {
    condition: Condition,
    way: Way,
    /// Whether it is a body's condition, and not made of parameters.
    is_in_body: bool,
}

/// By what a page is made.
pub(crate) struct By<'a> {
    pub(crate) store: &'a Store,
    pub(crate) settings: &'a Settings,
    pub(crate) today: Date,
    /// Entries of a page.
    pub(crate) limit: usize,
    /// Candidates that are looked at for it.
    pub(crate) looks: usize,
    pub(crate) how: Consistency,
}

impl Search {
    /// Everyone who meets a condition.
    pub(crate) fn of(condition: Condition) -> Self {
        let way = Way::of(&condition);
        Self {
            condition,
            way,
            is_in_body: false,
        }
    }

    /// Everyone.
    pub(crate) fn everyone() -> Self {
        Self::of(Condition::All(Vec::new()))
    }

    /// What a cursor of this list belongs to; nothing personal.
    pub(crate) fn list(&self, name: &str) -> String {
        let asked = digest([self.condition.print().to_string(), self.way.name()]);
        format!("{name}:{asked}")
    }

    /// Checks that every named segment that is asked for is there: of one that
    /// was given up nobody is a member, which is no answer to who is.
    pub(crate) async fn check_named(&self, store: &Store) -> Result<(), Trouble> {
        let is_named = |test: &&Test| matches!(test, Test::NamedSegment(_));
        if !self.condition.tests().iter().any(is_named) {
            return Ok(());
        }
        let named = store.named_read(Consistency::Strong).await?;
        let Some(place) = missing(&self.condition, IN_BODY, &named) else {
            return Ok(());
        };
        let field = if self.is_in_body { &place } else { NAMED };
        let limit =
            "must be the id of a named segment, and there is none: it may have been given up";
        Err(Problem::senseless(field, limit).into())
    }

    /// Whether everyone found fits a page, whatever its size: then there is
    /// no cursor.
    pub(crate) fn is_one_page(&self) -> bool {
        matches!(self.way, Way::Claim(_) | Way::AnyShop(..) | Way::Order(_))
    }

    /// A page from a place on, and where the next one begins. It may hold
    /// fewer than there is room for, or none, and still have a next one.
    pub(crate) async fn page(
        &self,
        by: &By<'_>,
        from: Option<Place>,
    ) -> Result<(Vec<PersonRecord>, Option<Place>), Trouble> {
        let (mut persons, mut looked, mut from) = (Vec::new(), 0, from);
        let most = if self.is_one_page() {
            usize::MAX
        } else {
            by.limit
        };
        loop {
            let room = most - persons.len();
            let found = self.way.candidates(by, from, room).await?;
            looked += found.looked.max(1);
            let next = self.take(by, found, room, &mut persons);
            if next.is_none() || persons.len() >= most || looked >= by.looks {
                return Ok((persons, next));
            }
            from = next;
        }
    }

    /// Keeps who meets the condition, as many as there is room for; the place
    /// behind the last one looked at.
    fn take(
        &self,
        by: &By<'_>,
        found: Found,
        room: usize,
        persons: &mut Vec<PersonRecord>,
    ) -> Option<Place> {
        let mut left = room;
        let mut behind = None;
        for (place, person) in found.persons {
            if left == 0 {
                return behind;
            }
            behind = place;
            if self.is_met_by(by, &person, &found.orders) {
                persons.push(person);
                left -= 1;
            }
        }
        found.next
    }

    fn is_met_by(&self, by: &By<'_>, person: &PersonRecord, orders: &[String]) -> bool {
        let mut who = Candidate::of(person, by.settings);
        who.orders = orders;
        who.is_somebody() && self.condition.matches(&who, by.today)
    }

    /// Whether the condition can be met at all: an order's number is known of
    /// those only who were found by it.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        let is_number = |test: &&Test| matches!(test, Test::OrderNumber(_));
        let condition = &self.condition;
        let all = condition.tests().into_iter().filter(is_number).count();
        let needed = condition.needed().into_iter().filter(is_number).count();
        if all > needed || needed > 1 {
            let limit = "may test order_number once, and not inside any or not";
            return Err(Problem::senseless(IN_BODY, limit));
        }
        Ok(())
    }
}

/// Where a condition that stands at `path` asks for a named segment that is
/// not there.
fn missing(condition: &Condition, path: &str, named: &NamedSegments) -> Option<String> {
    let within = |name: &str, parts: &[Condition]| {
        let mut parts = parts.iter().enumerate();
        parts.find_map(|(place, part)| missing(part, &format!("{path}.{name}.{place}"), named))
    };
    match condition {
        Condition::All(parts) => within("all", parts),
        Condition::Any(parts) => within("any", parts),
        Condition::Not(part) => missing(part, &format!("{path}.not"), named),
        Condition::Test(Test::NamedSegment(id)) if named.get(id).is_none() => {
            Some(format!("{path}.{NAMED}"))
        }
        Condition::Test(_) => None,
    }
}
