//! How many would be in a named segment, before it is kept.

use crm_domain::named::SegmentId;
use crm_store::{Consistency, RunKind};
use serde_json::json;

use super::Naming;
use super::asked::condition;
use crate::answer::Answer;
use crate::fields::Fields;
use crate::once::digest;
use crate::problem::{Problem, Trouble};
use crate::request::Request;
use crate::runs::{Asking, Wish};

const SEGMENT: &str = "must be the id of a named segment, or left out for a new one";

impl Naming<'_> {
    /// `POST /v1/named-segments/preview`: a run that counts who would be in
    /// it; of a segment that is there, also who would enter and leave.
    pub(crate) async fn preview(&self, request: Request<'_>) -> Result<Answer, Trouble> {
        request.only_parameters(&[])?;
        let mut fields = Fields::new(request.body()?);
        let segment = fields.optional_id("segment", SEGMENT)?;
        let condition = condition(&mut fields)?;
        fields.finish()?;
        let segment = match segment {
            Some(id) => Some(self.known(&id).await?),
            None => None,
        };
        let proposal = json!({"segment": segment, "condition": condition}).to_string();
        let on = self.store.settings_fetch().await?.date_of(self.now);
        let asking = Asking {
            store: self.store,
            random: self.random,
            passes: self.passes,
            now: self.now,
        };
        let wish = Wish {
            kind: RunKind::NamedSegmentPreview,
            on,
            settings: None,
            by: request.caller().to_owned(),
            name: format!("named-segment#{}", digest([proposal.clone()])),
            proposal: Some(proposal),
        };
        asking.ask(request, &wish).await
    }

    async fn known(&self, id: &str) -> Result<SegmentId, Trouble> {
        let named = self.store.named_read(Consistency::Strong).await?;
        let known = SegmentId::parse(id).ok();
        let known = known.filter(|id| named.get(id).is_some());
        Ok(known.ok_or_else(|| Problem::senseless("segment", SEGMENT))?)
    }
}
