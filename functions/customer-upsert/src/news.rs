//! News about one side of a customer: what they decided about marketing, and
//! their labels. Whoever is named exists from then on.

use crm_domain::consent::ConsentNews;
use crm_domain::identity::ExternalId;
use crm_domain::stamp::Stamp;
use crm_domain::tags::TagNews;
use crm_store::Claim;

use crate::UpsertError;
use crate::work::Work;

impl Work<'_> {
    pub(crate) async fn consent_news(
        &mut self,
        id: &ExternalId,
        news: &[ConsentNews],
    ) -> Result<(), UpsertError> {
        let claim = Claim::Id(id.clone());
        if let Some(node) = self.holder(&claim, Some(id), None).await? {
            self.node(&node).await?.decide(news);
        }
        Ok(())
    }

    pub(crate) async fn tag_news(
        &mut self,
        id: &ExternalId,
        stamp: Stamp,
        news: &TagNews,
    ) -> Result<(), UpsertError> {
        let claim = Claim::Id(id.clone());
        if let Some(node) = self.holder(&claim, Some(id), None).await? {
            self.node(&node).await?.label(stamp, news);
        }
        Ok(())
    }
}
