//! Goes through a template's resources and writes down what is connected to what.

use std::collections::BTreeMap;

use serde_json::Value;

use super::document::Document;
use super::error::{At, Result};
use super::function::{self, Function};
use super::properties::Properties;
use super::queue::Queue;
use super::route::{self, Route};
use super::rule::Rule;
use super::schedule::Schedule;
use super::source::Source;
use super::table::Table;
use super::{Wiring, names};

/// An event of a SAM function, to be read when all functions are known.
type Event = (String, At, Value);

pub(super) fn wire(document: &Document) -> Result<Wiring> {
    let reader = Reader { document };
    let mut wiring = Wiring {
        tables: reader.each("AWS::DynamoDB::Table", |id, properties| {
            Table::read(reader.name(id)?, properties)
        })?,
        queues: reader.each("AWS::SQS::Queue", |id, properties| {
            Queue::read(reader.name(id)?, properties)
        })?,
        buses: reader.each("AWS::Events::EventBus", |id, _| reader.name(id))?,
        rules: reader.each("AWS::Events::Rule", |id, properties| {
            Rule::read(reader.name(id)?, properties)
        })?,
        schedules: reader.each("AWS::Scheduler::Schedule", |id, properties| {
            Schedule::read(reader.name(id)?, properties)
        })?,
        secrets: reader.each("AWS::SecretsManager::Secret", |id, _| reader.name(id))?,
        ..Wiring::default()
    };
    let events = reader.functions(&mut wiring)?;
    event_sources(&mut wiring, events)?;
    reader.mappings(&mut wiring)?;
    reader.routes(&mut wiring)?;
    super::check::check(&wiring)?;
    Ok(wiring)
}

struct Reader<'a> {
    document: &'a Document,
}

impl Reader<'_> {
    /// What `read` makes of every resource of one kind, in the order of their ids.
    fn each<T>(&self, kind: &str, read: impl Fn(&str, Properties) -> Result<T>) -> Result<Vec<T>> {
        let resolver = &self.document.resolver;
        let of_kind = resolver
            .resources
            .iter()
            .filter(|(id, resource)| resource.kind == kind && !resolver.left_out.contains(id));
        of_kind
            .map(|(id, resource)| {
                let at = At::new(id);
                let properties = resolver.resolve_map(&at, &resource.properties)?;
                read(id, Properties::new(at, properties)?)
            })
            .collect()
    }

    fn name(&self, id: &str) -> Result<String> {
        names::resource_name(&self.document.resolver, &At::new(id), id)
    }

    fn functions(&self, wiring: &mut Wiring) -> Result<Vec<Event>> {
        let globals = self.document.function_globals.as_ref();
        let at = At::new("Globals.Function");
        let globals = globals
            .map(|globals| self.document.resolver.value(&at, globals))
            .transpose()?;
        let mut events = Vec::new();
        let kind = "AWS::Serverless::Function";
        let functions = self.each(kind, |id, properties| Ok((id.to_owned(), properties)))?;
        for (id, mut own) in functions {
            let own_events = own.map("Events")?;
            events.extend(
                own_events
                    .rest()
                    .map(|(_, at, event)| (id.clone(), at, event)),
            );
            let own = own.rest().map(|(name, _, value)| (name, value)).collect();
            let properties = function::with_globals(globals.as_ref(), &own);
            let properties = Properties::new(At::new(&id), properties)?;
            let function = Function::read(&id, self.name(&id)?, properties)?;
            wiring.functions.insert(id, function);
        }
        Ok(events)
    }

    fn mappings(&self, wiring: &mut Wiring) -> Result<()> {
        let functions = &wiring.functions;
        let mappings = self.each("AWS::Lambda::EventSourceMapping", |id, mut properties| {
            let at = properties.at("FunctionName");
            let function = properties.needed("FunctionName")?;
            let function = function::pointed_at(&at, functions, &function)?.id.clone();
            let arn = properties.needed("EventSourceArn")?;
            Source::read(id.to_owned(), function, &arn, properties)
        })?;
        wiring.sources.extend(mappings);
        Ok(())
    }

    fn routes(&self, wiring: &mut Wiring) -> Result<()> {
        let functions = &wiring.functions;
        let kind = "AWS::ApiGatewayV2::Integration";
        let integrations = self.each(kind, |id, properties| {
            Ok((id.to_owned(), route::integration(properties, functions)?))
        })?;
        let integrations = integrations.into_iter().collect::<BTreeMap<_, _>>();
        wiring.routes = self.each("AWS::ApiGatewayV2::Route", |_, properties| {
            Route::read(properties, &integrations)
        })?;
        Ok(())
    }
}

/// Reads the events of functions: what feeds them, and what wakes them.
fn event_sources(wiring: &mut Wiring, events: Vec<Event>) -> Result<()> {
    for (function, at, event) in events {
        let mut event = Properties::new(at.clone(), event)?;
        let mut properties = event.map("Properties")?;
        let name = at.last().to_owned();
        let id = format!("{function}{name}");
        match event.needed("Type")?.as_str() {
            "SQS" => {
                let arn = properties.needed("Queue")?;
                wiring
                    .sources
                    .push(Source::read(id, function, &arn, properties)?);
            }
            "DynamoDB" => {
                let arn = properties.needed("Stream")?;
                wiring
                    .sources
                    .push(Source::read(id, function, &arn, properties)?);
            }
            "ScheduleV2" => {
                let name = properties.text("Name")?.unwrap_or(id);
                let arn = wiring.functions[&function].arn();
                let schedule = Schedule::of_function(arn, name, properties)?;
                wiring.schedules.push(schedule);
            }
            other => {
                let problem = format!("events of type {other} are not supported");
                return Err(at.inside("Type").wrong(problem));
            }
        }
    }
    Ok(())
}
