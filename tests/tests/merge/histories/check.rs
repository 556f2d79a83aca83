//! What has to hold at every step.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use crm_domain::care::Care;
use crm_domain::consent::{Medium, standing};
use crm_domain::customer::Node;
use crm_domain::identity::NodeId;
use crm_domain::money::Amount;
use crm_domain::person::addressee;
use crm_domain::population::Cutoffs;
use crm_domain::segment::{Assessment, Rules, Subject, assess};
use crm_domain::settings::Settings;
use crm_domain::totals::Totals;
use crm_domain::workflow::{WELCOME, is_fresh};
use crm_store::{Claim, Consistency, PersonRecord, Scanned, Wanted};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::happening::Deed;
use super::{History, Tally};

/// What was found at the step before.
#[derive(Default)]
pub struct Seen {
    /// The message that welcomed each node, of those that had one.
    welcomed: BTreeMap<NodeId, String>,
    /// The nodes of each person, and whether it was a VIP by rank.
    ranks: BTreeMap<BTreeSet<NodeId>, bool>,
    pub tally: Tally,
}

impl History {
    /// Every person there is, with all of its nodes.
    pub(super) async fn everybody(&self) -> Result<Vec<PersonRecord>> {
        let store = &self.crew.store;
        let page = store.people_scan(0, 1, None, 1000).await?;
        ensure!(page.next.is_none(), "there are few");
        let mut nodes: BTreeMap<NodeId, Node> = BTreeMap::new();
        let mut persons = Vec::new();
        for record in page.items {
            match record {
                Scanned::Node(node) => {
                    nodes.insert(node.id.clone(), *node);
                }
                Scanned::Person(person) => persons.push(*person),
                Scanned::Unreadable(_) => anyhow::bail!("a record cannot be read"),
            }
        }
        let mut all = Vec::new();
        for person in persons {
            let own = person.members.keys().map(|id| nodes.remove(id));
            let own: Option<Vec<_>> = own.collect();
            let own = own.context("a member is nowhere, or somebody else's too")?;
            all.push(PersonRecord::Joined(Box::new(person), own));
        }
        let single = nodes
            .into_values()
            .map(|node| PersonRecord::Single(Box::new(node)));
        all.extend(single);
        Ok(all)
    }

    /// The merges that hold anybody together, each with a node of theirs.
    pub(super) async fn standing_merges(&self) -> Result<Vec<(String, NodeId)>> {
        let mut merges = Vec::new();
        for person in self.everybody().await? {
            if let PersonRecord::Joined(person, _) = person {
                let links = person.links.into_iter();
                merges.extend(links.map(|link| (link.merge, link.kept)));
            }
        }
        Ok(merges)
    }

    pub(super) async fn check(&mut self) -> Result<()> {
        let persons = self.everybody().await?;
        self.ids_lead_somewhere(&persons).await?;
        self.nodes_say_what_was_told(&persons)?;
        let folds = self.folded().await?;
        self.is_what_the_facts_say(&persons, &folds).await?;
        self.welcomes(&persons, &folds).await?;
        self.seen.tally.steps += 1;
        Ok(())
    }

