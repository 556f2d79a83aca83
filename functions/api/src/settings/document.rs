//! New settings out of those in force and the fields a caller gives.
//!
//! A field left out stays as it is. The fields of a section (`rfm`, say) are
//! given one by one too; everything else, maps and lists among them, is
//! replaced whole.

use crm_domain::settings::{LAST_VERSION, Settings};
use jiff::civil::Date;
use serde_json::{Map, Value};

use crate::problem::{Problem, repeatable};

/// What each field must look like. What its value must be beyond that is for
/// [`Settings::validate`] to say.
const FIELDS: [(&str, &str); 46] = [
    (
        "reporting_currency",
        "must be a currency code of three letters (ISO 4217)",
    ),
    (
        "time_zone",
        "must be an IANA time zone name, such as Europe/Paris",
    ),
    ("count_zero_value_orders", "must be true or false"),
    (
        "fx_rates",
        r#"must have the form {"USD": {"2026-01-01": "0.92"}}"#,
    ),
    (
        "rfm.recency_days",
        "must be four ascending numbers of days from 0 to 18263",
    ),
    (
        "rfm.frequency_orders",
        "must be four ascending numbers of orders from 2 to 1000000",
    ),
    (
        "rfm.monetary_gross",
        "must be four ascending amounts above 0, as text",
    ),
    (
        "lifecycle.new_days",
        "must be a number of days from 0 to 18263",
    ),
    (
        "lifecycle.active_days",
        "must be a number of days from 0 to 18263",
    ),
    (
        "lifecycle.at_risk_days",
        "must be a number of days from 0 to 18263",
    ),
    ("lifecycle.vip_orders", "must be from 2 to 1000000 orders"),
    ("rfm.mode", "must be thresholds or quintiles"),
    (
        "vip.enter_share",
        r#"must be a share from 0.01 to 0.5, as text: "0.1""#,
    ),
    (
        "vip.keep_share",
        r#"must be a share from vip.enter_share to 1, as text: "0.15""#,
    ),
    ("vip.least_base", "must be from 10 to 1000000 customers"),
    ("health.least_units", COUNT),
    ("health.red_return_rate", SHARE),
    ("health.yellow_return_rate", SHARE),
    ("health.red_open_cases", COUNT),
    ("health.yellow_open_cases", COUNT),
    ("health.red_recent_cases", COUNT),
    ("health.recent_case_days", DAYS),
    ("health.red_overdue_days", DAYS),
    ("return_alert.rate", SHARE),
    ("return_alert.rearm_below", SHARE),
    ("return_alert.least_orders", COUNT),
    ("return_alert.least_units", COUNT),
    (
        "lifespan_years",
        r#"must be a number of years above 0 and at most 50, as text: "3.2""#,
    ),
    (
        "acquisition_channels",
        r#"must be a list of rules such as {"medium": "cpc", "channel": "paid-search"}"#,
    ),
    (
        "custom_fields",
        r#"must be a list of fields such as {"name": "shoe_size", "type": "whole", "min": "15", "max": "50"}; types are text, whole, decimal, date, yes_no and choice"#,
    ),
    (
        "tag_labels",
        r#"must be a list of rules such as {"tag": "VIP", "label": "vip"} or {"tag": "tier-gold", "field": "loyalty_tier", "value": "gold"}"#,
    ),
    ("cost_table", "must be true or false"),
    ("product_categories", "must be true or false"),
    ("first_response.urgent", TARGET),
    ("first_response.high", TARGET),
    ("first_response.normal", TARGET),
    ("first_response.low", TARGET),
    (
        "business_hours.week",
        r#"must be seven lists, Monday's first, of windows {"from": "09:00", "to": "17:00"}"#,
    ),
    (
        "business_hours.exceptions",
        r#"must have the form {"2026-12-25": []}, with lists of windows"#,
    ),
    ("business_hours.minutes_per_day", "must be from 1 to 1440"),
    ("identity.ids_per_shop", LIMIT),
    ("identity.emails", LIMIT),
    ("identity.phones", LIMIT),
    ("identity.addresses", LIMIT),
    (
        "workflow_max_order_age_hours",
        "must be from 1 to 8760 hours",
    ),
    ("audit_days", "must be from 1 to 3650 days"),
];
const TARGET: &str = r#"must be {"clock_hours": n}, {"business_hours": n} or {"business_days": n}, n from 1 to 1000"#;
const SHARE: &str = r#"must be a share from 0 to 1, as text: "0.3""#;
const COUNT: &str = "must be a whole number from 1 to 1000000";
const LIMIT: &str = "must be from 1 to 40";
const DAYS: &str = "must be from 1 to 3653 days";
/// Two documents have to fit a record of a change.
const MOST_BYTES: usize = 100_000;

/// The version a caller has seen, taken out of its fields.
pub(super) fn version(given: &mut Map<String, Value>) -> Result<Option<u64>, Problem> {
    match given.remove("version") {
        None => Ok(None),
        Some(version) => match version.as_u64().filter(|version| *version <= LAST_VERSION) {
            Some(version) => Ok(Some(version)),
            None => Err(Problem::field("version", "must be a whole number")),
        },
    }
}

