//! The two tables alone, in memory, behind the real clients: what a test of
//! one function stands on.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::create_table::builders::CreateTableFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType,
};
use crm_lambda::{SdkConfig, Variables};
use crm_local::clock::Clock;
use crm_local::services::Services;
use crm_store::Store;
use crm_store::keys::{DUE_INDEX, NODE_INDEX, SEGMENT_INDEX};
use jiff::Timestamp;

const PEOPLE: &str = "people";
const FACTS: &str = "facts";
const TOMBSTONE_KEY: &str = "tombstones";
/// Id of the secret that cursors are sealed by.
pub const CURSOR_KEY: &str = "cursors";

/// Both tables with their indexes, empty.
#[derive(Clone)]
pub struct Tables {
    /// The services they are in, to put faults into.
    pub services: Services,
    /// The store over them.
    pub store: Store,
}

impl Tables {
    /// New tables; their clock stands at `now`.
    ///
    /// # Errors
    ///
    /// When the embedded database refuses.
    pub async fn new(now: Timestamp) -> anyhow::Result<Self> {
        let services = Services::in_memory(Clock::fixed(now))?;
        services
            .secrets()
            .create(TOMBSTONE_KEY, "a key of this test")?;
        services.secrets().create(CURSOR_KEY, "another key")?;
        let sdk = services.sdk_config();
        let client = Client::new(&sdk);
        let people = [
            index(SEGMENT_INDEX, "seg_pk", "seg_sk", &[])?,
            index(DUE_INDEX, "due_pk", "due_at", &[])?,
        ];
        table(&client, PEOPLE, people)?.send().await?;
        let facts = [
            index(NODE_INDEX, "node_pk", "node_sk", &["kind", "summary"])?,
            index(DUE_INDEX, "due_pk", "due_at", &[])?,
        ];
        table(&client, FACTS, facts)?.send().await?;
        let store = Store::new(&sdk, PEOPLE, FACTS);
        Ok(Self { services, store })
    }

    /// What a function's clients are made from.
    #[must_use]
    pub fn sdk(&self) -> SdkConfig {
        self.services.sdk_config()
    }

    /// A client of its own, for what the store would not write.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::new(&self.sdk())
    }

    /// The name of the table of facts.
    #[must_use]
    pub fn facts(&self) -> &'static str {
        FACTS
    }

    /// A function's variables.
    #[must_use]
    pub fn variables(&self) -> Variables {
        [
            ("PEOPLE_TABLE", PEOPLE),
            ("FACTS_TABLE", FACTS),
            ("RANDOM_SEED", "1"),
            ("PASS_QUEUE_URL", "http://127.0.0.1/passes"),
            ("TOMBSTONE_KEY_ID", TOMBSTONE_KEY),
            ("CURSOR_KEY_ID", CURSOR_KEY),
            ("PRIVACY_QUEUE_URL", "http://aws.localhost/privacy"),
            ("INGEST_QUEUE_URL", "http://aws.localhost/ingest"),
            ("INGEST_DEAD_LETTERS_URL", "http://aws.localhost/letters"),
            ("RECOMPUTE_PARKED_URL", "http://aws.localhost/parked"),
            ("RELAY_PARKED_URL", "http://aws.localhost/parked"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into_iter()
        .collect()
    }
}

fn table(
    client: &Client,
    name: &str,
    indexes: [GlobalSecondaryIndex; 2],
) -> anyhow::Result<CreateTableFluentBuilder> {
    let mut request = client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .set_key_schema(Some(keys("pk", "sk")?));
    let mut attributes = vec!["pk".to_owned(), "sk".to_owned()];
    for index in indexes {
        let keys = index.key_schema().iter();
        attributes.extend(keys.map(|key| key.attribute_name().to_owned()));
        request = request.global_secondary_indexes(index);
    }
    for name in attributes {
        let attribute = AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S);
        request = request.attribute_definitions(attribute.build()?);
    }
    Ok(request)
}

fn index(
    name: &str,
    hash: &str,
    range: &str,
    with: &[&str],
) -> anyhow::Result<GlobalSecondaryIndex> {
    let projection = if with.is_empty() {
        Projection::builder().projection_type(ProjectionType::KeysOnly)
    } else {
        Projection::builder()
            .projection_type(ProjectionType::Include)
            .set_non_key_attributes(Some(with.iter().map(ToString::to_string).collect()))
    };
    let index = GlobalSecondaryIndex::builder()
        .index_name(name)
        .set_key_schema(Some(keys(hash, range)?))
        .projection(projection.build());
    Ok(index.build()?)
}

fn keys(hash: &str, range: &str) -> anyhow::Result<Vec<KeySchemaElement>> {
    let key = |name: &str, kind| {
        let key = KeySchemaElement::builder();
        key.attribute_name(name).key_type(kind).build()
    };
    Ok(vec![key(hash, KeyType::Hash)?, key(range, KeyType::Range)?])
}
