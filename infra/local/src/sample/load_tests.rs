use super::load::Loading;
use super::*;
use crate::deliver::counter::Counter;

fn few() -> SampleOptions {
    SampleOptions {
        seed: 3,
        customers: 60,
        until: "2026-03-15T13:37:00Z".parse().unwrap(),
    }
}

#[tokio::test]
async fn a_store_comes_in_whole_and_only_then_counts_as_loaded() {
    let counter = Counter::open().await;
    let folder = tempfile::tempdir().unwrap();
    let loading = Loading::begin(folder.path(), few()).unwrap();
    assert!(Loading::unfinished(folder.path()).unwrap().is_some());

    loading
        .finish(&counter.door(), &counter.control())
        .await
        .unwrap();

    assert!(Loading::unfinished(folder.path()).unwrap().is_none());
    assert_eq!(counter.book().taken.len(), generate(&few()).len());
    assert!(counter.book().settled >= 2);
}

#[tokio::test]
async fn a_loading_that_was_cut_off_goes_on_with_the_same_store() {
    let counter = Counter::open().await;
    let folder = tempfile::tempdir().unwrap();
    counter.book().closes_after = Some(300);
    let loading = Loading::begin(folder.path(), few()).unwrap();
    loading
        .finish(&counter.door(), &counter.control())
        .await
        .unwrap_err();

    counter.book().closes_after = None;
    let rest = Loading::unfinished(folder.path()).unwrap().unwrap();
    assert_eq!(rest.until(), few().until);
    rest.finish(&counter.door(), &counter.control())
        .await
        .unwrap();

    assert!(Loading::unfinished(folder.path()).unwrap().is_none());
    let book = counter.book();
    let ids = book.taken.iter().map(|d| d.webhook_id.clone().unwrap());
    let ids: std::collections::BTreeSet<_> = ids.collect();
    assert_eq!(ids.len(), generate(&few()).len());
    assert!(book.taken.len() < ids.len() + 60, "little is sent twice");
}

#[test]
fn a_system_that_never_had_a_sample_store_has_none_to_finish() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Loading::unfinished(folder.path()).unwrap().is_none());
}
