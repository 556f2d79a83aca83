//! Tables as the template describes them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::error::Result;
use super::names;
use super::properties::Properties;

/// One DynamoDB table.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// The name the SDK uses.
    pub name: String,
    /// Its primary key.
    pub key: Key,
    /// Type (`S`, `N` or `B`) of every attribute used in a key.
    pub attributes: BTreeMap<String, String>,
    /// Its global secondary indexes.
    pub indexes: Vec<Index>,
    /// What its stream shows (`NEW_AND_OLD_IMAGES`, ...), if it has one.
    pub stream: Option<String>,
    /// The attribute that says when an item expires, if any does.
    pub ttl: Option<String>,
}

/// The attributes of a primary key.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// The partition key's attribute.
    pub hash: String,
    /// The sort key's attribute, if there is one.
    pub range: Option<String>,
}

/// A global secondary index.
#[derive(Debug, Clone, PartialEq)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// Its key.
    pub key: Key,
    /// `ALL`, `KEYS_ONLY` or `INCLUDE`.
    pub projection: String,
    /// The attributes an `INCLUDE` projection adds.
    pub included: Vec<String>,
}

impl Table {
    /// The ARN of its change stream.
    #[must_use]
    pub fn stream_arn(&self) -> String {
        names::stream_arn(&self.name)
    }

    pub(super) fn read(name: String, mut properties: Properties) -> Result<Self> {
        let mut stream = properties.map("StreamSpecification")?;
        let mut ttl = properties.map("TimeToLiveSpecification")?;
        let ttl_enabled = ttl.flag("Enabled", false)?;
        let table = Self {
            name,
            key: key(&mut properties)?,
            attributes: attributes(&mut properties)?,
            indexes: properties
                .list("GlobalSecondaryIndexes")?
                .into_iter()
                .map(index)
                .collect::<Result<_>>()?,
            stream: stream.text("StreamViewType")?,
            ttl: ttl.text("AttributeName")?.filter(|_| ttl_enabled),
        };
        table.check_key_types(&properties)?;
        properties.finish(&[
            "BillingMode",
            "DeletionProtectionEnabled",
            "ContributorInsightsSpecification",
            "OnDemandThroughput",
            "PointInTimeRecoverySpecification",
            "ResourcePolicy",
            "SSESpecification",
            "TableClass",
            "TableName",
            "Tags",
        ])?;
        Ok(table)
    }

    fn check_key_types(&self, properties: &Properties) -> Result<()> {
        let indexes = self.indexes.iter().map(|index| &index.key);
        let used = indexes.chain([&self.key]);
        for name in used.flat_map(|key| key.range.iter().chain([&key.hash])) {
            if !self.attributes.contains_key(name) {
                let at = properties.at("AttributeDefinitions");
                return Err(at.wrong(format!("the key attribute {name} has no type")));
            }
        }
        Ok(())
    }
}

fn key(properties: &mut Properties) -> Result<Key> {
    let at = properties.at("KeySchema");
    let (mut hash, mut range) = (None, None);
    for mut part in properties.list("KeySchema")? {
        let name = part.needed("AttributeName")?;
        match part.needed("KeyType")?.as_str() {
            "HASH" => hash = Some(name),
            "RANGE" => range = Some(name),
            _ => return Err(part.at("KeyType").wrong("must be HASH or RANGE")),
        }
    }
    let hash = hash.ok_or_else(|| at.wrong("needs a HASH key"))?;
    Ok(Key { hash, range })
}

fn attributes(properties: &mut Properties) -> Result<BTreeMap<String, String>> {
    let definitions = properties.list("AttributeDefinitions")?;
    let typed = definitions.into_iter().map(|mut definition| {
        let name = definition.needed("AttributeName")?;
        Ok((name, definition.needed("AttributeType")?))
    });
    typed.collect()
}

fn index(mut properties: Properties) -> Result<Index> {
    let mut projection = properties.map("Projection")?;
    let included = match projection.take("NonKeyAttributes") {
        Some(Value::Array(names)) => names
            .iter()
            .filter_map(|name| name.as_str().map(str::to_owned))
            .collect(),
        _ => Vec::new(),
    };
    let index = Index {
        name: properties.needed("IndexName")?,
        key: key(&mut properties)?,
        projection: projection.needed("ProjectionType")?,
        included,
    };
    properties.finish(&["ContributorInsightsSpecification", "OnDemandThroughput"])?;
    Ok(index)
}
