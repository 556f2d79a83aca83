//! The figures of a night, by the limits it makes.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use crm_domain::population::{Figures, Snapshot};
use crm_domain::settings::Share;
use crm_domain::value::Predictor;
use crm_store::{Changes, Committed};
use jiff::civil::date;

use crate::crew::{Crew, NIGHT, SMALL, at};

/// VIPs, VIPs by rank, and how many are in each segment that has somebody.
type Told = (u64, u64, BTreeMap<String, u64>);

/// What everyone's own record says.
async fn counted(crew: &Crew) -> Result<Told> {
    let mut told: Told = Default::default();
    for (_, assessment) in crew.state().await?.people {
        let found = assessment.context("assessed")?;
        told.0 += u64::from(found.vip);
        told.1 += u64::from(found.by_rank);
        *told.2.entry(found.segment.to_string()).or_default() += 1;
    }
    Ok(told)
}

fn of(figures: &Snapshot) -> Told {
    let segments = figures.segments.iter();
    let some = segments.filter(|(_, part)| part.customers > 0);
    (
        figures.vips.customers,
        figures.vips_by_rank,
        some.map(|(name, part)| (name.clone(), part.customers))
            .collect(),
    )
}

/// The latest figures, which are to be as everyone's records say.
async fn right(crew: &Crew) -> Result<Snapshot> {
    let figures = crew.tables.store.population_fetch(None).await?;
    let figures = figures.context("figures")?;
    assert_eq!(of(&figures), counted(crew).await?);
    assert_eq!(figures.counted_by, figures.cutoffs.version);
    let gross = figures.segments.values().map(|part| part.gross).sum();
    assert_eq!(figures.all.gross, gross);
    Ok(figures)
}

#[tokio::test]
async fn the_figures_of_a_night_count_the_vips_it_makes() -> Result<()> {
    let mut crew = Crew::with(SMALL).await?;
    // Bought lately, so that whoever is a VIP is in that segment.
    for number in 1..=60 {
        crew.buys(number, 10 * i64::from(number), 10).await?;
    }
    let run = crew.night(NIGHT).await?;
    assert!(run.rescan, "there were no limits before");
    let first = right(&crew).await?;
    assert_eq!((first.vips.customers, first.vips_by_rank), (6, 6));
    assert_eq!(first.segments["VIP"].gross.to_string(), "3450");

    // Two more at the top: the limit moves a little, one comes and none goes;
    // and one of them buys so often that no rank is needed.
    for _ in 0..5 {
        crew.buys(61, 120, 10).await?;
    }
    for number in [62, 63, 64, 65, 66] {
        crew.buys(number, 1_000, 10).await?;
    }
    let run = crew.night("2026-03-03T03:00:00Z").await?;
    assert!(!run.rescan, "those near the limits are enough");
    let second = right(&crew).await?;
    assert!(second.vips.customers > second.segments["VIP"].customers - 1);
    assert_ne!(of(&second), of(&first));
    Ok(())
}

#[tokio::test]
async fn the_figures_after_a_change_of_the_settings_count_by_them() -> Result<()> {
    for (percent, vips) in [(12, 8), (30, 18)] {
        let mut crew = Crew::with(SMALL).await?;
        for number in 1..=60 {
            crew.buys(number, 10 * i64::from(number), 10).await?;
        }
        crew.night(NIGHT).await?;
        let store = &crew.tables.store;
        let old = store.settings_fetch().await?;
        let mut new = old.clone();
        new.vip.enter_share = Share::percent(percent);
        new.vip.keep_share = Share::percent(40);
        store.settings_replace(&old, &new, "ada", at(NIGHT)).await?;
        crew.tick("due", "2026-03-02T04:00:00Z").await?;
        // Each step twice: what is counted anew is counted once.
        crew.finish(2).await?;
        let run = crew.run("settings-1").await?;
        assert_eq!(run.rescan, percent == 30);
        assert_eq!(right(&crew).await?.vips_by_rank, vips);
    }
    Ok(())
}

