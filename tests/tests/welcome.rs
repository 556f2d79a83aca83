//! The welcome of a new customer: once for life, whatever is delivered how
//! often, and whatever dies on the way.

#![expect(clippy::unwrap_used, reason = "in a test, to panic is to fail")]

use std::sync::atomic::{AtomicU32, Ordering};

use crm_local::services::Fault;
use crm_local::services::mail::MailFault;
use crm_store::{MessageState, PersonRecord};
use crm_tests::flow::{Flow, Sale, noon};
use jiff::SignedDuration;

/// Ada has bought for the first time, and her welcome waits to be sent.
async fn welcome_waits() -> Flow {
    let mut flow = Flow::start().await.unwrap();
    flow.sell(&Sale::to_ada(1001)).await.unwrap();
    flow.follow().await.unwrap();
    assert_eq!(flow.outbound().unwrap().len(), 1);
    flow
}

fn letters(flow: &Flow) -> usize {
    flow.letters().unwrap().len()
}

fn counted(flow: &Flow, metric: &str) -> u32 {
    // Counts are whole numbers.
    format!("{:.0}", flow.metrics.count(metric))
        .parse()
        .unwrap()
}

/// Does something on a thread of its own.
fn alone(deed: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(deed);
}

#[tokio::test]
async fn ada_is_welcomed_after_her_first_order() {
    let mut flow = welcome_waits().await;

    assert_eq!(flow.push().await.unwrap(), 0);

    let [letter] = flow.letters().unwrap().try_into().unwrap();
    assert_eq!(letter.to, ["ada@example.com"]);
    assert_eq!(letter.from, "\"Our store\" <crm@example.com>");
    assert!(letter.text.unwrap().starts_with("Hello Ada,"));
    assert!(letter.html.unwrap().contains("#1001"));
    assert!(letter.headers["X-Crm-Message-Id"].starts_with("welcome-"));
    assert!(matches!(
        flow.state().await.unwrap(),
        MessageState::Sent { .. }
    ));
}

#[tokio::test]
async fn five_deliveries_of_everything_in_any_order_make_one_letter() {
    let mut flow = Flow::start().await.unwrap();
    for number in 1..=3 {
        flow.sell(&Sale::to_ada(number)).await.unwrap();
    }
    let changes = flow.changes().unwrap();
    for _ in 0..5 {
        flow.relay(&changes).await.unwrap();
    }
    let mut heard = flow.heard().unwrap();
    fastrand::Rng::with_seed(7).shuffle(&mut heard);
    assert_eq!(flow.dispatch(&heard).await.unwrap(), 0);
    for _ in 0..5 {
        assert_eq!(flow.push().await.unwrap(), 0);
    }
    assert_eq!(letters(&flow), 1);
    assert_eq!(counted(&flow, "welcomes_started"), 1);
    assert_eq!(counted(&flow, "messages_sent"), 1);
}

#[tokio::test]
async fn queues_carry_nothing_personal() {
    let flow = welcome_waits().await;
    let bodies = flow.outbound().unwrap().join("") + &flow.heard().unwrap().join("");
    assert!(!bodies.contains("example.com") && !bodies.contains("Ada"));
}

#[tokio::test]
async fn who_died_between_deciding_and_asking_is_made_good_by_the_next_delivery() {
    let mut flow = Flow::start().await.unwrap();
    flow.sell(&Sale::to_ada(1001)).await.unwrap();
    let changes = flow.changes().unwrap();
    flow.relay(&changes).await.unwrap();
    let heard = flow.heard().unwrap();
    flow.services.on_call(|service, _, _| match service {
        "sqs" => Fault::ServerError,
        _ => Fault::None,
    });
    assert_eq!(flow.dispatch(&heard).await.unwrap(), 1);
    assert!(flow.outbound().unwrap().is_empty());

    flow.services.no_faults();
    assert_eq!(flow.dispatch(&heard).await.unwrap(), 0);

    assert_eq!(counted(&flow, "welcomes_asked_again"), 1);
    flow.push().await.unwrap();
    assert_eq!(letters(&flow), 1);
}

