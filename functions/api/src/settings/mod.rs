//! The store's settings: shown, and changed with a record of who did it.

pub(crate) mod contract;
mod document;

use std::collections::BTreeMap;

use crm_domain::settings::{LAST_VERSION, Settings};
use crm_store::{Committed, Consistency, SettingsChange, Store, StoreError};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::answer::Answer;
use crate::etag;
use crate::problem::{Problem, Trouble};
use crate::request::Request;

/// How often a change without a guard is tried over others.
const ATTEMPTS: u32 = 5;

/// A change of the settings as the API shows it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SettingsChange")]
struct Change {
    version: u64,
    at: Timestamp,
    by: String,
    /// As they were: fields of later versions are not in them.
    #[schemars(with = "BTreeMap<String, serde_json::Value>")]
    old: Box<RawValue>,
    #[schemars(with = "BTreeMap<String, serde_json::Value>")]
    new: Box<RawValue>,
}

/// `GET /v1/settings`; with `version`, the change that made that version.
pub(crate) async fn fetch(store: &Store, request: Request<'_>) -> Result<Answer, Trouble> {
    request.only_parameters(&["version"])?;
    if request.parameter("version").is_none() {
        let settings = store.settings_read(Consistency::Strong).await?;
        let tag = etag::of_version(settings.version);
        if etag::has(request, &tag)? {
            return Ok(Answer::not_modified(tag));
        }
        return Ok(shown(&settings));
    }
    let version = request.number("version", 1, LAST_VERSION, 1)?;
    let change = store.settings_change_fetch(version).await?;
    let change = change.and_then(|change| Change::of(change).ok());
    let change = change.ok_or_else(|| Problem::not_found("change of the settings"))?;
    // What has happened does not change.
    let tag = etag::of_version(version);
    if etag::has(request, &tag)? {
        return Ok(Answer::not_modified(tag));
    }
    Ok(Answer::ok(&change).with("etag", tag))
}

/// `PUT /v1/settings`: the fields given replace those in force. Tells whether
/// anything changed.
pub(crate) async fn replace(
    store: &Store,
    request: Request<'_>,
    now: Timestamp,
) -> Result<(Answer, bool), Trouble> {
    request.only_parameters(&[])?;
    let mut given = request.body()?;
    let version = document::version(&mut given)?;
    for _ in 0..ATTEMPTS {
        let old = store.settings_read(Consistency::Strong).await?;
        let new = document::with(&old, &given, old.date_of(now));
        if new.as_ref() == Ok(&old) {
            return Ok((shown(&old), false));
        }
        guard(&old, version, request)?;
        let new = new?;
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
    guard(&old, version, request)?;
    let new = document::with(&old, &given, old.date_of(now))?;
    Ok((old, new))
}

/// The settings must still be those that the caller has seen, if it says which.
fn guard(settings: &Settings, version: Option<u64>, request: Request<'_>) -> Result<(), Problem> {
    let now = settings.version;
    if version.is_some_and(|version| version != now) {
        let limit = format!("must be that of the settings in force, now {now}");
        return Err(Problem::conflict("version", &limit));
    }
    etag::guard(request, &etag::of_version(now))
}

fn shown(settings: &Settings) -> Answer {
    Answer::ok(settings).with("etag", etag::of_version(settings.version))
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
