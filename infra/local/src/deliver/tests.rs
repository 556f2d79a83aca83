use crm_sources::Dialect;

use super::counter::Counter;
use super::*;

fn posting(n: usize) -> Posting {
    Posting {
        origin: format!("no. {n}"),
        dialect: Dialect::Import,
        source: "till".to_owned(),
        shop: "main".to_owned(),
        topic: "orders/create".to_owned(),
        api_version: None,
        webhook_id: format!("w{n}"),
        triggered_at: None,
        body: format!(r#"{{"id":"{n}"}}"#).into_bytes(),
    }
}

#[tokio::test]
async fn everything_poured_arrives_once_signed_and_is_told_of() {
    let counter = Counter::open().await;
    let mut told = Vec::new();

    let each = |poured: Poured| told.push((poured.posting.origin, poured.answer));
    pour(&counter.door(), (0..100).map(posting), each)
        .await
        .unwrap();

    assert_eq!(told.len(), 100);
    assert!(told.iter().all(|(_, answer)| *answer == Answer::Accepted));
    let mut arrived: Vec<_> = counter
        .book()
        .taken
        .iter()
        .map(|d| d.webhook_id.clone())
        .collect();
    arrived.sort();
    arrived.dedup();
    assert_eq!(arrived.len(), 100);
}

#[tokio::test]
async fn a_busy_door_is_tried_again() {
    let counter = Counter::open().await;
    counter.book().busy = 2;

    let answer = counter.door().post(&posting(1)).await.unwrap();

    assert_eq!(answer, Answer::Accepted);
    assert_eq!(counter.book().taken.len(), 1);
}

#[tokio::test]
async fn what_the_door_does_not_want_is_not_tried_again() {
    let counter = Counter::open().await;
    let mut nameless = posting(1);
    nameless.topic = "Orders".to_owned();

    let Answer::Refused { status, reason } = counter.door().post(&nameless).await.unwrap() else {
        panic!("a topic of no known form is refused");
    };

    assert_eq!(status, 400);
    assert!(reason.contains("X-Crm-Topic"), "{reason}");
}

#[tokio::test]
async fn a_wrong_secret_is_refused() {
    let counter = Counter::open().await;
    let secrets = Secrets {
        shopify: "other".to_owned(),
        import: "other".to_owned(),
    };

    let answer = Door::new(&counter.address, secrets).post(&posting(1)).await;

    let refused = matches!(answer, Ok(Answer::Refused { status, .. }) if status == 401);
    assert!(refused);
}
