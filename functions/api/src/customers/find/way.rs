//! The ways to candidates, the one that finds fewest first.

use crm_domain::condition::{Condition, NameWords, PhoneDigits, Test};
use crm_domain::customer::Node;
use crm_domain::identity::{Email, ExternalId, NodeId};
use crm_domain::named::SegmentId;
use crm_domain::search::{FindKey, find_keys};
use crm_domain::segment::{Segment, Stage};
use crm_store::{
    Claim, Consistency, MemberPlace, NamedPlace, PersonPlace, PersonRecord, SegmentPlace, Store,
    StoreError, Wanted,
};
use serde::{Deserialize, Serialize};

use super::By;
use crate::persons;
use crate::problem::{Problem, Trouble};

/// Items of the table of people read at once.
const ITEMS: i32 = 500;

/// How candidates are found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// By the one who holds a claim.
    Claim(Claim),
    /// By an id that may be of any of a source's shops.
    AnyShop(String, String),
    /// By the number of an order.
    Order(String),
    /// By a telephone.
    Phone(PhoneDigits),
    /// By a word of the name.
    Word(String, NameWords),
    /// By a named segment.
    Named(SegmentId),
    /// By the segment.
    Segment(Segment),
    /// By looking at everyone.
    Everyone,
}

/// A place among candidates to go on from.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Place {
    /// Behind a node with the telephone.
    Phone(NodeId),
    /// Behind a word.
    Word(NamedPlace),
    /// In a named segment.
    Named(MemberPlace),
    /// In a segment.
    Segment(SegmentPlace),
    /// Behind somebody.
    Everyone(PersonPlace),
}

/// Candidates of a page, each with the place behind it where there may be
/// more of them than were asked for.
pub(super) struct Found {
    pub(super) persons: Vec<(Option<Place>, PersonRecord)>,
    /// Order numbers that these are known to have used.
    pub(super) orders: Vec<String>,
    /// How many were looked at.
    pub(super) looked: usize,
    pub(super) next: Option<Place>,
}

impl Way {
    /// The way that finds fewest of those who meet a condition.
    pub(super) fn of(condition: &Condition) -> Self {
        let needed = condition.needed();
        let best = needed.into_iter().filter_map(Self::by);
        best.min_by_key(|(rank, _)| *rank)
            .map_or(Self::Everyone, |(_, way)| way)
    }

    /// The way that a test opens, and its rank.
    fn by(test: &Test) -> Option<(u32, Self)> {
        Some(match test {
            Test::Email(email) => (0, Self::Claim(Claim::Email(Email::clone(email)))),
            Test::OrderNumber(number) => (1, Self::Order(number.clone())),
            Test::Phone(digits) => (2, Self::Phone(digits.clone())),
            Test::Name(name) => {
                let longest = name.longest()?;
                // Longer beginnings are rarer.
                let letters = u32::try_from(longest.chars().count());
                let rank = 3 + 100_u32.saturating_sub(letters.unwrap_or(100));
                (rank, Self::Word(longest.to_owned(), name.clone()))
            }
            Test::NamedSegment(id) => (200, Self::Named(id.clone())),
            Test::Segment(segment) => (300, Self::Segment(*segment)),
            Test::Stage(stage) => (301, Self::Segment(segment_of(*stage)?)),
            _ => return None,
        })
    }

    /// The way by a source's id of a customer.
    pub(super) fn external(text: &str) -> Option<Self> {
        if let Ok(id) = ExternalId::parse(text) {
            return Some(Self::Claim(Claim::Id(id)));
        }
        let (source, id) = text.split_once(':')?;
        // As good as any shop: only the other two parts are checked.
        ExternalId::new(source, "shop", id).ok()?;
        Some(Self::AnyShop(source.to_owned(), id.to_owned()))
    }

    /// What tells two ways apart that have no test in the condition.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Claim(Claim::Id(id)) => id.to_string(),
            Self::AnyShop(source, id) => format!("{source}:{id}"),
            _ => String::new(),
        }
    }

    /// Candidates from a place on: about as many as asked for.
    pub(super) async fn candidates(
        &self,
        by: &By<'_>,
        from: Option<Place>,
        room: usize,
    ) -> Result<Found, Trouble> {
        let store = by.store;
        match (self, from) {
            (Self::Claim(claim), _) => Ok(all(claimed(store, [claim.clone()]).await?)),
            (Self::AnyShop(source, id), _) => Ok(all(of_any_shop(store, source, id).await?)),
            (Self::Order(number), _) => {
                let nodes = store.buyers_of(number).await?;
                let persons = store.persons_fetch(&nodes, by.how).await?;
                let orders = vec![number.clone()];
                Ok(Found {
                    orders,
                    ..all(persons)
                })
            }
            (Self::Phone(digits), from) => {
                let after = match from {
                    Some(Place::Phone(node)) => Some(node),
                    _ => None,
                };
                let page = store.reached_at(digits.ending(), after.as_ref(), room);
                let page = page.await?;
                let mut found = found(by, &page.items, page.next.map(Place::Phone)).await?;
                found.keep(
                    |person| first(person, |node| has_phone(node, digits)),
                    &page.items,
                );
                Ok(found)
            }
            (Self::Word(word, _), from) => {
                let after = match from {
                    Some(Place::Word(place)) => Some(place),
                    _ => None,
                };
                let page = store.named_like(word, after.as_ref(), room).await?;
                let nodes: Vec<_> = page.items.iter().map(|place| place.node.clone()).collect();
                let mut found = found(by, &nodes, page.next.map(Place::Word)).await?;
                found.persons.retain(|(_, person)| {
                    let first = first_word(person, word);
                    first.is_some_and(|first| page.items.contains(&first))
                });
                Ok(found)
            }
            (Self::Named(segment), from) => {
                let after = match from {
                    Some(Place::Named(place)) => Some(place),
                    _ => None,
                };
                let page = store.members_list(segment, after, room).await?;
                let mut found = found(by, &page.items, page.next.map(Place::Named)).await?;
                found.keep(|person| Some(person.id().clone()), &page.items);
                Ok(found)
            }
            (Self::Segment(segment), from) => {
                let after = match from {
                    Some(Place::Segment(place)) => Some(place),
                    _ => None,
                };
                let page = store.segment_list(*segment, after, room).await?;
                let mut found = found(by, &page.items, page.next.map(Place::Segment)).await?;
                found.keep(|person| Some(person.id().clone()), &page.items);
                Ok(found)
            }
            (Self::Everyone, from) => {
                let after = match from {
                    Some(Place::Everyone(place)) => Some(place),
                    _ => None,
                };
                Ok(everyone(store, after).await?)
            }
        }
    }
}

