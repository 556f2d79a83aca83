//! Every key in the two tables, in one place.
//!
//! People (read whole by the nightly pass):
//!
//! | item     | `pk`                  | `sk`   | `seg_pk`             | `seg_sk` | `due_pk`      | `due_at`    |
//! |----------|-----------------------|--------|----------------------|----------|---------------|-------------|
//! | node     | `N#<node>`            | `N`    | `SEG#<word>#<shard>` | `<node>` | `DUE#<shard>` | `<instant>` |
//! | person   | `N#<root node>`       | `P`    | `SEG#<word>#<shard>` | `<node>` | `DUE#<shard>` | `<instant>` |
//! | claim    | `C#id#<external id>`  | `C`    |                      |          |               |             |
//! | claim    | `C#email#<address>`   | `C`    |                      |          |               |             |
//! | settings | `S`                   | `S`    |                      |          |               |             |
//! | settings change | `S`            | `V#<version>`       | |         |               |             |
//! | shop     | `S`                   | `H#<source>:<shop>` | |         |               |             |
//! | tombstone | `T#<digest>`        | `T`    |                      |          |               |             |
//! | cut-offs | `S`                   | `C`    |                      |          |               |             |
//! | named segments | `S`             | `N`    |                      |          |               |             |
//! | cost     | `X#<product>`         | `X`    |                      |          |               |             |
//!
//! A node that was joined with others has no place in the indexes; its
//! person has.
//!
//! Facts:
//!
//! | item         | `pk`                  | `sk` | `node_pk`  | `node_sk`              | `due_pk`      | `due_at`    |
//! |--------------|-----------------------|------|------------|------------------------|---------------|-------------|
//! | order        | `O#<external id>`     | `O`  | `N#<node>` | `O#<instant>#<id>`     | `NUM#<number>` | `<id>`     |
//! | return, to find its order | `R#<external id>` | `R` | |              |               |             |
//! | loose return | `L#<external id>`     | `L`  | `N#<node>` | `L#<instant>#<id>`     |               |             |
//! | case         | `K#<id>`              | `K`  | `N#<node>` | `K#<instant>#<id>`     | `DUE#<shard>` | `<instant>` |
//! | workflow run | `W#<workflow>#<node>` | `W`  | `N#<node>` | `W#<workflow>`         |               |             |
//! | message      | `M#<id>`              | `M`  | `N#<node>` | `M#<instant>#<id>`     |               |             |
//! | communication | `M#<id>`             | `M`  | `N#<node>` | `M#<instant>#<id>`     |               |             |
//! | change of fields | `F#<id>`          | `F`  | `N#<node>` | `F#<instant>#<id>`     |               |             |
//! | receipt      | `I#<digest>`          | `I`  |            |                        |               |             |
//! | a record that may be of the same person | `B#<block key>` | `<node>` | | |   |             |
//! | the keys of a node's records | `BN#<node>` | `B`   |         |      |             |             |
//! | what weighs how much | `BW`           | `B`  |            |                        |               |             |
//! | a word of a name | `F#<its first two letters>` | `<word>#<node>` | |          |               |             |
//! | the end of a telephone | `FP#<digits>` | `<node>` | |                        |               |             |
//! | member of a named segment | `NS#<segment>#<shard>` | `<person>` | |          |               |             |
//! | placed in a named segment, or left out, by hand | `NH#<segment>` | `<node>` | | |     |             |
//! | suggested pair | `D#<person>`         | `<other person>` | `D#<state>#<shard>` | `<score>#<id>` | `D#<state>#<shard>` | `<instant>#<id>` |
//! | the same, to find it from the other side | `D#<other person>` | `<person>` | | | |         |
//! | pass         | `G#<run>`             | `G`  |            |                        |               |             |
//! | a pass's partial | `G#<run>`         | `P#<stage>#<slice>#<part>` | |               |               |             |
//! | a chunk of one | `G#<run>`           | `B#<digest>#<chunk>` | |                     |               |             |
//! | figures of a day | `Y`               | `Y#<date>` |        |                        |               |             |
//! | customers won in a year, by channel and month | `YA#<version>` | `<year>` | | |         |             |
//! | cut-offs of a version | `YC`         | `<version>` |       |                        |               |             |
//! | a person as of a date | `A#<run>#<shard>` | `<person>` |    |                        |               |             |
//! | the run that looked at a date | `A#<date>` | `A` |          |                        |               |             |
//! | the run that was asked for | `Q#<what>` | `Q` |             |                        |               |             |
//! | spend of a month on a channel | `Z`  | `Z#<month>#<channel>` | |                     |               |             |
//! | merge, at either node joined | `J#<node>` | `<instant>#<id>` | | |     |             |
//! | privacy request | `V`          | `<id>` | `N#<node>` | `V#<instant>#<id>`     |               |             |
//! | audit entry | `U#<date>`       | `<instant>#<id>` | `N#<node>` | `U#<instant>#<id>` |         |             |
//! | older changes of a node   | `H#<node>`      | `<volume>` | |   |               |             |
//! | older changes of a person | `HP#<root>`     | `<volume>` | |   |               |             |
//!
//! A fact is keyed by its own source's id and indexed by node, so it stays
//! one fact when its customer changes. Index partitions that many items
//! would share are split into [`SHARDS`]. An entry of a due index that cannot
//! be handled is moved to the partition [`QUARANTINE`].

