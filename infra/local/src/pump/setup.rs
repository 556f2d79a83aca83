//! The sources of a template, made ready.

use super::PumpError;
use super::context::Context;
use super::filter::Filter;
use super::queue::QueueSource;
use super::stream::{Mapping, Settings, StreamSource};
use crate::template::{From, Source, Wiring};

pub(super) fn queues(wiring: &Wiring) -> Result<Vec<QueueSource>, PumpError> {
    let mut sources = Vec::new();
    for source in enabled(wiring) {
        if let From::Queue {
            queue,
            maximum_concurrency,
        } = &source.from
        {
            let (filter, limit) = (filter(source)?, *maximum_concurrency);
            sources.push(QueueSource::new(
                source.clone(),
                queue.clone(),
                limit,
                filter,
            ));
        }
    }
    Ok(sources)
}

pub(super) fn streams(wiring: &Wiring, context: &Context) -> Result<Vec<StreamSource>, PumpError> {
    let mut sources = Vec::new();
    for source in enabled(wiring) {
        let From::Stream {
            table,
            from_the_beginning,
            bisect,
            max_retries,
            max_age_seconds,
            on_failure,
        } = &source.from
        else {
            continue;
        };
        let is_table = |candidate: &&crate::template::Table| &candidate.name == table;
        let (Some(table), Some(function)) = (
            wiring.tables.iter().find(is_table),
            wiring.functions.get(&source.function),
        ) else {
            continue;
        };
        let settings = Settings {
            bisect: *bisect,
            max_retries: *max_retries,
            max_age_seconds: *max_age_seconds,
            on_failure: on_failure.clone(),
        };
        let filter = filter(source)?;
        let mapping = Mapping::new(source.clone(), table, function.arn(), filter, settings);
        sources.push(StreamSource::open(mapping, *from_the_beginning, context)?);
    }
    Ok(sources)
}

fn enabled(wiring: &Wiring) -> impl Iterator<Item = &Source> {
    wiring.sources.iter().filter(|source| source.enabled)
}

fn filter(source: &Source) -> Result<Filter, PumpError> {
    Filter::parse(&source.filters).map_err(|error| PumpError::Filter {
        source_id: source.id.clone(),
        source: error,
    })
}
