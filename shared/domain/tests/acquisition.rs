//! Where a purchase came from, and which channel that is.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

use crm_domain::acquisition::{ChannelRule, channel_of, defaults, validate};
use crm_domain::order::{Channel, Origin, OriginParts};
use proptest::prelude::*;

fn origin(text: &str) -> Origin {
    Origin::parse(text).unwrap()
}

fn channel(text: &str) -> String {
    channel_of(&origin(text), &defaults())
}

fn rule(channel: &str) -> ChannelRule {
    ChannelRule {
        channel: channel.to_owned(),
        ..ChannelRule::default()
    }
}

#[test]
fn a_campaign_is_its_source_and_medium_in_lower_case() {
    let campaign = |source, medium| Origin::campaign(source, medium).map(String::from);
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(
        campaign(Some(" Google "), Some("CPC")),
        text("utm:google/cpc")
    );
    assert_eq!(campaign(Some("google"), None), text("utm:google/"));
    assert_eq!(campaign(None, Some("email")), text("utm:/email"));
    assert_eq!(campaign(Some("a/b"), Some("c/d")), text("utm:a_b/c/d"));
    assert_eq!(campaign(Some("  "), None), None);
    // A long source does not push the medium out.
    let long = "s".repeat(100);
    let long = campaign(Some(&long), Some("email")).unwrap();
    assert!(long.ends_with("s/email"), "{long}");
}

#[test]
fn of_a_long_host_the_end_is_kept() {
    let host = format!("{}.shops.example.com", "a".repeat(60));
    let origin = Origin::link(&host).unwrap();
    assert!(origin.as_str().ends_with(".shops.example.com"));
    assert_eq!(origin.as_str().len(), 60);
    assert_eq!(Origin::link(""), None);
}

#[test]
fn what_tells_most_comes_first() {
    let mut all = ["sale:web", "ref:b.example", "utm:z/z", "ref:a.example"].map(origin);
    all.sort();
    let texts = all.map(String::from);
    assert_eq!(
        texts,
        ["utm:z/z", "ref:a.example", "ref:b.example", "sale:web"]
    );
}

#[test]
fn text_that_is_no_origin_is_refused() {
    let long = format!("ref:{}", "a".repeat(57));
    for text in [
        "",
        "web",
        "utm:google",
        "utm:/",
        "ref:",
        "sale:",
        "x:y",
        "ref:a\nb",
        &long,
    ] {
        assert!(Origin::parse(text).is_err(), "{text}");
    }
}

#[test]
fn a_store_starts_with_the_channels_that_campaigns_usually_name() {
    for (text, expected) in [
        ("utm:google/cpc", "paid-search"),
        ("utm:google/organic", "organic-search"),
        ("utm:facebook/cpc", "paid-social"),
        ("utm:anything/paid_social", "paid-social"),
        ("utm:instagram/social", "organic-social"),
        ("utm:facebook/", "organic-social"),
        ("utm:ada/influencer", "influencer"),
        ("utm:awin/affiliate", "affiliate"),
        ("utm:klaviyo/email", "email"),
        ("utm:klaviyo/sms", "sms"),
        ("utm:newsletter/", "email"),
        ("ref:www.google.com", "organic-search"),
        ("ref:google.co.uk", "organic-search"),
        ("ref:mail.google.com", "email"),
        ("ref:l.facebook.com", "organic-social"),
        ("ref:t.co", "organic-social"),
        ("ref:chatgpt.com", "ai-assistant"),
        ("ref:blog.example.com", "referral"),
        ("ref:notgoogle.com", "referral"),
        ("sale:web", "direct"),
        ("sale:pos", "pos"),
        ("sale:marketplace", "marketplace"),
        ("utm:spring/poster", "poster"),
        ("utm:spring/", "spring"),
    ] {
        assert_eq!(channel(text), expected, "{text}");
    }
}