use crm_domain::identity::{Email, ExternalId, NodeId};
use crm_domain::linkage::BlockKey;
use crm_domain::named::SegmentId;
use crm_domain::segment::Segment;
use jiff::Timestamp;
use jiff::civil::Date;

/// Over how many partitions a shared index key is spread.
pub const SHARDS: u32 = 8;

/// Index of people by segment.
pub const SEGMENT_INDEX: &str = "segment-index";
/// Index of what comes due, on both tables.
pub const DUE_INDEX: &str = "due-index";
/// Index of facts by node.
pub const NODE_INDEX: &str = "node-index";

/// Partition of a due index for what cannot be handled until a person looks.
pub const QUARANTINE: &str = "DUE#quarantine";

/// A primary key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// Partition key.
    pub pk: String,
    /// Sort key.
    pub sk: String,
}

fn key(pk: String, sk: &str) -> Key {
    Key {
        pk,
        sk: sk.to_owned(),
    }
}

/// The key under which a node's facts are indexed.
#[must_use]
pub fn node_pk(node: &NodeId) -> String {
    format!("N#{node}")
}

/// A node.
#[must_use]
pub fn node(id: &NodeId) -> Key {
    key(node_pk(id), "N")
}

/// A person of several nodes, by its root.
#[must_use]
pub fn person(root: &NodeId) -> Key {
    key(node_pk(root), "P")
}

/// The claim on a source's customer id.
#[must_use]
pub fn claim_id(id: &ExternalId) -> Key {
    key(format!("C#id#{id}"), "C")
}

/// The claim on an e-mail address.
#[must_use]
pub fn claim_email(email: &Email) -> Key {
    key(format!("C#email#{}", email.as_str()), "C")
}

/// Where it stands that who went by an identifier was forgotten: under a
/// keyed digest of it, so that the identifier is not in the table.
#[must_use]
pub fn tombstone(digest: &str) -> Key {
    key(format!("T#{digest}"), "T")
}

/// A privacy request.
#[must_use]
pub fn privacy(id: &str) -> Key {
    key(privacy_pk(), id)
}

/// The partition of all privacy requests: there are few.
#[must_use]
pub fn privacy_pk() -> String {
    "V".to_owned()
}

/// The partition of a day's audit entries.
#[must_use]
pub fn audit_day(on: Date) -> String {
    format!("U#{on}")
}

/// Sort key of an audit entry among its day's.
#[must_use]
pub fn audit_place(at: Timestamp, id: &str) -> String {
    format!("{}#{id}", instant(at))
}

/// The settings document.
#[must_use]
pub fn settings() -> Key {
    key("S".to_owned(), "S")
}

/// The record of the change that made a version of the settings.
#[must_use]
pub fn settings_change(version: u64) -> Key {
    key("S".to_owned(), &format!("V#{version:012}"))
}

/// Up to which version of the settings everyone is assessed.
#[must_use]
pub fn assessed_settings() -> Key {
    key("S".to_owned(), "A")
}

/// A connected shop.
#[must_use]
pub fn shop(source: &str, shop: &str) -> Key {
    key("S".to_owned(), &format!("H#{source}:{shop}"))
}

/// What a product costs, by its source's id.
#[must_use]
pub fn cost(product: &ExternalId) -> Key {
    key(format!("X#{product}"), "X")
}

/// An order.
#[must_use]
pub fn order(id: &ExternalId) -> Key {
    key(format!("O#{id}"), "O")
}

