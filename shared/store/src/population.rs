//! What follows from everyone: the cut-offs in force, and the figures of each
//! day.

use std::collections::BTreeMap;

use crm_domain::population::{Cutoffs, Snapshot};
use crm_domain::settings::Settings;
use jiff::civil::Date;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::Store;
use crate::changes::{Changes, Committed, Expected};
use crate::error::StoreError;
use crate::item::{Item, from_item, text, to_item};
use crate::keys::{self, Key};
use crate::read::{Consistency, Loaded, Wanted};

/// Most days told of at once.
pub const MOST_DAYS: i32 = 400;
/// Years that are kept one by one.
const MOST_YEARS: i16 = 80;

/// Customers by channel, then by month of the first order.
pub type Acquired = BTreeMap<String, BTreeMap<String, u64>>;

/// Kept as text, as the settings are: the document's own shape is its
/// contract.
#[derive(Serialize, Deserialize)]
struct DocumentItem {
    v: u64,
    document: String,
}

impl Changes {
    /// Replaces the cut-offs of the version before these, and keeps them by
    /// their version: whoever was judged by them is told so long after.
    ///
    /// # Errors
    ///
    /// [`StoreError::Malformed`], never in practice.
    pub fn cutoffs_put(&mut self, cutoffs: &Cutoffs) -> Result<(), StoreError> {
        let key = keys::cutoffs();
        let item = document("cutoffs", &key, cutoffs.version, cutoffs)?;
        let before = cutoffs.version.saturating_sub(1);
        self.put(true, key, item, Expected::read_at(before));
        let key = keys::cutoffs_of(cutoffs.version);
        let item = document("cutoffs", &key, cutoffs.version, cutoffs)?;
        self.put(false, key, item, Expected::Anything);
        Ok(())
    }

    /// Keeps the figures of a day; a later pass of the same day replaces them.
    /// Who was won when by which channel lies beside them, an item a year: it
    /// grows with every month, and an item has a limit.
    ///
    /// # Errors
    ///
    /// [`StoreError::Malformed`], never in practice.
    pub fn population_put(&mut self, figures: &Snapshot) -> Result<(), StoreError> {
        let (key, item) = figures_item(figures)?;
        self.put(false, key, item, Expected::Anything);
        let version = figures.cutoffs.version;
        for (year, won) in by_year(figures) {
            let key = keys::acquired(version, &year);
            let item = document("acquired", &key, version, &won)?;
            self.put(false, key, item, Expected::Anything);
        }
        Ok(())
    }
}

impl Store {
    /// Replaces the figures of a pass by the same counted anew, unless a
    /// later pass of the day has made others.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn population_count(&self, figures: &Snapshot) -> Result<Committed, StoreError> {
        let key = keys::population(figures.on);
        let version = figures.cutoffs.version;
        let item = document("population", &key, version, figures)?;
        let mut changes = Changes::new();
        changes.put(false, key, item, Expected::Version(version));
        self.commit(changes).await
    }

    /// Customers by channel and month of the first order, as the pass of
    /// these figures found them.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn acquired_fetch(&self, figures: &Snapshot) -> Result<Acquired, StoreError> {
        // Figures from before they lay apart have them within.
        let mut all = figures.acquired.clone();
        let pk = keys::acquired_of(figures.cutoffs.version);
        for item in self.partition(&pk).await? {
            let won: Acquired = read("acquired", item)?;
            for (channel, months) in won {
                all.entry(channel).or_default().extend(months);
            }
        }
        Ok(all)
    }

    /// The cut-offs in force, as every write before this made them.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn cutoffs_fetch(&self) -> Result<Cutoffs, StoreError> {
        let rules = self.rules_read(Consistency::Strong).await?;
        Ok(rules.1)
    }

    /// The settings and the cut-offs in force, in one read, perhaps a moment
    /// old; the defaults until somebody changed them, and until the first
    /// pass.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn rules_fetch(&self) -> Result<(Settings, Cutoffs), StoreError> {
        self.rules_read(Consistency::Eventual).await
    }

    /// The settings and the cut-offs in force, as fresh as asked for.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn rules_read(&self, how: Consistency) -> Result<(Settings, Cutoffs), StoreError> {
        let loaded = self.load(Wanted::default().rules(), how).await?;
        loaded.rules()
    }

    /// The cut-offs of a version, in force or not; none before the first.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn cutoffs_of(&self, version: u64) -> Result<Option<Cutoffs>, StoreError> {
        let item = self.fact_item(&keys::cutoffs_of(version)).await?;
        item.map(|item| read("cutoffs", item)).transpose()
    }

    /// The newest figures up to a date, or of all, if there are any.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn population_fetch(&self, on: Option<Date>) -> Result<Option<Snapshot>, StoreError> {
        let until = on.unwrap_or(Date::MAX);
        let found = self.population_query(Date::MIN, until, Some(1)).await?;
        let figures = found.into_iter().next();
        figures.map(|item| read("population", item)).transpose()
    }

    /// The figures from one date to another, both included, the earliest
    /// first: those of at most [`MOST_DAYS`] days.
    ///
    /// # Errors
    ///
    /// Any [`StoreError`].
    pub async fn population_list(&self, from: Date, to: Date) -> Result<Vec<Snapshot>, StoreError> {
        let found = self.population_query(from, to, None).await?;
        let figures = found.into_iter();
        figures.map(|item| read("population", item)).collect()
    }

    /// The newest items of some days, or else all of them, the earliest first.
    async fn population_query(
        &self,
        from: Date,
        to: Date,
        newest: Option<i32>,
    ) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        let mut start = None;
        loop {
            let answer = self
                .query_done(
                    self.client
                        .query()
                        .table_name(&self.facts)
                        .consistent_read(true)
                        .key_condition_expression("pk = :all AND sk BETWEEN :from AND :to")
                        .expression_attribute_values(":all", text(keys::POPULATION))
                        .expression_attribute_values(":from", text(keys::population(from).sk))
                        .expression_attribute_values(":to", text(keys::population(to).sk))
                        .scan_index_forward(newest.is_none())
                        .limit(newest.unwrap_or(MOST_DAYS))
                        .set_exclusive_start_key(start),
                )
                .await?;
            items.extend(answer.items.unwrap_or_default());
            start = answer.last_evaluated_key;
            let most = usize::try_from(newest.unwrap_or(MOST_DAYS)).unwrap_or_default();
            if start.is_none() || items.len() >= most {
                items.truncate(most);
                return Ok(items);
            }
        }
    }
}

