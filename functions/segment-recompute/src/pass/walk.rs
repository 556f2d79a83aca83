//! Going through a part of a slice, whatever is looked for.

use std::pin::Pin;

use crm_store::{
    Committed, Glanced, Partial, PartialKey, PassStep, PersonPlace, RunRecord, RunStage, ScanPage,
    ScanPlace, Scanned, SlicePart, Store, StoreError,
};

use super::PassError;
use crate::Function;
use crate::pass::Bounds;

/// Names under which partials are kept.
pub(super) const MEASURE: &str = "measure";
pub(super) const APPLY: &str = "apply";

/// What is done with everyone on the way.
pub(super) trait Visit {
    /// As much of everyone as it looks at.
    type Record: Record;

    /// Looks at a record. Gives how many persons had to be written or looked
    /// up in detail for it.
    async fn visit(&mut self, record: Self::Record) -> Result<u32, PassError>;

    /// What the records seen come to, and the read units of going through them.
    async fn result(self, read_units: f64) -> Result<Vec<u8>, PassError>;
}

/// A record as a scan gives it: whole, or at a glance.
pub(super) trait Record: Sized {
    /// A page of them.
    async fn page(
        store: &Store,
        slice: u32,
        of: u32,
        from: Option<ScanPlace>,
        limit: i32,
    ) -> Result<ScanPage<Self>, StoreError>;

    /// The place right behind it.
    fn place(&self) -> PersonPlace;
}

impl Record for Scanned {
    async fn page(
        store: &Store,
        slice: u32,
        of: u32,
        from: Option<ScanPlace>,
        limit: i32,
    ) -> Result<ScanPage<Self>, StoreError> {
        store.people_scan(slice, of, from, limit).await
    }

    fn place(&self) -> PersonPlace {
        self.place()
    }
}

impl Record for Glanced {
    async fn page(
        store: &Store,
        slice: u32,
        of: u32,
        from: Option<ScanPlace>,
        limit: i32,
    ) -> Result<ScanPage<Self>, StoreError> {
        store.people_glance(slice, of, from, limit).await
    }

    fn place(&self) -> PersonPlace {
        self.place()
    }
}

impl Function {
    /// Does a part of a slice, unless it was done, and sends what follows.
    /// Boxed: what is gathered on the way is too big for every step's state.
    pub(super) fn walk<'a>(
        &'a self,
        run: &'a RunRecord,
        part: &'a SlicePart,
        visit: impl Visit + 'a,
    ) -> Pin<Box<dyn Future<Output = Result<(), PassError>> + 'a>> {
        Box::pin(self.walk_through(run, part, visit))
    }

    async fn walk_through(
        &self,
        run: &RunRecord,
        part: &SlicePart,
        visit: impl Visit,
    ) -> Result<(), PassError> {
        let key = PartialKey {
            run: &run.id,
            stage: name(run.stage),
            slice: part.slice,
            part: part.part,
        };
        let kept = match self.store.partial_fetch(key).await? {
            Some(kept) => kept,
            None => self.walk_part(run, part, key, visit).await?,
        };
        match kept.next {
            Some(from) => {
                let next = part.following(from);
                let step = match run.stage {
                    RunStage::Applying => PassStep::Apply(next),
                    _ => PassStep::Measure(next),
                };
                self.send_step(&run.id, step).await
            }
            None => self.slice_done(&run.id, run.stage, part.slice).await,
        }
    }

    /// What this attempt or a faster one made of the part.
    async fn walk_part<V: Visit>(
        &self,
        run: &RunRecord,
        part: &SlicePart,
        key: PartialKey<'_>,
        mut visit: V,
    ) -> Result<Partial, PassError> {
        let mut walked = Walked::default();
        let mut place = part.from.clone().map(ScanPlace::from);
        let next = loop {
            let (slice, of) = (part.slice, run.slices);
            let page = V::Record::page(&self.store, slice, of, place, self.bounds.page).await?;
            walked.pages += 1;
            walked.read_units += page.read_units;
            walked.last = page.items.last().map(Record::place).or(walked.last);
            for record in page.items {
                walked.writes += visit.visit(record).await?;
            }
            place = page.next;
            if place.is_none() {
                break None;
            }
            if let Some(last) = walked.enough(&self.bounds) {
                break Some(last);
            }
        };
        let body = visit.result(walked.read_units).await?;
        let partial = Partial { next, body };
        match self
            .store
            .partial_put(key, &partial, run.expires_at)
            .await?
        {
            Committed::Done => Ok(partial),
            Committed::Conflict => {
                let faster = self.store.partial_fetch(key).await?;
                faster.ok_or(PassError::Unreadable)
            }
        }
    }

    /// Every partial of a slice, in order.
    pub(super) async fn partials<T>(
        &self,
        run: &RunRecord,
        stage: &str,
        slice: u32,
        mut each: impl FnMut(T),
    ) -> Result<(), PassError>
    where
        T: serde::de::DeserializeOwned,
    {
        for part in 0.. {
            let key = PartialKey {
                run: &run.id,
                stage,
                slice,
                part,
            };
            let Some(kept) = self.store.partial_fetch(key).await? else {
                return Ok(());
            };
            each(super::blob::unpack(&kept.body)?);
            if kept.next.is_none() {
                return Ok(());
            }
        }
        Ok(())
    }
}

/// How far this invocation has come.
#[derive(Default)]
struct Walked {
    pages: u32,
    writes: u32,
    read_units: f64,
    last: Option<PersonPlace>,
}

impl Walked {
    /// Behind whom the next invocation goes on, once this one has done enough.
    fn enough(&self, bounds: &Bounds) -> Option<PersonPlace> {
        let enough = self.pages >= bounds.pages || self.writes >= bounds.writes;
        self.last.clone().filter(|_| enough)
    }
}

fn name(stage: RunStage) -> &'static str {
    match stage {
        RunStage::Applying => APPLY,
        _ => MEASURE,
    }
}
