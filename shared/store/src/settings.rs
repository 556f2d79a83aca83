//! The store's settings, one versioned document, and who changed it when.

use aws_sdk_dynamodb::operation::get_item::GetItemOutput;
use crm_domain::acquisition;
use crm_domain::field::{self, TagRule};
use crm_domain::settings::Settings;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::changes::{Changes, Committed, Expected};
use crate::error::StoreError;
use crate::item::{from_item, key_item, to_item};
use crate::keys::{self, Key};
use crate::read::Consistency;

/// Kept as text: the document's own shape is its contract, and unknown or
/// missing fields are serde's business, not the table's.
#[derive(Serialize, Deserialize)]
struct SettingsItem {
    v: u64,
    document: String,
}

/// One change of the settings: who made which version, when, out of what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsChange {
    /// The version it made.
    pub version: u64,
    /// When.
    pub at: Timestamp,
    /// Who: the subject of the caller's token.
    pub by: String,
    /// The document before, as JSON.
    pub old: String,
    /// The document after, as JSON.
    pub new: String,
}

#[derive(Serialize, Deserialize)]
struct AssessedSettings {
    v: u64,
}

impl Store {
    /// The settings in force, perhaps a moment old; the defaults until
    /// somebody changed them.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn settings_fetch(&self) -> Result<Settings, StoreError> {
        self.settings_read(Consistency::Eventual).await
    }

    /// The settings in force, as fresh as asked for.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn settings_read(&self, how: Consistency) -> Result<Settings, StoreError> {
        let answer = self.settings_item(&keys::settings(), how).await?;
        let Some(item) = answer.item else {
            return Ok(Settings::default());
        };
        let item: SettingsItem = from_item("settings", item)?;
        let mut settings: Settings = serde_json::from_str(&item.document)
            .map_err(|_| StoreError::Malformed { item: "settings" })?;
        settings.version = item.v;
        Ok(settings)
    }

    /// Replaces the settings `old`, which were read at their version, and
    /// keeps who did so, in one transaction. The version of `new` is set.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn settings_replace(
        &self,
        old: &Settings,
        new: &Settings,
        by: &str,
        at: Timestamp,
    ) -> Result<Committed, StoreError> {
        let mut next = new.clone();
        next.version = old.version + 1;
        let change = SettingsChange {
            version: next.version,
            at,
            by: by.to_owned(),
            old: document(old)?,
            new: document(&next)?,
        };
        let mut changes = Changes::new();
        put(&mut changes, old.version, &next)?;
        let key = keys::settings_change(change.version);
        let item = to_item("settings_change", &key, &change)?;
        changes.put(true, key, item, Expected::Absent);
        self.commit(changes).await
    }

    /// The change that made a version of the settings, if it was ever made.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn settings_change_fetch(
        &self,
        version: u64,
    ) -> Result<Option<SettingsChange>, StoreError> {
        let key = keys::settings_change(version);
        let answer = self.settings_item(&key, Consistency::Strong).await?;
        let read = |item| from_item("settings_change", item);
        answer.item.map(read).transpose()
    }

    /// Up to which version of the settings everyone is assessed; 0 at first.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn assessed_settings(&self) -> Result<u64, StoreError> {
        let key = keys::assessed_settings();
        let answer = self.settings_item(&key, Consistency::Strong).await?;
        let read = |item| from_item::<AssessedSettings>("assessed_settings", item);
        let found = answer.item.map(read).transpose()?;
        Ok(found.map_or(0, |found| found.v))
    }

    /// Notes that everyone is assessed by a version of the settings, where
    /// `before` was noted.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn assessed_settings_put(
        &self,
        before: u64,
        version: u64,
    ) -> Result<Committed, StoreError> {
        let key = keys::assessed_settings();
        let item = to_item("assessed_settings", &key, &AssessedSettings { v: version })?;
        let mut changes = Changes::new();
        changes.put(true, key, item, Expected::read_at(before));
        self.commit(changes).await
    }

    async fn settings_item(
        &self,
        key: &Key,
        how: Consistency,
    ) -> Result<GetItemOutput, StoreError> {
        self.get_done(
            self.client
                .get_item()
                .table_name(&self.people)
                .set_key(Some(key_item(key)))
                .consistent_read(how == Consistency::Strong),
        )
        .await
    }
}

fn put(changes: &mut Changes, read_at: u64, next: &Settings) -> Result<(), StoreError> {
    let item = SettingsItem {
        v: next.version,
        document: short_document(next)?,
    };
    let key = keys::settings();
    let item = to_item("settings", &key, &item)?;
    changes.put(true, key, item, Expected::read_at(read_at));
    Ok(())
}

/// The document without what every store begins with and that is long: it is
/// read with every batch of orders.
fn short_document(settings: &Settings) -> Result<String, StoreError> {
    let malformed = |_| StoreError::Malformed { item: "settings" };
    let mut whole = serde_json::to_value(settings).map_err(malformed)?;
    let usual = [
        (
            "acquisition_channels",
            settings.acquisition_channels == acquisition::defaults(),
        ),
        ("custom_fields", settings.custom_fields == field::defaults()),
        ("tag_labels", settings.tag_labels == TagRule::defaults()),
    ];
    if let Some(fields) = whole.as_object_mut() {
        for (name, _) in usual.into_iter().filter(|(_, usual)| *usual) {
            fields.remove(name);
        }
    }
    serde_json::to_string(&whole).map_err(malformed)
}

fn document(settings: &Settings) -> Result<String, StoreError> {
    serde_json::to_string(settings).map_err(|_| StoreError::Malformed { item: "settings" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_every_store_begins_with_are_not_stored_and_others_are() {
        let own = Settings {
            acquisition_channels: Vec::new(),
            ..Settings::default()
        };
        for settings in [Settings::default(), own.clone()] {
            let stored = short_document(&settings).expect("a document");
            assert!(stored.len() < 3000, "{} bytes", stored.len());
            let read: Settings = serde_json::from_str(&stored).expect("the same");
            assert_eq!(read, settings);
        }
        assert!(
            short_document(&own)
                .expect("a document")
                .contains("acquisition_channels")
        );
    }
}
