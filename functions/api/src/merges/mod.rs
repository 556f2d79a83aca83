//! Two customers who are one person: shown before, made, and taken back.
//!
//! Both persons are written in one transaction, on the versions they were
//! read at: whatever changes one of them meanwhile makes it be decided again.

mod asked;
pub(crate) mod contract;
mod view;

use crm_domain::identity::NodeId;
use crm_domain::merge::{
    self, By, CannotJoin, CannotPart, LimitKind, Merge, Occasion, Preview, exceeded, preview,
};
use crm_domain::segment::Rules;
use crm_domain::settings::IdentityLimits;
use crm_lambda::Random;
use crm_store::{Changes, Committed, PersonRecord, Store, StoreError};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::answer::Answer;
use crate::assessment::MadeBy;
use crate::customers;
use crate::etag;
use crate::once::OnceKey;
use crate::problem::{Problem, Trouble};
use crate::request::Request;
use asked::{Whom, ask_unmerge};
pub(crate) use view::MergeView;
use view::PreviewView;

/// How often a merge is tried when one of the two changes meanwhile.
const ATTEMPTS: u32 = 8;

/// Merging and its end, and what they need.
pub(crate) struct Merging<'a> {
    pub(crate) store: &'a Store,
    pub(crate) random: &'a Random,
    pub(crate) now: Timestamp,
}

/// The two persons a request names, and the ids it names them by.
pub(crate) struct Both {
    pub(crate) kept: PersonRecord,
    pub(crate) joined: PersonRecord,
    pub(crate) through: (NodeId, NodeId),
}

