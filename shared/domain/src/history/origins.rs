//! Where the purchases of one instant came from.

use super::Purchases;
use crate::order::Origin;

/// Origins of the purchases at an instant. In one of three forms, of which
/// the first that fits is used, so that equal facts are equal values.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum Origins {
    /// Of none of them is it known.
    #[default]
    Unknown,
    /// All of them are of this one. The usual case: it allocates nothing.
    Sole(Origin),
    /// Anything else: those known, what tells most first.
    Several(Vec<(Origin, Tally)>),
}

/// How many orders of one origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Tally {
    pub(super) valued: i64,
    pub(super) zero: i64,
}

impl Tally {
    fn of(purchases: &Purchases) -> Self {
        Self {
            valued: purchases.valued,
            zero: purchases.zero,
        }
    }
}

impl Origins {
    /// Those of these tallies, among purchases that come to `all`.
    pub(super) fn of(mut tallies: Vec<(Origin, Tally)>, all: &Purchases) -> Self {
        tallies.retain(|(_, tally)| *tally != Tally::default());
        match tallies.as_slice() {
            [] => Self::Unknown,
            [(sole, tally)] if *tally == Tally::of(all) => Self::Sole(sole.clone()),
            _ => {
                tallies.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
                Self::Several(tallies)
            }
        }
    }

    /// Each origin once, with its orders among purchases that come to `all`.
    pub(super) fn tallies(&self, all: &Purchases) -> Vec<(Origin, Tally)> {
        match self {
            Self::Unknown => Vec::new(),
            Self::Sole(sole) => vec![(sole.clone(), Tally::of(all))],
            Self::Several(tallies) => tallies.clone(),
        }
    }

    /// Whether all of the purchases are of this one.
    pub(super) fn is_only(&self, origin: &Origin) -> bool {
        matches!(self, Self::Sole(sole) if sole == origin)
    }

    /// Every origin known.
    pub(super) fn all(&self) -> impl Iterator<Item = &Origin> {
        let (sole, several) = match self {
            Self::Unknown => (None, [].as_slice()),
            Self::Sole(sole) => (Some(sole), [].as_slice()),
            Self::Several(tallies) => (None, tallies.as_slice()),
        };
        sole.into_iter()
            .chain(several.iter().map(|(origin, _)| origin))
    }

    /// The origin of those orders that count: of several what tells most.
    pub(super) fn first(&self, count_zero_value: bool) -> Option<&Origin> {
        match self {
            Self::Unknown => None,
            Self::Sole(sole) => Some(sole),
            Self::Several(tallies) => {
                let counts = |tally: &Tally| {
                    let zero = if count_zero_value { tally.zero } else { 0 };
                    tally.valued + zero > 0
                };
                let first = tallies.iter().find(|(_, tally)| counts(tally));
                first.map(|(origin, _)| origin)
            }
        }
    }
}

/// Adds a tally, which may be negative, to those there are.
pub(super) fn add(tallies: &mut Vec<(Origin, Tally)>, origin: &Origin, more: Tally) {
    let known = tallies.iter_mut().find(|(known, _)| known == origin);
    match known {
        Some((_, tally)) => {
            tally.valued += more.valued;
            tally.zero += more.zero;
        }
        None => tallies.push((origin.clone(), more)),
    }
}
