//! What kind of product something is, kept with what it costs.

use crm_domain::identity::ExternalId;
use crm_domain::settings::Settings;
use crm_domain::stamp::Stamp;
use crm_store::{Committed, Consistency, StoreError};
use jiff::Timestamp;

use crate::{ATTEMPTS, Function, Outcome, UpsertError};

impl Function {
    /// Keeps the category that the newest telling of a product gives it.
    pub(crate) async fn product_news(
        &self,
        product: &ExternalId,
        stamp: Stamp,
        category: Option<&str>,
        settings: &mut Settings,
        at: Timestamp,
    ) -> Result<Outcome, UpsertError> {
        for _ in 0..ATTEMPTS {
            let mut record = self.store.cost_fetch(product).await?;
            let unknown = record.version == 0 && category.is_none();
            if unknown || !stamp.replaces(record.told.as_ref()) {
                return Ok(Outcome::Unchanged);
            }
            record.told = Some(stamp);
            record.category = category.map(str::to_owned);
            if self.store.cost_put(&record).await? == Committed::Done {
                if category.is_some() && !settings.product_categories {
                    *settings = self.know_categories(at).await?;
                }
                return Ok(Outcome::Recorded);
            }
        }
        Err(StoreError::Contended { attempts: ATTEMPTS }.into())
    }

    /// Lets readers know that there are categories to look up.
    async fn know_categories(&self, at: Timestamp) -> Result<Settings, StoreError> {
        for _ in 0..ATTEMPTS {
            let old = self.store.settings_read(Consistency::Strong).await?;
            if old.product_categories {
                return Ok(old);
            }
            let mut new = old.clone();
            new.product_categories = true;
            let by = "the first product";
            if self.store.settings_replace(&old, &new, by, at).await? == Committed::Done {
                new.version = old.version + 1;
                return Ok(new);
            }
        }
        Err(StoreError::Contended { attempts: ATTEMPTS })
    }
}