impl Merging<'_> {
    /// `POST /v1/customers/{id}/merge/preview`: the customer there would be.
    pub(crate) async fn preview(&self, request: Request<'_>, id: &str) -> Result<Answer, Trouble> {
        request.only_parameters(&[])?;
        let asked = Whom::read(request.body()?)?;
        let both = self.both(id, &asked).await?;
        let made_by = MadeBy::today(self.store).await?;
        let rules = made_by.rules();
        let shown = self.shown(&both, &rules)?;
        let tag = tag(&shown, &rules);
        Ok(Answer::ok(&PreviewView::of(&shown, rules.settings)).with("etag", tag))
    }

    /// `POST /v1/customers/{id}/merge`: makes another customer part of this
    /// one; and whether that is new.
    pub(crate) async fn merge(
        &self,
        request: Request<'_>,
        id: &str,
    ) -> Result<(Answer, bool), Trouble> {
        request.only_parameters(&[])?;
        let key = OnceKey::of(request, "merge")?;
        let asked = Whom::read(request.body()?)?;
        let sent = asked.digest(id);
        for _ in 0..ATTEMPTS {
            if let Some(known) = self.merged_before(key.as_ref(), &sent).await? {
                return Ok((created(&known), false));
            }
            let both = self.both(id, &asked).await?;
            self.guard(request, &both).await?;
            let settings = self.store.settings_fetch().await?;
            within_limits(&both, asked.accept_limits, &settings.identity)?;
            let once = key.as_ref().map(|key| (key, sent.as_str()));
            if let Some(merge) = self.join(both, request.caller(), once).await? {
                tracing::info!(merge.id = %merge.id, "merged two customers by {}", merge.id);
                return Ok((created(&merge), true));
            }
        }
        Err(StoreError::Contended { attempts: ATTEMPTS }.into())
    }

    /// `POST /v1/customers/{id}/unmerge`: two customers again; and whether
    /// they were one. Sent again it finds them two, which is as well.
    pub(crate) async fn unmerge(
        &self,
        request: Request<'_>,
        id: &str,
    ) -> Result<(Answer, bool), Trouble> {
        request.only_parameters(&[])?;
        let asked = ask_unmerge(request.body()?)?;
        for _ in 0..ATTEMPTS {
            let person = customers::needed(self.store, id).await?;
            let merge = self.merge_of(&person, &asked).await?;
            if merge.undone.is_some() {
                return Ok((Answer::ok(&MergeView::of(&merge)), false));
            }
            if let Some(merge) = self.part(person, merge, request.caller()).await? {
                tracing::info!(merge.id = %merge.id, "took merge {} back", merge.id);
                return Ok((
                    Answer::ok(&MergeView::of(&merge)).and_about(other(&merge, id)),
                    true,
                ));
            }
        }
        Err(StoreError::Contended { attempts: ATTEMPTS }.into())
    }

    async fn both(&self, id: &str, asked: &Whom) -> Result<Both, Trouble> {
        let kept = customers::needed(self.store, id).await?;
        let joined = customers::person(self.store, &asked.with).await?;
        let joined = joined.ok_or_else(|| Problem::senseless("with", asked::WITH))?;
        merge::can_join(&kept, &joined).map_err(refused)?;
        check_somebody(&kept, "id")?;
        check_somebody(&joined, "with")?;
        let through = NodeId::parse(id).ok().zip(NodeId::parse(&asked.with).ok());
        Ok(Both {
            kept,
            joined,
            through: through.expect("an id that leads to somebody is an id"),
        })
    }

    fn shown(&self, both: &Both, rules: &Rules<'_>) -> Result<Preview, Problem> {
        let today = rules.settings.date_of(self.now);
        let (kept, joined) = (&both.kept, &both.joined);
        // An evaluation never goes back.
        let known = [kept, joined].map(|person| person.assessment().map(|known| known.on));
        let on: Date = known.into_iter().flatten().fold(today, Date::max);
        preview(kept, joined, rules, on).map_err(refused)
    }

    /// The two must still be what the caller has seen, if it says so.
    async fn guard(&self, request: Request<'_>, both: &Both) -> Result<(), Trouble> {
        if request.header("If-Match")?.is_none() {
            return Ok(());
        }
        let made_by = MadeBy::today(self.store).await?;
        let rules = made_by.rules();
        let now = tag(&self.shown(both, &rules)?, &rules);
        Ok(etag::guard(request, &now)?)
    }

    /// The merge that this request made when it came before.
    async fn merged_before(
        &self,
        key: Option<&OnceKey>,
        request: &str,
    ) -> Result<Option<Merge>, Trouble> {
        let Some(key) = key else {
            return Ok(None);
        };
        let made = key.made(self.store, request, self.now).await?;
        let Some((node, merge)) = made.as_deref().and_then(|made| made.split_once('/')) else {
            return Ok(None);
        };
        let node = NodeId::parse(node).map_err(|_| StoreError::Malformed { item: "receipt" })?;
        Ok(self.store.merge_fetch(&node, merge).await?)
    }

    /// Writes the merge and its receipt; none when somebody was faster.
    async fn join(
        &self,
        both: Both,
        caller: &str,
        once: Option<(&OnceKey, &str)>,
    ) -> Result<Option<Merge>, Trouble> {
        let occasion = Occasion {
            merge: self.random.id(),
            at: self.now,
            by: By::Staff,
            caller: Some(caller.to_owned()),
            kept: both.through.0,
            joined: both.through.1,
        };
        let kept = both.kept.clone();
        let made = merge::join(both.kept, both.joined, occasion).map_err(refused)?;
        let mut changes = Changes::new();
        changes.join(&kept, &made)?;
        let merge = made.merge;
        let node = &merge.kept.through;
        if let Some((key, request)) = once {
            let made = format!("{node}/{}", merge.id);
            key.remember(&mut changes, request, &made, self.now)?;
        }
        if self.store.commit(changes).await? == Committed::Done {
            return Ok(Some(merge));
        }
        // An id is nobody else's: if it is there, this very write went
        // through, and only its answer was lost.
        Ok(self.store.merge_fetch(node, &merge.id).await?)
    }

    /// The merge of a person by its id, as it stands or as it ended.
    async fn merge_of(&self, person: &PersonRecord, id: &str) -> Result<Merge, Trouble> {
        if let PersonRecord::Joined(whole, _) = person
            && let Some(link) = whole.links.iter().find(|link| link.merge == id)
            && let Some(merge) = self.store.merge_of(link).await?
        {
            return Ok(merge);
        }
        let merges = self.store.merges_fetch(person).await?;
        let merge = merges.into_iter().find(|merge| merge.id == id);
        Ok(merge.ok_or_else(|| Problem::senseless("merge_id", asked::MERGE))?)
    }

    /// Writes the end of a merge; none when somebody was faster.
    async fn part(
        &self,
        person: PersonRecord,
        merge: Merge,
        caller: &str,
    ) -> Result<Option<Merge>, Trouble> {
        let nobody = || Problem::senseless("merge_id", asked::MERGE);
        let merges = self.store.merges_fetch(&person).await?;
        let PersonRecord::Joined(whole, nodes) = person else {
            return Err(nobody().into());
        };
        let merge = (merge, merges.as_slice());
        let parted = merge::part(&whole, nodes, merge, self.now, caller.to_owned());
        let parted = parted.map_err(|CannotPart::NoLink| nobody())?;
        let mut changes = Changes::new();
        changes.part(&whole, &parted)?;
        let done = self.store.commit(changes).await? == Committed::Done;
        Ok(done.then_some(parted.merge))
    }
}

