//! Who is suggested to be one person, and who is not.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

use crm_domain::customer::{Address, Profile};
use crm_domain::identity::{Email, Phone};
use crm_domain::linkage::{
    DEFAULT_THRESHOLD, Field, LARGEST_BLOCK, MOST_KEYS, Match, Rarity, Record, Suggestion, Weights,
    blocks, candidates, score, suggestions,
};
use jiff::civil::{Date, date};
use proptest::prelude::*;

fn text(value: &str) -> Option<String> {
    (!value.is_empty()).then(|| value.to_owned())
}

fn named(given: &str, surname: &str) -> Profile {
    Profile {
        first_name: text(given),
        last_name: text(surname),
        ..Profile::default()
    }
}

/// Somebody of Foundry Lane.
fn at_home(given: &str, surname: &str) -> Profile {
    Profile {
        address: Some(Address {
            street: text("12 Foundry Lane"),
            street2: None,
            city: text("Sheffield"),
            region: None,
            postal_code: text("S3 8EN"),
            country: text("GB"),
        }),
        ..named(given, surname)
    }
}

fn elsewhere(given: &str, surname: &str) -> Profile {
    Profile {
        address: Some(Address {
            street: text("40 Harbour Road"),
            street2: None,
            city: text("Bristol"),
            region: None,
            postal_code: text("BS1 4QA"),
            country: text("GB"),
        }),
        ..named(given, surname)
    }
}

fn compare(one: &Profile, other: &Profile) -> Suggestion {
    let [one, other] = [one, other].map(|profile| Record::of(profile, None));
    score(&one, &other, &Weights::default())
}

fn suggested(one: &Profile, other: &Profile) -> bool {
    let [one, other] = [one, other].map(|profile| Record::of(profile, None));
    !suggestions(&[one, other], &Weights::default(), DEFAULT_THRESHOLD).is_empty()
}

fn matched(suggestion: &Suggestion) -> Vec<Field> {
    suggestion.matched.iter().map(|found| found.field).collect()
}

#[test]
fn a_name_and_an_address_written_differently_are_suggested_with_what_matched() {
    let one = at_home("Katherine", "O’Connor");
    let mut other = at_home("KATHRINE", "OConnor");
    other.address.as_mut().unwrap().street = text("12, Foundry Ln.");
    other.address.as_mut().unwrap().postal_code = text("s38en");

    let suggestion = compare(&one, &other);
    assert!(suggestion.score > 0.9);
    let (name, rest) = suggestion.matched.split_first().unwrap();
    assert_eq!(name.field, Field::GivenName);
    assert!(name.similarity > 0.9 && name.similarity < 1.0);
    let same = |field| Match {
        field,
        similarity: 1.0,
    };
    let others = [
        Field::Surname,
        Field::Street,
        Field::HouseNumber,
        Field::City,
        Field::PostalCode,
        Field::Country,
    ];
    assert_eq!(rest, others.map(same));
    assert!(suggested(&one, &other));
}

#[test]
fn names_the_other_way_round_are_suggested() {
    assert!(suggested(
        &at_home("Ada", "Trevorrow"),
        &at_home("Trevorow", "Ada")
    ));
}

#[test]
fn the_lines_of_an_address_may_be_mixed_up() {
    let mut other = at_home("Ada", "Trevorrow");
    let address = other.address.as_mut().unwrap();
    (address.street, address.street2) = (text("Flat 3"), text("12 Foundry Lane"));
    let suggestion = compare(&at_home("Ada", "Trevorrow"), &other);
    assert!(suggestion.score > 0.9);
    assert!(matched(&suggestion).contains(&Field::Street));
    assert!(matched(&suggestion).contains(&Field::HouseNumber));
}

#[test]
fn an_initial_or_no_given_name_at_the_same_address_is_suggested_below_the_whole_name() {
    let ada = at_home("Ada", "Trevorrow");
    let whole = compare(&ada, &ada).score;
    let initial = compare(&ada, &at_home("A.", "Trevorrow")).score;
    let none = compare(&ada, &at_home("", "Trevorrow")).score;
    assert!(whole > initial && initial > none && none > DEFAULT_THRESHOLD);
}

#[test]
fn a_couple_is_not_suggested() {
    assert!(!suggested(
        &at_home("Ada", "Trevorrow"),
        &at_home("Henry", "Trevorrow")
    ));
}

#[test]
fn two_people_of_one_common_name_are_not_suggested() {
    assert!(!suggested(
        &at_home("John", "Smith"),
        &elsewhere("John", "Smith")
    ));
    assert!(!suggested(&named("John", "Smith"), &named("John", "Smith")));
}