    /// No id dangles: every one that was ever anybody's leads to a person who
    /// has it, every identifier to a node that goes by it, and what holds a
    /// person together holds its own nodes.
    async fn ids_lead_somewhere(&mut self, persons: &[PersonRecord]) -> Result<()> {
        let mut people: BTreeMap<&NodeId, &PersonRecord> = BTreeMap::new();
        let mut wanted = Wanted::default();
        let mut claims = Vec::new();
        for node in persons.iter().flat_map(PersonRecord::nodes) {
            let own_id = node.external_id.clone().map(Claim::Id);
            let email = node.claimed_email.clone().map(Claim::Email);
            claims.extend(own_id.into_iter().chain(email).map(|claim| (claim, node)));
            let goes_by_it =
                node.claimed_email.is_none() || node.claimed_email == node.profile.email;
            ensure!(goes_by_it, "an address is held that is not gone by");
        }
        for (claim, _) in &claims {
            wanted.claim(claim);
        }
        let found = self.crew.store.load(&wanted, Consistency::Strong).await?;
        for (claim, node) in &claims {
            let holder = found.claim(claim)?;
            ensure!(
                holder.as_ref() == Some(&node.id),
                "an identifier leads elsewhere"
            );
        }
        for person in persons {
            for node in person.nodes() {
                people.insert(&node.id, person);
                ensure!(node.person() == person.id(), "a node is elsewhere");
            }
            ensure!(person.has(person.id()), "a person has lost its root");
            let PersonRecord::Joined(whole, nodes) = person else {
                continue;
            };
            ensure!(
                whole.links.len() + 1 == nodes.len(),
                "too many or too few joins"
            );
            for link in &whole.links {
                let own = person.has(&link.kept) && person.has(&link.joined);
                ensure!(own, "a join holds somebody else");
                let merge = self.crew.store.merge_of(link).await?;
                let merge = merge.context("a join has its record")?;
                ensure!(merge.undone.is_none(), "a join was taken back");
            }
            let versions = nodes.iter().map(|node| (node.id.clone(), node.version));
            ensure!(whole.members == versions.collect(), "a sum missed a change");
            self.seen.tally.merges += whole.links.len();
            self.seen.tally.joined_persons += 1;
        }
        self.ledger
            .ids
            .extend(people.keys().map(|id| (*id).clone()));
        // Also those that were shown once, and are part of others since.
        let ids: Vec<_> = self.ledger.ids.iter().cloned().collect();
        let found = self.crew.store.persons_fetch(&ids, Consistency::Strong);
        let found = found.await?;
        for id in &ids {
            let leads_to = found.iter().find(|person| person.has(id));
            let leads_to = leads_to.context("an id leads to nobody")?;
            ensure!(
                people
                    .get(id)
                    .is_some_and(|person| person.id() == leads_to.id())
            );
        }
        let customers = self.ledger.customers.iter();
        let apart = persons.iter().flat_map(PersonRecord::nodes);
        let apart = apart.flat_map(|node| node.apart.keys().chain(node.asked_again.as_deref()));
        for id in customers.map(|customer| &customer.node).chain(apart) {
            ensure!(people.contains_key(id), "an id is nobody's");
        }
        Ok(())
    }

    /// Each node has what was told of it, and nobody else's: names, addresses,
    /// labels, decisions, fields, cases and what was said never move.
    fn nodes_say_what_was_told(&self, persons: &[PersonRecord]) -> Result<()> {
        let nodes = persons.iter().flat_map(PersonRecord::nodes);
        let nodes: BTreeMap<_, _> = nodes.map(|node| (&node.id, node)).collect();
        for one in &self.ledger.customers {
            let node = nodes[&one.node];
            let told = one.profile.as_ref();
            let email = node
                .profile
                .email
                .as_ref()
                .map(crm_domain::identity::Email::as_str);
            ensure!(
                email == told.map(|told| told.email.as_str()),
                "an address differs"
            );
            let name = node.profile.first_name.as_deref();
            ensure!(
                name == told.map(|told| told.name.as_str()),
                "a name differs"
            );
            let tags: BTreeSet<_> = node.tags.iter().map(str::to_owned).collect();
            let expected = told.map(|told| told.tags.clone()).unwrap_or_default();
            ensure!(tags == expected, "labels differ: {tags:?}, {expected:?}");
            let yes = standing([&node.consents], Medium::Email).map(|now| now.state.is_yes());
            ensure!(yes == one.consent, "a decision differs");
            let born = node.born().map(|born| born.to_string());
            ensure!(born == one.born, "a field differs");
        }
        let mut open: BTreeMap<&NodeId, i64> = BTreeMap::new();
        for node in self.ledger.cases.values() {
            *open.entry(node).or_default() += 1;
        }
        for node in nodes.values() {
            let expected = open.get(&node.id).copied().unwrap_or_default();
            ensure!(node.care.open_cases() == expected, "cases differ");
        }
        Ok(())
    }