/// Of two who were one, the one that was not named by `id`.
fn other<'a>(merge: &'a Merge, id: &str) -> &'a NodeId {
    let is_joined = merge.joined.nodes.iter().any(|node| node.as_str() == id);
    let side = if is_joined {
        &merge.kept
    } else {
        &merge.joined
    };
    &side.through
}

/// A merge beyond a person's limits needs somebody to say so.
pub(crate) fn within_limits(
    both: &Both,
    accepted: bool,
    limits: &IdentityLimits,
) -> Result<(), Problem> {
    let [one, other] = [&both.kept, &both.joined].map(|person| person.nodes().iter().collect());
    let (one, other): (Vec<_>, Vec<_>) = (one, other);
    let exceeded = exceeded(&one, &other, limits);
    if accepted || exceeded.is_empty() {
        return Ok(());
    }
    let named = exceeded.iter().map(|limit| {
        let what = match &limit.kind {
            LimitKind::ExternalIds { source, shop } => format!("ids of {source}:{shop}"),
            LimitKind::Emails => "e-mail addresses".to_owned(),
            LimitKind::Phones => "telephones".to_owned(),
            LimitKind::Addresses => "names at postal addresses".to_owned(),
        };
        format!("{} {what} where {} is the most", limit.have, limit.most)
    });
    let named: Vec<_> = named.collect();
    let limit = format!("must be true for a customer with {}", named.join(" and "));
    Err(Problem::conflict("accept_limits", &limit))
}

/// Who was forgotten is nobody any more: with the money of theirs tied to
/// somebody who is known, it would be known whose it was.
pub(crate) fn check_somebody(person: &PersonRecord, field: &'static str) -> Result<(), Problem> {
    if person.is_forgotten() {
        let limit = "leads to a customer who was forgotten: they are nobody's any more";
        return Err(Problem::conflict(field, limit));
    }
    Ok(())
}

pub(crate) fn refused(reason: CannotJoin) -> Problem {
    let limit = match reason {
        CannotJoin::SamePerson => "must be another customer, and is this one".to_owned(),
        CannotJoin::TooManyNodes(count) => format!(
            "must leave at most {} profiles in one customer, and would make {count}",
            merge::MOST_NODES
        ),
    };
    Problem::conflict("with", &limit)
}

/// Names a preview: another one looks different.
fn tag(shown: &Preview, rules: &Rules<'_>) -> String {
    let view = PreviewView::of(shown, rules.settings);
    let text = serde_json::to_string(&view).expect("a preview is plain data");
    etag::of_text(&text)
}

fn created(merge: &Merge) -> Answer {
    let place = format!("/v1/customers/{}", merge.kept.through);
    Answer::created(&MergeView::of(merge), place)
}