/// What finds the order of a return.
#[must_use]
pub fn returned(id: &ExternalId) -> Key {
    key(format!("R#{id}"), "R")
}

/// A return without an order.
#[must_use]
pub fn loose_return(id: &ExternalId) -> Key {
    key(format!("L#{id}"), "L")
}

/// A case.
#[must_use]
pub fn case(id: &str) -> Key {
    key(format!("K#{id}"), "K")
}

/// A workflow's run for a person.
#[must_use]
pub fn run(workflow: &str, person: &NodeId) -> Key {
    key(format!("W#{workflow}#{person}"), "W")
}

/// A change of a customer's fields.
#[must_use]
pub fn field_change(id: &str) -> Key {
    key(format!("F#{id}"), "F")
}

/// An outbound message, or a communication.
#[must_use]
pub fn message(id: &str) -> Key {
    key(format!("M#{id}"), "M")
}

/// What a request with a key of its caller's made.
#[must_use]
pub fn receipt(digest: &str) -> Key {
    key(format!("I#{digest}"), "I")
}

/// The cut-offs that follow from everyone.
#[must_use]
pub fn cutoffs() -> Key {
    key("S".to_owned(), "C")
}

/// A pass over all people.
#[must_use]
pub fn pass(run: &str) -> Key {
    key(format!("G#{run}"), "G")
}

/// What a part of a pass's slice came to.
#[must_use]
pub fn partial(run: &str, stage: &str, slice: u32, part: u32) -> Key {
    key(
        format!("G#{run}"),
        &format!("P#{stage}#{slice:03}#{part:05}"),
    )
}

/// A chunk of a partial that is too big for one item.
#[must_use]
pub fn partial_chunk(run: &str, digest: &str, chunk: u32) -> Key {
    key(format!("G#{run}"), &format!("B#{digest}#{chunk:03}"))
}

/// The run that was asked for last, by what was asked.
#[must_use]
pub fn requested(what: &str) -> Key {
    key(format!("Q#{what}"), "Q")
}

/// Partition of all that was spent.
pub const SPEND: &str = "Z";

/// What was spent in a month, as `2026-03`, on a channel.
#[must_use]
pub fn spend(month: &str, channel: &str) -> Key {
    key(SPEND.to_owned(), &format!("Z#{month}#{channel}"))
}

/// Partition of the figures of all days.
pub const POPULATION: &str = "Y";

/// The figures of a day.
#[must_use]
pub fn population(on: Date) -> Key {
    key(POPULATION.to_owned(), &format!("Y#{on}"))
}

/// Partition of the customers won, by the version of the cut-offs that a pass
/// made.
#[must_use]
pub fn acquired_of(version: u64) -> String {
    format!("YA#{version:012}")
}

/// The customers won in a year, as a pass found them.
#[must_use]
pub fn acquired(version: u64, year: &str) -> Key {
    key(acquired_of(version), year)
}

/// The cut-offs of a version, in force or not.
#[must_use]
pub fn cutoffs_of(version: u64) -> Key {
    key("YC".to_owned(), &format!("{version:012}"))
}

/// Partition of persons as a run found them on its date.
#[must_use]
pub fn asof_shard(run: &str, shard: u32) -> String {
    format!("A#{run}#{shard}")
}

/// A person as a run found it on its date.
#[must_use]
pub fn asof_row(run: &str, person: &NodeId) -> Key {
    let shard = shard_of(person.as_str());
    key(asof_shard(run, shard), person.as_str())
}

/// The run that looked at a date last.
#[must_use]
pub fn asof_run(on: Date) -> Key {
    key(format!("A#{on}"), "A")
}

/// The partition of those who may be one person by a key of theirs.
#[must_use]
pub fn block(block: &BlockKey) -> String {
    format!("B#{block}")
}

/// A node among those who have a key in common.
#[must_use]
pub fn in_block(key_in_common: &BlockKey, node: &NodeId) -> Key {
    key(block(key_in_common), node.as_str())
}

/// Under which keys a node is found.
#[must_use]
pub fn blocks(node: &NodeId) -> Key {
    key(format!("BN#{node}"), "B")
}

/// The partition of the words of names that begin as this one does.
#[must_use]
pub fn words(word: &str) -> String {
    let beginning: String = word.chars().take(2).collect();
    format!("F#{beginning}")
}

/// A word of a node's name.
#[must_use]
pub fn found_by_word(word: &str, node: &NodeId) -> Key {
    key(words(word), &format!("{word}#{node}"))
}