#[test]
fn a_town_and_its_postal_code_do_not_count_twice() {
    let mut ada = at_home("Ada", "Trevorrow");
    ada.address.as_mut().unwrap().street = None;
    let record = Record::of(&ada, None);
    let of = |customers| score(&record, &record, &Weights::for_base_of(customers)).score;
    assert!(of(100_000) > DEFAULT_THRESHOLD);
    assert!(of(100_000_000) < DEFAULT_THRESHOLD);
}

#[test]
fn swapped_names_are_compared_wherever_they_live() {
    let pair = [at_home("Ada", "Trevorrow"), elsewhere("Trevorow", "Ada")];
    let pair = pair.map(|profile| Record::of(&profile, None));
    assert_eq!(candidates(&pair).pairs.len(), 1);
}

#[test]
fn who_moved_is_suggested_by_name_and_birthday() {
    let born = Some(date(1971, 5, 23));
    let before = Record::of(&at_home("Ada", "Trevorrow"), born);
    let after = Record::of(&elsewhere("Ada", "Trevorrow"), born);
    let suggestion = score(&before, &after, &Weights::default());
    assert!(suggestion.score > 0.99);
    assert!(matched(&suggestion).contains(&Field::Born));
    assert!(!candidates(&[before, after]).pairs.is_empty());
}

fn with_phone(profile: Profile, phone: &str) -> Profile {
    Profile {
        phone: Some(Phone::parse(phone).unwrap()),
        ..profile
    }
}

#[test]
fn the_same_telephone_alone_is_suggested() {
    let nobody = || with_phone(Profile::default(), "+442079460018");
    let suggestion = compare(&nobody(), &nobody());
    assert!(suggestion.score > DEFAULT_THRESHOLD && suggestion.score < 0.99);
    assert_eq!(matched(&suggestion), [Field::Phone]);
    assert!(suggested(&nobody(), &nobody()));
}

#[test]
fn the_same_telephone_is_suggested_whatever_else_differs_and_higher_when_it_does_not() {
    let ada = with_phone(at_home("Ada", "Trevorrow"), "+442079460018");
    let henry = with_phone(elsewhere("Henry", "Okafor"), "+44 20 7946 0018");
    let differing = compare(&ada, &henry).score;
    assert!(differing >= DEFAULT_THRESHOLD);
    assert!(suggested(&ada, &henry));
    assert!(compare(&ada, &ada).score > differing);
}

#[test]
fn the_same_email_of_two_records_is_suggested() {
    let email = Some(Email::parse("ada@example.com").unwrap());
    let known = |profile: Profile| Profile {
        email: email.clone(),
        ..profile
    };
    assert!(suggested(
        &known(named("Ada", "")),
        &known(named("", "Okafor"))
    ));
}

#[test]
fn placeholders_match_nobody_and_are_no_key() {
    for filler in [
        "",
        "-",
        "---",
        "0000",
        "null",
        "-1",
        "anonymous",
        "N/A",
        "Guest",
        "unknown",
    ] {
        let profile = Profile {
            address: Some(Address {
                street: text(filler),
                street2: text(filler),
                city: text(filler),
                region: text(filler),
                postal_code: text(filler),
                country: text(filler),
            }),
            ..named(filler, filler)
        };
        let profile = with_phone(profile, "+12025555555");
        let record = Record::of(&profile, Some(date(1970, 1, 1)));
        assert_eq!(blocks(&record), [], "{filler}");
        let suggestion = score(&record, &record, &Weights::default());
        assert_eq!(suggestion.matched, [], "{filler}");
        assert!(suggestion.score < 0.01, "{filler}");
    }
}

#[test]
fn a_key_that_too_many_share_is_skipped_and_counted() {
    let clerk = |n: usize| {
        let given: String = n.to_string().bytes().map(|b| char::from(b + 49)).collect();
        Record::of(&with_phone(named(&given, ""), "+442079460018"), None)
    };
    let full: Vec<_> = (0..LARGEST_BLOCK).map(clerk).collect();
    let found = candidates(&full);
    assert_eq!(found.skipped_blocks, 0);
    assert_eq!(found.pairs.len(), LARGEST_BLOCK * (LARGEST_BLOCK - 1) / 2);

    let overfull: Vec<_> = (0..=LARGEST_BLOCK).map(clerk).collect();
    let found = candidates(&overfull);
    assert_eq!(found.skipped_blocks, 1);
    assert!(found.pairs.is_empty());
}

#[test]
fn what_is_common_in_the_base_says_less() {
    let base: Vec<_> = (0..10_000)
        .map(|n| Record::of(&named("", if n % 50 == 0 { "Okafor" } else { "" }), None))
        .collect();
    let weights = Weights::default().with(Rarity::of(&base));
    let pair = |surname: &str, weights: &Weights| {
        let before = Record::of(&at_home("Ada", surname), None);
        let after = Record::of(&elsewhere("Ada", surname), None);
        score(&before, &after, weights).score
    };
    assert!(pair("Okafor", &weights) < pair("Okafor", &Weights::default()));
    assert!(pair("Okafor", &weights) < pair("Trevorrow", &weights));
}

