//! What a merge would make, without making it.

use std::fmt;

use jiff::civil::Date;

use super::{By, CannotJoin, Exceeded, Occasion, are_apart, exceeded, join};
use crate::consent::{Medium, standing};
use crate::customer::{Address, Node, Profile};
use crate::person::PersonRecord;
use crate::segment::{Rules, Subject, assess};

/// The person that a merge would make, and what speaks against it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The person, assessed as if there had never been two.
    pub person: PersonRecord,
    /// Limits that a merge by hand has to accept.
    pub exceeded: Vec<Exceeded>,
    /// Whether somebody said that the two are not the same.
    pub parted_before: bool,
    /// Where the two say different things.
    pub conflicts: Vec<Conflict>,
}

/// Two values of what a person has one of. Prints nothing personal.
#[derive(Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Of what.
    pub field: &'static str,
    /// As the person says whose id would stay.
    pub kept: String,
    /// As the other says.
    pub joined: String,
}

impl fmt::Debug for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Conflict({}, …)", self.field)
    }
}

/// What joining two persons would make of them on a date.
///
/// # Errors
///
/// [`CannotJoin`].
pub fn preview(
    kept: &PersonRecord,
    joined: &PersonRecord,
    rules: &Rules<'_>,
    on: Date,
) -> Result<Preview, CannotJoin> {
    let refs = [kept, joined].map(|record| record.nodes().iter().collect::<Vec<_>>());
    let occasion = Occasion {
        merge: String::new(),
        at: jiff::Timestamp::UNIX_EPOCH,
        by: By::Staff,
        caller: None,
        kept: kept.id().clone(),
        joined: joined.id().clone(),
    };
    let made = join(kept.clone(), joined.clone(), occasion)?;
    let mut person = made.person;
    person.assessment = Some(assess(&Subject::of_person(&person), rules, on, None));
    Ok(Preview {
        person: PersonRecord::Joined(Box::new(person), made.nodes),
        exceeded: exceeded(&refs[0], &refs[1], &rules.settings.identity),
        parted_before: are_apart(&refs[0], &refs[1]),
        conflicts: conflicts(kept.nodes(), joined.nodes()),
    })
}

/// One thing a profile says.
type Part = fn(&Profile) -> Option<String>;

fn conflicts(kept: &[Node], joined: &[Node]) -> Vec<Conflict> {
    let of = |field, part: Part| (field, newest(kept, part), newest(joined, part));
    let fields = [
        of("first_name", |profile| profile.first_name.clone()),
        of("last_name", |profile| profile.last_name.clone()),
        of("address", |profile| profile.address.as_ref().map(line)),
    ];
    let decided = |nodes: &[Node]| {
        let consents = nodes.iter().map(|node| &node.consents);
        let now = standing(consents, Medium::Email)?;
        Some(if now.state.is_yes() { "yes" } else { "no" }.to_owned())
    };
    let currency = |nodes: &[Node]| nodes.iter().find_map(|node| node.currency);
    let currency = |nodes| currency(nodes).map(|currency| currency.to_string());
    let others = [
        ("email_marketing", decided(kept), decided(joined)),
        ("currency", currency(kept), currency(joined)),
    ];
    let all = fields.into_iter().chain(others);
    let told = all.filter_map(|(field, kept, joined)| Some((field, kept?, joined?)));
    let differ = told.filter(|(_, kept, joined)| !is_the_same(kept, joined));
    differ
        .map(|(field, kept, joined)| Conflict {
            field,
            kept,
            joined,
        })
        .collect()
}

/// What the node told last says, of those that say anything.
fn newest(nodes: &[Node], of: Part) -> Option<String> {
    let told = nodes.iter().filter_map(|node| {
        let said = of(&node.profile)?;
        Some(((node.told, &node.id), said))
    });
    told.max_by_key(|(told, _)| *told).map(|(_, said)| said)
}

fn is_the_same(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

fn line(address: &Address) -> String {
    let parts = [
        &address.street,
        &address.street2,
        &address.postal_code,
        &address.city,
        &address.region,
        &address.country,
    ];
    let parts: Vec<_> = parts.into_iter().flatten().map(String::as_str).collect();
    parts.join(", ")
}
