//! The rules a store starts with: how campaigns are usually tagged, and the
//! hosts that most links come from.
//!
//! Words follow the conventions of the usual analytics and mailing tools.

use super::ChannelRule;

const SEARCH_ADS: [&str; 2] = ["google", "bing"];
const SOCIAL_SOURCES: [&str; 13] = [
    "facebook",
    "fb",
    "instagram",
    "ig",
    "meta",
    "tiktok",
    "pinterest",
    "snapchat",
    "linkedin",
    "twitter",
    "x",
    "reddit",
    "youtube",
];
const PAID_MEDIA: [&str; 3] = ["cpc", "cpm", "paid"];

/// What a medium says whatever the source.
const MEDIA: [(&str, &[&str]); 8] = [
    ("influencer", &["influencer", "influencers", "creator"]),
    ("affiliate", &["affiliate", "affiliates"]),
    ("email", &["email", "e-mail", "newsletter"]),
    ("sms", &["sms"]),
    ("paid-social", &["paid_social", "paid-social", "paidsocial"]),
    ("paid-search", &["paid_search", "paid-search", "cpc", "ppc"]),
    ("display", &["display", "banner", "cpm"]),
    ("organic-search", &["organic"]),
];
const ORGANIC_SOCIAL_MEDIA: [&str; 3] = ["social", "organic_social", "organic-social"];

/// What a source says where its medium said nothing.
const SOURCES: [(&str, &[&str]); 3] = [
    (
        "email",
        &["klaviyo", "mailchimp", "newsletter", "shopify_email"],
    ),
    ("affiliate", &["awin", "shareasale", "impact"]),
    ("ai-assistant", &["chatgpt.com", "perplexity"]),
];

/// Hosts, the particular before what it is a part of.
const HOSTS: [(&str, &[&str]); 5] = [
    (
        "email",
        &[
            "mail.google.com",
            "com.google.android.gm",
            "mail.yahoo.com",
            "outlook.live.com",
            "outlook.office.com",
        ],
    ),
    (
        "ai-assistant",
        &[
            "chatgpt.com",
            "perplexity.ai",
            "gemini.google.com",
            "copilot.microsoft.com",
            "claude.ai",
        ],
    ),
    (
        "organic-social",
        &[
            "facebook.com",
            "instagram.com",
            "tiktok.com",
            "pinterest.com",
            "snapchat.com",
            "linkedin.com",
            "lnkd.in",
            "twitter.com",
            "x.com",
            "t.co",
            "reddit.com",
            "youtube.com",
            "threads.net",
            "threads.com",
        ],
    ),
    ("display", &["doubleclick.net", "googlesyndication.com"]),
    (
        "organic-search",
        &[
            "google.com",
            "google.de",
            "google.at",
            "google.ch",
            "google.fr",
            "google.it",
            "google.es",
            "google.nl",
            "google.be",
            "google.pl",
            "google.se",
            "google.dk",
            "google.ie",
            "google.ca",
            "google.co.uk",
            "google.co.in",
            "google.co.jp",
            "google.com.au",
            "google.com.br",
            "com.google.android.googlequicksearchbox",
            "bing.com",
            "yahoo.com",
            "duckduckgo.com",
            "ecosia.org",
            "qwant.com",
            "search.brave.com",
            "startpage.com",
            "yandex.ru",
            "baidu.com",
        ],
    ),
];

/// The rules in force until a store makes its own. Orders without a campaign
/// or a link are `direct` if the web shop sold them, and otherwise go by where
/// they were sold.
#[must_use]
pub fn defaults() -> Vec<ChannelRule> {
    let mut rules = Vec::new();
    for source in SOCIAL_SOURCES {
        for medium in PAID_MEDIA {
            rules.push(campaign(Some(source), Some(medium), "paid-social"));
        }
    }
    for source in SEARCH_ADS {
        rules.push(campaign(Some(source), Some("paid"), "paid-search"));
    }
    for medium in ORGANIC_SOCIAL_MEDIA {
        rules.push(campaign(None, Some(medium), "organic-social"));
    }
    for (channel, media) in MEDIA {
        let all = media.iter();
        rules.extend(all.map(|medium| campaign(None, Some(medium), channel)));
    }
    for source in SOCIAL_SOURCES {
        rules.push(campaign(Some(source), None, "organic-social"));
    }
    for (channel, sources) in SOURCES {
        let all = sources.iter();
        rules.extend(all.map(|source| campaign(Some(source), None, channel)));
    }
    for (channel, hosts) in HOSTS {
        rules.extend(hosts.iter().map(|host| link(host, channel)));
    }
    rules.push(ChannelRule {
        sale: Some("web".to_owned()),
        channel: "direct".to_owned(),
        ..ChannelRule::default()
    });
    rules
}

fn campaign(source: Option<&str>, medium: Option<&str>, channel: &str) -> ChannelRule {
    ChannelRule {
        source: source.map(str::to_owned),
        medium: medium.map(str::to_owned),
        channel: channel.to_owned(),
        ..ChannelRule::default()
    }
}

fn link(host: &str, channel: &str) -> ChannelRule {
    ChannelRule {
        host: Some(host.to_owned()),
        channel: channel.to_owned(),
        ..ChannelRule::default()
    }
}
