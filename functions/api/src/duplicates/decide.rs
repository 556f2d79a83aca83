//! Saying of a pair that it is one person, or that it is two.

use crm_domain::customer::Node;
use crm_domain::identity::NodeId;
use crm_domain::merge::{self, By, Occasion};
use crm_lambda::Random;
use crm_store::{
    Changes, Committed, Decided, Duplicate, DuplicateState, PersonRecord, Store, StoreError,
};
use jiff::Timestamp;

use super::shown;
use crate::answer::Answer;
use crate::customers;
use crate::fields::Fields;
use crate::merges::{Both, check_somebody, refused, within_limits};
use crate::problem::{Problem, Trouble};
use crate::request::Request;

/// How often a decision is tried when one of the two changes meanwhile.
const ATTEMPTS: u32 = 8;
const KEEP: &str = "must be the id of one of the two customers";

/// A decision about a pair, and what it needs.
pub(crate) struct Deciding<'a> {
    pub(crate) store: &'a Store,
    pub(crate) random: &'a Random,
    pub(crate) now: Timestamp,
}

/// How two customers are to become one.
struct Wish {
    /// Whose id stays.
    keep: Option<String>,
    /// Whether the result may have more of a kind than a person usually has.
    accept_limits: bool,
}

impl Wish {
    fn read(request: Request<'_>) -> Result<Self, Problem> {
        let mut fields = Fields::new(request.optional_body()?);
        let keep = fields.optional_id("keep", KEEP)?;
        let accept_limits = fields.flag("accept_limits")?;
        fields.finish()?;
        Ok(Self {
            keep,
            accept_limits,
        })
    }
}

