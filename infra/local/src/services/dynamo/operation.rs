//! From an operation's name and body to the embedded tables and back.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use dynoxide::DynoxideError;
use dynoxide::actions;
use dynoxide::actions::vector_lifecycle::VectorIndexLifecycle;
use dynoxide::storage::Storage;
use dynoxide::types::ConsumedCapacity;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Done, Outcome, slices};

/// Whether an operation can change an item.
pub(super) fn writes(operation: &str) -> bool {
    matches!(
        operation,
        "PutItem" | "UpdateItem" | "DeleteItem" | "BatchWriteItem" | "TransactWriteItems"
    )
}

/// Runs an operation that says nothing of capacity.
macro_rules! plain {
    ($storage:expr, $body:expr, $action:ident $(, $more:expr)?) => {{
        let request = read($body)?;
        let response = ready(actions::$action::execute($storage, request $(, $more)?))?;
        Outcome::Ok(Done { body: write(&response)?, consumed: Vec::new() })
    }};
}

/// Runs an operation that can say what it consumed, and asks it to if `metering`. The caller hears of it only if it asked.
macro_rules! metered {
    ($storage:expr, $body:expr, $metering:expr, $action:ident, $request:ident) => {{
        let mut request: actions::$action::$request = read($body)?;
        let asked = request.return_consumed_capacity.is_some();
        if $metering && !asked {
            request.return_consumed_capacity = Some("TOTAL".to_owned());
        }
        let mut response = ready(actions::$action::execute($storage, request))?;
        let consumed = units(response.consumed_capacity.as_ref());
        if !asked {
            response.consumed_capacity = None;
        }
        Ok(Done {
            body: write(&response)?,
            consumed,
        })
    }};
}

pub(super) fn run(
    storage: &Storage,
    lifecycle: &VectorIndexLifecycle,
    operation: &str,
    body: &[u8],
    metering: bool,
) -> Outcome {
    match operation {
        "PutItem" => metered!(storage, body, metering, put_item, PutItemRequest),
        "GetItem" => metered!(storage, body, metering, get_item, GetItemRequest),
        "UpdateItem" => metered!(storage, body, metering, update_item, UpdateItemRequest),
        "DeleteItem" => metered!(storage, body, metering, delete_item, DeleteItemRequest),
        "Query" => metered!(storage, body, metering, query, QueryRequest),
        "Scan" => metered!(storage, body, metering, scan, ScanRequest),
        "BatchGetItem" => metered!(storage, body, metering, batch_get_item, BatchGetItemRequest),
        "BatchWriteItem" => {
            metered!(
                storage,
                body,
                metering,
                batch_write_item,
                BatchWriteItemRequest
            )
        }
        "TransactGetItems" => {
            metered!(
                storage,
                body,
                metering,
                transact_get_items,
                TransactGetItemsRequest
            )
        }
        "TransactWriteItems" => {
            metered!(
                storage,
                body,
                metering,
                transact_write_items,
                TransactWriteItemsRequest
            )
        }
        _ => run_on_tables(storage, lifecycle, operation, body),
    }
}

fn run_on_tables(
    storage: &Storage,
    lifecycle: &VectorIndexLifecycle,
    operation: &str,
    body: &[u8],
) -> Outcome {
    match operation {
        "CreateTable" => {
            let created = plain!(storage, body, create_table)?;
            slices::index_all(storage)?;
            Ok(created)
        }
        "DescribeTable" => plain!(storage, body, describe_table, lifecycle),
        "UpdateTable" => plain!(storage, body, update_table, lifecycle),
        "DeleteTable" => plain!(storage, body, delete_table, lifecycle),
        "ListTables" => plain!(storage, body, list_tables),
        "UpdateTimeToLive" => plain!(storage, body, update_time_to_live),
        "DescribeTimeToLive" => plain!(storage, body, describe_time_to_live),
        "ListStreams" => plain!(storage, body, list_streams),
        "DescribeStream" => plain!(storage, body, describe_stream),
        "GetShardIterator" => plain!(storage, body, get_shard_iterator),
        "GetRecords" => plain!(storage, body, get_records),
        _ => Err(DynoxideError::UnsupportedCapability(operation.to_owned())),
    }
}

/// The value of a future that never waits, as all of the embedded tables are.
pub(super) fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("the embedded tables wait for nothing"),
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, DynoxideError> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body)
        .map_err(|error| DynoxideError::SerializationException(error.to_string()))
}

fn write(response: &impl Serialize) -> Result<String, DynoxideError> {
    serde_json::to_string(response)
        .map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

/// What a response says it consumed: of one table, or of several.
fn units<C: Tables>(consumed: Option<&C>) -> Vec<(String, f64)> {
    let consumed = consumed.into_iter().flat_map(Tables::tables);
    consumed
        .map(|table| (table.table_name.clone(), table.capacity_units))
        .collect()
}

trait Tables {
    fn tables(&self) -> &[ConsumedCapacity];
}

impl Tables for ConsumedCapacity {
    fn tables(&self) -> &[ConsumedCapacity] {
        std::slice::from_ref(self)
    }
}

impl Tables for Vec<ConsumedCapacity> {
    fn tables(&self) -> &[ConsumedCapacity] {
        self
    }
}