#[tokio::test]
async fn two_orders_at_once_make_one_welcome() {
    let mut flow = Flow::start().await.unwrap();
    flow.sell(&Sale::to_ada(1)).await.unwrap();
    flow.sell(&Sale::to_ada(2)).await.unwrap();
    let changes = flow.changes().unwrap();
    flow.relay(&changes).await.unwrap();
    let heard = flow.heard().unwrap();
    // Every second transaction meets another one.
    let met = AtomicU32::new(0);
    flow.services.on_call(move |_, operation, _| {
        let transaction = operation == "TransactWriteItems";
        if transaction && met.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) {
            Fault::Conflict
        } else {
            Fault::None
        }
    });

    assert_eq!(flow.dispatch(&heard).await.unwrap(), 0);

    assert_eq!(counted(&flow, "welcomes_started"), 1);
    flow.services.no_faults();
    flow.push().await.unwrap();
    assert_eq!(letters(&flow), 1);
}

#[tokio::test]
async fn a_decision_whose_answer_was_lost_is_taken_once() {
    let mut flow = Flow::start().await.unwrap();
    flow.sell(&Sale::to_ada(1)).await.unwrap();
    let changes = flow.changes().unwrap();
    flow.relay(&changes).await.unwrap();
    let heard = flow.heard().unwrap();
    flow.services.on_call(|_, operation, _| match operation {
        "TransactWriteItems" => Fault::DropReplyAfterApplying,
        _ => Fault::None,
    });
    assert_eq!(flow.dispatch(&heard).await.unwrap(), 1);
    flow.services.no_faults();

    assert_eq!(flow.dispatch(&heard).await.unwrap(), 0);

    flow.push().await.unwrap();
    assert_eq!(letters(&flow), 1);
}

#[tokio::test]
async fn history_brought_in_welcomes_nobody() {
    let mut flow = Flow::start().await.unwrap();
    flow.sell(&Sale::to_ada(1).ago(49)).await.unwrap();
    flow.follow().await.unwrap();
    assert!(flow.outbound().unwrap().is_empty());
    assert_eq!(counted(&flow, "welcomes_not_due"), 0);
}

#[tokio::test]
async fn an_old_customers_next_order_welcomes_nobody() {
    let mut flow = Flow::start().await.unwrap();
    flow.sell(&Sale::to_ada(1).ago(24 * 300)).await.unwrap();
    flow.sell(&Sale::to_ada(2)).await.unwrap();
    flow.follow().await.unwrap();
    assert!(flow.outbound().unwrap().is_empty());
    // Her order says so itself: nobody is looked at.
    assert_eq!(counted(&flow, "welcomes_not_due"), 0);
}

#[tokio::test]
async fn a_late_delivery_is_decided_as_of_its_own_time() {
    let mut flow = Flow::start().await.unwrap();
    flow.sell(&Sale::to_ada(1)).await.unwrap();
    let changes = flow.changes().unwrap();
    flow.relay(&changes).await.unwrap();
    let heard = flow.heard().unwrap();
    flow.wait_until(noon() + SignedDuration::from_hours(24 * 7))
        .unwrap();
    flow.dispatch(&heard).await.unwrap();
    assert_eq!(flow.outbound().unwrap().len(), 1);
}

#[tokio::test]
async fn a_person_of_two_shops_is_welcomed_once() {
    let mut flow = Flow::start().await.unwrap();
    flow.sell(&Sale::to_ada(1)).await.unwrap();
    flow.follow().await.unwrap();
    // The same address in another shop joins the two.
    flow.sell(&Sale::to_ada(2).at("outlet")).await.unwrap();
    let person = flow.buyer("lamps:outlet:2").await.unwrap();
    assert!(matches!(&person, PersonRecord::Joined(_, nodes) if nodes.len() == 2));
    flow.follow().await.unwrap();
    flow.push().await.unwrap();
    assert_eq!(letters(&flow), 1);
    assert_eq!(counted(&flow, "welcomes_started"), 1);
}

#[tokio::test]
async fn a_person_of_two_shops_who_was_a_customer_of_one_is_not_new_in_the_other() {
    let mut flow = Flow::start().await.unwrap();
    flow.sell(&Sale::to_ada(1).ago(24 * 90)).await.unwrap();
    flow.sell(&Sale::to_ada(2).at("outlet")).await.unwrap();
    flow.follow().await.unwrap();
    assert!(flow.outbound().unwrap().is_empty());
}

