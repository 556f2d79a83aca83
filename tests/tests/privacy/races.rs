//! What happens at the very moment that somebody is forgotten.

use std::sync::Mutex;

use aws_lambda_events::sqs::SqsEvent;
use crm_lambda::{Metrics, Variables};
use crm_local::services::{Fault, Services};
use crm_sources::{Delivery, Dialect};
use crm_store::{PrivacyMessage, Store};
use crm_tests::shop::{SHOP, Webhook};
use crm_tests::stack::Stack;
use jiff::Timestamp;
use serde_json::json;

use crate::bytes::a_day_later;
use crate::kept::{
    Place, ada_buys, ada_herself, ada_wants_out, after, found_in, requests, stack_in,
};

/// The function that forgets and records, driven by hand.
#[derive(Clone)]
pub struct Hand {
    services: Services,
    variables: Variables,
    now: Timestamp,
}

impl Hand {
    pub fn of(stack: &Stack) -> Self {
        let system = stack.system();
        let wired = &system.wiring().functions["CustomerUpsert"].variables;
        Self {
            services: system.services().clone(),
            variables: wired.clone().into_iter().collect(),
            now: stack.now(),
        }
    }

    fn function(&self) -> customer_upsert::Function {
        let sdk = self.services.sdk_config();
        customer_upsert::Function::new(&sdk, &self.variables).expect("a function")
    }

    fn of_variable(&self, name: &'static str) -> &str {
        self.variables.required(name).expect("in the template")
    }

    pub fn store(&self) -> Store {
        let sdk = self.services.sdk_config();
        let people = self.of_variable("PEOPLE_TABLE");
        Store::new(&sdk, people, self.of_variable("FACTS_TABLE"))
    }

    async fn hand(&self, function: &customer_upsert::Function, source: &str, body: String) {
        let record = json!({"messageId": "m", "body": body, "eventSourceARN": source});
        let event: SqsEvent =
            serde_json::from_value(json!({"Records": [record]})).expect("a batch");
        let mut metrics = Metrics::new("races");
        let answer = function.handle(self.now, &mut metrics, event).await;
        let failed = answer.expect("an answer").batch_item_failures;
        assert!(failed.is_empty(), "{failed:?}");
    }

    async fn deliver(&self, function: &customer_upsert::Function, told: Webhook) {
        let delivery = Delivery {
            dialect: Dialect::Shopify,
            source: "shopify".to_owned(),
            shop: SHOP.to_owned(),
            topic: told.topic,
            api_version: None,
            webhook_id: None,
            event_id: None,
            triggered_at: Some(self.now),
            received_at: self.now,
            body: told.body,
        };
        let body = serde_json::to_string(&delivery).expect("a delivery");
        self.hand(function, "arn:aws:sqs:eu-central-1:0:ingest", body)
            .await;
    }

    /// Carries a wish out to its end.
    async fn forget(&self, wish: Webhook) {
        let function = self.function();
        self.deliver(&function, wish).await;
        let asked = self
            .store()
            .privacy_list(None, 1)
            .await
            .expect("requests")
            .items;
        let step = PrivacyMessage::start(&asked[0].id).body();
        let queue = self.of_variable("PRIVACY_QUEUE_URL").rsplit('/').next();
        let queue = format!("arn:aws:sqs:eu-central-1:0:{}", queue.expect("a name"));
        for _ in 0..3 {
            self.hand(&function, &queue, step.clone()).await;
        }
    }
}

/// Lets a deed happen, whole, just before the next write.
fn before_a_write(services: &Services, deed: impl FnOnce() + Send + 'static) {
    let deed = Mutex::new(Some(deed));
    services.on_call(move |_, called, _| {
        let writes = ["PutItem", "TransactWriteItems"].contains(&called);
        let mut waiting = deed.lock().expect("nobody panics while holding it");
        let due = waiting.take_if(|_| writes);
        drop(waiting);
        if let Some(deed) = due {
            std::thread::spawn(deed).join().expect("the deed is done");
        }
        Fault::None
    });
}

#[tokio::test]
async fn an_order_that_counts_nothing_names_nobody_though_it_was_decided_just_before() {
    let place = Place::new("races");
    let stack = stack_in(&place).await;
    let then = after(&stack, -24 * 40);
    stack
        .deliver([ada_herself(then), ada_buys(1, then, "20.00")])
        .await;
    let hand = Hand::of(&stack);
    let function = hand.function();
    // The function knows the shop, so that its next write is the order's.
    hand.deliver(&function, ada_herself(then)).await;
    let mut pending = ada_buys(2, then, "30.00");
    let text = String::from_utf8(pending.body).expect("a text");
    pending.body = text.replace("\"paid\"", "\"pending\"").into_bytes();
    let other = hand.clone();
    before_a_write(&hand.services, move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build();
        let runtime = runtime.expect("a runtime");
        runtime.block_on(other.forget(ada_wants_out()));
    });
    hand.deliver(&function, pending).await;
    hand.services.no_faults();
    stack.settle().await;
    assert_eq!(requests(&stack).await[0]["state"], "done");
    a_day_later(&stack);
    assert_eq!(found_in(&place), Vec::<String>::new());
}
