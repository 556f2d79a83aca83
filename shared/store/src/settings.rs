//! The store's settings, one versioned document.

use crm_domain::settings::Settings;
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::changes::{Changes, Committed, Expected};
use crate::error::StoreError;
use crate::item::{from_item, key_item, to_item};
use crate::keys;

/// Kept as text: the document's own shape is its contract, and unknown or
/// missing fields are serde's business, not the table's.
#[derive(Serialize, Deserialize)]
struct SettingsItem {
    v: u64,
    document: String,
}

impl Store {
    /// The settings in force; the defaults until somebody changed them.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn settings_fetch(&self) -> Result<Settings, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.people)
            .set_key(Some(key_item(&keys::settings())))
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("GetItem", error))?;
        let Some(item) = answer.item else {
            return Ok(Settings::default());
        };
        let item: SettingsItem = from_item("settings", item)?;
        let mut settings: Settings =
            serde_json::from_str(&item.document).map_err(|error| StoreError::Malformed {
                item: "settings",
                source: serde::de::Error::custom(error),
            })?;
        settings.version = item.v;
        Ok(settings)
    }

    /// Replaces the settings that were read at `settings.version`.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn settings_put(&self, settings: &Settings) -> Result<Committed, StoreError> {
        let mut next = settings.clone();
        next.version += 1;
        let document = serde_json::to_string(&next).map_err(|error| StoreError::Malformed {
            item: "settings",
            source: serde::ser::Error::custom(error),
        })?;
        let item = SettingsItem {
            v: next.version,
            document,
        };
        let key = keys::settings();
        let item = to_item("settings", &key, &item)?;
        let mut changes = Changes::new();
        changes.put(true, key, item, Expected::read_at(settings.version));
        self.commit(changes).await
    }
}
