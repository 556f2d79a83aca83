//! Everyone as of a past date: orders, refunds and cancellations by their own
//! dates, with today's joins and settings, and without a memory.

use crm_domain::field;
use crm_domain::identity::NodeId;
use crm_domain::population::{Measure, Member};
use crm_domain::segment::{Rules, assess};
use crm_domain::totals::Totals;
use crm_store::{AsOfRow, Consistency, FactKind, RunRecord, Scanned, StoreError, Summary, Wanted};
use jiff::Timestamp;

use super::measure::left_out;
use super::walk::Visit;
use super::{PassError, blob};
use crate::Function;

pub(super) struct Walk<'a> {
    function: &'a Function,
    run: &'a RunRecord,
    rules: &'a Rules<'a>,
    /// What happened before this instant counts.
    until: Timestamp,
    rows: Vec<AsOfRow>,
    measure: Measure,
}

/// Facts of a node read at once.
const PAGE: usize = 100;
/// Rows written together.
const ROWS: usize = 25;

impl<'a> Walk<'a> {
    pub(super) fn new(function: &'a Function, run: &'a RunRecord, rules: &'a Rules<'a>) -> Self {
        Self {
            function,
            run,
            rules,
            until: rules.settings.start_of(run.on),
            rows: Vec::new(),
            measure: Measure::default(),
        }
    }

    async fn node(&mut self, id: &NodeId, totals: &mut Totals) -> Result<(), StoreError> {
        self.orders(id, totals).await?;
        self.loose_returns(id, totals).await
    }

    async fn orders(&self, node: &NodeId, totals: &mut Totals) -> Result<(), StoreError> {
        let store = &self.function.store;
        let mut place = None;
        loop {
            let page = store
                .facts_list(node, FactKind::Order, place.as_ref(), PAGE)
                .await?;
            let mut wanted = Wanted::default();
            let mut ids = Vec::new();
            for summary in page.items {
                if let Summary::Order(order) = summary
                    && order.placed_at < self.until
                {
                    wanted.order(&order.id);
                    ids.push(order.id);
                }
            }
            let loaded = store.load(&wanted, Consistency::Eventual).await?;
            for id in &ids {
                let Some(record) = loaded.order(id)? else {
                    continue;
                };
                let counted = record
                    .order
                    .contribution_before(self.rules.settings, self.until);
                // What cannot be counted without a rate is not counted today either.
                totals.replace(None, counted.ok().flatten().as_ref());
            }
            place = page.next;
            if place.is_none() {
                return Ok(());
            }
        }
    }

    async fn loose_returns(&self, node: &NodeId, totals: &mut Totals) -> Result<(), StoreError> {
        let store = &self.function.store;
        let mut place = None;
        loop {
            let page = store
                .facts_list(node, FactKind::LooseReturn, place.as_ref(), PAGE)
                .await?;
            for summary in page.items {
                if let Summary::LooseReturn(news) = summary
                    && news.at < self.until
                {
                    totals.replace_loose_return(None, Some((news.refunded, news.units)));
                }
            }
            place = page.next;
            if place.is_none() {
                return Ok(());
            }
        }
    }

    async fn row(
        &mut self,
        mut row: AsOfRow,
        nodes: &[NodeId],
        source: Option<String>,
    ) -> Result<u32, PassError> {
        for node in nodes {
            let read = self.node(node, &mut row.totals).await;
            if left_out(node, read)?.is_none() {
                return Ok(0);
            }
        }
        let subject = row.subject().won_by(source.as_deref());
        let assessment = assess(&subject, self.rules, self.run.on, None);
        let member = Member {
            id: &row.person,
            subject,
            assessment: &assessment,
        };
        let scope = super::scope(self.run);
        self.measure.add(&member, self.rules, &scope);
        self.rows.push(row);
        if self.rows.len() >= ROWS {
            self.save().await?;
        }
        Ok(1)
    }

    async fn save(&mut self) -> Result<(), PassError> {
        let rows = std::mem::take(&mut self.rows);
        let run = self.run;
        let store = &self.function.store;
        Ok(store.asof_put(&run.id, &rows, run.expires_at).await?)
    }
}

impl Visit for Walk<'_> {
    async fn visit(&mut self, record: Scanned) -> Result<u32, PassError> {
        match record {
            Scanned::Node(node) if node.root.is_none() => {
                let row = AsOfRow {
                    person: node.id.clone(),
                    nodes: vec![node.id.clone()],
                    totals: Totals::default(),
                    care: node.care.before(self.until),
                    ranked: node.is_ranked(),
                };
                let own = std::slice::from_ref(&*node);
                let source = field::acquisition_source(own, self.rules.settings);
                self.row(row, std::slice::from_ref(&node.id), source).await
            }
            Scanned::Person(person) => {
                let members: Vec<_> = person.members.keys().cloned().collect();
                let row = AsOfRow {
                    person: person.id.clone(),
                    nodes: members.clone(),
                    totals: Totals::default(),
                    care: person.care.before(self.until),
                    ranked: person.ranked,
                };
                let source =
                    super::source_of_person(self.function, &person, self.rules.settings).await?;
                self.row(row, &members, source).await
            }
            Scanned::Node(_) | Scanned::Unreadable(_) => Ok(0),
        }
    }

    async fn result(mut self, _read_units: f64) -> Result<Vec<u8>, PassError> {
        self.save().await?;
        Ok(blob::pack(&self.measure))
    }
}
