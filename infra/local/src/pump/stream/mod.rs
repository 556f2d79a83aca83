//! A table's stream feeding a function.
//!
//! The changes of one item arrive in order. To let others pass meanwhile, a stream is cut into a
//! fixed number of shards by partition key, each with its own place that survives a restart.

mod again;
mod batch;
mod failure;
mod reading;
mod record;
mod shard;

use super::PumpError;
use super::context::Context;
use super::filter::Filter;
use crate::template::{Source, Table};
use batch::Policy;
use shard::Shard;

/// How many shards a stream has. Kept places depend on it.
const SHARDS: usize = 4;

/// Records read from a table at once.
const READ_AT_ONCE: usize = 1_000;

/// Records a mapping keeps in memory before it reads on.
const MOST_WAITING: usize = 4_000;

/// Batches one shard hands over before other sources have their turn.
const BATCHES_A_TURN: usize = 4;

/// How a mapping reads, tries and gives up.
pub(super) struct Mapping {
    pub source: Source,
    pub table: String,
    pub partition_key: String,
    pub stream_arn: String,
    pub function_arn: String,
    pub batch_size: usize,
    pub filter: Filter,
    pub policy: Policy,
    pub on_failure: Option<String>,
}

/// A stream mapping and how far it has come.
pub(super) struct StreamSource {
    mapping: Mapping,
    shards: Vec<Shard>,
    /// Everything up to here was read.
    read: u128,
    /// The place last kept for the mapping as a whole.
    kept: u128,
}

impl Mapping {
    fn shard_name(&self, number: usize) -> String {
        format!("{}/{number}", self.table)
    }
}

/// The settings of a stream mapping, as the template gives them.
pub(super) struct Settings {
    pub bisect: bool,
    pub max_retries: Option<u32>,
    pub max_age_seconds: Option<u32>,
    pub on_failure: Option<String>,
}

impl Mapping {
    pub(super) fn new(
        source: Source,
        table: &Table,
        function_arn: String,
        filter: Filter,
        settings: Settings,
    ) -> Self {
        Self {
            table: table.name.clone(),
            partition_key: table.key.hash.clone(),
            stream_arn: table.stream_arn(),
            function_arn,
            batch_size: usize::try_from(source.batch_size).unwrap_or(100),
            filter,
            policy: Policy {
                bisect: settings.bisect,
                // Lambda's own most: without end means this often.
                max_retries: settings.max_retries.unwrap_or(10_000),
                max_age_seconds: settings.max_age_seconds,
            },
            on_failure: settings.on_failure,
            source,
        }
    }
}

impl StreamSource {
    /// Goes on where an earlier run stopped.
    pub(super) fn open(
        mapping: Mapping,
        from_the_beginning: bool,
        context: &Context,
    ) -> Result<Self, PumpError> {
        let checkpoints = context.services.checkpoints();
        let reader = &mapping.source.id;
        let read = match place(checkpoints.get(reader, &mapping.table)?) {
            Some(kept) => kept,
            None if from_the_beginning => 0,
            None => reading::latest(context, &mapping.table)?,
        };
        checkpoints.set(reader, &mapping.table, &read.to_string())?;
        let mut shards = Vec::new();
        for number in 0..SHARDS {
            let done = place(checkpoints.get(reader, &mapping.shard_name(number))?);
            let mut shard = Shard::default();
            shard.done = done.unwrap_or(0).max(read);
            shards.push(shard);
        }
        Ok(Self {
            mapping,
            shards,
            read,
            kept: read,
        })
    }

    /// Works on what is in the stream now; tells whether there was anything.
    pub(super) async fn turn(&mut self, context: &Context) -> Result<bool, PumpError> {
        self.read_on(context)?;
        let mapping = &self.mapping;
        let shards = self.shards.iter_mut().enumerate();
        let turns = shards.map(async |(number, shard)| {
            for batch in 0..BATCHES_A_TURN {
                if !shard.turn(number, mapping, context).await? {
                    return Ok(batch > 0);
                }
            }
            Ok(true)
        });
        let worked = context.all(turns.collect()).await;
        let worked = worked
            .into_iter()
            .try_fold(false, |any, one: Result<bool, PumpError>| {
                Ok::<_, PumpError>(any | one?)
            })?;
        self.keep_place(context)?;
        Ok(worked)
    }

    /// Reads until enough waits or nothing is left, and sorts by shard.
    fn read_on(&mut self, context: &Context) -> Result<(), PumpError> {
        let mut waiting: usize = self.shards.iter().map(Shard::len).sum();
        while waiting < MOST_WAITING {
            let records = reading::after(context, &self.mapping.table, self.read, READ_AT_ONCE)?;
            let is_last = records.len() < READ_AT_ONCE;
            for record in records {
                self.read = record.sequence;
                if self.mapping.filter.passes(&record.event) {
                    let number = record.shard(&self.mapping.partition_key, SHARDS);
                    self.shards[number].push(record);
                    waiting += 1;
                } else {
                    let source = &self.mapping.source.id;
                    context.counts.note(source, |counts| counts.filtered += 1);
                }
            }
            if is_last {
                break;
            }
        }
        Ok(())
    }

    /// Keeps the place before which no shard has anything left.
    fn keep_place(&mut self, context: &Context) -> Result<(), PumpError> {
        let open = self.shards.iter().filter(|shard| !shard.is_empty());
        let place = open.map(|shard| shard.done).min().unwrap_or(self.read);
        if place > self.kept {
            let checkpoints = context.services.checkpoints();
            let reader = &self.mapping.source.id;
            checkpoints.set(reader, &self.mapping.table, &place.to_string())?;
            self.kept = place;
        }
        Ok(())
    }
}

fn place(kept: Option<String>) -> Option<u128> {
    kept?.parse().ok()
}
