//! How merging is asked for, and what is refused.

use anyhow::Result;
use crm_domain::identity::NodeId;
use crm_domain::merge::MOST_NODES;
use crm_tests::stack::Stack;
use serde_json::json;

use crate::crew::{Crew, customer, order};

const NOBODY: &str = "abcdefghabcdefgh";

/// Two customers of one shop, of whom the first has bought.
async fn two() -> Result<(Crew, NodeId, NodeId)> {
    let mut crew = Crew::new().await?;
    let now = crew.now();
    crew.hear(&[
        (
            "main",
            "customers/create",
            customer(1, "ada@example.com", now),
        ),
        (
            "main",
            "customers/create",
            customer(2, "bo@example.com", now),
        ),
        ("main", "orders/create", order(1, Ok(1), 20, now)),
    ])
    .await?;
    crew.assess().await?;
    let (ada, bo) = (
        crew.node_of("main", 1).await?,
        crew.node_of("main", 2).await?,
    );
    Ok((crew, ada, bo))
}

fn path(customer: &NodeId, what: &str) -> String {
    format!("/v1/customers/{customer}/{what}")
}

#[tokio::test]
async fn a_preview_shows_the_customer_there_would_be_and_names_what_is_too_much() {
    let (mut crew, ada, bo) = two().await.unwrap();
    let asked = json!({ "with": bo });
    let shown = crew.ask(&path(&ada, "merge/preview"), asked).await.unwrap();
    assert_eq!(shown.status, 200, "{shown:?}");
    let customer = &shown.body["customer"];
    assert_eq!(customer["id"], json!(ada));
    assert_eq!(customer["gross"], "60");
    assert_eq!(
        customer["emails"],
        json!(["ada@example.com", "bo@example.com"])
    );
    assert_eq!(customer["assessment"]["stage"], "New");
    let limit = json!({"of": "external_ids", "shop": "lamps:main", "have": 2, "most": 1});
    assert_eq!(shown.body["limits_exceeded"], json!([limit]));
    assert_eq!(shown.body["parted_before"], false);
    assert_eq!(crew.person(&bo).await.unwrap().id(), &bo, "nothing is made");
}

#[tokio::test]
async fn a_merge_beyond_the_limits_has_to_be_accepted_in_words() {
    let (mut crew, ada, bo) = two().await.unwrap();
    let asked = json!({ "with": bo });
    let refused = crew.ask(&path(&ada, "merge"), asked).await.unwrap();
    assert_eq!(
        (refused.status, &refused.body["field"]),
        (409, &json!("accept_limits"))
    );
    let limit = refused.body["limit"].as_str().unwrap();
    assert!(limit.contains("2 ids of lamps:main"), "{limit}");
    crew.merge(&ada, &bo).await.unwrap();
    assert_eq!(crew.person(&bo).await.unwrap().id(), &ada);
}

#[tokio::test]
async fn a_merge_of_what_was_seen_is_refused_once_it_would_be_another() {
    let (mut crew, ada, bo) = two().await.unwrap();
    let asked = json!({"with": bo, "accept_limits": true});
    let preview = path(&ada, "merge/preview");
    let tag = async |crew: &mut Crew| {
        let shown = crew.ask(&preview, asked.clone()).await.unwrap();
        shown.tag.unwrap()
    };
    let seen = tag(&mut crew).await;
    let now = crew.now();
    let told = ("main", "orders/create", order(2, Ok(2), 5, now));
    crew.hear(&[told]).await.unwrap();

    let to = path(&ada, "merge");
    let guarded = [("if-match", seen.as_str())];
    let refused = crew.ask_with(&to, asked.clone(), &guarded).await.unwrap();
    assert_eq!(refused.status, 412, "{refused:?}");
    let seen = tag(&mut crew).await;
    // The assessment of what was heard changes nothing that was seen.
    crew.assess().await.unwrap();
    let guarded = [("if-match", seen.as_str())];
    let made = crew.ask_with(&to, asked.clone(), &guarded).await.unwrap();
    assert_eq!(made.status, 201, "{made:?}");
}