/// The settings with the given fields in them, valid as a whole.
/// What orders up to `today` were counted by stays.
pub(super) fn with(
    old: &Settings,
    given: &Map<String, Value>,
    today: Date,
) -> Result<Settings, Problem> {
    let mut document = serde_json::to_value(old).expect("settings are plain data");
    for (name, value) in given {
        if let Some(fields) = section(name, value)? {
            for (part, value) in fields {
                set(&mut document, &format!("{name}.{part}"), value)?;
            }
        } else {
            set(&mut document, name, value)?;
        }
    }
    let long = || Problem::field("body", "makes settings of more than 100000 bytes");
    let new: Settings = serde_json::from_value(document).map_err(|_| long())?;
    let length = serde_json::to_vec(&new).map_or(usize::MAX, |json| json.len());
    if length > MOST_BYTES {
        return Err(long());
    }
    check(old, &new, today)?;
    Ok(new)
}

fn check(old: &Settings, new: &Settings, today: Date) -> Result<(), Problem> {
    new.validate()
        .map_err(|invalid| Problem::senseless(&invalid.field, &invalid.problem))?;
    let currency = (old.reporting_currency, new.reporting_currency);
    if currency.0.is_some() && currency.0 != currency.1 {
        let limit = "cannot change any more: all totals are kept in it";
        return Err(Problem::senseless("reporting_currency", limit));
    }
    if let Some((currency, on)) = old.rate_taken_back(new, today) {
        let limit = format!(
            "must keep the rate of {on}: up to today, {today}, rates can be added \
             where there was none, and not changed, because orders were counted by them"
        );
        return Err(Problem::senseless(&format!("fx_rates.{currency}"), &limit));
    }
    Ok(())
}

/// The fields of a section, if that is what the name names.
fn section<'a>(name: &str, value: &'a Value) -> Result<Option<&'a Map<String, Value>>, Problem> {
    let prefix = format!("{name}.");
    if !FIELDS.iter().any(|(field, _)| field.starts_with(&prefix)) {
        return Ok(None);
    }
    let fields = value.as_object();
    fields
        .map(Some)
        .ok_or_else(|| Problem::field(name, "must be an object"))
}

