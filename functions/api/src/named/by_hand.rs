//! Of whom a person decided whether they are in a named segment.
//!
//! What was decided stands with the nodes; the list only says where to look.

use crm_domain::identity::NodeId;
use crm_domain::named::{Placed, SegmentId, decided};
use crm_store::{Consistency, PersonRecord};

use super::Naming;
use super::view::{Member, Members};
use crate::answer::Answer;
use crate::customers::Customer;
use crate::problem::Trouble;
use crate::request::Request;

impl Naming<'_> {
    /// A page of those who are in, or out, by a decision by hand: of several
    /// nodes of a person the last word counts, and its node stands for them.
    pub(super) async fn by_hand(
        &self,
        request: Request<'_>,
        segment: &SegmentId,
        placed: Placed,
        limit: usize,
    ) -> Result<Answer, Trouble> {
        let name = format!("placed:{segment}:{placed:?}");
        let after: Option<NodeId> = request.cursor("cursor", &name).await?;
        let page = self.store.placed_list(segment, after.as_ref(), limit);
        let page = page.await?;
        let how = Consistency::Strong;
        let persons = self.store.persons_fetch(&page.items, how).await?;
        let settings = self.store.settings_fetch().await?;
        let here = persons.iter().filter(|person| {
            let word = last_word(person, segment);
            word.is_some_and(|(node, word)| word == placed && page.items.contains(node))
        });
        let member = |person: &PersonRecord| Member {
            customer: Customer::of(person, &settings),
            placed: Some(placed),
        };
        Ok(Answer::ok(&Members {
            count: None,
            items: here.map(member).collect(),
            cursor: request.next(&name, page.next.as_ref()).await?,
        }))
    }
}

/// What was decided of a person last, and the first of the nodes where it
/// stands.
fn last_word<'a>(person: &'a PersonRecord, segment: &SegmentId) -> Option<(&'a NodeId, Placed)> {
    let nodes = person.nodes();
    let last = *decided(nodes).get(segment)?;
    let says_so = nodes.iter().filter(|node| {
        let named = node.named.as_ref();
        let own = named.and_then(|named| named.placed.get(segment));
        node.redacted.is_none() && own == Some(&last)
    });
    let node = says_so.map(|node| &node.id).min()?;
    Some((node, last.placed))
}
