//! A whole replay: find, read, send, work off, report.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context;
use crm_domain::money::Currency;
use crm_sources::Dialect;
use jiff::tz::TimeZone;

use super::deliveries::{DeliveriesError, Reading};
use super::files::{self, Kind};
use super::parked::Before;
use super::report::Report;
use super::skipped::Found;
use super::table::Mapping;
use super::{ReplayArgs, Stage};
use crate::deliver::{Control, Posting, Poured, Progress, pour};

/// Payload files whose names are remembered for the report.
const MOST_ORIGINS: usize = 100_000;

/// Sends everything that `args` name to `stage`, has it worked off, and tells
/// what came of it.
///
/// # Errors
///
/// When a file or the system fails. What was accepted until then stays, and
/// doing it all again is harmless.
pub async fn run(args: &ReplayArgs, stage: &Stage) -> anyhow::Result<Report> {
    let files = files::find(&args.paths)?;
    let reading = reading(args, &files, &stage.control).await?;
    let before = Before::look(&stage.control).await?;
    let sending = RefCell::new(Sending::default());
    let began = Instant::now();
    let progress = Progress::start("sent", None);

    let deliveries = Deliveries {
        reading: &reading,
        files: &files,
        sending: &sending,
    };
    let each = |poured: Poured| {
        progress.one();
        sending.borrow_mut().poured(&poured);
    };
    match args.shuffle {
        None => {
            for round in 0..args.repeat {
                pour(&stage.door, deliveries.round(round == 0), &each).await?;
            }
        }
        Some(seed) => {
            let all = deliveries.shuffled(args.repeat, seed);
            pour(&stage.door, all, &each).await?;
        }
    }
    progress.finish();
    let Sending {
        mut report,
        origins,
        failure,
    } = sending.into_inner();
    if let Some(failure) = failure {
        return Err(failure.into());
    }
    let sent = began.elapsed();
    work_off(&stage.control, report.accepted.values().sum()).await?;
    report.timed(sent, began.elapsed());
    report.parked = before.since(&stage.control, &origins).await?;
    Ok(report)
}

async fn work_off(control: &Control, sent: u64) -> anyhow::Result<()> {
    let progress = Progress::start("worked off", Some(sent));
    control
        .settle(|waiting| progress.at(sent.saturating_sub(waiting)))
        .await?;
    progress.at(sent);
    progress.finish();
    Ok(())
}

/// What is noted while sending.
#[derive(Default)]
struct Sending {
    report: Report,
    origins: HashMap<String, String>,
    failure: Option<DeliveriesError>,
}

impl Sending {
    fn poured(&mut self, poured: &Poured) {
        let posting = &poured.posting;
        let recorded = posting.dialect == Dialect::Shopify;
        if recorded && self.origins.len() < MOST_ORIGINS {
            let id = posting.webhook_id.clone();
            self.origins.insert(id, posting.origin.clone());
        }
        // An import says only what we follow; a shop's payload may say
        // anything, and what cannot be read ends in a queue and is told there.
        let is_followed = !recorded
            || !matches!(
                crm_sources::read(&posting.clone().into_delivery()),
                Ok(None)
            );
        self.report.poured(poured, is_followed);
    }
}

/// What the files hold, round by round.
#[derive(Clone, Copy)]
struct Deliveries<'a> {
    reading: &'a Reading,
    files: &'a [(PathBuf, Kind)],
    sending: &'a RefCell<Sending>,
}

impl<'a> Deliveries<'a> {
    /// Everything once; what stays out is noted in the first round only. Ends
    /// at the first file that fails, which is noted.
    fn round(self, is_first: bool) -> impl Iterator<Item = Posting> + use<'a> {
        let mut all = self.reading.all(self.files);
        std::iter::from_fn(move || {
            loop {
                match all.next()? {
                    Ok(Found::Delivery(posting)) => return Some(posting),
                    Ok(Found::Skipped(skipped)) if is_first => {
                        self.sending.borrow_mut().report.skipped(skipped);
                    }
                    Ok(Found::Skipped(_)) => {}
                    Err(error) => {
                        self.sending.borrow_mut().failure = Some(error);
                        return None;
                    }
                }
            }
        })
    }

    /// Everything so many times over, in an order drawn with `seed`.
    fn shuffled(self, repeat: u32, seed: u64) -> impl Iterator<Item = Posting> {
        let all: Vec<_> = self.round(true).collect();
        let mut places: Vec<_> = (0..repeat).flat_map(|_| 0..all.len()).collect();
        fastrand::Rng::with_seed(seed).shuffle(&mut places);
        places.into_iter().map(move |place| all[place].clone())
    }
}

async fn reading(
    args: &ReplayArgs,
    files: &[(PathBuf, Kind)],
    control: &Control,
) -> anyhow::Result<Reading> {
    let mapping = match (&args.format, &args.mapping) {
        (Some(name), _) => Some(Mapping::built_in(name)?),
        (None, Some(path)) => {
            let text = std::fs::read_to_string(path);
            let text = text.with_context(|| format!("cannot read {}", path.display()))?;
            Some(Mapping::parse(&text).with_context(|| path.display().to_string())?)
        }
        (None, None) => None,
    };
    let has_tables = files.iter().any(|(_, kind)| *kind != Kind::Recorded);
    let books = if has_tables {
        Some(books(args, control).await?)
    } else {
        None
    };
    Ok(Reading {
        shop: args.shop.clone(),
        mapping,
        books,
    })
}

/// Currency and zone of the tables: as given, else the store's own.
async fn books(args: &ReplayArgs, control: &Control) -> anyhow::Result<(Currency, TimeZone)> {
    if let (Some(currency), Some(zone)) = (args.currency, &args.time_zone) {
        return Ok((currency, zone.clone()));
    }
    // A store that cannot be asked is one whose settings are not known.
    let settings = control.settings().await.unwrap_or_default();
    let setting = |name: &str| settings[name].as_str();
    let currency = setting("reporting_currency").and_then(|code| Currency::parse(code).ok());
    let zone = setting("time_zone").and_then(|name| TimeZone::get(name).ok());
    let currency = args
        .currency
        .or(currency)
        .context("a table does not say its currency and the store has none yet: give --currency")?;
    let zone = args.time_zone.clone().or(zone).context(
        "a table does not say its time zone and the store's is not known: give --time-zone",
    )?;
    Ok((currency, zone))
}
