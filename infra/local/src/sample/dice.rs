//! Chance that falls the same way every time.

use std::ops::RangeInclusive;

/// Throws that depend on nothing but the seed and what they are for.
#[derive(Debug, Clone)]
pub struct Dice(fastrand::Rng);

impl Dice {
    /// The dice for one thing of one person.
    #[must_use]
    pub fn of(seed: u64, person: u32, what: u64) -> Self {
        Self(fastrand::Rng::with_seed(mixed(
            mixed(seed ^ mixed(u64::from(person))) ^ what,
        )))
    }

    /// A number of the range, all equally likely.
    pub fn number(&mut self, range: RangeInclusive<i64>) -> i64 {
        self.0.i64(range)
    }

    /// Whether something happens that happens to `percent` in a hundred.
    pub fn chance(&mut self, percent: u8) -> bool {
        self.0.u8(0..100) < percent
    }

    /// One of several, all equally likely.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.0.usize(0..of.len())]
    }

    /// An id as senders of webhooks make them.
    pub fn uuid(&mut self) -> String {
        let (high, low) = (self.0.u64(..), self.0.u64(..));
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            0x8000 | ((low >> 48) & 0x3fff),
            low & 0xffff_ffff_ffff
        )
    }
}

/// Spreads neighbouring numbers over all 64 bits (the finaliser of
/// `SplitMix64`).
fn mixed(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}
