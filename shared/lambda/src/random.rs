//! Ids that nobody has had before and nobody can guess.

use std::sync::{Mutex, PoisonError};

/// Digits of base 32 as in RFC 4648, in lower case.
const DIGITS: [u8; 32] = *b"abcdefghijklmnopqrstuvwxyz234567";
/// 26 digits of 5 bits hold 128 bits.
const ID_LENGTH: usize = 26;

/// A source of ids: the operating system's, or a seeded one that gives the same
/// ids again, for tests and the simulation.
#[derive(Debug)]
pub struct Random(Source);

#[derive(Debug)]
enum Source {
    Os,
    Seeded(Mutex<fastrand::Rng>),
}

impl Random {
    /// Ids from the operating system: no two alike, not to be guessed.
    #[must_use]
    pub fn from_os() -> Self {
        Self(Source::Os)
    }

    /// Ids that follow from `seed`: the same seed, the same ids in the same order.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Source::Seeded(Mutex::new(fastrand::Rng::with_seed(seed))))
    }

    /// A new id: 26 characters out of `a-z2-7`, 128 random bits.
    ///
    /// # Panics
    ///
    /// When the operating system has no randomness to give, as no Linux that
    /// has started up does.
    pub fn id(&self) -> String {
        base32(self.bits())
    }

    fn bits(&self) -> u128 {
        match &self.0 {
            Source::Os => {
                let mut bytes = [0; 16];
                getrandom::fill(&mut bytes).expect("Linux gives randomness once it is up");
                u128::from_le_bytes(bytes)
            }
            // A generator is whole after every step, so a panic elsewhere did it no harm.
            Source::Seeded(rng) => rng.lock().unwrap_or_else(PoisonError::into_inner).u128(..),
        }
    }
}

fn base32(mut bits: u128) -> String {
    let digits: [u8; ID_LENGTH] = std::array::from_fn(|_| {
        let digit = DIGITS[(bits % 32) as usize];
        bits /= 32;
        digit
    });
    digits.into_iter().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn an_id_is_26_lower_case_characters() {
        for random in [Random::from_os(), Random::seeded(7)] {
            let id = random.id();
            assert_eq!(id.len(), 26);
            assert!(id.bytes().all(|c| DIGITS.contains(&c)));
        }
    }

    #[test]
    fn ids_of_the_system_are_all_different() {
        let random = Random::from_os();
        let ids: HashSet<String> = (0..10_000).map(|_| random.id()).collect();
        assert_eq!(ids.len(), 10_000);
    }

    #[test]
    fn a_seed_gives_the_same_ids_again_and_another_seed_others() {
        let ids = |seed| {
            let random = Random::seeded(seed);
            (random.id(), random.id())
        };
        assert_eq!(ids(1), ids(1));
        assert_ne!(ids(1), ids(2));
        assert_ne!(ids(1).0, ids(1).1);
    }

    #[test]
    fn every_bit_counts() {
        let ids: HashSet<String> = (0..128).map(|bit| base32(1 << bit)).collect();
        assert_eq!(ids.len(), 128);
    }
}
