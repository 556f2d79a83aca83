//! What a stream's record tells: the item before, the item after, one event.

use aws_lambda_events::dynamodb::EventRecord;
use crm_domain::case::Case;
use crm_domain::customer::Node;
use crm_domain::merge::Merge;
use crm_domain::person::Person;
use crm_events::order::Counting;
use crm_events::{Event, Written, case, customer, merge, order, returns};
use crm_store::{LooseReturnRecord, OrderRecord, image};
use serde_dynamo::{AttributeValue, Item};

/// A record that cannot be read. It names the kind of item alone: a parser's
/// own words can quote a value.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("the item does not say of which kind it is")]
    NoKind,
    #[error("the {0} image has the wrong shape")]
    Malformed(&'static str),
}

/// The event of a change, if it is one: nothing for what was deleted, and for
/// items that nobody outside needs to hear of.
pub(crate) fn event_of(record: &EventRecord) -> Result<Option<Event>, Unreadable> {
    let (before, after) = (&record.change.old_image, &record.change.new_image);
    if after.is_empty() {
        return Ok(None);
    }
    let Some(AttributeValue::S(kind)) = after.get("kind") else {
        return Err(Unreadable::NoKind);
    };
    Ok(match kind.as_str() {
        "order" => {
            let (before, after) = read::<OrderRecord>("order", before, after)?;
            let before = before.map(|record| record.order);
            let written = Written {
                version: after.version,
                at: after.touched_at,
            };
            let counting = Counting {
                fresh: after.fresh,
                newcomer: !after.returning,
            };
            order::change(before.as_ref(), &after.order, counting, written)
        }
        "loose_return" => {
            let (before, after) = read::<LooseReturnRecord>("loose return", before, after)?;
            let before = before.as_ref().map(|record| (&record.node, &record.news));
            let written = Written {
                version: after.version,
                at: after.touched_at,
            };
            returns::change(&after.id, before, (&after.node, &after.news), written)
        }
        "node" => {
            let (before, after) = read::<Node>("node", before, after)?;
            customer::node_change(before.as_ref(), &after)
        }
        "person" => {
            let (before, after) = read::<Person>("person", before, after)?;
            customer::person_change(before.as_ref(), &after)
        }
        // Its copy, with the other node, is no news.
        "merge" => {
            let (before, after) = read::<Merge>("merge", before, after)?;
            merge::change(before.as_ref(), &after)
        }
        "case" => {
            let (before, after) = read::<Case>("case", before, after)?;
            case::change(before.as_ref(), &after)
        }
        _ => None,
    })
}

fn read<T: serde::de::DeserializeOwned>(
    kind: &'static str,
    before: &Item,
    after: &Item,
) -> Result<(Option<T>, T), Unreadable> {
    let value = |item: &Item| image(kind, item.clone()).map_err(|_| Unreadable::Malformed(kind));
    let before = (!before.is_empty()).then(|| value(before)).transpose()?;
    Ok((before, value(after)?))
}
