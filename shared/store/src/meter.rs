//! What reading costs: every read of a store that has a meter is counted by
//! what the tables themselves say it consumed.

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_dynamodb::operation::batch_get_item::BatchGetItemOutput;
use aws_sdk_dynamodb::operation::batch_get_item::builders::BatchGetItemFluentBuilder;
use aws_sdk_dynamodb::operation::get_item::GetItemOutput;
use aws_sdk_dynamodb::operation::get_item::builders::GetItemFluentBuilder;
use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{ConsumedCapacity, ReturnConsumedCapacity};

use crate::Store;
use crate::error::StoreError;
use crate::item::Item;

/// Read units counted so far; of a store without one nothing is counted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Meter(Option<Arc<Mutex<f64>>>);

impl Meter {
    fn asks(&self) -> Option<ReturnConsumedCapacity> {
        self.0.as_ref().map(|_| ReturnConsumedCapacity::Total)
    }

    pub(crate) fn count<'a>(&self, consumed: impl IntoIterator<Item = &'a ConsumedCapacity>) {
        if let Some(units) = &self.0 {
            let more: f64 = consumed.into_iter().filter_map(|c| c.capacity_units).sum();
            *units.lock().unwrap_or_else(PoisonError::into_inner) += more;
        }
    }
}

impl Store {
    /// The same tables by the same client, with a meter of its own that
    /// begins at nothing.
    #[must_use]
    pub fn metered(&self) -> Self {
        Self {
            meter: Meter(Some(Arc::default())),
            ..self.clone()
        }
    }

    /// Read units consumed since the meter began, as the tables said; 0
    /// without a meter.
    #[must_use]
    pub fn read_units(&self) -> f64 {
        let units = self.meter.0.as_ref();
        units.map_or(0.0, |units| {
            *units.lock().unwrap_or_else(PoisonError::into_inner)
        })
    }

    pub(crate) async fn query_done(
        &self,
        query: QueryFluentBuilder,
    ) -> Result<QueryOutput, StoreError> {
        let query = query.set_return_consumed_capacity(self.meter.asks());
        // Boxed: every reader carries it, and types grow too deep for the compiler.
        let answer = Box::pin(query.send()).await;
        let answer = answer.map_err(|error| StoreError::from_sdk("Query", error))?;
        self.meter.count(answer.consumed_capacity.as_ref());
        Ok(answer)
    }

    /// Every item of a query, page after page.
    pub(crate) async fn query_all(
        &self,
        query: QueryFluentBuilder,
    ) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        let mut from = None;
        loop {
            let page = query.clone().set_exclusive_start_key(from);
            let answer = self.query_done(page).await?;
            items.extend(answer.items.unwrap_or_default());
            from = answer.last_evaluated_key;
            if from.is_none() {
                return Ok(items);
            }
        }
    }

    pub(crate) async fn get_done(
        &self,
        get: GetItemFluentBuilder,
    ) -> Result<GetItemOutput, StoreError> {
        let get = get.set_return_consumed_capacity(self.meter.asks());
        let answer = Box::pin(get.send()).await;
        let answer = answer.map_err(|error| StoreError::from_sdk("GetItem", error))?;
        self.meter.count(answer.consumed_capacity.as_ref());
        Ok(answer)
    }

    pub(crate) async fn batch_get_done(
        &self,
        get: BatchGetItemFluentBuilder,
    ) -> Result<BatchGetItemOutput, StoreError> {
        let get = get.set_return_consumed_capacity(self.meter.asks());
        let answer = Box::pin(get.send()).await;
        let answer = answer.map_err(|error| StoreError::from_sdk("BatchGetItem", error))?;
        self.meter.count(answer.consumed_capacity.iter().flatten());
        Ok(answer)
    }
}
