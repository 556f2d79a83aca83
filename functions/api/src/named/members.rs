//! Who is in a named segment, and who was put there or left out by hand.
//!
//! A decision by hand is kept on the node whose id was used, so that it goes
//! with that node when people are merged and parted. It makes the node news:
//! the stream assesses the customer and moves the entry.

use crm_domain::condition::{Condition, Test};
use crm_domain::named::{Placed, Placement, decided};
use crm_store::{Changes, Committed, Consistency, PersonRecord, StoreError};

use super::view::{Member, Members, PlacedView};
use super::{ATTEMPTS, Naming};
use crate::answer::Answer;
use crate::customers::find::{self, By, Place, Search};
use crate::customers::{self, Customer};
use crate::fields::Fields;
use crate::problem::{Problem, Trouble};
use crate::request::Request;

/// Entries of a page, unless the caller says otherwise, and at most.
pub(super) const USUAL_ENTRIES: usize = 50;
pub(super) const MOST_ENTRIES: usize = 100;
const PLACED: &str = "must be include or exclude";

impl Naming<'_> {
    /// `GET /v1/named-segments/{id}/members`: who is in it, or with `placed`
    /// of whom a person decided so.
    pub(crate) async fn members(&self, request: Request<'_>, id: &str) -> Result<Answer, Trouble> {
        request.only_parameters(&["limit", "cursor", "placed"])?;
        let limit = request.number("limit", 1, MOST_ENTRIES, USUAL_ENTRIES)?;
        let placed = request.parameter("placed");
        let placed = placed.map(|word| word_of("placed", &word)).transpose()?;
        let (_, segment) = self.needed(id).await?;
        if let Some(placed) = placed {
            return self.by_hand(request, &segment.id, placed, limit).await;
        }
        let search = Search::of(Condition::Test(Test::NamedSegment(segment.id.clone())));
        let list = search.list("members");
        let from: Option<Place> = request.cursor("cursor", &list).await?;
        let count = match from {
            None => Some(self.store.members_count(&segment.id).await?),
            Some(_) => None,
        };
        let settings = self.store.settings_fetch().await?;
        let by = By {
            store: self.store,
            settings: &settings,
            today: settings.date_of(self.now),
            limit,
            looks: find::MOST_LOOKS,
            how: Consistency::Strong,
        };
        let (persons, next) = search.page(&by, from).await?;
        let member = |person: &PersonRecord| {
            let by_hand = decided(person.nodes());
            let placed = by_hand.get(&segment.id).map(|placement| placement.placed);
            Member {
                customer: Customer::of(person, &settings),
                placed,
            }
        };
        Ok(Answer::ok(&Members {
            count,
            items: persons.iter().map(member).collect(),
            cursor: request.next(&list, next.as_ref()).await?,
        }))
    }

    /// `PUT` and `DELETE /v1/named-segments/{id}/members/{customer}`: puts a
    /// customer in or leaves them out whatever the condition says, or lets it
    /// decide again.
    pub(crate) async fn place(
        &self,
        request: Request<'_>,
        id: &str,
        customer: &str,
        by_hand: bool,
    ) -> Result<Answer, Trouble> {
        request.only_parameters(&[])?;
        let placed = if by_hand { Some(read(request)?) } else { None };
        for _ in 0..ATTEMPTS {
            let (named, segment) = self.needed(id).await?;
            let person = customers::needed(self.store, customer).await?;
            let own = person
                .nodes()
                .iter()
                .find(|node| node.id.as_str() == customer);
            if placed.is_some() && own.is_some_and(|node| node.redacted.is_some()) {
                let limit = "leads to a customer who was forgotten, and is in no list any more";
                return Err(Problem::conflict("customer", limit).into());
            }
            let mut changes = Changes::new();
            for node in person.nodes() {
                let is_used = node.id.as_str() == customer;
                let mut own = node.named.clone().map(|own| *own).unwrap_or_default();
                own.forget_the_gone(&named);
                match placed {
                    Some(placed) if is_used => {
                        let placement = Placement {
                            at: self.now,
                            placed,
                            version: named.version,
                        };
                        own.placed.insert(segment.id.clone(), placement);
                        changes.placed_note(&segment.id, &node.id, true);
                    }
                    // Taking back is about the customer, by whichever id it was said.
                    None => {
                        if own.placed.remove(&segment.id).is_some() {
                            changes.placed_note(&segment.id, &node.id, false);
                        }
                    }
                    Some(_) => {}
                }
                let mut next = node.clone();
                next.named = own.boxed();
                if next != *node {
                    next.touch(self.now);
                    changes.node_put(&next)?;
                }
            }
            let unchanged = changes.is_empty();
            if unchanged && placed.is_some() {
                return Err(Problem::not_found("customer").into());
            }
            if unchanged || self.store.commit(changes).await? == Committed::Done {
                return Ok(Answer::ok(&PlacedView {
                    segment: segment.id,
                    customer: customer.to_owned(),
                    placed,
                }));
            }
        }
        Err(StoreError::Contended { attempts: ATTEMPTS }.into())
    }
}

fn read(request: Request<'_>) -> Result<Placed, Problem> {
    let mut fields = Fields::new(request.body()?);
    let placed = word_of("placed", &fields.text("placed", PLACED)?)?;
    fields.finish()?;
    Ok(placed)
}

fn word_of(field: &str, word: &str) -> Result<Placed, Problem> {
    match word {
        "include" => Ok(Placed::Include),
        "exclude" => Ok(Placed::Exclude),
        _ => Err(Problem::field(field, PLACED)),
    }
}