#[test]
fn the_first_rule_that_matches_whole_decides() {
    let rules = [
        ChannelRule {
            source: Some("Google".to_owned()),
            medium: Some("CPC".to_owned()),
            ..rule("search ads")
        },
        ChannelRule {
            source: Some("google".to_owned()),
            ..rule("google")
        },
        ChannelRule {
            host: Some("Example.com".to_owned()),
            ..rule("friends")
        },
        ChannelRule {
            sale: Some("POS".to_owned()),
            ..rule("till")
        },
    ];
    let of = |text: &str| channel_of(&origin(text), &rules);
    assert_eq!(of("utm:google/cpc"), "search ads");
    assert_eq!(of("utm:google/cpcx"), "google");
    assert_eq!(of("utm:googlex/cpc"), "cpc");
    assert_eq!(of("ref:example.com"), "friends");
    assert_eq!(of("ref:www.example.com"), "friends");
    assert_eq!(of("ref:badexample.com"), "referral");
    assert_eq!(of("sale:pos"), "till");
}

#[test]
fn a_rule_that_can_never_match_is_refused() {
    assert_eq!(validate(&defaults()), Ok(()));
    let source = || Some("google".to_owned());
    let refused = |rule: ChannelRule| validate(&[rule]).unwrap_err();
    assert_eq!(
        refused(rule("mail")),
        "rule 1: give at least one of source, medium, host and sale"
    );
    let nameless = ChannelRule {
        source: source(),
        ..rule(" ")
    };
    assert_eq!(
        refused(nameless),
        "rule 1: channel must have 1 to 40 characters, no space around them"
    );
    let long = ChannelRule {
        source: source(),
        ..rule(&"x".repeat(41))
    };
    assert_eq!(
        refused(long),
        "rule 1: channel must have 1 to 40 characters, no space around them"
    );
    let both = ChannelRule {
        source: source(),
        host: Some("example.com".to_owned()),
        ..rule("mail")
    };
    assert!(refused(both).contains("only one of the three"));
    let empty = ChannelRule {
        host: Some(String::new()),
        ..rule("mail")
    };
    assert_eq!(refused(empty), "rule 1: a condition must not be empty");
    let fine = ChannelRule {
        source: source(),
        ..rule("mail")
    };
    assert_eq!(validate(&vec![fine.clone(); 200]), Ok(()));
    assert_eq!(
        validate(&vec![fine; 201]),
        Err("at most 200 rules".to_owned())
    );
}

proptest! {
    #[test]
    fn whatever_a_shop_tells_becomes_an_origin_that_is_read_back(
        source in proptest::option::of(".{0,80}"),
        medium in proptest::option::of("[A-Z/ é]{0,80}|.{0,30}"),
        host in ".{0,80}|[A-Za-z.-]{1,80}",
    ) {
        let campaign = Origin::campaign(source.as_deref(), medium.as_deref());
        for origin in [campaign, Origin::link(&host)].into_iter().flatten() {
            prop_assert!(origin.as_str().chars().count() <= 60);
            prop_assert_eq!(&Origin::parse(origin.as_str()).unwrap(), &origin);
            prop_assert!(!channel_of(&origin, &defaults()).is_empty());
        }
    }

    #[test]
    fn a_rule_written_as_the_campaign_was_matches_it(source in "[A-Za-z/ ]{1,70}", medium in "[A-Za-z/ ]{1,70}") {
        if let Some(origin) = Origin::campaign(Some(&source), Some(&medium))
            && let OriginParts::Campaign { source: kept, medium: also } = origin.parts()
            && !kept.is_empty() && !also.is_empty()
        {
            let own = ChannelRule {
                source: Some(source.clone()),
                medium: Some(medium.clone()),
                ..rule("ours")
            };
            prop_assert_eq!(channel_of(&origin, &[own]), "ours");
        }
    }
}

#[test]
fn every_channel_of_sale_has_an_origin() {
    let all = [
        Channel::Web,
        Channel::Pos,
        Channel::Wholesale,
        Channel::Marketplace,
        Channel::Import,
    ];
    let texts = all.map(|channel| Origin::sale(channel).to_string());
    let expected = [
        "sale:web",
        "sale:pos",
        "sale:wholesale",
        "sale:marketplace",
        "sale:import",
    ];
    assert_eq!(texts, expected);
    assert!(texts.iter().all(|text| Origin::parse(text).is_ok()));
}