impl Deciding<'_> {
    /// `POST /v1/duplicates/{id}/accept`: merges the two; and whether that is
    /// new.
    pub(crate) async fn accept(
        &self,
        request: Request<'_>,
        id: &str,
    ) -> Result<(Answer, bool), Trouble> {
        request.only_parameters(&[])?;
        let wish = Wish::read(request)?;
        for _ in 0..ATTEMPTS {
            let pair = self.pair(id, DuplicateState::Accepted).await?;
            if pair.state == DuplicateState::Accepted {
                return Ok((self.answer(&pair).await?, false));
            }
            if let Some(pair) = self.join(pair, &wish, request.caller()).await? {
                return Ok((self.answer(&pair).await?, true));
            }
        }
        Err(StoreError::Contended { attempts: ATTEMPTS }.into())
    }

    /// `POST /v1/duplicates/{id}/reject`: the two are never suggested, and
    /// never join by themselves, again; and whether that is new.
    pub(crate) async fn reject(
        &self,
        request: Request<'_>,
        id: &str,
    ) -> Result<(Answer, bool), Trouble> {
        request.only_parameters(&[])?;
        Fields::new(request.optional_body()?).finish()?;
        for _ in 0..ATTEMPTS {
            let pair = self.pair(id, DuplicateState::Rejected).await?;
            if pair.state == DuplicateState::Rejected {
                return Ok((self.answer(&pair).await?, false));
            }
            if let Some(pair) = self.part(pair, request.caller()).await? {
                return Ok((self.answer(&pair).await?, true));
            }
        }
        Err(StoreError::Contended { attempts: ATTEMPTS }.into())
    }

    /// The pair, if nobody has decided otherwise.
    async fn pair(&self, id: &str, decision: DuplicateState) -> Result<Duplicate, Trouble> {
        let pair = self.store.duplicate_fetch(id).await?;
        let pair = pair.ok_or_else(|| Problem::not_found("pair"))?;
        if pair.state != DuplicateState::Open && pair.state != decision {
            let limit = format!("must be open, and is {}", pair.state.name());
            return Err(Problem::conflict("state", &limit).into());
        }
        Ok(pair)
    }

    /// Both persons as they are now.
    async fn both(&self, pair: &Duplicate) -> Result<[PersonRecord; 2], Trouble> {
        let one = customers::needed(self.store, pair.one.as_str()).await?;
        let other = customers::needed(self.store, pair.other.as_str()).await?;
        Ok([one, other])
    }

    /// Writes the merge and the decision; none when somebody was faster.
    async fn join(
        &self,
        pair: Duplicate,
        wish: &Wish,
        caller: &str,
    ) -> Result<Option<Duplicate>, Trouble> {
        let [one, other] = self.both(&pair).await?;
        let ids = (pair.one.clone(), pair.other.clone());
        let mut changes = Changes::new();
        let mut merged = None;
        if one.id() != other.id() {
            for side in [&one, &other] {
                check_somebody(side, "customers")?;
            }
            let both = sides(one, other, ids, wish.keep.as_deref())?;
            let settings = self.store.settings_fetch().await?;
            within_limits(&both, wish.accept_limits, &settings.identity)?;
            let kept = both.kept.clone();
            let occasion = Occasion {
                merge: self.random.id(),
                at: self.now,
                by: By::Staff,
                caller: Some(caller.to_owned()),
                kept: both.through.0,
                joined: both.through.1,
            };
            let made = merge::join(both.kept, both.joined, occasion).map_err(refused)?;
            changes.join(&kept, &made)?;
            merged = Some(made.merge.id);
        }
        let decided = self.decided(pair, DuplicateState::Accepted, caller, merged);
        self.write(changes, decided).await
    }

    /// Writes that the two are two; none when somebody was faster.
    async fn part(&self, pair: Duplicate, caller: &str) -> Result<Option<Duplicate>, Trouble> {
        let [one, other] = self.both(&pair).await?;
        if one.id() == other.id() {
            let limit = "must be two customers: they have become one, so take that merge back";
            return Err(Problem::conflict("customers", limit).into());
        }
        let mut changes = Changes::new();
        for (nodes, others) in [(one.nodes(), other.nodes()), (other.nodes(), one.nodes())] {
            for node in nodes {
                changes.node_put(&self.apart(node, others))?;
            }
        }
        let decided = self.decided(pair, DuplicateState::Rejected, caller, None);
        self.write(changes, decided).await
    }

    fn apart(&self, node: &Node, others: &[Node]) -> Node {
        let mut node = node.clone();
        node.stand_apart(others.iter().map(|other| &other.id), self.now);
        node
    }

    fn decided(
        &self,
        pair: Duplicate,
        state: DuplicateState,
        caller: &str,
        merge: Option<String>,
    ) -> Duplicate {
        let decided = Decided {
            by: caller.to_owned(),
            at: self.now,
            merge,
        };
        Duplicate {
            state,
            decided: Some(decided),
            ..pair
        }
    }

    async fn write(
        &self,
        mut changes: Changes,
        pair: Duplicate,
    ) -> Result<Option<Duplicate>, Trouble> {
        changes.duplicate_put(&pair)?;
        if self.store.commit(changes).await? == Committed::Conflict {
            return Ok(None);
        }
        let (id, state) = (pair.id(), pair.state.name());
        tracing::info!(pair.id = %id, "pair {id} is {state}");
        Ok(Some(pair))
    }

    async fn answer(&self, pair: &Duplicate) -> Result<Answer, Trouble> {
        let shown = shown(self.store, std::slice::from_ref(pair)).await?;
        Ok(Answer::ok(&shown[0]))
    }
}

/// Who stays and who becomes part of it: as the caller says, else the one who
/// has bought more often stays.
fn sides(
    one: PersonRecord,
    other: PersonRecord,
    (id, other_id): (NodeId, NodeId),
    keep: Option<&str>,
) -> Result<Both, Problem> {
    let orders = |person: &PersonRecord| person.totals().view(true).sums.orders;
    let keeps_other = match keep {
        None => orders(&other) > orders(&one),
        Some(keep) => {
            let node = NodeId::parse(keep).ok();
            let is = |person: &PersonRecord| node.as_ref().is_some_and(|node| person.has(node));
            if !is(&one) && !is(&other) {
                return Err(Problem::senseless("keep", KEEP));
            }
            is(&other)
        }
    };
    Ok(if keeps_other {
        Both {
            kept: other,
            joined: one,
            through: (other_id, id),
        }
    } else {
        Both {
            kept: one,
            joined: other,
            through: (id, other_id),
        }
    })
}
