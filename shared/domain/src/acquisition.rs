//! Which channel won a customer, by rules a store can change (DOMAIN section 6).

mod defaults;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::field::ACQUISITION_SOURCE;
use crate::order::{Origin, OriginParts, campaign_medium, campaign_source};
use crate::segment::Subject;
use crate::settings::Settings;

pub use defaults::defaults;

/// Most rules of a store.
pub(crate) const MOST_RULES: usize = 200;
/// Most characters of a channel's name.
const MOST_CHARS: usize = 40;
/// A word up to this long is whole in an origin.
const PLAIN_CHARS: usize = 20;
/// The channel of a link from a page that no rule knows.
const REFERRAL: &str = "referral";

/// Which origins a channel is made of. Every condition given must be met by
/// the whole word, in any case; a host also stands for its subdomains.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ChannelRule {
    /// Source of a campaign (`utm_source`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Medium of a campaign (`utm_medium`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub medium: Option<String>,
    /// Host of a page that linked to the shop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Channel of sale, of orders of which nothing more is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sale: Option<String>,
    /// The channel.
    pub channel: String,
}

/// The channel of an origin: that of the first rule that matches. Without one
/// it is the origin's own word: a campaign's medium, or its source if it has
/// no medium; the channel of sale; and `referral` for any link.
#[must_use]
pub fn channel_of(origin: &Origin, rules: &[ChannelRule]) -> String {
    let told = origin.parts();
    let rule = rules.iter().find(|rule| rule.matches(told));
    let own = match told {
        OriginParts::Campaign { source, medium: "" } => source,
        OriginParts::Campaign { medium, .. } => medium,
        OriginParts::Link { .. } => REFERRAL,
        OriginParts::Sale { channel } => channel,
    };
    rule.map_or(own, |rule| &rule.channel).to_owned()
}

/// The channel that won a customer: as somebody said, else that of the first
/// counted order; none before one, and of orders from before origins were
/// kept.
#[must_use]
pub fn won_by(subject: &Subject<'_>, settings: &Settings) -> Option<String> {
    let said = subject.source.map(str::to_owned);
    said.or_else(|| {
        let origin = subject.totals.origin(settings.count_zero_value_orders)?;
        Some(channel_of(origin, &settings.acquisition_channels))
    })
}

/// Whether the store's own settings name a channel, and not a link alone.
#[must_use]
pub fn names(channel: &str, settings: &Settings) -> bool {
    let mut rules = settings.acquisition_channels.iter();
    let mut fields = settings.custom_fields.iter();
    rules.any(|rule| rule.channel == channel)
        || fields.any(|field| field.name == ACQUISITION_SOURCE && field.offers(channel))
}

/// Whether a store may use these rules.
///
/// # Errors
///
/// What is wrong, naming the rule by its place from 1.
pub fn validate(rules: &[ChannelRule]) -> Result<(), String> {
    if rules.len() > MOST_RULES {
        return Err(format!("at most {MOST_RULES} rules"));
    }
    for (n, rule) in (1..).zip(rules) {
        rule.validate()
            .map_err(|wrong| format!("rule {n}: {wrong}"))?;
    }
    Ok(())
}

impl ChannelRule {
    fn matches(&self, told: OriginParts<'_>) -> bool {
        let (source, medium, host, sale) = match told {
            OriginParts::Campaign { source, medium } => (source, medium, "", ""),
            OriginParts::Link { host } => ("", "", host, ""),
            OriginParts::Sale { channel } => ("", "", "", channel),
        };
        // An origin has its words cut to length; a rule's word is cut alike.
        let is = |asked: &Option<String>, told: &str, cut: fn(&str) -> String| {
            asked
                .as_ref()
                .is_none_or(|asked| !told.is_empty() && same(asked, told, cut))
        };
        let on_host = self.host.as_ref().is_none_or(|asked| covers(asked, host));
        is(&self.source, source, campaign_source)
            && is(&self.medium, medium, campaign_medium)
            && is(&self.sale, sale, str::to_lowercase)
            && on_host
    }

    fn validate(&self) -> Result<(), String> {
        let name = self.channel.trim();
        if name.is_empty() || name != self.channel || name.chars().count() > MOST_CHARS {
            return Err(format!(
                "channel must have 1 to {MOST_CHARS} characters, no space around them"
            ));
        }
        let conditions = [&self.source, &self.medium, &self.host, &self.sale];
        let mut given = conditions.into_iter().flatten().peekable();
        if given.peek().is_none() {
            return Err("give at least one of source, medium, host and sale".to_owned());
        }
        if given.any(|word| word.trim().is_empty()) {
            return Err("a condition must not be empty".to_owned());
        }
        let of_campaign = self.source.is_some() || self.medium.is_some();
        let kinds = [of_campaign, self.host.is_some(), self.sale.is_some()];
        if kinds.into_iter().filter(|kind| *kind).count() > 1 {
            return Err(
                "source and medium, host, or sale: an order has only one of the three".to_owned(),
            );
        }
        Ok(())
    }
}

/// Whether two words are the same. `told` is as an origin has it: in lower
/// case and cut to length; most words asked for can be compared as they are,
/// which matters when a million customers meet every rule.
fn same(asked: &str, told: &str, cut: fn(&str) -> String) -> bool {
    let asked = asked.trim();
    let plain = asked.is_ascii() && asked.len() <= PLAIN_CHARS && !asked.contains('/');
    if plain {
        asked.eq_ignore_ascii_case(told)
    } else {
        cut(asked) == told
    }
}

/// Whether a host is `asked` or below it.
fn covers(asked: &str, host: &str) -> bool {
    let asked = asked.trim().trim_matches('.');
    let Some(cut) = host.len().checked_sub(asked.len()) else {
        return false;
    };
    let (Some(below), Some(end)) = (host.get(..cut), host.get(cut..)) else {
        return false;
    };
    !asked.is_empty()
        && end.eq_ignore_ascii_case(asked)
        && (below.is_empty() || below.ends_with('.'))
}
