//! Everyone at a glance: of each item only the attributes that an evaluation
//! looks at, each taken out of it by hand. A pass over everyone does this a
//! million times, for customers of whom nearly all stay as they are.

use aws_sdk_dynamodb::types::AttributeValue;
use crm_domain::care::Care;
use crm_domain::customer::is_a_shops;
use crm_domain::history::History;
use crm_domain::identity::NodeId;
use crm_domain::segment::Glance;
use crm_domain::totals::{Sums, Totals};

use super::assessed::assessment;
use super::field::{Torn, amount, map, number, truth};
use super::{PersonPlace, ScanPage, ScanPlace};
use crate::Store;
use crate::error::StoreError;
use crate::item::Item;

/// A record that a scan came upon, as far as an evaluation looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Glanced {
    /// A node: a person of its own, or one of several.
    Node(Glance),
    /// The root record of a person of several nodes.
    Person(Glance),
    /// A record that this version of the code cannot read.
    Unreadable(PersonPlace),
}

/// The attributes asked for, as an expression; those of address and external
/// id only tell whether somebody is ranked.
pub const GLANCED_ATTRIBUTES: &str =
    "pk, sk, root, stale, external_id, claimed_email, ranked, totals, care, assessment";

impl Store {
    /// A page of a slice as [`Store::people_scan`] gives it, at a glance. It
    /// takes the same read units, which go by what is kept.
    ///
    /// # Errors
    ///
    /// As [`Store::people_scan`].
    pub async fn people_glance(
        &self,
        slice: u32,
        of: u32,
        from: Option<ScanPlace>,
        limit: i32,
    ) -> Result<ScanPage<Glanced>, StoreError> {
        let scan = self.scan(slice, of, from, limit);
        let answer = scan.projection_expression(GLANCED_ATTRIBUTES).send().await;
        ScanPage::of(answer, Glanced::of)
    }
}

impl Glanced {
    /// The record as an item has it; none for an item that is under no
    /// person's key. Attributes that are not looked at do no harm.
    #[must_use]
    pub fn of(item: Item) -> Option<Self> {
        let mut parts = Parts::default();
        for (name, value) in item {
            // The place is needed all the same.
            let taken = parts.take(&name, value);
            parts.torn |= taken.is_err();
        }
        parts.whole()
    }

    /// The place right behind the record.
    #[must_use]
    pub fn place(&self) -> PersonPlace {
        match self {
            Self::Node(node) => PersonPlace {
                id: node.id.clone(),
                person: false,
            },
            Self::Person(person) => PersonPlace {
                id: person.id.clone(),
                person: true,
            },
            Self::Unreadable(place) => place.clone(),
        }
    }
}

/// What has been taken out of an item so far.
#[derive(Default)]
struct Parts {
    id: Option<NodeId>,
    /// Whether the key is that of a person's root record, or a node's.
    person: Option<bool>,
    joined: bool,
    stale: bool,
    ranked: bool,
    totals: Totals,
    care: Care,
    assessment: Option<crm_domain::segment::Assessment>,
    torn: bool,
}

impl Parts {
    fn take(&mut self, name: &str, value: AttributeValue) -> Result<(), Torn> {
        match name {
            "pk" => self.id = value.as_s().ok().and_then(|key| id_of(key)),
            "sk" => self.person = value.as_s().ok().and_then(|key| is_a_persons(key)),
            "root" => self.joined = true,
            "stale" => self.stale = truth(&value)?,
            "external_id" => {
                let id = value.as_s().map_err(|_| Torn)?;
                self.ranked |= is_a_shops(id);
            }
            "claimed_email" => self.ranked = true,
            "ranked" => self.ranked |= truth(&value)?,
            "totals" => self.totals = totals(value)?,
            "care" => self.care = serde_dynamo::from_attribute_value(value).map_err(|_| Torn)?,
            "assessment" => self.assessment = Some(assessment(value)?),
            _ => {}
        }
        Ok(())
    }

    fn whole(self) -> Option<Glanced> {
        let (id, person) = (self.id?, self.person?);
        if self.torn {
            return Some(Glanced::Unreadable(PersonPlace { id, person }));
        }
        let glance = Glance {
            id,
            joined: self.joined,
            stale: self.stale,
            totals: self.totals,
            care: self.care,
            ranked: self.ranked,
            assessment: self.assessment,
        };
        Some(if person {
            Glanced::Person(glance)
        } else {
            Glanced::Node(glance)
        })
    }
}

fn id_of(pk: &str) -> Option<NodeId> {
    NodeId::parse(pk.strip_prefix("N#")?).ok()
}

fn is_a_persons(sk: &str) -> Option<bool> {
    match sk {
        "N" => Some(false),
        "P" => Some(true),
        _ => None,
    }
}

fn totals(value: AttributeValue) -> Result<Totals, Torn> {
    let (mut valued, mut zero, mut history) = Default::default();
    for (name, value) in map(value)? {
        match name.as_str() {
            "s" => valued = sums(value)?,
            "z" => zero = sums(value)?,
            "h" => {
                let bytes = value.as_b().map_err(|_| Torn)?;
                history = History::decode(bytes.as_ref()).map_err(|_| Torn)?;
            }
            _ => {}
        }
    }
    Ok(Totals::of_parts(valued, zero, history))
}

fn sums(value: AttributeValue) -> Result<Sums, Torn> {
    let mut sums = Sums::default();
    for (name, value) in map(value)? {
        match name.as_str() {
            "n" => sums.orders = number(&value)?,
            "g" => sums.gross = amount(value)?,
            "r" => sums.refunded = amount(value)?,
            "b" => sums.units_bought = number(&value)?,
            "u" => sums.units_returned = number(&value)?,
            "d" => sums.return_documents = number(&value)?,
            "c" => sums.cost = amount(value)?,
            "k" => sums.covered = amount(value)?,
            "x" => sums.uncovered = number(&value)?,
            _ => {}
        }
    }
    Ok(sums)
}
