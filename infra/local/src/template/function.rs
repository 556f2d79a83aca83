//! Functions as the template describes them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::error::{At, Result};
use super::names;
use super::properties::Properties;
use super::resolve::as_text;

/// One Lambda function.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// Its logical id.
    pub id: String,
    /// Its name: the logical id unless the template gives another.
    pub name: String,
    /// The package its code is in: the last folder of `CodeUri`.
    pub package: String,
    /// When an invocation is cut off.
    pub timeout_seconds: u32,
    /// Its memory.
    pub memory_mb: u32,
    /// Its environment, resolved.
    pub variables: BTreeMap<String, String>,
    /// What happens to an event nobody waits for the answer of.
    pub unanswered: Unanswered,
}

/// How often an asynchronous invocation is tried again, and where its event goes after that.
#[derive(Debug, Clone, PartialEq)]
pub struct Unanswered {
    /// Tries after the first one.
    pub retries: u32,
    /// The name of the queue that takes events that never succeeded.
    pub dead_letters: Option<String>,
}

impl Function {
    /// The ARN other resources point at it with.
    #[must_use]
    pub fn arn(&self) -> String {
        names::arn("lambda", &format!("function:{}", self.name))
    }

    /// Reads one function; `properties` has its `Events` taken out and `Globals` merged in.
    pub(super) fn read(id: &str, name: String, mut properties: Properties) -> Result<Self> {
        let at = properties.at("CodeUri");
        let code = properties.needed("CodeUri")?;
        let package = code.trim_end_matches('/').rsplit('/').next();
        let package = package.filter(|package| !package.is_empty());
        let function = Self {
            id: id.to_owned(),
            name,
            package: package
                .ok_or_else(|| at.wrong("must end in the package's folder"))?
                .to_owned(),
            timeout_seconds: properties.count("Timeout", 3)?,
            memory_mb: properties.count("MemorySize", 128)?,
            variables: variables(properties.map("Environment")?)?,
            unanswered: unanswered(&mut properties)?,
        };
        properties.finish(&[
            "Architectures",
            "Description",
            "EphemeralStorage",
            "FunctionName",
            "Handler",
            "LoggingConfig",
            "PackageType",
            "PermissionsBoundary",
            "Policies",
            "RecursiveLoop",
            "ReservedConcurrentExecutions",
            "Role",
            "Runtime",
            "Tags",
            "Tracing",
        ])?;
        Ok(function)
    }
}

fn variables(mut environment: Properties) -> Result<BTreeMap<String, String>> {
    let variables = environment.map("Variables")?;
    environment.finish(&[])?;
    variables
        .rest()
        .map(|(name, at, value)| Ok((name, as_text(&at, &value)?)))
        .collect()
}

fn unanswered(properties: &mut Properties) -> Result<Unanswered> {
    let mut config = properties.map("EventInvokeConfig")?;
    let mut failure = config.map("DestinationConfig")?.map("OnFailure")?;
    let mut queue = properties.map("DeadLetterQueue")?;
    let arn = match failure.text("Destination")? {
        Some(arn) => Some(arn),
        None => queue.text("TargetArn")?,
    };
    Ok(Unanswered {
        retries: config.count("MaximumRetryAttempts", 2)?,
        dead_letters: arn.map(|arn| names::of_arn(&arn).to_owned()),
    })
}

/// `own` on top of `globals`: maps are merged, lists joined, anything else replaced, as SAM does.
pub(super) fn with_globals(globals: Option<&Value>, own: &Map<String, Value>) -> Value {
    let own = Value::Object(own.clone());
    globals.map_or_else(|| own.clone(), |globals| merged(globals, &own))
}

fn merged(globals: &Value, own: &Value) -> Value {
    match (globals, own) {
        (Value::Object(globals), Value::Object(own)) => {
            let mut all = globals.clone();
            for (key, value) in own {
                let value = all
                    .get(key)
                    .map_or_else(|| value.clone(), |under| merged(under, value));
                all.insert(key.clone(), value);
            }
            Value::Object(all)
        }
        (Value::Array(globals), Value::Array(own)) => globals.iter().chain(own).cloned().collect(),
        _ => own.clone(),
    }
}

/// The logical id of the function that an ARN, a name or an integration's URI leads to.
pub(super) fn pointed_at<'a>(
    at: &At,
    functions: &'a BTreeMap<String, Function>,
    target: &str,
) -> Result<&'a Function> {
    let target = target.strip_suffix("/invocations").unwrap_or(target);
    functions
        .values()
        .find(|function| target == function.name || target.ends_with(&function.arn()))
        .ok_or_else(|| at.wrong(format!("{target} is no function of this template")))
}
