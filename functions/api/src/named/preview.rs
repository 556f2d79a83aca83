//! How many would be in a named segment, before it is kept.

use crm_store::RunKind;
use serde_json::json;

use super::Naming;
use super::asked::condition;
use crate::answer::Answer;
use crate::fields::Fields;
use crate::once::digest;
use crate::problem::Trouble;
use crate::request::Request;
use crate::runs::{Asking, Wish};

const SEGMENT: &str = "must be the id of a named segment, or left out for a new one";

impl Naming<'_> {
    /// `POST /v1/named-segments/preview`: a run that counts who would be in
    /// it; of a segment that is there, also who would enter and leave.
    pub(crate) async fn preview(&self, request: Request<'_>) -> Result<Answer, Trouble> {
        request.only_parameters(&[])?;
        let mut fields = Fields::new(request.body()?);
        let segment = fields.optional_text("segment", SEGMENT)?;
        let condition = condition(&mut fields)?;
        fields.finish()?;
        let segment = match segment {
            Some(id) => Some(self.needed(&id).await?.1.id),
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
}