#[tokio::test]
async fn without_an_address_the_welcome_waits_for_an_order_that_brings_one() {
    let mut flow = Flow::start().await.unwrap();
    flow.sell(&Sale::to_ada(1).without_address()).await.unwrap();
    flow.follow().await.unwrap();
    assert!(flow.outbound().unwrap().is_empty());
    assert_eq!(counted(&flow, "welcomes_without_address"), 1);
    flow.wait_until(noon() + SignedDuration::from_hours(1))
        .unwrap();
    flow.sell(&Sale::to_ada(2)).await.unwrap();
    flow.follow().await.unwrap();
    flow.push().await.unwrap();
    assert_eq!(letters(&flow), 1);
}

#[tokio::test]
async fn a_letter_whose_confirmation_died_is_in_doubt_and_never_sent_again() {
    let mut flow = welcome_waits().await;
    // Everything ends with the first write after the letter went out.
    let sent = AtomicU32::new(0);
    flow.services.on_call(move |service, _, _| {
        let after = sent.fetch_add(u32::from(service == "ses"), Ordering::Relaxed) > 0;
        if after {
            Fault::ServerError
        } else {
            Fault::None
        }
    });
    assert_eq!(flow.push().await.unwrap(), 1);
    flow.services.no_faults();
    assert!(matches!(
        flow.state().await.unwrap(),
        MessageState::Claimed { .. }
    ));
    assert_eq!(letters(&flow), 1);

    // At first the claim may still be at work; it is left alone.
    assert_eq!(flow.push().await.unwrap(), 1);
    assert!(matches!(
        flow.state().await.unwrap(),
        MessageState::Claimed { .. }
    ));
    // By the queue's next delivery it is dead.
    flow.wait_until(noon() + SignedDuration::from_mins(6))
        .unwrap();
    assert_eq!(flow.push().await.unwrap(), 0);
    assert_eq!(flow.push().await.unwrap(), 0);

    assert!(matches!(
        flow.state().await.unwrap(),
        MessageState::InDoubt { .. }
    ));
    assert_eq!(counted(&flow, "messages_in_doubt"), 1);
    assert_eq!(letters(&flow), 1);
}

#[tokio::test]
async fn a_letter_whose_answer_was_lost_is_in_doubt_and_never_sent_again() {
    let mut flow = welcome_waits().await;
    flow.services.mail().fail_next(MailFault::LostReply);

    assert_eq!(flow.push().await.unwrap(), 0);
    assert_eq!(flow.push().await.unwrap(), 0);

    assert!(matches!(
        flow.state().await.unwrap(),
        MessageState::InDoubt { .. }
    ));
    assert_eq!(counted(&flow, "messages_in_doubt"), 1);
    assert_eq!(letters(&flow), 1);
}

#[tokio::test]
async fn a_fault_of_the_mail_service_is_asked_about_once_and_left_in_doubt() {
    let mut flow = welcome_waits().await;
    let asked = std::sync::Arc::new(AtomicU32::new(0));
    let counter = asked.clone();
    flow.services.on_call(move |service, _, _| {
        let is_mail = service == "ses";
        counter.fetch_add(u32::from(is_mail), Ordering::Relaxed);
        if is_mail {
            Fault::ServerError
        } else {
            Fault::None
        }
    });

    assert_eq!(flow.push().await.unwrap(), 0);

    assert_eq!(asked.load(Ordering::Relaxed), 1);
    assert!(matches!(
        flow.state().await.unwrap(),
        MessageState::InDoubt { .. }
    ));
}

#[tokio::test]
async fn a_letter_too_many_goes_out_later_and_once() {
    let mut flow = welcome_waits().await;
    flow.services.mail().fail_next(MailFault::Throttled);

    assert_eq!(flow.push().await.unwrap(), 1);
    assert_eq!(flow.state().await.unwrap(), MessageState::Pending);
    assert_eq!(flow.push().await.unwrap(), 0);
    assert_eq!(flow.push().await.unwrap(), 0);

    assert!(matches!(
        flow.state().await.unwrap(),
        MessageState::Sent { .. }
    ));
    assert_eq!(letters(&flow), 1);
}

