//! Everyone as of a past date: orders, refunds and cancellations by their own
//! dates, with today's joins and settings, and without a memory.

use crm_domain::customer::Node;
use crm_domain::field;
use crm_domain::person::Person;
use crm_domain::population::{Measure, Member};
use crm_domain::segment::{Rules, assess};
use crm_domain::totals::Totals;
use crm_store::{AsOfRow, Consistency, PersonRecord, RunRecord, Scanned};
use jiff::{SignedDuration, Timestamp};

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

/// Rows written together.
const ROWS: usize = 25;
/// How long before a run what is told while it is under way may have happened.
const LATE_NEWS: SignedDuration = SignedDuration::from_hours(24);

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

    /// Somebody who was perhaps joined while the run was under way: the
    /// record of whom they are part of may be behind the walk already.
    async fn part(&mut self, node: &Node) -> Result<u32, PassError> {
        let begun = self.run.requested_at.saturating_sub(LATE_NEWS);
        if begun.is_ok_and(|begun| node.touched_at < begun) {
            return Ok(0);
        }
        let store = &self.function.store;
        let found = store.person_fetch(&node.id, Consistency::Strong).await;
        let row = match left_out(&node.id, found)?.flatten() {
            Some(PersonRecord::Joined(person, _)) => self.of_person(&person),
            // Parted meanwhile.
            Some(PersonRecord::Single(node)) => self.of_node(&node),
            None => return Ok(0),
        };
        let Some(row) = self.filled(row).await? else {
            return Ok(0);
        };
        self.keep(row).await?;
        Ok(1)
    }

    fn of_node(&self, node: &Node) -> AsOfRow {
        AsOfRow {
            person: node.id.clone(),
            nodes: vec![node.id.clone()],
            totals: Totals::default(),
            care: node.care.before(self.until),
            ranked: node.is_ranked(),
        }
    }

    fn of_person(&self, person: &Person) -> AsOfRow {
        AsOfRow {
            person: person.id.clone(),
            nodes: person.members.keys().cloned().collect(),
            totals: Totals::default(),
            care: person.care.before(self.until),
            ranked: person.ranked,
        }
    }

    /// The row with what its nodes' orders came to; none where they cannot be
    /// read.
    async fn filled(&self, mut row: AsOfRow) -> Result<Option<AsOfRow>, PassError> {
        for node in &row.nodes {
            let store = &self.function.store;
            let read = store.totals_before(node, self.rules.settings, self.until);
            let Some(totals) = left_out(node, read.await)? else {
                return Ok(None);
            };
            row.totals.absorb(&totals);
        }
        Ok(Some(row))
    }

    async fn row(&mut self, row: AsOfRow, source: Option<String>) -> Result<u32, PassError> {
        let Some(row) = self.filled(row).await? else {
            return Ok(0);
        };
        let subject = row.subject().won_by(source.as_deref());
        let assessment = assess(&subject, self.rules, self.run.on, None);
        let member = Member {
            id: &row.person,
            subject,
            assessment: &assessment,
        };
        let scope = super::scope(self.run);
        self.measure.add(&member, self.rules, &scope);
        self.keep(row).await?;
        Ok(1)
    }

    async fn keep(&mut self, row: AsOfRow) -> Result<(), PassError> {
        self.rows.push(row);
        if self.rows.len() >= ROWS {
            self.save().await?;
        }
        Ok(())
    }

    async fn save(&mut self) -> Result<(), PassError> {
        let rows = std::mem::take(&mut self.rows);
        let run = self.run;
        let store = &self.function.store;
        Ok(store.asof_put(&run.id, &rows, run.expires_at).await?)
    }
}

impl Visit for Walk<'_> {
    type Record = Scanned;

    async fn visit(&mut self, record: Scanned) -> Result<u32, PassError> {
        match record {
            Scanned::Node(node) if node.root.is_none() => {
                let row = self.of_node(&node);
                let own = std::slice::from_ref(&*node);
                let source = field::acquisition_source(own, self.rules.settings);
                self.row(row, source).await
            }
            Scanned::Node(node) => self.part(&node).await,
            Scanned::Person(person) => {
                let row = self.of_person(&person);
                let source =
                    super::source_of_person(self.function, &person, self.rules.settings).await?;
                self.row(row, source).await
            }
            Scanned::Unreadable(_) => Ok(0),
        }
    }

    async fn result(mut self, _read_units: f64) -> Result<Vec<u8>, PassError> {
        self.save().await?;
        Ok(blob::pack(&self.measure))
    }
}
