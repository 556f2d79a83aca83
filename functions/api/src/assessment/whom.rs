//! Whom an evaluation on read is about: a person summed from their nodes.

use crm_domain::care::Care;
use crm_domain::customer::Node;
use crm_domain::field;
use crm_domain::segment::Subject;
use crm_domain::settings::Settings;
use crm_domain::totals::Totals;
use crm_store::PersonRecord;

/// A person as far as an evaluation needs them.
pub(crate) struct Whom {
    pub(crate) totals: Totals,
    pub(crate) care: Care,
    pub(crate) ranked: bool,
    /// How somebody said they were won.
    pub(crate) source: Option<String>,
}

impl Whom {
    /// A person as their nodes were read, which may be ahead of the sum that
    /// was assessed last.
    pub(crate) fn of(person: &PersonRecord, settings: &Settings) -> Self {
        let mut care = Care::default();
        for node in person.nodes() {
            care.absorb(&node.care);
        }
        Self {
            totals: person.totals(),
            care,
            ranked: person.nodes().iter().any(Node::is_ranked),
            source: field::acquisition_source(person.nodes(), settings),
        }
    }

    pub(crate) fn subject(&self) -> Subject<'_> {
        Subject {
            totals: &self.totals,
            care: &self.care,
            ranked: self.ranked,
            source: self.source.as_deref(),
        }
    }
}
