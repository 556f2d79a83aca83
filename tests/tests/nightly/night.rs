//! What a night finds.

use anyhow::Result;
use crm_domain::money::Amount;
use crm_store::{RunKind, RunRecord};
use serde_json::{Value, json};

use crate::crew::{Crew, NIGHT, SMALL};

fn result(run: &crm_store::RunRecord) -> Value {
    serde_json::from_str(run.result.as_deref().unwrap_or_default()).unwrap_or_default()
}

#[tokio::test]
async fn the_best_tenth_become_vips_overnight_and_leave_below_fifteen_percent() -> Result<()> {
    let mut crew = Crew::with(SMALL).await?;
    crew.sixty().await?;
    let run = crew.night(NIGHT).await?;
    let cutoffs = crew.tables.store.cutoffs_fetch().await?;
    let vip = cutoffs.vip.unwrap();
    // Six of sixty, and nine of sixty.
    assert_eq!(
        (vip.enter, vip.leave),
        (Amount::whole(550), Amount::whole(520))
    );
    assert_eq!(cutoffs.version, 1);
    assert!(crew.is_vip(55).await?);
    assert!(!crew.is_vip(54).await?);
    assert_eq!(result(&run)["customers"], 60);

    // Two more overtake number 55, who is the eighth now, of 62: within 15 %.
    crew.buys(61, 1000, 40).await?;
    crew.buys(62, 1000, 40).await?;
    crew.night("2026-03-03T03:00:00Z").await?;
    assert!(crew.is_vip(55).await?, "the eighth of 62 stays");
    assert!(crew.is_vip(61).await?);

    // Three more, and number 55 is the eleventh of 65.
    for number in 63..=65 {
        crew.buys(number, 1000, 40).await?;
    }
    crew.night("2026-03-04T03:00:00Z").await?;
    assert!(!crew.is_vip(55).await?, "the eleventh of 65 leaves");
    assert!(crew.is_vip(56).await?, "the tenth of 65 stays");
    Ok(())
}

#[tokio::test]
async fn under_fifty_nobody_is_a_vip_by_rank() -> Result<()> {
    let mut crew = Crew::with(SMALL).await?;
    for number in 1..=49 {
        crew.buys(number, 100, 40).await?;
    }
    crew.night(NIGHT).await?;
    assert_eq!(crew.tables.store.cutoffs_fetch().await?.vip, None);
    crew.buys(50, 100, 40).await?;
    crew.night("2026-03-03T03:00:00Z").await?;
    // All of fifty have the same: the tenth's limit is everyone's.
    assert!(crew.is_vip(1).await? && crew.is_vip(50).await?);
    Ok(())
}

#[tokio::test]
async fn a_second_night_writes_nobody_and_a_doubled_tick_changes_nothing() -> Result<()> {
    let mut crew = Crew::with(SMALL).await?;
    crew.sixty().await?;
    crew.night(NIGHT).await?;
    let versions = crew.versions().await?;

    crew.tick("nightly", NIGHT).await?;
    assert_eq!(crew.take()?, Vec::<String>::new());

    let run = crew.night("2026-03-03T03:00:00Z").await?;
    assert_eq!(result(&run)["changed"], 0);
    assert_eq!(crew.versions().await?, versions);
    Ok(())
}

#[tokio::test]
async fn whoever_was_missed_or_tampered_with_is_put_right() -> Result<()> {
    let mut crew = Crew::with(SMALL).await?;
    crew.sixty().await?;
    crew.night(NIGHT).await?;
    let right = crew.state().await?;

    let mut tampered = crew.node(7).await?;
    let assessment = tampered.assessment.as_mut().unwrap();
    assessment.vip = true;
    assessment.by_rank = true;
    crew.put(&tampered).await?;
    let mut forgotten = crew.node(8).await?;
    forgotten.assessment = None;
    forgotten.stale = true;
    crew.put(&forgotten).await?;

    let run = crew.night("2026-03-03T03:00:00Z").await?;
    assert_eq!(result(&run)["changed"], 2);
    let now = crew.state().await?;
    let said = |state: &crate::crew::State, place: usize| {
        let assessment = state.people[place].1.clone().unwrap();
        (assessment.segment, assessment.vip, assessment.score)
    };
    for place in [6, 7] {
        assert_eq!(said(&now, place), said(&right, place));
    }
    assert!(!crew.node(8).await?.stale);
    Ok(())
}

