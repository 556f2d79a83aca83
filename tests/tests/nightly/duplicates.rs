//! A search through everyone for who may be one person, by steps that fail
//! and come again.

use std::sync::Mutex;

use anyhow::Result;
use crm_domain::identity::Phone;
use crm_local::services::Fault;
use crm_store::{DuplicateOrder, DuplicateState, PassMessage, RunKind, RunRecord};
use segment_recompute::Bounds;
use serde_json::Value;

use crate::crew::{Crew, NIGHT, SMALL, at};

/// So much at once that a slice has two parts or three.
const PARTS: Bounds = Bounds { writes: 8, ..SMALL };

/// Sixty customers, of whom each of the first thirty has one other's telephone.
async fn sixty() -> Result<Crew> {
    let crew = Crew::with(PARTS).await?;
    crew.sixty().await?;
    for number in 1..=60 {
        let mut node = crew.node(number).await?;
        let phone = format!("+4420794600{:02}", 10 + number % 30);
        node.profile.phone = Some(Phone::parse(&phone)?);
        node.profile.last_name = Some(format!("Name{number}"));
        crew.put(&node).await?;
    }
    Ok(crew)
}

fn search(id: &str) -> RunRecord {
    RunRecord::new(
        id,
        RunKind::Duplicates,
        at(NIGHT).to_zoned(jiff::tz::TimeZone::UTC).date(),
        "ada",
        at(NIGHT),
    )
}

/// Numbers of those who are suggested.
async fn suggested(crew: &Crew) -> Result<Vec<String>> {
    let store = &crew.tables.store;
    let page = store
        .duplicates_list(DuplicateState::Open, DuplicateOrder::Date, None, 100)
        .await?;
    assert_eq!(page.next, None);
    let mut ids: Vec<_> = page.items.iter().map(crm_store::Duplicate::id).collect();
    ids.sort();
    Ok(ids)
}

fn expected() -> Vec<String> {
    let pairs = (1..=30).map(|one| format!("customer{one:04}-customer{:04}", one + 30));
    pairs.collect()
}

#[tokio::test]
async fn a_search_finds_each_pair_once_and_a_second_one_nothing_new() -> Result<()> {
    let mut crew = sixty().await?;
    let first = crew.ask(&search("first")).await?;
    assert_eq!(suggested(&crew).await?, expected());
    assert_eq!(first["compared"], 60);
    assert_eq!(
        (&first["suggested"], &first["withdrawn"]),
        (&30.into(), &0.into())
    );
    let versions = crew.versions().await?;
    let second = crew.ask(&search("second")).await?;
    assert_eq!(
        (&second["suggested"], &second["withdrawn"]),
        (&0.into(), &0.into())
    );
    assert_eq!(suggested(&crew).await?, expected());
    assert_eq!(crew.versions().await?, versions, "nobody is written");
    Ok(())
}

#[tokio::test]
async fn every_step_of_a_search_may_be_made_three_times() -> Result<()> {
    let mut crew = sixty().await?;
    crew.tables.store.run_start(&search("r")).await?;
    for _ in 0..3 {
        anyhow::ensure!(crew.step(&PassMessage::start("r").body()).await);
    }
    crew.finish(3).await?;
    crew.run("r").await?;
    assert_eq!(suggested(&crew).await?, expected());
    Ok(())
}

#[tokio::test]
async fn a_search_goes_on_where_it_was_broken_off() -> Result<()> {
    for seed in 0..3 {
        let mut crew = sixty().await?;
        crew.tables.store.run_start(&search("r")).await?;
        let weather = Mutex::new(fastrand::Rng::with_seed(seed));
        crew.tables.services.on_call(move |service, operation, _| {
            let mut weather = weather.lock().expect("nobody panics with the weather");
            if service != "dynamodb" || weather.u8(0..100) >= 3 {
                return Fault::None;
            }
            match weather.u8(0..4) {
                0 => Fault::Throttle,
                1 => Fault::DropReplyAfterApplying,
                _ if operation == "TransactWriteItems" => Fault::Conflict,
                _ => Fault::ConnectError,
            }
        });
        let mut waiting = vec![PassMessage::start("r").body()];
        let mut failed = 0;
        while let Some(body) = waiting.pop() {
            if !crew.step(&body).await {
                failed += 1;
                waiting.push(body);
            }
            anyhow::ensure!(failed < 1000, "the search has no end");
            waiting.extend(crew.take()?);
        }
        crew.tables.services.no_faults();
        let run = crew.run("r").await?;
        let result: Value = serde_json::from_str(&run.result.unwrap_or_default())?;
        assert_eq!(suggested(&crew).await?, expected(), "seed {seed}");
        assert_eq!(result["compared"], 60, "seed {seed}");
    }
    Ok(())
}