#[tokio::test]
async fn a_merge_sent_twice_with_its_key_is_made_once() {
    let (mut crew, ada, bo) = two().await.unwrap();
    let asked = json!({"with": bo, "accept_limits": true});
    let to = path(&ada, "merge");
    let key = [("idempotency-key", "click-1")];
    let first = crew.ask_with(&to, asked.clone(), &key).await.unwrap();
    let again = crew.ask_with(&to, asked.clone(), &key).await.unwrap();
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.body["id"], again.body["id"]);

    // Also after it was taken back; and it is then another merge that is asked for.
    let merge = first.body["id"].as_str().unwrap();
    crew.unmerge(&bo, merge).await.unwrap();
    let late = crew.ask_with(&to, asked.clone(), &key).await.unwrap();
    assert_eq!((late.status, &late.body["id"]), (201, &first.body["id"]));
    assert_eq!(crew.person(&bo).await.unwrap().id(), &bo);

    let turned = path(&bo, "merge");
    let other = crew.ask_with(&turned, json!({ "with": ada }), &key);
    assert_eq!(other.await.unwrap().status, 409);
    let without = crew.ask(&to, asked).await.unwrap();
    assert_eq!(without.status, 201);
    assert_ne!(without.body["id"], first.body["id"]);
}

#[tokio::test]
async fn taking_back_twice_is_as_well_as_once() {
    let (mut crew, ada, bo) = two().await.unwrap();
    let merge = crew.merge(&ada, &bo).await.unwrap();
    let first = crew.unmerge(&bo, &merge).await.unwrap();
    crew.tick();
    let again = crew.unmerge(&ada, &merge).await.unwrap();
    assert_eq!(first, again);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_by_name() {
    let (mut crew, ada, bo) = two().await.unwrap();
    let nobody = NodeId::parse(NOBODY).unwrap();
    let to = path(&ada, "merge");
    for (asked, status, field) in [
        (json!({ "with": ada }), 409, "with"),
        (json!({ "with": NOBODY }), 422, "with"),
        (json!({ "with": "x" }), 400, "with"),
        (json!({ "with": bo, "force": true }), 400, "force"),
    ] {
        for to in [&to, &path(&ada, "merge/preview")] {
            let refused = crew.ask(to, asked.clone()).await.unwrap();
            assert_eq!(
                (refused.status, &refused.body["field"]),
                (status, &json!(field)),
                "{to}"
            );
        }
    }
    let (to_nobody, back) = (path(&nobody, "merge"), path(&ada, "unmerge"));
    let unknown = crew.ask(&to_nobody, json!({ "with": bo })).await.unwrap();
    assert_eq!(unknown.status, 404);
    let asked = json!({ "merge_id": NOBODY });
    let unknown = crew.ask(&back, asked).await.unwrap();
    assert_eq!(
        (unknown.status, &unknown.body["field"]),
        (422, &json!("merge_id"))
    );
}

#[tokio::test]
async fn who_may_only_look_merges_nobody() {
    let stack = Stack::start().await;
    for what in ["merge", "merge/preview", "unmerge"] {
        let path = format!("/v1/customers/{NOBODY}/{what}");
        for (role, status) in [("viewer", 403), ("marketer", 403), ("sales", 400)] {
            let answer = stack.call(role, "POST", &path, Some(json!({}))).await;
            assert_eq!(answer.status, status, "{role} on {what}");
        }
    }
}

#[tokio::test]
async fn a_customer_of_too_many_profiles_is_refused_and_the_most_there_may_be_are_parted_again() {
    let mut crew = Crew::new().await.unwrap();
    let now = crew.now();
    let last = u64::try_from(MOST_NODES).unwrap();
    let customers: Vec<_> = (0..=last)
        .map(|id| {
            (
                "main",
                "customers/create",
                customer(id + 1, &format!("a{id}@example.com"), now),
            )
        })
        .collect();
    crew.hear(&customers).await.unwrap();
    let mut nodes = Vec::new();
    for id in 0..=last {
        nodes.push(crew.node_of("main", id + 1).await.unwrap());
    }
    // By twos, then by fours, and so on.
    let mut merge = String::new();
    let mut roots = nodes[..MOST_NODES].to_vec();
    while roots.len() > 1 {
        for pair in roots.chunks_exact(2) {
            merge = crew.merge(&pair[0], &pair[1]).await.unwrap();
        }
        roots = roots.into_iter().step_by(2).collect();
    }
    let asked = json!({"with": nodes[MOST_NODES], "accept_limits": true});
    let refused = crew.ask(&path(&nodes[0], "merge"), asked).await.unwrap();
    assert_eq!(refused.status, 409, "{refused:?}");
    let limit = refused.body["limit"].as_str().unwrap();
    assert!(limit.contains("40") && limit.contains("41"), "{limit}");

    crew.assess().await.unwrap();
    crew.unmerge(&nodes[0], &merge).await.unwrap();
    crew.assess().await.unwrap();
    let mut sizes = Vec::new();
    for node in [&nodes[0], &nodes[MOST_NODES - 1]] {
        sizes.push(crew.person(node).await.unwrap().nodes().len());
    }
    assert_eq!(sizes.iter().sum::<usize>(), MOST_NODES);
    assert!(sizes.iter().all(|size| *size > 1), "{sizes:?}");
}
