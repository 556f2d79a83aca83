//! Money that adds up: exact decimals, never a binary float.
//!
//! Unit prices arrive with up to four decimals and in one recording with
//! fifteen; a sum keeps every digit that came in. Rounding is for pages.

use std::cmp::Ordering;
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// An exact amount in a currency that its surroundings name.
///
/// Always normalised, so that equal amounts are equal as text too:
/// `"10.50"` and `"10.5"` are the same value and print as `10.5`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Amount(Decimal);

/// Text that is not a decimal amount this product can hold exactly.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Not a plain decimal number.
    #[error("not a decimal amount")]
    NotDecimal,
    /// Ten to the twelfth or more, or more than fifteen decimals.
    #[error("amount is too long to be held exactly (limit: below 10^12, 15 decimals)")]
    TooLong,
}

/// Below this an amount and its sums stay exact with [`MOST_DECIMALS`].
const LIMIT: u64 = 1_000_000_000_000;
/// One recorded shop sent `"10.649999999999999"`.
const MOST_DECIMALS: u32 = 15;
/// A converted amount is kept to this many decimals, half to even: a rate is
/// no exact number, and the digits beyond would only crowd out sums.
const CONVERTED_DECIMALS: u32 = 10;

impl Amount {
    /// Nothing at all.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// Reads `"19.99"`, `"-3"`, `"10.649999999999999"` or `"1e2"` exactly.
    ///
    /// # Errors
    ///
    /// [`AmountError`], when the text is no number or cannot be held exactly.
    pub fn parse(text: &str) -> Result<Self, AmountError> {
        let text = text.trim();
        let decimal = if text.contains(['e', 'E']) {
            Decimal::from_scientific(text)
        } else {
            Decimal::from_str_exact(text)
        };
        let decimal = decimal.map_err(|error| match error {
            rust_decimal::Error::Underflow
            | rust_decimal::Error::ExceedsMaximumPossibleValue
            | rust_decimal::Error::ScaleExceedsMaximumPrecision(_) => AmountError::TooLong,
            _ => AmountError::NotDecimal,
        })?;
        Self::bounded(decimal)
    }

    fn bounded(decimal: Decimal) -> Result<Self, AmountError> {
        let decimal = decimal.normalize();
        if decimal.abs() >= Decimal::from(LIMIT) || decimal.scale() > MOST_DECIMALS {
            return Err(AmountError::TooLong);
        }
        Ok(Self(decimal))
    }

    /// A whole number of currency units.
    #[must_use]
    pub fn whole(units: i64) -> Self {
        Self(Decimal::from(units))
    }

    /// The amount behind a decimal.
    #[must_use]
    pub fn from_decimal(decimal: Decimal) -> Self {
        Self(decimal.normalize())
    }

    /// The decimal behind the amount.
    #[must_use]
    pub fn decimal(self) -> Decimal {
        self.0
    }

    /// Whether nothing is owed either way.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// [`Amount::is_zero`] in the form that `skip_serializing_if` calls.
    #[must_use]
    pub fn is_zero_ref(&self) -> bool {
        self.is_zero()
    }

    /// Whether less than nothing.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.0.is_sign_negative() && !self.0.is_zero()
    }

    /// `quantity` times this unit price, exactly.
    ///
    /// # Errors
    ///
    /// [`AmountError::TooLong`].
    pub fn times(self, quantity: i64) -> Result<Self, AmountError> {
        let product = self
            .0
            .checked_mul(Decimal::from(quantity))
            .ok_or(AmountError::TooLong)?;
        Self::bounded(product)
    }

    /// This amount converted by an exchange rate, kept to ten decimals.
    ///
    /// # Errors
    ///
    /// [`AmountError::TooLong`].
    pub fn converted(self, rate: Decimal) -> Result<Self, AmountError> {
        let product = self.0.checked_mul(rate).ok_or(AmountError::TooLong)?;
        Self::bounded(product.round_dp(CONVERTED_DECIMALS))
    }
}

/// Powers of ten by which a 96-bit mantissa can be multiplied in 128 bits.
const TENS: [i128; 10] = [
    1,
    10,
    100,
    1_000,
    10_000,
    100_000,
    1_000_000,
    10_000_000,
    100_000_000,
    1_000_000_000,
];

impl Amount {
    /// In billionths, where that is a whole number, which is nearly always.
    #[inline]
    pub(crate) fn billionths(self) -> Option<i128> {
        let missing = 9_u32.checked_sub(self.0.scale())?;
        let tens = TENS[usize::try_from(missing).ok()?];
        // 96 bits times 30 bits.
        Some(self.0.mantissa() * tens)
    }
}

impl Ord for Amount {
    /// By value. Nearly all amounts are compared as whole numbers: several
    /// times as fast, in every score.
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.billionths(), other.billionths()) {
            (Some(one), Some(two)) => one.cmp(&two),
            _ => self.0.cmp(&other.0),
        }
    }
}

impl PartialOrd for Amount {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<Amount> for String {
    fn from(amount: Amount) -> Self {
        amount.to_string()
    }
}

impl TryFrom<String> for Amount {
    type Error = AmountError;

    /// Reads back what was stored: sums may be beyond the limits of what a
    /// source may send.
    fn try_from(text: String) -> Result<Self, AmountError> {
        let decimal = Decimal::from_str_exact(text.trim()).map_err(|_| AmountError::NotDecimal)?;
        Ok(Self(decimal.normalize()))
    }
}

impl FromStr for Amount {
    type Err = AmountError;

    fn from_str(text: &str) -> Result<Self, AmountError> {
        Self::parse(text)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Add for Amount {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self((self.0 + other.0).normalize())
    }
}

impl AddAssign for Amount {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Amount {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self((self.0 - other.0).normalize())
    }
}

impl SubAssign for Amount {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl Neg for Amount {
    type Output = Self;

    fn neg(self) -> Self {
        Self((-self.0).normalize())
    }
}

impl Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

/// An ISO 4217 alphabetic currency code, such as `EUR`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// Text that is no currency code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a currency code of three letters (ISO 4217)")]
pub struct NotACurrency;

impl Currency {
    /// Reads a code of three ASCII letters, in any case.
    ///
    /// # Errors
    ///
    /// [`NotACurrency`].
    pub fn parse(text: &str) -> Result<Self, NotACurrency> {
        let letters: [u8; 3] = text
            .trim()
            .as_bytes()
            .try_into()
            .map_err(|_| NotACurrency)?;
        if !letters.iter().all(u8::is_ascii_alphabetic) {
            return Err(NotACurrency);
        }
        Ok(Self(letters.map(|letter| letter.to_ascii_uppercase())))
    }

    /// The three letters.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).expect("three ASCII letters are UTF-8")
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}

impl TryFrom<String> for Currency {
    type Error = NotACurrency;

    fn try_from(text: String) -> Result<Self, NotACurrency> {
        Self::parse(&text)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
