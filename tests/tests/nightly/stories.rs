//! Nights of a whole system, with its shop, its clocks and its queues.

use anyhow::{Context, Result};
use crm_domain::identity::NodeId;
use crm_domain::money::Amount;
use crm_domain::named::NamedSegments;
use crm_domain::segment::{Rules, Stage, assess};
use crm_domain::settings::Settings;
use crm_store::{AsOfRow, PassMessage, RunKind, RunRecord, RunStage, Store};
use crm_tests::shop::{order, refund};
use crm_tests::stack::Stack;
use jiff::civil::{Date, date};
use serde_json::json;

/// The store of a system.
fn store(stack: &Stack) -> Result<(Store, String)> {
    let functions = &stack.system().wiring().functions;
    let variables = &functions["SegmentRecompute"].variables;
    let of = |name: &str| variables.get(name).context("in the template");
    let sdk = stack.system().services().sdk_config();
    let store = Store::new(&sdk, of("PEOPLE_TABLE")?, of("FACTS_TABLE")?);
    Ok((store, of("PASS_QUEUE_URL")?.clone()))
}

/// Sets a run off and waits for its end.
async fn ask(stack: &Stack, run: &RunRecord) -> Result<RunRecord> {
    let (store, queue) = store(stack)?;
    store.run_start(run).await?;
    let client = aws_sdk_sqs::Client::new(&stack.system().services().sdk_config());
    let message = PassMessage::start(&run.id).body();
    let send = client.send_message().queue_url(queue).message_body(message);
    send.send().await?;
    stack.settle().await;
    let run = store.run_fetch(&run.id).await?.context("it was begun")?;
    anyhow::ensure!(run.stage == RunStage::Done, "it stands at {run:?}");
    Ok(run)
}

#[tokio::test]
async fn the_best_tenth_are_vips_in_the_morning() -> Result<()> {
    let stack = Stack::start().await;
    let webhooks = (1..=60).map(|number| {
        let price = format!("{number}0.00");
        order(number, "2026-02-28T09:00:00Z", &price, 1)
            .by(number, &format!("c{number}@example.com"), "Ada")
            .created()
    });
    stack.deliver(webhooks).await;
    stack.until("2026-03-03T03:30:00Z").await;
    for (number, vip) in [(60, true), (55, true), (54, false), (1, false)] {
        let customer = stack.customer(&format!("c{number}@example.com")).await;
        assert_eq!(customer["assessment"]["vip"], json!(vip), "number {number}");
    }
    let best = stack.customer("c60@example.com").await;
    assert_eq!(best["assessment"]["segment"], "VIP");
    assert_eq!(stack.dead_letters().await, Vec::<serde_json::Value>::new());

    let (store, _) = store(&stack)?;
    let figures = store.population_fetch(None).await?.context("figures")?;
    assert_eq!(figures.on, date(2026, 3, 3));
    assert_eq!((figures.all.customers, figures.buyers.orders), (60, 60));
    assert_eq!(figures.channels.len(), 1);
    assert_eq!(figures.quarters["2026-Q1"].customers, 60);
    let days = store.population_list(Date::MIN, Date::MAX).await?;
    // The day before, the store's first settings were brought to everyone.
    assert_eq!(days.len(), 2);
    assert_eq!(days[1], figures);
    Ok(())
}

/// What a person was on a run's date.
async fn row(store: &Store, run: &RunRecord, id: &str) -> Result<AsOfRow> {
    let row = store.asof_row(&run.id, &NodeId::parse(id)?).await?;
    row.context("everyone has a row")
}

#[tokio::test]
async fn a_past_date_is_seen_by_the_dates_of_what_happened() -> Result<()> {
    let stack = Stack::start().await;
    let ada = |id: u64, at: &str| order(id, at, "100.00", 1).by(1, "ada@example.com", "Ada");
    let called_off = ada(3, "2026-01-20T09:00:00Z")
        .with(
            "2026-02-15T09:00:00Z",
            "cancelled_at",
            json!("2026-02-15T09:00:00Z"),
        )
        .told("orders/cancelled");
    stack
        .deliver([
            ada(1, "2026-01-10T09:00:00Z").created(),
            ada(2, "2026-02-20T09:00:00Z").created(),
            called_off,
            refund(7, 1, "2026-02-10T09:00:00Z", 1, "40.00"),
        ])
        .await;
    let customer = stack.customer("ada@example.com").await;
    assert_eq!(customer["net"], "160");
    let id = customer["id"].as_str().context("an id")?;

    let (store, _) = store(&stack)?;
    for (on, orders, net, stage) in [
        (date(2026, 1, 10), 0, 0, Stage::Prospect),
        (date(2026, 1, 11), 1, 100, Stage::New),
        (date(2026, 2, 1), 2, 200, Stage::Active),
        (date(2026, 2, 11), 2, 160, Stage::Active),
        (date(2026, 2, 16), 1, 60, Stage::SingleOrder),
        (date(2026, 3, 1), 2, 160, Stage::Active),
    ] {
        let asked = RunRecord::new(&format!("asof-{on}"), RunKind::AsOf, on, "ada", stack.now());
        let run = ask(&stack, &asked).await?;
        assert_eq!(store.asof_run(on, stack.now()).await?, Some(run.id.clone()));
        let row = row(&store, &run, id).await?;
        let sums = row.totals.view(false).sums;
        assert_eq!(
            (sums.orders, sums.net()),
            (orders, Amount::whole(net)),
            "{on}"
        );
        let document = run.settings.context("by the settings of then")?;
        let settings: Settings = serde_json::from_str(&document)?;
        let cutoffs = serde_json::from_str(&run.cutoffs.context("cut-offs")?)?;
        let rules = Rules {
            settings: &settings,
            cutoffs: &cutoffs,
            named: NamedSegments::none(),
        };
        let found = assess(&row.subject(), &rules, on, None);
        assert_eq!(found.stage, stage, "{on}");
        let page = store.asof_rows(&run.id, None, 10).await?;
        let mut rows = page.items;
        let mut place = page.next;
        while let Some(from) = place {
            let page = store.asof_rows(&run.id, Some(from), 10).await?;
            rows.extend(page.items);
            place = page.next;
        }
        assert_eq!(rows, [row]);
    }
    // Nobody was changed by being looked at.
    assert_eq!(stack.customer("ada@example.com").await, customer);
    // A run that is forgotten answers for no date.
    let later = stack.now() + RunRecord::KEPT;
    assert_eq!(store.asof_run(date(2026, 2, 1), later).await?, None);
    Ok(())
}
