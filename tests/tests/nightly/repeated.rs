//! Nothing a walk is made of has to happen once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;
use crm_local::services::Fault;
use crm_store::{PassMessage, RunKind, RunRecord};

use crate::crew::{Crew, NIGHT, SMALL, State};

/// A night, another with five customers more, and what is then.
async fn plain() -> Result<State> {
    let mut crew = Crew::with(SMALL).await?;
    crew.sixty().await?;
    crew.night(NIGHT).await?;
    more(&crew).await?;
    crew.night("2026-03-03T03:00:00Z").await?;
    crew.state().await
}

async fn more(crew: &Crew) -> Result<()> {
    for number in 61..=65 {
        crew.buys(number, 1000, 40).await?;
    }
    Ok(())
}

#[tokio::test]
async fn every_step_may_be_made_three_times() -> Result<()> {
    let mut crew = Crew::with(SMALL).await?;
    crew.sixty().await?;
    for night in [NIGHT, "2026-03-03T03:00:00Z"] {
        crew.tick("nightly", night).await?;
        crew.tick("nightly", night).await?;
        crew.finish(3).await?;
        if night == NIGHT {
            more(&crew).await?;
        }
    }
    crew.run("nightly-2026-03-03").await?;
    assert_eq!(crew.state().await?, plain().await?);
    Ok(())
}

#[tokio::test]
async fn steps_may_come_in_any_order_and_again_when_all_is_over() -> Result<()> {
    let expected = plain().await?;
    for seed in 0..8 {
        let mut dice = fastrand::Rng::with_seed(seed);
        let mut crew = Crew::with(SMALL).await?;
        crew.sixty().await?;
        crew.night(NIGHT).await?;
        more(&crew).await?;
        crew.tick("nightly", "2026-03-03T03:00:00Z").await?;
        let (mut waiting, mut seen) = (crew.take()?, Vec::new());
        while !waiting.is_empty() {
            let body = waiting.swap_remove(dice.usize(..waiting.len()));
            assert!(crew.step(&body).await, "{body}");
            seen.push(body);
            // Something old comes once more now and then.
            if dice.u8(..4) == 0 {
                let again = seen[dice.usize(..seen.len())].clone();
                assert!(crew.step(&again).await, "{again}");
            }
            waiting.extend(crew.take()?);
        }
        for body in &seen {
            assert!(crew.step(body).await, "{body}");
        }
        assert_eq!(crew.take()?, Vec::<String>::new());
        assert_eq!(crew.state().await?, expected, "seed {seed}");
    }
    Ok(())
}

/// Walks a second night in which every n-th call meets a fault; what fails
/// comes again.
async fn night_of(fault: Fault, every: u64) -> Result<(State, u64)> {
    let mut crew = Crew::with(SMALL).await?;
    crew.sixty().await?;
    crew.night(NIGHT).await?;
    more(&crew).await?;
    let faults = Arc::new(AtomicU64::new(0));
    let counted = faults.clone();
    crew.tables.services.on_call(move |_, _, number| {
        if number % every == every - 1 {
            counted.fetch_add(1, Ordering::Relaxed);
            fault
        } else {
            Fault::None
        }
    });
    let mut ticks = 0;
    while crew.tick("nightly", "2026-03-03T03:00:00Z").await.is_err() {
        ticks += 1;
        anyhow::ensure!(ticks < 50, "the tick never succeeds");
    }
    let mut waiting = crew.take()?;
    let mut tries = 0;
    while let Some(body) = waiting.pop() {
        tries += 1;
        anyhow::ensure!(tries < 3000, "the walk has no end");
        if !crew.step(&body).await {
            waiting.insert(0, body);
        }
        waiting.extend(crew.take()?);
    }
    crew.tables.services.no_faults();
    crew.run("nightly-2026-03-03").await?;
    Ok((crew.state().await?, faults.load(Ordering::Relaxed)))
}

