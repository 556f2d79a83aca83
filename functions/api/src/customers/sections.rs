//! The parts of a customer's document, to be asked for one by one.

use std::collections::BTreeSet;

use crate::problem::Problem;
use crate::request::Request;

/// One part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Section {
    Profile,
    Fields,
    Consent,
    Financial,
    Orders,
    Returns,
    Preferred,
    Cases,
    Communications,
    Assessment,
    Segments,
    Value,
    Identities,
    Timeline,
}

impl Section {
    pub(super) const ALL: [Self; 14] = [
        Self::Profile,
        Self::Fields,
        Self::Consent,
        Self::Financial,
        Self::Orders,
        Self::Returns,
        Self::Preferred,
        Self::Cases,
        Self::Communications,
        Self::Assessment,
        Self::Segments,
        Self::Value,
        Self::Identities,
        Self::Timeline,
    ];

    /// Its word.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::Fields => "fields",
            Self::Consent => "consent",
            Self::Financial => "financial",
            Self::Orders => "orders",
            Self::Returns => "returns",
            Self::Preferred => "preferred",
            Self::Cases => "cases",
            Self::Communications => "communications",
            Self::Assessment => "assessment",
            Self::Segments => "segments",
            Self::Value => "value",
            Self::Identities => "identities",
            Self::Timeline => "timeline",
        }
    }

    /// What pages through its list, where it has one that may be long.
    pub(super) fn parameters(self) -> &'static [&'static str] {
        match self {
            Self::Fields => &["field_history_cursor", "field_history_limit"],
            Self::Orders => &["orders_cursor", "orders_limit"],
            Self::Returns => &["returns_cursor"],
            Self::Cases => &["cases_cursor", "cases_limit"],
            Self::Communications => &["communications_cursor", "communications_limit"],
            Self::Timeline => &["timeline_cursor", "timeline_limit"],
            _ => &[],
        }
    }
}

/// The parts that a request asks for: all, unless it names some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sections(BTreeSet<Section>);

impl Sections {
    /// Reads the request's parameters; one that belongs to a part that is not
    /// asked for would do nothing, and is refused.
    pub(super) fn of(request: Request<'_>) -> Result<Self, Problem> {
        let pages = Section::ALL.iter().flat_map(|section| section.parameters());
        let known: Vec<_> = std::iter::once(&"sections").chain(pages).copied().collect();
        request.only_parameters(&known)?;
        let sections = match request.parameter("sections") {
            Some(text) => Self::named(&text)?,
            None => Self(Section::ALL.into()),
        };
        for section in Section::ALL {
            if sections.has(section) {
                continue;
            }
            let names = section.parameters().iter();
            let mut given = names.filter(|name| request.parameter(name).is_some());
            // The number of orders is also that of the orders returns are of.
            let given =
                given.find(|name| **name != "orders_limit" || !sections.has(Section::Returns));
            if let Some(name) = given {
                let limit = format!("belongs to the section {}", section.name());
                return Err(Problem::senseless(name, &limit));
            }
        }
        Ok(sections)
    }

    fn named(text: &str) -> Result<Self, Problem> {
        let section = |word: &str| Section::ALL.into_iter().find(|one| one.name() == word);
        let sections = text.split(',').map(|word| section(word.trim()));
        let sections: Option<BTreeSet<_>> = sections.collect();
        sections.map(Self).ok_or_else(|| {
            let all = Section::ALL.map(Section::name).join(", ");
            Problem::field("sections", &format!("must be some of {all}, with commas"))
        })
    }

    pub(super) fn has(&self, section: Section) -> bool {
        self.0.contains(&section)
    }

    pub(super) fn any(&self, sections: &[Section]) -> bool {
        sections.iter().any(|section| self.has(*section))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_named_with_commas_and_an_unknown_one_is_refused_with_all_there_are() {
        let some = Sections::named("orders, profile").unwrap();
        assert!(some.has(Section::Orders) && some.has(Section::Profile));
        assert!(!some.any(&[Section::Timeline, Section::Value]));
        for text in ["", "orders,", "orders,x", "Orders"] {
            let problem = Sections::named(text).unwrap_err();
            assert_eq!(problem.field.as_deref(), Some("sections"), "{text}");
        }
    }
}