impl Found {
    /// Leaves out who is found again by another id of theirs: of all ids that
    /// lead to somebody, only one is in one page.
    fn keep(&mut self, first: impl Fn(&PersonRecord) -> Option<NodeId>, page: &[NodeId]) {
        self.persons
            .retain(|(_, person)| first(person).is_some_and(|first| page.contains(&first)));
    }
}

/// The segment that is the same as a stage, whoever is a VIP.
fn segment_of(stage: Stage) -> Option<Segment> {
    match stage {
        Stage::New | Stage::Active => None,
        other => Some(Segment::of(other, false)),
    }
}

fn all(persons: Vec<PersonRecord>) -> Found {
    Found {
        looked: persons.len(),
        persons: persons.into_iter().map(|person| (None, person)).collect(),
        orders: Vec::new(),
        next: None,
    }
}

async fn found(by: &By<'_>, nodes: &[NodeId], next: Option<Place>) -> Result<Found, StoreError> {
    let persons = by.store.persons_fetch(nodes, by.how).await?;
    Ok(Found {
        looked: nodes.len(),
        next,
        ..all(persons)
    })
}

fn has_phone(node: &Node, digits: &PhoneDigits) -> bool {
    node.profile
        .phone
        .as_ref()
        .is_some_and(|phone| digits.is_of(phone))
}

/// The first of a person's nodes by id of which something holds.
fn first(person: &PersonRecord, holds: impl Fn(&Node) -> bool) -> Option<NodeId> {
    let nodes = person.nodes().iter().filter(|node| holds(node));
    nodes.map(|node| node.id.clone()).min()
}

/// The first entry by which a person is found that has such a word.
fn first_word(person: &PersonRecord, beginning: &str) -> Option<NamedPlace> {
    let entries = person.nodes().iter().flat_map(|node| {
        let words = find_keys(node).into_iter().filter_map(|key| match key {
            FindKey::Word(word) => Some(word),
            FindKey::Phone(_) => None,
        });
        let fitting = words.filter(|word| word.starts_with(beginning));
        fitting.map(|word| NamedPlace {
            word,
            node: node.id.clone(),
        })
    });
    entries.min()
}

/// The persons who hold any of the claims, each once.
async fn claimed(
    store: &Store,
    claims: impl IntoIterator<Item = Claim>,
) -> Result<Vec<PersonRecord>, StoreError> {
    let claims: Vec<_> = claims.into_iter().collect();
    let mut wanted = Wanted::default();
    for claim in &claims {
        wanted.claim(claim);
    }
    let loaded = store.load(&wanted, Consistency::Strong).await?;
    let holders = claims.iter().map(|claim| loaded.claim(claim));
    let holders: Vec<NodeId> = holders
        .filter_map(Result::transpose)
        .collect::<Result<_, _>>()?;
    store.persons_fetch(&holders, Consistency::Strong).await
}

async fn of_any_shop(store: &Store, source: &str, id: &str) -> Result<Vec<PersonRecord>, Trouble> {
    let shops = store.shop_list(source).await?;
    let ids = shops
        .iter()
        .filter_map(|shop| ExternalId::new(source, shop, id).ok());
    let persons = claimed(store, ids.map(Claim::Id)).await?;
    if persons.len() > 1 {
        let limit = "is not unique: several customers have it, so give {source}:{shop}:{id}";
        return Err(Problem::senseless("external_id", limit).into());
    }
    Ok(persons)
}

/// A page of everyone, as they were a moment ago.
async fn everyone(store: &Store, from: Option<PersonPlace>) -> Result<Found, StoreError> {
    let mut from = from.map(Into::into);
    loop {
        let page = store.people_scan(0, 1, from, ITEMS).await?;
        let is_last = page.next.is_none();
        let looked = page.items.len();
        let last = page.items.last().map(crm_store::Scanned::place);
        if last.is_none() && !is_last {
            // Nothing but other items, and none of them may be a place.
            from = page.next;
            continue;
        }
        let persons = persons::of_records(store, page.items).await?;
        return Ok(Found {
            persons: persons
                .into_iter()
                .map(|(place, person)| (Some(Place::Everyone(place)), person))
                .collect(),
            orders: Vec::new(),
            looked,
            next: last.filter(|_| !is_last).map(Place::Everyone),
        });
    }
}