#[test]
fn a_larger_base_asks_for_more() {
    let record = Record::of(&named("Ada", "Trevorrow"), None);
    let of = |customers| score(&record, &record, &Weights::for_base_of(customers)).score;
    assert!(of(10_000_000) < of(1_000_000));
}

#[test]
fn nothing_personal_is_printed() {
    let ada = with_phone(at_home("Ada", "Trevorrow"), "+442079460018");
    let record = Record::of(&ada, None);
    let printed = format!("{record:?} {:?}", blocks(&record)).to_lowercase();
    for secret in ["ada", "trevorrow", "foundry", "sheffield", "8en", "7946"] {
        assert!(!printed.contains(secret), "{secret}");
    }
}

/// A few values that are often the same or nearly so, and anything at all.
fn value(near: &'static [&'static str]) -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        2 => Just(None),
        6 => prop::sample::select(near).prop_map(text),
        1 => any::<String>().prop_map(Some),
    ]
}

fn address() -> impl Strategy<Value = Address> {
    let streets = &[
        "12 Main St",
        "Main Street 12",
        "21 Main St",
        "Flat 2",
        "2/12 mainstreet",
        "Rosenhof",
    ];
    let cities = &["Bristol", "Bristo", "Leeds"];
    let parts = (
        value(streets),
        value(streets),
        value(cities),
        value(&["CA", "California", "NY"]),
        value(&["90210", "90210-1234", "90211", "S3 8EN"]),
        value(&["US", "GB", "Germany"]),
    );
    parts.prop_map(
        |(street, street2, city, region, postal_code, country)| Address {
            street,
            street2,
            city,
            region,
            postal_code,
            country,
        },
    )
}

fn record() -> impl Strategy<Value = Record> {
    let names = &[
        "Ada",
        "Adah",
        "A",
        "Ada Mary",
        "Ann",
        "Trevorrow",
        "Trevorow",
        "Smith",
        "Ærø",
    ];
    let phones = &["+442079460018", "+442079460019"];
    let days = prop::option::of(prop::sample::select(&[
        (1971, 5, 23),
        (1971, 5, 24),
        (1980, 1, 2),
    ]));
    let parts = (
        value(names),
        value(names),
        prop::option::of(address()),
        value(phones),
        days,
    );
    parts.prop_map(|(first_name, last_name, address, phone, day)| {
        let born = day.map(|(year, month, day): (i16, i8, i8)| Date::constant(year, month, day));
        let profile = Profile {
            first_name,
            last_name,
            address,
            phone: phone.and_then(|phone| Phone::parse(&phone).ok()),
            ..Profile::default()
        };
        Record::of(&profile, born)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_comparison_is_the_same_from_either_side(one in record(), other in record()) {
        let weights = Weights::default();
        let (there, back) = (score(&one, &other, &weights), score(&other, &one, &weights));
        prop_assert!((0.0..=1.0).contains(&there.score));
        prop_assert_eq!(there, back);
    }

    #[test]
    fn nobody_is_liker_to_somebody_than_they_are_themselves(one in record(), other in record()) {
        let weights = Weights::default();
        let itself = score(&one, &one, &weights).score;
        prop_assert!(score(&one, &other, &weights).score <= itself + 1e-9);
    }

    #[test]
    fn a_record_has_few_keys_and_shares_them_with_itself(one in record()) {
        let keys = blocks(&one);
        prop_assert!(keys.len() <= MOST_KEYS);
        let pairs = candidates(&[one.clone(), one]).pairs;
        prop_assert_eq!(pairs.is_empty(), keys.is_empty());
    }
}

proptest! {
    #[test]
    fn the_order_of_the_base_changes_nothing(
        (base, order) in prop::collection::vec(record(), 0..12).prop_flat_map(|base| {
            let order = Just((0..base.len()).collect::<Vec<_>>()).prop_shuffle();
            (Just(base), order)
        })
    ) {
        let weights = Weights::default();
        let straight = suggestions(&base, &weights, 0.1);
        let shuffled: Vec<_> = order.iter().map(|place| base[*place].clone()).collect();
        let found = suggestions(&shuffled, &weights, 0.1).into_iter();
        let back = found.map(|((one, other), suggestion)| {
            let (one, other) = (order[one], order[other]);
            ((one.min(other), one.max(other)), suggestion)
        });
        prop_assert_eq!(back.collect::<std::collections::BTreeMap<_, _>>(), straight);
    }
}
