//! What is late, or somebody else's trouble, undoes nothing that is newer.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;
use aws_sdk_dynamodb::types::AttributeValue;
use crm_domain::identity::NodeId;
use crm_domain::person::Person;
use crm_local::services::Fault;
use crm_store::{Changes, PassMessage, RunKind, RunRecord};
use jiff::civil::date;

use crate::crew::{Crew, NIGHT, SMALL, at};

#[tokio::test]
async fn a_night_that_is_finished_days_later_leaves_the_newer_cut_offs_in_force() -> Result<()> {
    let mut crew = Crew::with(SMALL).await?;
    crew.sixty().await?;
    crew.tick("nightly", NIGHT).await?;
    let late = crew.take()?;
    assert!(!late.is_empty());

    for number in 61..=66 {
        crew.buys(number, 1000, 40).await?;
    }
    crew.night("2026-03-03T03:00:00Z").await?;
    let newer = crew.tables.store.cutoffs_fetch().await?;

    for body in late {
        assert!(crew.step(&body).await, "{body}");
    }
    crew.finish(1).await?;
    crew.run("nightly-2026-03-02").await?;
    assert_eq!(crew.tables.store.cutoffs_fetch().await?, newer);
    let figures = crew.tables.store.population_fetch(None).await?.unwrap();
    assert_eq!(figures.cutoffs, newer);
    Ok(())
}

#[tokio::test]
async fn somebody_of_several_profiles_of_which_one_cannot_be_read_holds_nobody_back() -> Result<()>
{
    let mut crew = Crew::with(SMALL).await?;
    crew.sixty().await?;
    // Number 1 and number 2 are one person, who was never assessed as such.
    let mut nodes = [crew.node(1).await?, crew.node(2).await?];
    let root = nodes[0].id.clone();
    let mut person = Person::of(&nodes[0]);
    let mut changes = Changes::new();
    for node in &mut nodes {
        node.root = Some(root.clone());
        node.stale = false;
        changes.node_put(node)?;
        node.version += 1;
    }
    person.sum(&nodes);
    changes.person_put(&person)?;
    crew.tables.store.commit(changes).await?;
    let text = |text: &str| AttributeValue::S(text.to_owned());
    crew.tables
        .client()
        .update_item()
        .table_name("people")
        .key("pk", text("N#customer0002"))
        .key("sk", text("N"))
        .update_expression("SET touched_at = :nonsense")
        .expression_attribute_values(":nonsense", text("never"))
        .send()
        .await?;

    crew.night(NIGHT).await?;
    assert!(crew.tables.store.cutoffs_fetch().await?.vip.is_some());
    assert!(crew.is_vip(60).await?);
    Ok(())
}

#[tokio::test]
async fn who_was_judged_by_newer_cut_offs_is_not_judged_again_by_older_ones() -> Result<()> {
    let mut crew = Crew::with(SMALL).await?;
    crew.sixty().await?;
    crew.night(NIGHT).await?;
    assert!(crew.is_vip(60).await?);
    let cutoffs = || {
        [("pk", "S"), ("sk", "C")].map(|(name, part)| {
            let part = AttributeValue::S(part.to_owned());
            (name.to_owned(), part)
        })
    };
    let client = crew.tables.client();
    let get = client.get_item().table_name("people");
    let item = get.set_key(Some(cutoffs().into())).send().await?.item;
    let delete = client.delete_item().table_name("people");
    delete.set_key(Some(cutoffs().into())).send().await?;

    // The tick reads the rules before the cut-offs are there, and who is due after.
    let sdk = crew.tables.sdk();
    let waiting = Mutex::new(item);
    let calls = AtomicUsize::new(0);
    crew.tables.services.on_call(move |_, _, _| {
        if calls.fetch_add(1, Ordering::Relaxed) == 1 {
            let item = waiting.lock().unwrap().take();
            let client = aws_sdk_dynamodb::Client::new(&sdk);
            let put = client.put_item().table_name("people").set_item(item);
            let done = std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build();
                runtime.unwrap().block_on(put.send()).is_ok()
            });
            assert!(done.join().unwrap(), "the cut-offs are there again");
        }
        Fault::None
    });
    crew.tick("due", "2026-04-25T12:00:00Z").await?;
    crew.tables.services.no_faults();

    let found = crew.node(60).await?.assessment.unwrap();
    assert_eq!(found.on.to_string(), "2026-04-25", "it was due");
    assert!(found.by_rank, "by the cut-offs in force");
    assert_eq!(found.cutoffs, 1);
    Ok(())
}

#[tokio::test]
async fn whoever_is_merged_while_a_date_is_looked_at_is_in_it_once() -> Result<()> {
    let mut crew = Crew::with(SMALL).await?;
    for number in 1..=40 {
        crew.buys(number, 10, 40).await?;
    }
    let store = crew.tables.store.clone();
    let on = date(2026, 2, 20);
    for steps in 0..10 {
        let id = format!("asof-{steps}");
        let run = RunRecord::new(&id, RunKind::AsOf, on, "ada", at(NIGHT));
        store.run_start(&run).await?;
        let mut ahead = VecDeque::from([PassMessage::start(&id).body()]);
        let mut made = 0;
        while let Some(body) = ahead.pop_front() {
            if made == steps {
                // Now as one, now as the other.
                let (kept, joined) = (1 + steps, 21 + steps);
                let pair = if steps % 2 == 0 {
                    (kept, joined)
                } else {
                    (joined, kept)
                };
                crew.merge(pair.0, pair.1).await?;
            }
            assert!(crew.step(&body).await, "{body}");
            made += 1;
            ahead.extend(crew.take()?);
        }
        crew.run(&id).await?;
        assert!(made > steps, "{made} steps");
        let (mut named, mut place) = (Vec::new(), None);
        loop {
            let page = store.asof_rows(&id, place, 1000).await?;
            named.extend(page.items.into_iter().flat_map(|row| row.nodes));
            place = page.next;
            if place.is_none() {
                break;
            }
        }
        named.sort();
        let everyone = (1..=40).map(|number| NodeId::parse(&format!("customer{number:04}")));
        assert_eq!(
            named,
            everyone.collect::<Result<Vec<_>, _>>()?,
            "after {steps}"
        );
    }
    Ok(())
}