#[tokio::test]
async fn a_night_of_lost_replies_throttles_and_conflicts_finds_the_same() -> Result<()> {
    let expected = plain().await?;
    let mut faults = 0;
    for fault in [
        Fault::DropReplyAfterApplying,
        Fault::Throttle,
        Fault::ServerError,
        Fault::Conflict,
        Fault::FailFirstEntry,
    ] {
        for every in [3, 7] {
            let (state, met) = night_of(fault, every).await?;
            assert_eq!(state, expected, "{fault:?} every {every}");
            faults += met;
        }
    }
    assert!(faults > 200, "only {faults} faults");
    Ok(())
}

/// Two nights of a small store, the second with two customers more.
async fn small() -> Result<Crew> {
    let mut crew = Crew::with(SMALL).await?;
    crew.few().await?;
    crew.night(NIGHT).await?;
    for number in 22..=23 {
        crew.buys(number, 1000, 40).await?;
    }
    crew.tick("nightly", "2026-03-03T03:00:00Z").await?;
    Ok(crew)
}

/// A step dies behind its n-th effect, for every n: the call is applied and
/// all after it fail until the message comes again.
#[tokio::test]
async fn a_step_may_die_behind_each_of_its_effects() -> Result<()> {
    let mut unharmed = small().await?;
    unharmed.finish(1).await?;
    let expected = unharmed.state().await?;
    for dies_at in 0.. {
        let mut crew = small().await?;
        let calls = Arc::new(AtomicU64::new(0));
        let counted = calls.clone();
        crew.tables.services.on_call(move |_, _, _| {
            match counted.fetch_add(1, Ordering::Relaxed) {
                n if n == dies_at => Fault::DropReplyAfterApplying,
                // The client's own attempts after it.
                n if n > dies_at && n <= dies_at + 3 => Fault::ConnectError,
                _ => Fault::None,
            }
        });
        let mut waiting = crew.take()?;
        let mut died = false;
        while let Some(body) = waiting.pop() {
            if !crew.step(&body).await {
                died = true;
                waiting.insert(0, body);
            }
            waiting.extend(crew.take()?);
        }
        crew.tables.services.no_faults();
        crew.run("nightly-2026-03-03").await?;
        assert_eq!(crew.state().await?, expected, "died behind call {dies_at}");
        if calls.load(Ordering::Relaxed) <= dies_at {
            assert!(dies_at > 40, "only {dies_at} effects");
            return Ok(());
        }
        assert!(died, "nothing died behind call {dies_at}");
    }
    Ok(())
}

#[tokio::test]
async fn two_runs_beside_each_other_leave_everyone_as_one_would() -> Result<()> {
    let expected = plain().await?;
    for seed in 0..4 {
        let mut dice = fastrand::Rng::with_seed(seed);
        let mut crew = Crew::with(SMALL).await?;
        crew.sixty().await?;
        crew.night(NIGHT).await?;
        more(&crew).await?;
        let on = jiff::civil::date(2026, 3, 3);
        let asked = crate::crew::at("2026-03-03T03:00:00Z");
        let run = RunRecord::new("refresh-1", RunKind::Refresh, on, "ada", asked);
        crew.tables.store.run_start(&run).await?;
        crew.tick("nightly", "2026-03-03T03:00:00Z").await?;
        let mut waiting = crew.take()?;
        waiting.push(PassMessage::start(&run.id).body());
        while !waiting.is_empty() {
            let body = waiting.swap_remove(dice.usize(..waiting.len()));
            assert!(crew.step(&body).await, "{body}");
            waiting.extend(crew.take()?);
        }
        crew.run("refresh-1").await?;
        crew.run("nightly-2026-03-03").await?;
        let told = |state: State| {
            let people = state.people.into_iter();
            people
                .map(|(id, found)| (id, found.map(|found| (found.vip, found.segment))))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            told(crew.state().await?),
            told(expected.clone()),
            "seed {seed}"
        );
        assert_eq!(crew.tables.store.cutoffs_fetch().await?.version, 3);
    }
    Ok(())
}
