use super::*;
use proptest::prelude::*;

fn first(expression: &str, from: &str, count: usize) -> Vec<String> {
    let cron = Cron::parse(expression).unwrap();
    let times = cron.local_times(from.parse().unwrap());
    times.take(count).map(|time| time.to_string()).collect()
}

#[test]
fn the_special_days_are_those_of_the_calendar() {
    let table = [
        ("0 9 L * ? *", ["2026-01-31", "2026-02-28", "2026-03-31"]),
        ("0 9 L-1 * ? *", ["2026-01-30", "2026-02-27", "2026-03-30"]),
        ("0 9 LW * ? *", ["2026-01-30", "2026-02-27", "2026-03-31"]),
        ("0 9 1W * ? *", ["2026-01-01", "2026-02-02", "2026-03-02"]),
        ("0 9 31W * ? *", ["2026-01-30", "2026-03-31", "2026-05-29"]),
        ("0 9 15W * ? *", ["2026-01-15", "2026-02-16", "2026-03-16"]),
        ("0 9 29 2 ? *", ["2028-02-29", "2032-02-29", "2036-02-29"]),
        ("0 9 ? * 6L *", ["2026-01-30", "2026-02-27", "2026-03-27"]),
        ("0 9 ? * FRIL *", ["2026-01-30", "2026-02-27", "2026-03-27"]),
        ("0 9 ? * 3#2 *", ["2026-01-13", "2026-02-10", "2026-03-10"]),
        (
            "0 9 ? * MON#5 *",
            ["2026-03-30", "2026-06-29", "2026-08-31"],
        ),
        ("0 9 ? * L *", ["2026-01-03", "2026-01-10", "2026-01-17"]),
        (
            "0 9 ? JAN-FEB 2-6/2 2027",
            ["2027-01-01", "2027-01-04", "2027-01-06"],
        ),
    ];
    for (expression, days) in table {
        let expected = days.map(|day| format!("{day}T09:00:00"));
        assert_eq!(
            first(expression, "2026-01-01T00:00", 3),
            expected,
            "{expression}"
        );
    }
}

#[test]
fn minutes_and_hours_come_in_order_and_the_start_is_included() {
    assert_eq!(
        first("0/30 8,20 ? * * *", "2026-01-01T08:30", 4),
        [
            "2026-01-01T08:30:00",
            "2026-01-01T20:00:00",
            "2026-01-01T20:30:00",
            "2026-01-02T08:00:00"
        ],
    );
}

#[test]
fn an_expression_whose_years_are_over_ends() {
    assert_eq!(first("0 0 1 1 ? 2020-2025", "2025-06-01T00:00", 3), [""; 0]);
}

#[test]
fn an_expression_aws_would_refuse_is_refused() {
    for expression in [
        "",
        "* * * * *",
        "0 9 * * * *",
        "0 9 ? * ? *",
        "60 9 ? * * *",
        "0 24 ? * * *",
        "0 9 32 * ? *",
        "0 9 ? * 8 *",
        "0 9 ? 13 * *",
        "0 9 5-1 * ? *",
        "0/0 9 ? * * *",
        "0 9 ? * 2#6 *",
        "0 9 W * ? *",
        "0 9 ? * MOND *",
        "0 9 ? * * 1969",
        "-1 9 ? * * *",
        "0 9 ? * +2 *",
    ] {
        assert!(Cron::parse(expression).is_err(), "{expression}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn the_search_finds_what_stepping_minute_by_minute_finds(
        expression in expression(),
        day in 0_i64..1461,
        minute in 0_i64..1440,
    ) {
        let cron = Cron::parse(&expression).unwrap();
        let start = jiff::civil::date(2026, 1, 1).at(0, 0, 0, 0);
        let start = start + jiff::Span::new().days(day).minutes(minute);
        let found: Vec<_> = cron.local_times(start).take(30).collect();
        let stepped: Vec<_> = stepped(&cron, start).take(30).collect();
        prop_assert_eq!(found, stepped);
    }

    #[test]
    fn no_text_makes_it_panic(text in "[0-9LW#?*/, -]{0,24}") {
        let once = Cron::parse(&text);
        prop_assert_eq!(once, Cron::parse(&text));
    }
}

/// Every minute the expression names, found by looking at each day and each of its minutes.
fn stepped(cron: &Cron, from: DateTime) -> impl Iterator<Item = DateTime> + '_ {
    let days = std::iter::successors(Some(from.date()), |day| day.tomorrow().ok());
    let days = days.filter(|day| cron.days.has(*day) && cron.months.has(day.month().into()));
    let minutes = days.flat_map(|day| {
        (0..1440).map(move |minute| day.at(minute_of(minute / 60), minute_of(minute % 60), 0, 0))
    });
    minutes.filter(move |time| *time >= from && cron.names(*time))
}

fn minute_of(number: i16) -> i8 {
    i8::try_from(number).unwrap()
}

fn expression() -> impl Strategy<Value = String> {
    let days = prop_oneof![
        (1_i32..=31).prop_map(|day| (day.to_string(), "?".to_owned())),
        (1_i32..=31).prop_map(|day| (format!("{day}W"), "?".to_owned())),
        (1_i32..=28).prop_map(|step| (format!("*/{step}"), "?".to_owned())),
        prop_oneof![Just("L"), Just("LW"), Just("L-2"), Just("1,15,L")]
            .prop_map(|day| (day.to_owned(), "?".to_owned())),
        (1_i32..=7, 1_i32..=5).prop_map(|(day, nth)| ("?".to_owned(), format!("{day}#{nth}"))),
        (1_i32..=7).prop_map(|day| ("?".to_owned(), format!("{day}L"))),
        (1_i32..=3, 4_i32..=7).prop_map(|(from, to)| ("?".to_owned(), format!("{from}-{to}"))),
    ];
    let minutes = prop_oneof![
        (0_i32..60).prop_map(|n| n.to_string()),
        (1_i32..60).prop_map(|n| format!("*/{n}"))
    ];
    let hours = prop_oneof![
        (0_i32..24).prop_map(|n| n.to_string()),
        Just("*".to_owned()),
        Just("8-18/3".to_owned())
    ];
    let months = prop_oneof![
        Just("*".to_owned()),
        (1_i32..=12).prop_map(|n| format!("{n}/5"))
    ];
    (minutes, hours, days, months).prop_map(|(minutes, hours, (of_month, of_week), months)| {
        format!("{minutes} {hours} {of_month} {months} {of_week} *")
    })
}
