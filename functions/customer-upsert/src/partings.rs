//! What a person parted and a source joins again.

use crm_domain::identity::NodeId;
use crm_domain::merge;
use jiff::Timestamp;

use crate::UpsertError;
use crate::work::Work;

impl Work<'_> {
    /// Notes that the source made two one after a person had parted them:
    /// they stay two, and a person is asked again. News from before that is
    /// what the person has decided about.
    pub(crate) async fn ask_again(
        &mut self,
        gone: &NodeId,
        kept: &NodeId,
        told_at: Option<Timestamp>,
    ) -> Result<(), UpsertError> {
        let theirs = self.members(gone).await?;
        let others = self.members(kept).await?;
        let parted = merge::parted_at(&self.held_nodes(&theirs), &self.held_nodes(&others));
        let is_newer = parted.zip(told_at).is_some_and(|(parted, at)| at > parted);
        if is_newer && !theirs.contains(kept) {
            self.node(gone).await?.asked_again = Some(Box::new(kept.clone()));
        }
        Ok(())
    }
}
