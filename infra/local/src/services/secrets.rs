//! Secrets with the two versions a rotation needs: the current one and the one before.
//!
//! Reference: <https://docs.aws.amazon.com/secretsmanager/latest/userguide/getting-started.html>

use std::sync::Arc;

use rusqlite::{OptionalExtension, params};
use serde::Deserialize;
use serde_json::{Value, json};

use super::ServiceError;
use super::destination::arn;
use super::ledger::{Ledger, stored};
use super::reply::{Refusal, read};
use crate::clock::Clock;

const CURRENT: &str = "AWSCURRENT";
const PREVIOUS: &str = "AWSPREVIOUS";

/// The secrets.
pub struct Secrets {
    ledger: Arc<Ledger>,
    clock: Clock,
}

impl Secrets {
    pub(super) fn new(ledger: Arc<Ledger>, clock: Clock) -> Self {
        Self { ledger, clock }
    }

    /// Makes a secret with a first value, if there is none of this name; an existing one keeps its values.
    ///
    /// # Errors
    ///
    /// [`ServiceError::File`].
    pub fn create(&self, name: &str, value: &str) -> Result<(), ServiceError> {
        if self.version(name)?.is_none() {
            self.put(name, value)?;
        }
        Ok(())
    }

    /// Makes `value` the current one; what was current becomes the previous one.
    ///
    /// # Errors
    ///
    /// [`ServiceError::File`]; nothing changed.
    pub fn put(&self, name: &str, value: &str) -> Result<i64, ServiceError> {
        let version = self.version(name)?.unwrap_or(0) + 1;
        let now = stored(self.clock.now());
        self.ledger.write(|file| {
            let gone = "DELETE FROM secrets WHERE name = ?1 AND stage = ?2";
            file.execute(gone, [name, PREVIOUS])?;
            let older = "UPDATE secrets SET stage = ?2 WHERE name = ?1";
            file.execute(older, [name, PREVIOUS])?;
            let sql = "INSERT INTO secrets (name, version, stage, value, created_at)
                       VALUES (?1, ?2, ?3, ?4, ?5)";
            file.execute(sql, params![name, version, CURRENT, value, now])?;
            Ok(version)
        })
    }

    fn version(&self, name: &str) -> Result<Option<i64>, ServiceError> {
        self.ledger.read(|file| {
            let sql = "SELECT MAX(version) FROM secrets WHERE name = ?1";
            Ok(file.query_row(sql, [name], |row| row.get(0))?)
        })
    }

    pub(super) fn call(&self, operation: &str, body: &[u8]) -> Result<Value, Refusal> {
        let request: Request = read(body)?;
        let name = named(&request.secret_id);
        let known = self.version(name)?.is_some();
        match operation {
            "GetSecretValue" | "PutSecretValue" if !known => Err(not_found(
                "Secrets Manager can't find the specified secret.".to_owned(),
            )),
            "GetSecretValue" => {
                let stage = request.version_stage.as_deref().unwrap_or(CURRENT);
                self.value(name, stage)
            }
            "PutSecretValue" => {
                let value = request.secret_string.as_deref().unwrap_or_default();
                let version = self.put(name, value)?;
                Ok(json!({
                    "ARN": arn_of(name),
                    "Name": name,
                    "VersionId": version_id(version),
                    "VersionStages": [CURRENT],
                }))
            }
            _ => Err(Refusal::unknown_operation(operation)),
        }
    }

    fn value(&self, name: &str, stage: &str) -> Result<Value, Refusal> {
        let found = self.ledger.read(|file| {
            let sql = "SELECT version, value, created_at FROM secrets
                       WHERE name = ?1 AND stage = ?2";
            let row = file.query_row(sql, [name, stage], |row| row.try_into());
            Ok(row.optional()?)
        })?;
        let Some((version, value, created_at)) = found else {
            return Err(not_found(format!(
                "Secrets Manager can't find the specified secret value for staging label: {stage}"
            )));
        };
        let (version, value, created_at): (i64, String, i64) = (version, value, created_at);
        Ok(json!({
            "ARN": arn_of(name),
            "Name": name,
            "VersionId": version_id(version),
            "SecretString": value,
            "VersionStages": [stage],
            "CreatedDate": created_at / 1000,
        }))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    #[serde(default)]
    secret_id: String,
    version_stage: Option<String>,
    secret_string: Option<String>,
}

/// The name in a secret's id, which may be its ARN.
fn named(id: &str) -> &str {
    let of_arn = id.strip_prefix("arn:").and_then(|_| id.rsplit(':').next());
    of_arn.unwrap_or(id)
}

fn arn_of(name: &str) -> String {
    arn("secretsmanager", &format!("secret:{name}"))
}

fn version_id(version: i64) -> String {
    format!("00000000-0000-4000-8000-{version:012x}")
}

fn not_found(message: String) -> Refusal {
    Refusal::bad("ResourceNotFoundException", message)
}
