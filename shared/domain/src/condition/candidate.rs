//! Whom a condition is held against.

use std::collections::BTreeSet;

use crate::acquisition::channel_of;
use crate::customer::Node;
use crate::field::acquisition_source;
use crate::named::SegmentId;
use crate::person::PersonRecord;
use crate::segment::{Assessment, Subject};
use crate::settings::Settings;
use crate::totals::View;

/// One customer with all that conditions look at.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// The nodes; those that were forgotten are no part of what is looked at.
    pub nodes: &'a [Node],
    /// What their orders come to.
    pub subject: Subject<'a>,
    /// What they were found to be.
    pub assessment: Option<&'a Assessment>,
    /// The named segments they are in, where that is known.
    pub within: Option<&'a BTreeSet<SegmentId>>,
    /// The order numbers they are known to have used, in a search.
    pub orders: &'a [String],
    /// The store's settings.
    pub settings: &'a Settings,
}

impl<'a> Candidate<'a> {
    /// A person as their record shows them.
    #[must_use]
    pub fn of(person: &'a PersonRecord, settings: &'a Settings) -> Self {
        let subject = match person {
            PersonRecord::Single(node) => Subject::of_node(node),
            PersonRecord::Joined(root, _) => Subject::of_person(root),
        };
        Self {
            nodes: person.nodes(),
            subject,
            assessment: person.assessment(),
            within: person.within(),
            orders: &[],
            settings,
        }
    }

    /// Whether there is anybody left: not everything of them was forgotten.
    #[must_use]
    pub fn is_somebody(&self) -> bool {
        self.live().next().is_some()
    }

    /// The nodes that were not forgotten.
    pub(super) fn live(&self) -> impl Iterator<Item = &'a Node> {
        self.nodes.iter().filter(|node| node.redacted.is_none())
    }

    pub(super) fn view(&self) -> View {
        let totals = self.subject.totals;
        totals.view(self.settings.count_zero_value_orders)
    }

    /// The channel that won the customer, as far as it is known: what somebody
    /// said of it, else that of the first order.
    #[must_use]
    pub fn channel(&self) -> Option<String> {
        if let Some(said) = acquisition_source(self.nodes, self.settings) {
            return Some(said);
        }
        let totals = self.subject.totals;
        let origin = totals.origin(self.settings.count_zero_value_orders)?;
        Some(channel_of(origin, &self.settings.acquisition_channels))
    }
}