#[tokio::test]
async fn a_settings_run_of_which_a_message_is_lost_is_begun_again() -> Result<()> {
    let mut crew = Crew::with(SMALL).await?;
    crew.sixty().await?;
    crew.night(NIGHT).await?;
    let store = crew.tables.store.clone();
    let old = store.settings_fetch().await?;
    let mut new = old.clone();
    new.lifecycle.vip_orders = 1;
    store.settings_replace(&old, &new, "ada", at(NIGHT)).await?;
    crew.tick("due", "2026-03-02T04:00:00Z").await?;
    for body in crew.take()? {
        assert!(crew.step(&body).await, "{body}");
    }
    assert!(!crew.take()?.is_empty(), "lost");

    // It may be slow: nobody begins another for hours.
    crew.tick("due", "2026-03-02T09:00:00Z").await?;
    assert_eq!(crew.take()?, Vec::<String>::new());
    assert_eq!(store.assessed_settings().await?, 0);
    crew.tick("due", "2026-03-02T10:00:00Z").await?;
    crew.finish(1).await?;
    let run = crew.run("settings-1-2").await?;
    assert_eq!(run.follows_settings, Some(1));
    assert!(crew.is_vip(1).await?);
    assert_eq!(store.assessed_settings().await?, 1);
    crew.tick("due", "2026-03-02T11:00:00Z").await?;
    assert_eq!(crew.take()?, Vec::<String>::new());
    Ok(())
}

#[tokio::test]
async fn once_a_month_a_night_asks_which_prediction_was_nearer() -> Result<()> {
    let mut crew = Crew::with(SMALL).await?;
    // Forty bought once, long ago, and one of them again: carrying on what
    // they did then expects far too much of them.
    for number in 1..=40 {
        crew.buys(number, 100, 700).await?;
    }
    crew.buys(1, 100, 60).await?;
    let first = crew.night(NIGHT).await?;
    assert_eq!(
        first.back_test_days, None,
        "nobody knew since when there are orders"
    );
    let before = right(&crew).await?;
    assert_eq!((before.back_test, before.back_tested_on), (None, None));
    assert_eq!(before.cutoffs.predictor, Predictor::Simple);

    let second = crew.night("2026-03-03T03:00:00Z").await?;
    // Half of 701 days.
    assert_eq!(second.back_test_days, Some(350));
    let told = right(&crew).await?;
    let test = told.back_test.context("it was made")?;
    assert_eq!((test.window_days, test.customers), (350, 40));
    assert_eq!(test.actual.to_string(), "100");
    // In the 351 days up to the cut each spent 100.
    let expected = 40.0 * 100.0 * 350.0 / 351.0 / 100.0;
    assert!((test.simple - expected).abs() < 1e-6, "{test:?}");
    assert_eq!(test.better, Predictor::Model);
    assert_eq!(told.cutoffs.predictor, Predictor::Model);
    assert_eq!(told.back_tested_on, Some(date(2026, 3, 3)));
    // What all are expected to bring is by it the same night.
    let half = |figures: &Figures| figures.predicted.decimal() / rust_decimal::Decimal::TWO;
    assert!(second.rescan);
    assert!(told.buyers.predicted.decimal() < half(&before.buyers));

    let third = crew.night("2026-03-31T03:00:00Z").await?;
    assert_eq!(third.back_test_days, None);
    let told = right(&crew).await?;
    assert_eq!(told.back_tested_on, Some(date(2026, 3, 3)));
    assert_eq!(told.back_test, Some(test));
    assert_eq!(told.cutoffs.predictor, Predictor::Model);

    let fourth = crew.night("2026-04-01T03:00:00Z").await?;
    assert_eq!(fourth.back_test_days, Some(365));
    assert_eq!(right(&crew).await?.back_tested_on, Some(date(2026, 4, 1)));
    Ok(())
}

#[tokio::test]
async fn the_figures_of_forty_years_and_of_many_channels_are_kept() -> Result<()> {
    let mut crew = Crew::with(SMALL).await?;
    crew.sixty().await?;
    crew.night(NIGHT).await?;
    let store = &crew.tables.store;
    let mut figures = right(&crew).await?;
    // As many channels as are told of, with names as long as links have them.
    for channel in 0..200 {
        let months = (1986..2026).flat_map(|year| (1..=12).map(move |m| format!("{year}-{m:02}")));
        let won = months.map(|month| (month, 123_456)).collect();
        let name = format!("{channel:03} {}", "word ".repeat(12));
        figures.channels.insert(name.clone(), figures.all);
        figures.acquired.insert(name, won);
    }
    let mut changes = Changes::new();
    changes.population_put(&figures)?;
    assert_eq!(store.commit(changes).await?, Committed::Done);
    let kept = store.population_fetch(None).await?.context("figures")?;
    assert_eq!(kept.channels, figures.channels);
    let mut acquired = store.acquired_fetch(&kept).await?;
    acquired.retain(|channel, _| figures.acquired.contains_key(channel));
    assert_eq!(acquired, figures.acquired);
    Ok(())
}