/// The partition of the telephones that end so.
#[must_use]
pub fn phones(ending: &str) -> String {
    format!("FP#{ending}")
}

/// A node with a telephone that ends so.
#[must_use]
pub fn found_by_phone(ending: &str, node: &NodeId) -> Key {
    key(phones(ending), node.as_str())
}

/// The partition of the facts' due index where orders of a number are.
#[must_use]
pub fn order_number(number: &str) -> String {
    format!("NUM#{number}")
}

/// All named segments.
#[must_use]
pub fn named_segments() -> Key {
    key("S".to_owned(), "N")
}

/// A partition of a named segment's members.
#[must_use]
pub fn member_shard(segment: &SegmentId, shard: u32) -> String {
    format!("NS#{segment}#{shard}")
}

/// A member of a named segment.
#[must_use]
pub fn member(segment: &SegmentId, person: &NodeId) -> Key {
    let shard = shard_of(person.as_str());
    key(member_shard(segment, shard), person.as_str())
}

/// The partition of those of whom a person decided whether they are in a named
/// segment.
#[must_use]
pub fn placed_in(segment: &SegmentId) -> String {
    format!("NH#{segment}")
}

/// A node of which a person decided so.
#[must_use]
pub fn placed(segment: &SegmentId, node: &NodeId) -> Key {
    key(placed_in(segment), node.as_str())
}

/// What weighs how much in this base.
#[must_use]
pub fn weights() -> Key {
    key("BW".to_owned(), "B")
}

/// The partition of the pairs that a person is in.
#[must_use]
pub fn duplicates(person: &NodeId) -> String {
    format!("D#{person}")
}

/// A pair, as seen from one of the two.
#[must_use]
pub fn duplicate(person: &NodeId, other: &NodeId) -> Key {
    key(duplicates(person), other.as_str())
}

/// Partition of the pairs in a state, in both indexes that list them.
#[must_use]
pub fn duplicate_shard(state: &str, shard: u32) -> String {
    format!("D#{state}#{shard}")
}

/// The partition of the merges that joined a node to another.
#[must_use]
pub fn merges(node: &NodeId) -> String {
    format!("J#{node}")
}

/// A merge among those of a node it joined.
#[must_use]
pub fn merge(node: &NodeId, at: Timestamp, id: &str) -> Key {
    key(merges(node), &format!("{}#{id}", instant(at)))
}

/// The partition of a node's older changes.
#[must_use]
pub fn node_chronicle(id: &NodeId) -> String {
    format!("H#{id}")
}

/// The partition of a joined person's older changes.
#[must_use]
pub fn person_chronicle(root: &NodeId) -> String {
    format!("HP#{root}")
}

/// A volume of older changes.
#[must_use]
pub fn volume(pk: &str, number: u32) -> Key {
    key(pk.to_owned(), &format!("{number:06}"))
}

/// An instant as sort keys have it: always as long, so that text sorts as
/// time does.
#[must_use]
pub fn instant(at: Timestamp) -> String {
    format!("{at:.9}")
}

/// Sort key of a fact among its node's.
#[must_use]
pub fn among_facts(kind: char, at: Timestamp, id: &str) -> String {
    format!("{kind}#{}#{id}", instant(at))
}

/// Partition of the segment index.
#[must_use]
pub fn segment_shard(segment: Segment, shard: u32) -> String {
    format!("SEG#{}#{shard}", segment.name())
}

/// Partition of a due index.
#[must_use]
pub fn due_shard(shard: u32) -> String {
    format!("DUE#{shard}")
}

/// The shard an id falls into: FNV-1a, the same for ever.
#[must_use]
pub fn shard_of(id: &str) -> u32 {
    let hash = id.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    hash % SHARDS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_sort_as_text_as_they_do_in_time() {
        let texts = [
            "2026-03-01T12:00:00Z",
            "2026-03-01T12:00:00.5Z",
            "2026-03-01T12:00:01Z",
        ];
        let keys = texts.map(|text| instant(text.parse().unwrap()));
        assert!(keys.is_sorted());
        assert_eq!(keys[0], "2026-03-01T12:00:00.000000000Z");
    }

    #[test]
    fn an_id_always_falls_into_the_same_shard() {
        assert_eq!(shard_of("abcdefgh"), 5);
        assert!((0..1000).all(|n| shard_of(&n.to_string()) < SHARDS));
    }
}
