//! Everyone as a run found them on a past date.

use crm_domain::segment::assess;
use crm_store::{AsOfPlace, AsOfRow, Store, StoreError};

use super::row::{Table, Who};
use crate::assessment::Past;

/// Rows read at once.
const ROWS: i32 = 500;

/// Fills a page from a place on; the place where the next one begins.
pub(super) async fn fill(
    store: &Store,
    table: &mut Table,
    past: &Past,
    mut from: Option<AsOfPlace>,
) -> Result<Option<AsOfPlace>, StoreError> {
    loop {
        let room = i32::try_from(table.room()).unwrap_or(ROWS).min(ROWS);
        if room == 0 {
            return Ok(from);
        }
        let page = store.asof_rows(&past.run, from, room).await?;
        for row in &page.items {
            add(table, past, row);
        }
        from = page.next;
        if from.is_none() {
            return Ok(None);
        }
    }
}

fn add(table: &mut Table, past: &Past, row: &AsOfRow) {
    let rules = past.made_by.rules();
    let assessment = assess(&row.subject(), &rules, past.on, None);
    let who = Who {
        id: &row.person,
        external_ids: row.external_ids.iter().collect(),
        subject: row.subject(),
        assessment: &assessment,
    };
    table.add(&who, &rules);
}
