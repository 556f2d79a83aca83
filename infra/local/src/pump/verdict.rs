//! What a function's answer says about each record of its batch.
//!
//! Lambda's rules for `ReportBatchItemFailures`: nothing reported means all went well; a report
//! that cannot be understood means that nothing did.
//! <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>

use std::collections::BTreeSet;

use serde_json::Value;

/// The outcome of one invocation for its batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Every record was handled.
    Done,
    /// Exactly these were not.
    Failed(BTreeSet<String>),
    /// None was, for this reason.
    AllFailed(String),
}

/// Judges an invocation of a batch whose records are called `ids`.
pub(super) fn verdict(
    answer: Result<Value, String>,
    partial_answers: bool,
    ids: &[&str],
) -> Verdict {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => return Verdict::AllFailed(error),
    };
    if !partial_answers {
        return Verdict::Done;
    }
    let failures = match &answer {
        Value::Null => &Value::Null,
        Value::Object(answer) => answer.get("batchItemFailures").unwrap_or(&Value::Null),
        _ => return Verdict::AllFailed("the answer is no batch response".to_owned()),
    };
    match failures {
        Value::Null => Verdict::Done,
        Value::Array(failures) => named(failures, ids),
        _ => Verdict::AllFailed("batchItemFailures is no list".to_owned()),
    }
}

fn named(failures: &[Value], ids: &[&str]) -> Verdict {
    let mut failed = BTreeSet::new();
    for failure in failures {
        match failure.get("itemIdentifier").and_then(Value::as_str) {
            Some(id) if ids.contains(&id) => failed.insert(id.to_owned()),
            Some("") | None => {
                return Verdict::AllFailed("a failure names no item".to_owned());
            }
            Some(_) => {
                return Verdict::AllFailed("a failure names an item not in the batch".to_owned());
            }
        };
    }
    if failed.is_empty() {
        Verdict::Done
    } else {
        Verdict::Failed(failed)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(answer: Value) -> Verdict {
        verdict(Ok(answer), true, &["a", "b"])
    }

    #[test]
    fn nothing_reported_means_all_went_well() {
        for answer in [
            json!(null),
            json!({}),
            json!({"batchItemFailures": null}),
            json!({"batchItemFailures": []}),
        ] {
            assert_eq!(of(answer.clone()), Verdict::Done, "{answer}");
        }
    }

    #[test]
    fn only_the_named_items_failed() {
        let answer = json!({"batchItemFailures": [{"itemIdentifier": "b"}]});
        assert_eq!(of(answer), Verdict::Failed(["b".to_owned()].into()));
    }

    #[test]
    fn a_report_that_cannot_be_understood_fails_the_whole_batch() {
        for answer in [
            json!("fine"),
            json!([]),
            json!({"batchItemFailures": "b"}),
            json!({"batchItemFailures": [{"itemIdentifier": ""}]}),
            json!({"batchItemFailures": [{"itemIdentifier": null}]}),
            json!({"batchItemFailures": [{"id": "b"}]}),
            json!({"batchItemFailures": [{"itemIdentifier": "b"}, {"itemIdentifier": "z"}]}),
        ] {
            assert!(
                matches!(of(answer.clone()), Verdict::AllFailed(_)),
                "{answer}"
            );
        }
    }

    #[test]
    fn without_partial_answers_only_an_error_counts() {
        let answer = json!({"batchItemFailures": [{"itemIdentifier": "b"}]});
        assert_eq!(verdict(Ok(answer), false, &["b"]), Verdict::Done);
        let failed = verdict(Err("timed out".to_owned()), false, &["b"]);
        assert_eq!(failed, Verdict::AllFailed("timed out".to_owned()));
    }
}