    /// Totals are the fold of the facts, and assessments what it makes of them.
    async fn is_what_the_facts_say(
        &mut self,
        persons: &[PersonRecord],
        folds: &BTreeMap<NodeId, Totals>,
    ) -> Result<()> {
        let laws = self.crew.store.laws_read(Consistency::Strong).await?;
        let (settings, cutoffs, named) = laws;
        let rules = Rules {
            settings: &settings,
            cutoffs: &cutoffs,
            named: &named,
        };
        let today = settings.date_of(self.crew.now());
        let mut ranks = BTreeMap::new();
        let mut nets = Vec::new();
        for person in persons {
            let mut fold = Totals::default();
            let mut care = Care::default();
            for node in person.nodes() {
                let own = folds.get(&node.id).cloned().unwrap_or_default();
                let totals = &node.totals;
                ensure!(
                    *totals == own,
                    "stored {totals:?}, but by its facts {own:?}"
                );
                ensure!(!node.stale, "somebody waits to be assessed");
                fold.absorb(&own);
                care.absorb(&node.care);
            }
            if let PersonRecord::Joined(whole, _) = person {
                let totals = &whole.totals;
                ensure!(
                    *totals == fold,
                    "stored {totals:?}, but by the facts {fold:?}"
                );
                ensure!(whole.care == care, "a person's cases differ");
            }
            let ranked = person.nodes().iter().any(Node::is_ranked);
            let subject = Subject {
                totals: &fold,
                care: &care,
                ranked,
                source: None,
            };
            let stored = person.assessment().context("everybody is assessed")?;
            let fresh = assess(&subject, &rules, today, Some(stored));
            ensure!(
                says_the_same(stored, &fresh),
                "stored {stored:?}, but as of {today} it is {fresh:?}"
            );
            let ids: BTreeSet<_> = person.nodes().iter().map(|node| node.id.clone()).collect();
            let sums = fold.view(settings.count_zero_value_orders).sums;
            let is_in = ranked && sums.orders > 0;
            self.rank_follows(&ids, stored, is_in.then(|| sums.net()), &cutoffs)?;
            if is_in {
                nets.push(sums.net());
            }
            self.seen.tally.vips_by_rank += usize::from(stored.by_rank);
            self.seen.tally.alerts += usize::from(stored.return_alert);
            ranks.insert(ids, stored.by_rank);
        }
        let is_new = cutoffs.on == Some(today) && self.ledger.happened == [Deed::Night];
        if is_new {
            cuts_are_right(&cutoffs, &settings, nets)?;
            self.seen.tally.cuts += 1;
        }
        self.seen.ranks = ranks;
        Ok(())
    }

    /// Who was a VIP by rank stays one within the band, who was none does not
    /// become one there.
    fn rank_follows(
        &self,
        ids: &BTreeSet<NodeId>,
        stored: &Assessment,
        net: Option<Amount>,
        cutoffs: &Cutoffs,
    ) -> Result<()> {
        let (Some(net), Some(vip)) = (net, cutoffs.vip) else {
            ensure!(!stored.by_rank, "nobody is ranked so");
            return Ok(());
        };
        let was = self.seen.ranks.get(ids).copied();
        let is_simple = self.ledger.happened.len() == 1 && !self.ledger.people_changed;
        if let Some(was) = was.filter(|_| is_simple) {
            let limit = if was { vip.leave } else { vip.enter };
            ensure!(stored.by_rank == (net >= limit), "a rank flaps");
        }
        Ok(())
    }

