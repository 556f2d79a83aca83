//! Where an order was sold and how the customer came to it.

use crm_domain::order::{Acquisition, Channel};

/// Parts of the names of market places where someone else runs the checkout.
const MARKETPLACES: [&str; 14] = [
    "marketplace",
    "amazon",
    "ebay",
    "etsy",
    "walmart",
    "tiktok",
    "zalando",
    "mirakl",
    "kaufland",
    "cdiscount",
    "allegro",
    "bol.com",
    "otto",
    "target plus",
];
/// The longest campaign name kept.
const MOST_CHARS: usize = 100;

/// The channel of sale behind Shopify's `source_name`.
///
/// An order of a company is wholesale wherever it was typed in. `iphone` and
/// `android` are Shopify's till on those telephones. Everything else the shop
/// checks out by itself, be it its own web shop, an app's number, a draft
/// order's invoice or a subscription, is the web shop.
pub(super) fn channel(source_name: Option<&str>, of_company: bool) -> Channel {
    let name = source_name.unwrap_or_default().to_lowercase();
    let speaks_of = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if of_company || speaks_of(&["wholesale", "b2b"]) {
        Channel::Wholesale
    } else if speaks_of(&MARKETPLACES) {
        Channel::Marketplace
    } else if matches!(name.as_str(), "pos" | "iphone" | "android") {
        Channel::Pos
    } else {
        Channel::Web
    }
}

/// How the customer came: campaign parameters of the landing page, and the
/// host of the page that linked to the shop.
pub(super) fn acquisition(landing: Option<&str>, referring: Option<&str>) -> Acquisition {
    let query = landing.map(query_of).unwrap_or_default();
    Acquisition {
        utm_source: parameter(query, "utm_source"),
        utm_medium: parameter(query, "utm_medium"),
        referring_host: referring.and_then(host),
    }
}

fn query_of(url: &str) -> &str {
    let before_fragment = url.split('#').next().unwrap_or(url);
    before_fragment
        .split_once('?')
        .map_or("", |(_, query)| query)
}

fn parameter(query: &str, name: &str) -> Option<String> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    let value = decoded(value);
    let value: String = value.trim().chars().take(MOST_CHARS).collect();
    (!value.is_empty()).then_some(value)
}

/// Undoes the escapes of a query (`+`, `%20`); a broken escape stays as it is.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        match (first, escaped(tail)) {
            (b'+', _) => bytes.push(b' '),
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => bytes.push(first),
        }
    }
    let text = String::from_utf8_lossy(&bytes);
    text.chars().filter(|c| !c.is_control()).collect()
}

fn escaped(text: &[u8]) -> Option<u8> {
    let digit = |n: usize| char::from(*text.get(n)?).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

/// The host of an absolute URL, in lower case, without user and port.
fn host(url: &str) -> Option<String> {
    let (_scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = host.split(':').next()?;
    let plain = |c: char| c.is_alphanumeric() || c == '.' || c == '-';
    let fits = (1..=253).contains(&host.len()) && host.chars().all(plain);
    fits.then(|| host.to_lowercase())
}
