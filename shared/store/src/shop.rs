//! The connected shops, so that a short external id can be completed.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::Store;
use crate::changes::{Changes, Expected};
use crate::error::StoreError;
use crate::item::{from_item, text, to_item};
use crate::keys;

#[derive(Serialize, Deserialize)]
struct ShopItem {
    source: String,
    shop: String,
}

impl Store {
    /// Remembers a shop. One write the first time, a refused one after that:
    /// callers remember what they have told.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn shop_register(&self, source: &str, shop: &str) -> Result<(), StoreError> {
        let key = keys::shop(source, shop);
        let item = ShopItem {
            source: source.to_owned(),
            shop: shop.to_owned(),
        };
        let item = to_item("shop", &key, &item)?;
        let mut changes = Changes::new();
        changes.put(true, key, item, Expected::Absent);
        self.commit(changes).await.map(|_| ())
    }

    /// The shops seen of a source.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn shop_list(&self, source: &str) -> Result<BTreeSet<String>, StoreError> {
        let mut shops = BTreeSet::new();
        let query = self
            .client
            .query()
            .table_name(&self.people)
            .key_condition_expression("pk = :pk AND begins_with(sk, :source)")
            .expression_attribute_values(":pk", text(keys::settings().pk))
            .expression_attribute_values(":source", text(format!("H#{source}:")));
        for item in self.query_all(query).await? {
            shops.insert(from_item::<ShopItem>("shop", item)?.shop);
        }
        Ok(shops)
    }
}