    /// Nobody is welcomed twice, whoever they were joined with or parted from;
    /// and who orders for the first time is welcomed.
    async fn welcomes(
        &mut self,
        persons: &[PersonRecord],
        folds: &BTreeMap<NodeId, Totals>,
    ) -> Result<()> {
        let mut wanted = Wanted::default();
        for node in persons.iter().flat_map(PersonRecord::nodes) {
            wanted.run(WELCOME, &node.id);
        }
        let found = self.crew.store.load(&wanted, Consistency::Strong).await?;
        let mut welcomed = BTreeMap::new();
        for person in persons {
            let mut runs = BTreeSet::new();
            for node in person.nodes() {
                let Some(run) = found.run(WELCOME, &node.id)? else {
                    continue;
                };
                let before = self.seen.welcomed.get(&node.id);
                ensure!(
                    before.is_none_or(|before| *before == run.message),
                    "a run changed"
                );
                if before.is_none() {
                    runs.insert(run.message.clone());
                }
                welcomed.insert(node.id.clone(), run.message);
            }
            if runs.is_empty() {
                self.first_orders_welcome(person, folds, &welcomed).await?;
                continue;
            }
            ensure!(runs.len() == 1, "welcomed twice at once");
            for node in person.nodes() {
                let before = self.seen.welcomed.contains_key(&node.id);
                ensure!(!before, "welcomed though one of them had been");
                ensure!(welcomed.contains_key(&node.id), "a node is left out");
            }
        }
        let messages: BTreeSet<_> = welcomed.values().collect();
        let letters = self.crew.letters()?.len();
        ensure!(
            letters == messages.len(),
            "{letters} letters, {} welcomes",
            messages.len()
        );
        self.seen.tally.letters +=
            letters - self.seen.welcomed.values().collect::<BTreeSet<_>>().len();
        self.seen.welcomed = welcomed;
        Ok(())
    }

    async fn first_orders_welcome(
        &self,
        person: &PersonRecord,
        folds: &BTreeMap<NodeId, Totals>,
        welcomed: &BTreeMap<NodeId, String>,
    ) -> Result<()> {
        let mut numbers = self.ledger.placed_now.iter();
        let ordered_now = numbers.any(|number| {
            let placed = &self.ledger.orders[number];
            let counts = placed.body["financial_status"] == "paid";
            let worth = placed.body["line_items"][0]["price"] != "0";
            let stands = placed.body.get("cancelled_at").is_none();
            counts && worth && stands && person.has(&placed.node)
        });
        let had_one = person
            .nodes()
            .iter()
            .any(|node| welcomed.contains_key(&node.id));
        if !ordered_now || had_one || addressee(person.nodes()).is_none() {
            return Ok(());
        }
        let settings = self.crew.store.settings_fetch().await?;
        let mut fold = Totals::default();
        for node in person.nodes() {
            fold.absorb(&folds.get(&node.id).cloned().unwrap_or_default());
        }
        let first = fold.view(settings.count_zero_value_orders).span;
        let is_first = first.is_some_and(|(first, _)| is_fresh(&settings, first, self.crew.now()));
        ensure!(!is_first, "somebody new is not welcomed");
        Ok(())
    }
}

/// Everything but dates of the evaluations themselves.
fn says_the_same(stored: &Assessment, fresh: &Assessment) -> bool {
    stored.says_the_same(fresh)
        && stored.segment == fresh.segment
        && stored.best_group == fresh.best_group
        && stored.group_since == fresh.group_since
        && stored.next_change_on == fresh.next_change_on
}

/// The k-th best nets, by counting (DOMAIN section 4).
fn cuts_are_right(cutoffs: &Cutoffs, settings: &Settings, mut nets: Vec<Amount>) -> Result<()> {
    let rule = &settings.vip;
    if i64::try_from(nets.len())? < rule.least_base {
        ensure!(cutoffs.vip.is_none(), "too few to rank");
        return Ok(());
    }
    nets.sort_by(|one, other| other.cmp(one));
    let kth = |share: Decimal| -> Result<Amount> {
        let k = (share * Decimal::from(nets.len())).ceil().to_usize();
        Ok(nets[k.context("a small number")?.max(1) - 1])
    };
    let vip = cutoffs.vip.context("there are enough to rank")?;
    let expected = (
        kth(rule.enter_share.0.decimal())?,
        kth(rule.keep_share.0.decimal())?,
    );
    ensure!(
        (vip.enter, vip.leave) == expected,
        "{vip:?} is not {expected:?}, of {nets:?}"
    );
    Ok(())
}
