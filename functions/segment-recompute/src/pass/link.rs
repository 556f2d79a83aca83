//! Everyone compared with everyone who has something in common: before a store
//! goes live, or whenever somebody wants to be sure.
//!
//! The first walk puts everyone under their keys and counts what is common;
//! the second compares. Both do nothing over that is done.

use crm_domain::linkage::{Census, Record, Weights};
use crm_store::{Changes, Committed, RunRecord, RunStage, Scanned, SlicePart, StoreError};
use serde::{Deserialize, Serialize};

use super::measure::milliunits;
use super::walk::{APPLY, MEASURE, Visit};
use super::{ATTEMPTS, PassError, blob};
use crate::Function;
use crate::link::Search;

/// What a part of the first walk comes to.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Indexed {
    census: Census,
    tally: Tally,
}

/// What was done, for the run's result.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Tally {
    /// Profiles compared, and profiles that stay apart.
    compared: u64,
    apart: u64,
    /// Pairs that are new, and pairs taken back.
    suggested: u64,
    withdrawn: u64,
    unreadable: u64,
    read_milliunits: u64,
}

/// The first walk.
pub(super) struct Index<'a> {
    function: &'a Function,
    indexed: Indexed,
}

/// The second walk.
struct Compare<'a> {
    function: &'a Function,
    run: &'a RunRecord,
    weights: Weights,
    tally: Tally,
}

impl<'a> Index<'a> {
    pub(super) fn new(function: &'a Function) -> Self {
        Self {
            function,
            indexed: Indexed::default(),
        }
    }
}

impl Visit for Index<'_> {
    type Record = Scanned;

    async fn visit(&mut self, record: Scanned) -> Result<u32, PassError> {
        let node = match record {
            Scanned::Node(node) => node,
            Scanned::Person(_) => return Ok(0),
            Scanned::Unreadable(place) => {
                let id = place.id();
                tracing::error!(customer.id = %id, "the record of customer {id} cannot be read");
                self.indexed.tally.unreadable += 1;
                return Ok(0);
            }
        };
        match Record::of_node(&node) {
            Some(record) => {
                self.indexed.census.add(&record);
                self.indexed.tally.compared += 1;
            }
            None => self.indexed.tally.apart += 1,
        }
        self.function.index(&node.id, Some(&node)).await?;
        Ok(1)
    }

    async fn result(mut self, read_units: f64) -> Result<Vec<u8>, PassError> {
        self.indexed.tally.read_milliunits = milliunits(read_units);
        Ok(blob::pack(&Indexed {
            census: self.indexed.census.without_the_rare(),
            tally: self.indexed.tally,
        }))
    }
}

impl Visit for Compare<'_> {
    type Record = Scanned;

    async fn visit(&mut self, record: Scanned) -> Result<u32, PassError> {
        let Scanned::Node(node) = record else {
            return Ok(0);
        };
        let search = Search {
            weights: &self.weights,
            found_at: self.run.requested_at,
            only_after: true,
        };
        let keys = crate::link::keys_of(&node);
        let found = self.function.suggest(&node.id, &keys, &search).await?;
        self.tally.suggested += u64::from(found.suggested);
        self.tally.withdrawn += u64::from(found.withdrawn);
        Ok(1)
    }

    async fn result(mut self, read_units: f64) -> Result<Vec<u8>, PassError> {
        self.tally.read_milliunits = milliunits(read_units);
        Ok(blob::pack(&self.tally))
    }
}

impl Function {
    /// Keeps what is common, and goes on to compare.
    pub(super) async fn combine_indexed(&self, run: RunRecord) -> Result<(), PassError> {
        let mut census = Census::default();
        let mut tally = Tally::default();
        for slice in 0..run.slices {
            let add = |part: Indexed| {
                census.absorb(part.census);
                tally.absorb(part.tally);
            };
            self.partials(&run, MEASURE, slice, add).await?;
        }
        let mut next = run.clone();
        next.stage = RunStage::Applying;
        next.rescan = true;
        next.done.clear();
        next.result = Some(tally.document()?);
        let customers = census.size();
        let rarity = census.rarity();
        for _ in 0..ATTEMPTS {
            let mut changes = Changes::new();
            changes.weights_put(customers, &rarity)?;
            changes.run_put(&next)?;
            if self.store.commit(changes).await? == Committed::Done {
                return self.send_apply(&next).await;
            }
            if !self.is_still_measuring(&mut next).await? {
                return self.combine_again(&run.id).await;
            }
        }
        Err(StoreError::Contended { attempts: ATTEMPTS }.into())
    }

    /// Compares those of a slice.
    pub(super) async fn compare_slice(
        &self,
        run: &RunRecord,
        part: &SlicePart,
    ) -> Result<(), PassError> {
        let compare = Compare {
            function: self,
            run,
            weights: self.store.weights_fetch().await?,
            tally: Tally::default(),
        };
        self.walk(run, part, compare).await
    }

    /// What came of the run.
    pub(super) async fn compared(&self, run: &RunRecord) -> Result<String, PassError> {
        let known = run.result.as_deref().ok_or(PassError::Unreadable)?;
        let mut tally: Tally = serde_json::from_str(known).map_err(|_| PassError::Unreadable)?;
        for slice in 0..run.slices {
            self.partials(run, APPLY, slice, |part| tally.absorb(part))
                .await?;
        }
        tally.document()
    }
}

impl Tally {
    fn absorb(&mut self, other: Self) {
        self.compared += other.compared;
        self.apart += other.apart;
        self.suggested += other.suggested;
        self.withdrawn += other.withdrawn;
        self.unreadable += other.unreadable;
        self.read_milliunits += other.read_milliunits;
    }

    fn document(&self) -> Result<String, PassError> {
        serde_json::to_string(self).map_err(|_| PassError::Unreadable)
    }
}
