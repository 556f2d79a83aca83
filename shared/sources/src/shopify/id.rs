//! Shopify's ids, exactly.

use crate::token::Token;
use crate::unreadable::{Problem, Trouble};

/// From here on a binary float, as JavaScript has for every number, no longer
/// tells neighbouring integers apart.
const FIRST_INEXACT: u64 = 1 << 53;

/// The digits of a thing's id; nothing when it is absent.
///
/// `number` is the field `id`: an integer, the same as a string, or a
/// `gid://shopify/Order/1`. `twin` is `admin_graphql_api_id`, if the thing has
/// one. Where the number is 2^53 or more and the two differ by no more than
/// rounding to a binary float, someone on the way rounded the number, as in
/// all documented samples, and the twin is right; otherwise the number is.
pub(super) fn exact(number: Token<'_>, twin: Token<'_>) -> Result<Option<String>, Trouble> {
    let twin = twin.text().and_then(|text| from_gid(&text));
    let Some(number) = number.word()? else {
        return Ok(twin);
    };
    let digits = from_gid(&number).or_else(|| digits(&number));
    let number = digits.ok_or_else(|| Trouble::here(Problem::NotAnId))?;
    Ok(Some(match twin {
        Some(twin) if are_one_when_rounded(&number, &twin) => twin,
        _ => number,
    }))
}

/// The digits of a reference that may be a number or a `gid://`.
pub(super) fn reference(token: Token<'_>) -> Result<Option<String>, Trouble> {
    exact(token, Token::default())
}

fn from_gid(text: &str) -> Option<String> {
    let path = text.strip_prefix("gid://shopify/")?;
    let (_kind, id) = path.split_once('/')?;
    // Some carry parameters: gid://shopify/InventoryItem/1?inventory=2
    digits(id.split('?').next().unwrap_or(id))
}

fn digits(text: &str) -> Option<String> {
    let plain = (1..=20).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.to_owned())
}

#[expect(clippy::cast_precision_loss, reason = "the loss is what is looked for")]
fn are_one_when_rounded(number: &str, twin: &str) -> bool {
    match (number.parse::<u64>(), twin.parse::<u64>()) {
        (Ok(number), Ok(twin)) if number >= FIRST_INEXACT => {
            (number as f64).to_bits() == (twin as f64).to_bits()
        }
        _ => false,
    }
}
