//! One shard: the changes of some partition keys, strictly in order.

use std::collections::VecDeque;

use super::batch::{After, Batch};
use super::record::Record;
use super::{Mapping, failure};
use crate::pump::PumpError;
use crate::pump::context::Context;
use crate::pump::counts::count;
use crate::pump::verdict::Verdict;

/// What a shard still has to hand over, and how far it has come.
#[derive(Debug, Default)]
pub(super) struct Shard {
    /// Batches that failed before, to be handed over first.
    again: VecDeque<Batch>,
    /// Records not handed over yet.
    waiting: VecDeque<Record>,
    /// Everything up to here is done.
    pub done: u128,
}

impl Shard {
    pub(super) fn is_empty(&self) -> bool {
        self.again.is_empty() && self.waiting.is_empty()
    }

    /// How many records wait.
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Adds a record, unless an earlier run was done with it.
    pub(super) fn push(&mut self, record: Record) {
        if record.sequence > self.done {
            self.waiting.push_back(record);
        }
    }

    /// Hands over one batch; tells whether there was one.
    pub(super) async fn turn(
        &mut self,
        number: usize,
        mapping: &Mapping,
        context: &Context,
    ) -> Result<bool, PumpError> {
        let Some(mut batch) = self.again.pop_front().or_else(|| self.next(mapping)) else {
            return Ok(false);
        };
        let now = context.services.clock().now();
        if let Some(aged) = batch.take_aged(mapping.policy, now) {
            self.give_up(number, mapping, context, &aged, &failure::Condition::TooOld)?;
        }
        if batch.records.is_empty() {
            return Ok(true);
        }
        let names: Vec<_> = batch.records.iter().map(Record::name).collect();
        let events = batch.records.iter().map(|record| record.event.clone());
        let verdict = context
            .hand_over(&mapping.source, events.collect(), &names)
            .await;
        let reason = match &verdict {
            Verdict::AllFailed(reason) => reason.clone(),
            Verdict::Failed(numbers) => numbers
                .iter()
                .find_map(|number| context.functions.reason(number))
                .unwrap_or_else(|| "the function reported a record as failed".to_owned()),
            Verdict::Done => String::new(),
        };
        let after = batch.after(&verdict, mapping.policy);
        self.take_over(number, mapping, context, after, reason)?;
        Ok(true)
    }

    fn take_over(
        &mut self,
        number: usize,
        mapping: &Mapping,
        context: &Context,
        after: After,
        reason: String,
    ) -> Result<(), PumpError> {
        if let Some(done) = after.done {
            self.finish(number, mapping, context, done)?;
        }
        if let Some(batch) = after.given_up {
            let condition = failure::Condition::Exhausted(reason);
            self.give_up(number, mapping, context, &batch, &condition)?;
        }
        let retries = after
            .again
            .iter()
            .map(|batch| count(batch.records.len()))
            .sum::<u64>();
        context
            .counts
            .note(&mapping.source.id, |counts| counts.retries += retries);
        for batch in after.again.into_iter().rev() {
            self.again.push_front(batch);
        }
        Ok(())
    }

    fn next(&mut self, mapping: &Mapping) -> Option<Batch> {
        let most = self.waiting.len().min(mapping.batch_size);
        let records: Vec<_> = self.waiting.drain(..most).collect();
        (!records.is_empty()).then(|| Batch::new(records))
    }

    /// Tells the failure destination and goes on behind the batch.
    fn give_up(
        &mut self,
        number: usize,
        mapping: &Mapping,
        context: &Context,
        batch: &Batch,
        condition: &failure::Condition,
    ) -> Result<(), PumpError> {
        let given_up = count(batch.records.len());
        context
            .counts
            .note(&mapping.source.id, |counts| counts.given_up += given_up);
        failure::tell(context, mapping, number, batch, condition)?;
        let end = batch.end().unwrap_or(self.done);
        self.finish(number, mapping, context, end)
    }

    fn finish(
        &mut self,
        number: usize,
        mapping: &Mapping,
        context: &Context,
        done: u128,
    ) -> Result<(), PumpError> {
        self.done = done;
        let checkpoints = context.services.checkpoints();
        checkpoints.set(
            &mapping.source.id,
            &mapping.shard_name(number),
            &done.to_string(),
        )?;
        Ok(())
    }
}