#[tokio::test]
async fn a_letter_that_is_refused_is_settled_with_a_reason_that_names_nobody() {
    let mut flow = welcome_waits().await;
    flow.services.mail().fail_next(MailFault::Rejected);

    assert_eq!(flow.push().await.unwrap(), 0);
    assert_eq!(flow.push().await.unwrap(), 0);

    let MessageState::Refused { reason, .. } = flow.state().await.unwrap() else {
        panic!("it is refused");
    };
    assert_eq!(reason, "MessageRejected");
    assert_eq!((letters(&flow), counted(&flow, "messages_refused")), (0, 1));
}

#[tokio::test]
async fn of_two_deciders_in_the_same_moment_one_starts_the_welcome() {
    let mut flow = Flow::start().await.unwrap();
    flow.sell(&Sale::to_ada(1)).await.unwrap();
    flow.sell(&Sale::to_ada(2)).await.unwrap();
    let changes = flow.changes().unwrap();
    flow.relay(&changes).await.unwrap();
    let heard = flow.heard().unwrap();
    let (mut rival, again) = (flow.twin().unwrap(), heard.clone());
    flow.before("TransactWriteItems", move || {
        alone(async move {
            assert_eq!(rival.dispatch(&again).await.unwrap(), 0);
            assert_eq!(counted(&rival, "welcomes_started"), 1);
        });
    });

    assert_eq!(flow.dispatch(&heard).await.unwrap(), 0);

    assert_eq!(counted(&flow, "welcomes_started"), 0);
    flow.push().await.unwrap();
    assert_eq!(letters(&flow), 1);
}

#[tokio::test]
async fn a_customer_who_is_joined_and_welcomed_in_the_same_moment_gets_one_welcome() {
    let mut flow = Flow::start().await.unwrap();
    let as_stranger = Sale::to_ada(1).reached_at("ada@old.example");
    flow.sell(&as_stranger).await.unwrap();
    flow.sell(&Sale::to_ada(2).at("outlet")).await.unwrap();
    let changes = flow.changes().unwrap();
    flow.relay(&changes).await.unwrap();
    let heard = flow.heard().unwrap();
    let of = |order: &str| -> Vec<String> {
        let about = heard.iter().filter(|event| event.contains(order));
        about.cloned().collect()
    };
    let (first, second) = (of("lamps:main:1\""), of("lamps:outlet:2\""));
    // Before the first is decided she tells the shop her other address, which
    // joins the two, and the person is welcomed for the second.
    let mut rival = flow.twin().unwrap();
    flow.before("TransactWriteItems", move || {
        alone(async move {
            rival
                .wait_until(noon() + SignedDuration::from_mins(1))
                .unwrap();
            rival.sell(&Sale::to_ada(3)).await.unwrap();
            let person = rival.buyer("lamps:main:1").await.unwrap();
            assert!(matches!(person, PersonRecord::Joined(..)));
            assert_eq!(rival.dispatch(&second).await.unwrap(), 0);
            assert_eq!(counted(&rival, "welcomes_started"), 1);
        });
    });

    assert_eq!(flow.dispatch(&first).await.unwrap(), 0);

    assert_eq!(counted(&flow, "welcomes_started"), 0);
    flow.push().await.unwrap();
    assert_eq!(letters(&flow), 1);
}

#[tokio::test]
async fn who_knows_the_outcome_after_all_replaces_the_doubt() {
    let mut flow = welcome_waits().await;
    let mut impatient = flow.twin().unwrap();
    flow.before("SendEmail", move || {
        alone(async move {
            let later = noon() + SignedDuration::from_mins(6);
            impatient.wait_until(later).unwrap();
            assert_eq!(impatient.push().await.unwrap(), 0);
            assert_eq!(counted(&impatient, "messages_in_doubt"), 1);
        });
    });

    assert_eq!(flow.push().await.unwrap(), 0);

    assert!(matches!(
        flow.state().await.unwrap(),
        MessageState::Sent { .. }
    ));
    assert_eq!(letters(&flow), 1);
}