/// Puts a value in its place, if it has the form that the place asks for.
fn set(document: &mut Value, path: &str, value: &Value) -> Result<(), Problem> {
    let Some((_, limit)) = FIELDS.iter().find(|(field, _)| *field == path) else {
        return Err(Problem::field(repeatable(path), "is not a setting"));
    };
    let pointer = format!("/{}", path.replace('.', "/"));
    let place = document
        .pointer_mut(&pointer)
        .expect("every field is in a whole document");
    *place = value.clone();
    // The rest of the document was read before: only this can be wrong.
    let fits = serde_json::from_value::<Settings>(document.clone()).is_ok();
    fits.then_some(())
        .ok_or_else(|| Problem::field(path, limit))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TODAY: Date = jiff::civil::date(2026, 3, 6);

    fn changed(given: &Value) -> Result<Settings, Option<String>> {
        let given = given.as_object().unwrap().clone();
        with(&Settings::default(), &given, TODAY).map_err(|problem| problem.field.map(String::from))
    }

    fn refused(given: &Value) -> String {
        changed(given).unwrap_err().unwrap()
    }

    #[test]
    fn what_is_not_given_stays() {
        let new = changed(&json!({"rfm": {"recency_days": [10, 20, 30, 40]}})).unwrap();
        let mut expected = Settings::default();
        expected.rfm.recency_days = [10, 20, 30, 40];
        assert_eq!(new, expected);
        assert_eq!(changed(&json!({})), Ok(Settings::default()));
    }

    #[test]
    fn a_map_is_replaced_whole() {
        let mut old = Settings::default();
        old.business_hours
            .exceptions
            .insert("2026-12-25".parse().unwrap(), vec![]);
        let given = json!({"business_hours": {"exceptions": {"2026-12-26": []}}});
        let new = with(&old, given.as_object().unwrap(), TODAY).unwrap();
        let dates: Vec<_> = new
            .business_hours
            .exceptions
            .keys()
            .map(ToString::to_string)
            .collect();
        assert_eq!(dates, ["2026-12-26"]);
    }

    #[test]
    fn a_target_is_replaced_with_its_unit() {
        let new = changed(&json!({"first_response": {"normal": {"business_hours": 1}}})).unwrap();
        let target = crm_domain::case::Target::BusinessHours(1);
        assert_eq!(new.first_response.normal, target);
    }

    #[test]
    fn every_field_of_the_settings_can_be_given_and_is_named_when_wrong() {
        let whole = serde_json::to_value(Settings::default()).unwrap();
        let mut fields = Vec::new();
        for (name, value) in whole.as_object().unwrap() {
            let parts = value.as_object().filter(|_| name != "fx_rates");
            match parts {
                _ if name == "version" => {}
                Some(parts) => fields.extend(parts.keys().map(|part| format!("{name}.{part}"))),
                None => fields.push(name.clone()),
            }
        }
        fields.sort_unstable();
        let mut known: Vec<_> = FIELDS
            .iter()
            .map(|(field, _)| (*field).to_owned())
            .collect();
        known.sort_unstable();
        assert_eq!(fields, known);
        for field in fields {
            let wrong = json!({"wrong": true});
            let given = match field.split_once('.') {
                Some((section, part)) => json!({section: {part: wrong}}),
                None => json!({&field: wrong}),
            };
            assert_eq!(refused(&given), field);
        }
    }

    #[test]
    fn a_whole_document_is_taken_back_as_it_was_given() {
        let mut whole = serde_json::to_value(Settings::default()).unwrap();
        let given = whole.as_object_mut().unwrap();
        assert_eq!(version(given), Ok(Some(0)));
        assert_eq!(changed(&whole), Ok(Settings::default()));
    }

    #[test]
    fn what_makes_no_sense_is_named_with_its_limit() {
        assert_eq!(refused(&json!({"colour": "red"})), "colour");
        assert_eq!(refused(&json!({"rfm": {"colour": "red"}})), "rfm.colour");
        assert_eq!(refused(&json!({"rfm": 7})), "rfm");
        assert_eq!(
            refused(&json!({"vip": {"enter_share": "0.9"}})),
            "vip.enter_share"
        );
        assert_eq!(
            refused(&json!({"acquisition_channels": [{"channel": "radio"}]})),
            "acquisition_channels"
        );
        assert_eq!(refused(&json!({"time_zone": "Mars/Olympus"})), "time_zone");
        assert_eq!(
            refused(&json!({"rfm": {"recency_days": [4, 3, 2, 1]}})),
            "rfm.recency_days"
        );
        assert_eq!(
            refused(&json!({"first_response": {"low": {"clock_hours": 0}}})),
            "first_response.low"
        );
        for limit in [0, 41] {
            let given = json!({"identity": {"emails": limit}});
            assert_eq!(refused(&given), "identity.emails");
        }
        assert_eq!(
            refused(&json!({"a@example.com": 1})),
            "(a name we do not repeat)"
        );
        let mut text = json!({"version": "1"});
        let problem = version(text.as_object_mut().unwrap()).unwrap_err();
        assert_eq!(problem.field.as_deref(), Some("version"));
    }

    #[test]
    fn the_currency_of_the_totals_can_be_set_but_not_changed() {
        let euro = changed(&json!({"reporting_currency": "eur"})).unwrap();
        for (currency, fits) in [
            (json!("EUR"), true),
            (json!("USD"), false),
            (json!(null), false),
        ] {
            let given = json!({"reporting_currency": currency});
            assert_eq!(with(&euro, given.as_object().unwrap(), TODAY).is_ok(), fits);
        }
    }

    #[test]
    fn a_rate_that_orders_were_counted_by_stays() {
        let rates = |usd: Value| json!({"fx_rates": {"USD": usd}});
        let old = changed(&rates(json!({"2026-01-01": "0.90", "2026-02-01": "0.95"}))).unwrap();
        for (given, fits) in [
            (
                rates(json!({"2026-01-01": "0.90", "2026-02-01": "0.95"})),
                true,
            ),
            // The same in other words.
            (
                rates(json!({"2026-01-01": "0.9", "2026-01-10": "0.9", "2026-02-01": "0.95"})),
                true,
            ),
            // Where there was none, and from tomorrow on.
            (
                rates(json!({"2025-06-01": "0.8", "2026-01-01": "0.90", "2026-02-01": "0.95"})),
                true,
            ),
            (
                rates(json!({"2026-01-01": "0.90", "2026-02-01": "0.95", "2026-03-07": "1"})),
                true,
            ),
            (
                rates(json!({"2026-01-01": "0.90", "2026-02-01": "0.95", "2026-03-06": "1"})),
                false,
            ),
            (
                rates(json!({"2026-01-01": "9.0", "2026-02-01": "0.95"})),
                false,
            ),
            (rates(json!({"2026-01-01": "0.90"})), false),
            (
                rates(json!({"2026-01-02": "0.90", "2026-02-01": "0.95"})),
                false,
            ),
            (json!({"fx_rates": {}}), false),
        ] {
            let new = with(&old, given.as_object().unwrap(), TODAY);
            assert_eq!(new.is_ok(), fits, "{given}");
            if let Err(problem) = new {
                assert_eq!(problem.field.as_deref(), Some("fx_rates.USD"));
            }
        }
    }

    #[test]
    fn settings_that_would_not_fit_a_record_are_refused() {
        let dates = (0..9000).map(|n| {
            let date = jiff::civil::date(2000, 1, 1).saturating_add(jiff::Span::new().days(n));
            (date.to_string(), json!("0.92"))
        });
        let rates: Map<String, Value> = dates.collect();
        assert_eq!(refused(&json!({"fx_rates": {"USD": rates}})), "body");
    }
}