impl Loaded {
    /// The settings and the cut-offs, if they were wanted.
    pub(crate) fn rules(&self) -> Result<(Settings, Cutoffs), StoreError> {
        let settings: Option<Settings> = self.document("settings", &keys::settings())?;
        let cutoffs: Option<Cutoffs> = self.document("cutoffs", &keys::cutoffs())?;
        Ok((settings.unwrap_or_default(), cutoffs.unwrap_or_default()))
    }

    pub(crate) fn document<T: DeserializeOwned>(
        &self,
        kind: &'static str,
        key: &Key,
    ) -> Result<Option<T>, StoreError> {
        let item: Option<DocumentItem> = self.get(kind, key)?;
        let read = |item: DocumentItem| parse(kind, &item.document);
        item.map(read).transpose()
    }
}

/// The figures alone.
fn figures_item(figures: &Snapshot) -> Result<(Key, Item), StoreError> {
    let alone = Snapshot {
        acquired: Acquired::new(),
        ..figures.clone()
    };
    let key = keys::population(figures.on);
    let item = document("population", &key, figures.cutoffs.version, &alone)?;
    Ok((key, item))
}

/// Customers won, by year. All are written in one transaction, so what is
/// older than a life is one year.
fn by_year(figures: &Snapshot) -> BTreeMap<String, Acquired> {
    let oldest = format!("{:04}", figures.on.year() - MOST_YEARS);
    let mut years: BTreeMap<String, Acquired> = BTreeMap::new();
    for (channel, months) in &figures.acquired {
        for (month, customers) in months {
            let year = month.get(..4).unwrap_or_default().max(&oldest);
            let won = years.entry(year.to_owned()).or_default();
            let months = won.entry(channel.clone()).or_default();
            months.insert(month.clone(), *customers);
        }
    }
    years
}

pub(crate) fn document<T: Serialize>(
    kind: &'static str,
    key: &Key,
    v: u64,
    value: &T,
) -> Result<Item, StoreError> {
    let document =
        serde_json::to_string(value).map_err(|_| StoreError::Malformed { item: kind })?;
    to_item(kind, key, &DocumentItem { v, document })
}

fn read<T: DeserializeOwned>(kind: &'static str, item: Item) -> Result<T, StoreError> {
    let item: DocumentItem = from_item(kind, item)?;
    parse(kind, &item.document)
}

fn parse<T: DeserializeOwned>(kind: &'static str, document: &str) -> Result<T, StoreError> {
    serde_json::from_str(document).map_err(|_| StoreError::Malformed { item: kind })
}
