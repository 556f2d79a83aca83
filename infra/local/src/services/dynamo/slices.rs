//! An index by which a parallel scan goes on where its page before ended.
//!
//! A slice is a range of the hashes of keys, and its items come in their order. The embedded tables keep the hash with
//! each item, but no order of it: without this, every page of a slice goes through everything there is.

#[cfg(test)]
mod tests;

use dynoxide::DynoxideError;
use dynoxide::storage::Storage;

/// Indexes every table there is, one from before this index was made among them.
pub(super) fn index_all(storage: &Storage) -> Result<(), DynoxideError> {
    let tables = storage.list_table_names()?;
    tables.iter().try_for_each(|table| index(storage, table))
}

/// Indexes a table. It goes with its table.
fn index(storage: &Storage, table: &str) -> Result<(), DynoxideError> {
    let table = table.replace('"', "\"\"");
    let sql = format!(
        "CREATE INDEX IF NOT EXISTS \"crm_slices_of_{table}\" ON \"{table}\" (hash_prefix, pk, sk)"
    );
    storage.conn().execute_batch(&sql)?;
    Ok(())
}
