//! Everyone at a glance: of each item only the attributes that an evaluation
//! looks at, each taken out of it by hand. A pass over everyone does this a
//! million times, for customers of whom nearly all stay as they are.

use aws_sdk_dynamodb::types::AttributeValue;
use crm_domain::care::Care;
use crm_domain::customer::is_a_market_places;
use crm_domain::field::{ACQUISITION_SOURCE, Fields, Said};
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

/// The attributes asked for, as an expression. Those that name somebody only
/// tell whether anybody is known, and so ranked. Those with a hash are words that
/// DynamoDB keeps for itself.
pub const GLANCED_ATTRIBUTES: &str = "pk, sk, root, stale, external_id, claimed_email, \
     profile.phone, profile.first_name, profile.last_name, profile.address.street, \
     ranked, totals, care, #fields, #source, assessment";

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
        let answer = scan
            .projection_expression(GLANCED_ATTRIBUTES)
            .expression_attribute_names("#fields", "fields")
            .expression_attribute_names("#source", "source")
            .send()
            .await;
        self.page(answer, Glanced::of)
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
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an attribute, in any order"
)]
struct Parts {
    id: Option<NodeId>,
    /// Whether the key is that of a person's root record, or a node's.
    person: Option<bool>,
    joined: bool,
    stale: bool,
    /// Whether somebody is known.
    known: bool,
    /// Whether the id is a market place's.
    sold_by_others: bool,
    ranked: bool,
    totals: Totals,
    care: Care,
    source: Option<Box<Said>>,
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
                self.known = true;
                self.sold_by_others = is_a_market_places(id);
            }
            "claimed_email" => self.known = true,
            "profile" => self.known |= is_somebodys(&value),
            "ranked" => self.ranked = truth(&value)?,
            "totals" => self.totals = totals(value)?,
            "care" => self.care = serde_dynamo::from_attribute_value(value).map_err(|_| Torn)?,
            "fields" => self.source = said(value)?,
            "source" => {
                let said = serde_dynamo::from_attribute_value(value);
                self.source = Some(said.map_err(|_| Torn)?);
            }
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
        // A person's record says it; a node's follows from what it has.
        let sold_by_others = || self.sold_by_others || self.totals.is_marketplace_only();
        let ranked = if person {
            self.ranked
        } else {
            self.known && !sold_by_others()
        };
        let glance = Glance {
            id,
            joined: self.joined,
            stale: self.stale,
            totals: self.totals,
            care: self.care,
            ranked,
            source: self.source,
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

/// Whether a profile names somebody, as [`crm_domain::customer::Profile`] has it.
fn is_somebodys(profile: &AttributeValue) -> bool {
    let Ok(profile) = profile.as_m() else {
        return false;
    };
    let (mut named, mut housed) = (false, false);
    for (name, value) in profile {
        match name.as_str() {
            "phone" => return true,
            "first_name" | "last_name" => named = true,
            "address" => housed = value.as_m().is_ok_and(|home| home.contains_key("street")),
            _ => {}
        }
    }
    named && housed
}

/// What was said of how somebody was won.
fn said(fields: AttributeValue) -> Result<Option<Box<Said>>, Torn> {
    let fields: Fields = serde_dynamo::from_attribute_value(fields).map_err(|_| Torn)?;
    Ok(fields.get(ACQUISITION_SOURCE).cloned().map(Box::new))
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
