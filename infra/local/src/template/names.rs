//! What a resource is called locally: the one place that says which URL, ARN or name a reference becomes.

use serde_json::Value;

use super::error::{At, Result};
use super::resolve::Resolver;

/// The account every local resource belongs to.
pub const ACCOUNT: &str = "000000000000";
/// The region every local resource lives in.
pub const REGION: &str = "eu-central-1";
/// The name of the local stack.
pub const STACK: &str = "crm-local";

/// The URL under which the SDK addresses the queue called `name`.
#[must_use]
pub fn queue_url(name: &str) -> String {
    format!("https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}")
}

/// The ARN of `resource` (`table/Orders`, or a bare queue name) in `service`.
#[must_use]
pub fn arn(service: &str, resource: &str) -> String {
    format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}")
}

/// The last part of an ARN: the queue of `arn:aws:sqs:eu-central-1:000000000000:Orders`.
#[must_use]
pub fn of_arn(arn: &str) -> &str {
    arn.rsplit([':', '/']).next().unwrap_or(arn)
}

/// The ARN of a table's change stream.
#[must_use]
pub fn stream_arn(table: &str) -> String {
    format!(
        "{}/stream/local",
        arn("dynamodb", &format!("table/{table}"))
    )
}

/// The value of a pseudo-parameter, such as `AWS::Region`.
pub(super) fn pseudo_parameter(name: &str) -> Option<String> {
    Some(match name {
        "AWS::Region" => REGION.to_owned(),
        "AWS::AccountId" => ACCOUNT.to_owned(),
        "AWS::Partition" => "aws".to_owned(),
        "AWS::URLSuffix" => "amazonaws.com".to_owned(),
        "AWS::StackName" => STACK.to_owned(),
        "AWS::StackId" => arn("cloudformation", &format!("stack/{STACK}/local")),
        _ => return None,
    })
}

/// The property that overrides the logical id as a resource's name.
fn name_property(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "AWS::DynamoDB::Table" => "TableName",
        "AWS::SQS::Queue" => "QueueName",
        "AWS::Serverless::Function" => "FunctionName",
        "AWS::Events::EventBus"
        | "AWS::Events::Rule"
        | "AWS::SecretsManager::Secret"
        | "AWS::Scheduler::Schedule" => "Name",
        _ => return None,
    })
}

/// What the resource is called: its own name property, else its logical id.
pub(super) fn resource_name(resolver: &Resolver, at: &At, id: &str) -> Result<String> {
    let resource = resolver.resource(at, id)?;
    let given = name_property(&resource.kind).and_then(|name| resource.properties.get(name));
    let Some(given) = given else {
        return Ok(id.to_owned());
    };
    match resolver.resolve(&at.hop()?, given)? {
        None => Ok(id.to_owned()),
        Some(Value::String(name)) => Ok(name),
        Some(_) => Err(at.wrong(format!("the name of {id} must be a text"))),
    }
}

/// What `!Ref id` stands for.
pub(super) fn reference(resolver: &Resolver, at: &At, id: &str) -> Result<String> {
    let name = resource_name(resolver, at, id)?;
    Ok(match resolver.resource(at, id)?.kind.as_str() {
        "AWS::SQS::Queue" => queue_url(&name),
        "AWS::SecretsManager::Secret" => secret_arn(&name),
        _ => name,
    })
}

/// What `!GetAtt id.attribute` stands for. Of a resource that plays no part locally: a
/// text that says so.
pub(super) fn attribute(resolver: &Resolver, at: &At, id: &str, wanted: &str) -> Result<String> {
    if resolver.is_made_by_sam(id) {
        return Ok(arn("iam", &format!("role/{id}")));
    }
    let name = resource_name(resolver, at, id)?;
    let kind = resolver.resource(at, id)?.kind.as_str();
    Ok(match (kind, wanted) {
        ("AWS::SQS::Queue", "Arn") => arn("sqs", &name),
        ("AWS::SQS::Queue", "QueueUrl") => queue_url(&name),
        ("AWS::DynamoDB::Table", "Arn") => arn("dynamodb", &format!("table/{name}")),
        ("AWS::DynamoDB::Table", "StreamArn") => stream_arn(&name),
        ("AWS::Serverless::Function", "Arn") => arn("lambda", &format!("function:{name}")),
        ("AWS::Events::EventBus", "Arn") => arn("events", &format!("event-bus/{name}")),
        ("AWS::SecretsManager::Secret", "Id") => secret_arn(&name),
        ("AWS::SQS::Queue", "QueueName") | ("AWS::Events::EventBus", "Name") => name,
        (kind, _) if name_property(kind).is_some() => {
            return Err(at.wrong(format!("{id} ({kind}) has no attribute {wanted}")));
        }
        _ => format!("local:{id}.{wanted}"),
    })
}

fn secret_arn(name: &str) -> String {
    arn("secretsmanager", &format!("secret:{name}"))
}