#[tokio::test]
async fn fifths_of_all_become_digits_the_same_night() -> Result<()> {
    let mut crew = Crew::with(SMALL).await?;
    crew.sixty().await?;
    let store = &crew.tables.store;
    let old = store.settings_fetch().await?;
    let mut new = old.clone();
    new.rfm.mode = crm_domain::settings::RfmMode::Quintiles;
    store
        .settings_replace(&old, &new, "ada", crate::crew::at(NIGHT))
        .await?;
    crew.night(NIGHT).await?;
    for (number, digit) in [(1, 1), (12, 1), (13, 2), (25, 3), (48, 4), (49, 5), (60, 5)] {
        let digits = crew.node(number).await?.assessment.unwrap().score.unwrap();
        // All bought on one day, each once: nobody is worse than anybody.
        assert_eq!(
            (digits.r, digits.f, digits.m),
            (1, 1, digit),
            "number {number}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn changed_settings_reach_everyone_after_the_next_tick() -> Result<()> {
    let mut crew = Crew::with(SMALL).await?;
    crew.sixty().await?;
    crew.night(NIGHT).await?;
    let store = &crew.tables.store;
    let old = store.settings_fetch().await?;
    let mut new = old.clone();
    new.lifecycle.vip_orders = 1;
    store
        .settings_replace(&old, &new, "ada", crate::crew::at(NIGHT))
        .await?;
    crew.tick("due", "2026-03-02T04:00:00Z").await?;
    crew.finish(1).await?;
    let run = crew.run("settings-1").await?;
    assert_eq!(result(&run)["changed"], 54);
    assert!(crew.is_vip(1).await?);
    assert_eq!(crew.tables.store.assessed_settings().await?, 1);
    let causes: Vec<_> = crew.node(1).await?.chronicle.changes().to_vec();
    assert_eq!(
        causes.last().unwrap().cause,
        crm_domain::chronicle::Cause::Settings
    );

    crew.tick("due", "2026-03-02T05:00:00Z").await?;
    assert_eq!(crew.take()?, Vec::<String>::new());
    Ok(())
}

#[tokio::test]
async fn who_a_new_share_makes_a_vip_is_one_by_the_settings_however_far_the_limit_moves()
-> Result<()> {
    // From 10 % to 12 % the limit goes from 550 to 530, to 30 % it goes far.
    for (percent, newcomer) in [(12, 53), (30, 43)] {
        let mut crew = Crew::with(SMALL).await?;
        crew.sixty().await?;
        crew.night(NIGHT).await?;
        let store = &crew.tables.store;
        let old = store.settings_fetch().await?;
        let mut new = old.clone();
        new.vip.enter_share = crm_domain::settings::Share::percent(percent);
        new.vip.keep_share = crm_domain::settings::Share::percent(40);
        store
            .settings_replace(&old, &new, "ada", crate::crew::at(NIGHT))
            .await?;
        crew.tick("due", "2026-03-02T04:00:00Z").await?;
        crew.finish(1).await?;
        let run = crew.run("settings-1").await?;
        assert_eq!(run.rescan, percent == 30);
        assert!(crew.is_vip(newcomer).await?);
        let node = crew.node(newcomer).await?;
        assert_eq!(
            node.chronicle.changes().last().unwrap().cause,
            crm_domain::chronicle::Cause::Settings,
            "{percent} %"
        );
    }
    Ok(())
}

#[tokio::test]
async fn who_cannot_be_read_holds_nobody_back() -> Result<()> {
    let mut crew = Crew::with(SMALL).await?;
    crew.sixty().await?;
    crew.tables
        .client()
        .update_item()
        .table_name("people")
        .key(
            "pk",
            aws_sdk_dynamodb::types::AttributeValue::S("N#customer0003".into()),
        )
        .key("sk", aws_sdk_dynamodb::types::AttributeValue::S("N".into()))
        .update_expression("SET touched_at = :nonsense")
        .expression_attribute_values(
            ":nonsense",
            aws_sdk_dynamodb::types::AttributeValue::S("never".into()),
        )
        .send()
        .await?;
    let run = crew.night(NIGHT).await?;
    assert_eq!(result(&run)["unreadable"], 1);
    assert_eq!(result(&run)["customers"], 59);
    assert!(crew.is_vip(60).await?);
    Ok(())
}

#[tokio::test]
async fn an_entry_that_keeps_failing_does_not_hide_those_behind_it() -> Result<()> {
    let mut crew = Crew::with(SMALL).await?;
    // More than a page of one shard, all due, and none of them can be read.
    for number in 1..=900 {
        crew.buys(number, 10, 10).await?;
    }
    crew.night(NIGHT).await?;
    let client = crew.tables.client();
    let text = |text: String| aws_sdk_dynamodb::types::AttributeValue::S(text);
    for number in 1..=899 {
        client
            .update_item()
            .table_name("people")
            .key("pk", text(format!("N#customer{number:04}")))
            .key("sk", text("N".to_owned()))
            .update_expression("SET touched_at = :nonsense")
            .expression_attribute_values(":nonsense", text("never".to_owned()))
            .send()
            .await?;
    }
    let failed = crew.tick("due", "2026-03-25T12:00:00Z").await;
    assert!(failed.unwrap_err().to_string().contains("899 customers"));
    let last = crew.node(900).await?.assessment.unwrap();
    assert_eq!(json!(last.stage), "Single-order");
    Ok(())
}

#[tokio::test]
async fn proposed_settings_are_compared_and_change_nobody() -> Result<()> {
    let mut crew = Crew::with(SMALL).await?;
    crew.sixty().await?;
    crew.night(NIGHT).await?;
    let (versions, cutoffs) = (
        crew.versions().await?,
        crew.tables.store.cutoffs_fetch().await?,
    );

    let mut proposed = crew.tables.store.settings_fetch().await?;
    proposed.lifecycle.active_days = 30;
    proposed.lifecycle.new_days = 20;
    proposed.vip.enter_share = crm_domain::settings::Share::percent(20);
    proposed.vip.keep_share = crm_domain::settings::Share::percent(20);
    let on = jiff::civil::date(2026, 3, 2);
    let mut run = RunRecord::new("diff-1", RunKind::Diff, on, "ada", crate::crew::at(NIGHT));
    run.settings = Some(serde_json::to_string(&proposed)?);
    let result = crew.ask(&run).await?;

    assert_eq!(result["customers"], 60);
    // All bought once, forty days ago: VIP or not, each is a single-order customer.
    let all = json!({"now": 60, "then": 60, "enter": 0, "leave": 0});
    assert_eq!(result["segments"], json!({"Single-order": all}));
    assert_eq!(crew.versions().await?, versions);
    assert_eq!(crew.tables.store.cutoffs_fetch().await?, cutoffs);

    // Ten of ten days ago are better than all, and new.
    for number in 61..=70 {
        crew.buys(number, 10 * i64::from(number), 10).await?;
    }
    run.id = "diff-2".to_owned();
    proposed.lifecycle.new_days = 9;
    run.settings = Some(serde_json::to_string(&proposed)?);
    crew.night("2026-03-03T03:00:00Z").await?;
    let result = crew.ask(&run).await?;
    assert_eq!(
        result["segments"],
        json!({
            "VIP": {"now": 10, "then": 0, "enter": 0, "leave": 10},
            "Single-order": {"now": 60, "then": 70, "enter": 10, "leave": 0},
        })
    );
    Ok(())
}
