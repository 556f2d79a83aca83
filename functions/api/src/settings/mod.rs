//! The store's settings: shown, and changed with a record of who did it.

mod document;

use crm_domain::settings::Settings;
use crm_store::{Committed, Consistency, SettingsChange, Store, StoreError};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::answer::Answer;
use crate::problem::{Problem, Trouble};
use crate::request::Request;

/// How often a change without a guard is tried over others.
const ATTEMPTS: u32 = 5;

/// A change of the settings as the API shows it.
#[derive(Serialize)]
struct Change {
    version: u64,
    at: Timestamp,
    by: String,
    old: Box<RawValue>,
    new: Box<RawValue>,
}

/// `GET /v1/settings`; with `version`, the change that made that version.
pub(crate) async fn fetch(store: &Store, request: Request<'_>) -> Result<Answer, Trouble> {
    request.only_parameters(&["version"])?;
    if request.parameter("version").is_none() {
        return Ok(shown(&store.settings_read(Consistency::Strong).await?));
    }
    let version = request.number("version", 1, 999_999_999_999, 1)?;
    let change = store.settings_change_fetch(version).await?;
    let change = change.and_then(|change| Change::of(change).ok());
    let change = change.ok_or_else(|| Problem::not_found("change of the settings"))?;
    Ok(Answer::ok(&change))
}

/// `PUT /v1/settings`: the fields given replace those in force. Tells whether
/// anything changed.
pub(crate) async fn replace(
    store: &Store,
    request: Request<'_>,
    now: Timestamp,
) -> Result<(Answer, bool), Trouble> {
    request.only_parameters(&[])?;
    let tag = request.header("if-match")?;
    let mut given = request.body()?;
    let version = document::version(&mut given)?;
    for _ in 0..ATTEMPTS {
        let old = store.settings_read(Consistency::Strong).await?;
        guard(&old, version, tag)?;
        let new = document::with(&old, &given, old.date_of(now))?;
        if new == old {
            return Ok((shown(&old), false));
        }
        let done = store.settings_replace(&old, &new, request.caller(), now);
        if done.await? == Committed::Done {
            let version = old.version + 1;
            tracing::info!(settings.version = version, "changed the settings");
            return Ok((shown(&Settings { version, ..new }), true));
        }
    }
    Err(StoreError::Contended { attempts: ATTEMPTS }.into())
}

/// The settings in force, and those that a body like that of a change would
/// make of them.
pub(crate) async fn proposed(
    store: &Store,
    request: Request<'_>,
    now: Timestamp,
) -> Result<(Settings, Settings), Trouble> {
    request.only_parameters(&[])?;
    let mut given = request.body()?;
    let version = document::version(&mut given)?;
    let old = store.settings_read(Consistency::Strong).await?;
    guard(&old, version, request.header("if-match")?)?;
    let new = document::with(&old, &given, old.date_of(now))?;
    Ok((old, new))
}

/// The settings must still be those that the caller has seen, if it says which.
fn guard(settings: &Settings, version: Option<u64>, tag: Option<&str>) -> Result<(), Problem> {
    let now = settings.version;
    if version.is_some_and(|version| version != now) {
        let limit = format!("must be that of the settings in force, now {now}");
        return Err(Problem::conflict("version", &limit));
    }
    let tag = tag.filter(|tag| *tag != "*");
    if tag.is_some_and(|tags| !tags.split(',').any(|tag| tag.trim() == etag(settings))) {
        let limit = format!("must name the version in force, now {}", etag(settings));
        return Err(Problem::precondition_failed(&limit));
    }
    Ok(())
}

fn etag(settings: &Settings) -> String {
    format!("\"{}\"", settings.version)
}

fn shown(settings: &Settings) -> Answer {
    Answer::ok(settings).with("etag", etag(settings))
}

impl Change {
    fn of(change: SettingsChange) -> Result<Self, serde_json::Error> {
        Ok(Self {
            version: change.version,
            at: change.at,
            by: change.by,
            old: RawValue::from_string(change.old)?,
            new: RawValue::from_string(change.new)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(version: Option<u64>, tag: Option<&str>) -> Option<u16> {
        let settings = Settings {
            version: 3,
            ..Settings::default()
        };
        guard(&settings, version, tag)
            .err()
            .map(|problem| problem.status)
    }

    #[test]
    fn a_caller_who_saw_other_settings_is_refused() {
        assert_eq!(refused(None, None), None);
        assert_eq!(refused(Some(3), Some("\"3\"")), None);
        assert_eq!(refused(None, Some("\"2\", \"3\"")), None);
        assert_eq!(refused(None, Some("*")), None);
        assert_eq!(refused(Some(2), None), Some(409));
        assert_eq!(refused(None, Some("\"2\"")), Some(412));
        // A weak tag never matches for a write (RFC 9110, section 13.1.1).
        assert_eq!(refused(None, Some("W/\"3\"")), Some(412));
    }
}
