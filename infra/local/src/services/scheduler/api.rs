//! The schedules as an `EventBridge` Scheduler client sees them.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::schedule::Timed;
use super::{Key, Schedule, Scheduler, remove};
use crate::services::ServiceError;
use crate::services::destination::{Destination, Retry, arn, last_name};
use crate::services::reply::{Refusal, read};
use crate::services::route::Call;

impl Scheduler {
    pub(in crate::services) fn call(&self, call: &Call<'_>, body: &[u8]) -> Result<Value, Refusal> {
        let name = call.name();
        match call.operation {
            "CreateSchedule" => self.create(&name, body),
            "UpdateSchedule" => self.update(&name, body),
            "GetSchedule" => self.get(&of_query(call)),
            "DeleteSchedule" => self.delete(&of_query(call)),
            "ListSchedules" => Ok(self.list(call)),
            operation => Err(Refusal::unknown_operation(operation)),
        }
    }

    fn create(&self, name: &str, body: &[u8]) -> Result<Value, Refusal> {
        let schedule = read::<Request>(body)?.schedule(name)?;
        let key = (schedule.group.clone(), schedule.name.clone());
        let mut all = self.all();
        if all.contains_key(&key) {
            let text = format!("Schedule {name} already exists.");
            return Err(Refusal::new(409, "ConflictException", text));
        }
        let timed = Timed::new(schedule, self.clock.now()).map_err(invalid)?;
        self.keep(&timed)?;
        let arn = timed.schedule.arn();
        all.insert(key, timed);
        Ok(json!({ "ScheduleArn": arn }))
    }

    fn update(&self, name: &str, body: &[u8]) -> Result<Value, Refusal> {
        let schedule = read::<Request>(body)?.schedule(name)?;
        let key = (schedule.group.clone(), schedule.name.clone());
        let mut all = self.all();
        let Some(kept) = all.get_mut(&key) else {
            return Err(missing(&key));
        };
        let mut timed = Timed::new(schedule, self.clock.now()).map_err(invalid)?;
        timed.created_at = kept.created_at;
        self.keep(&timed)?;
        *kept = timed;
        Ok(json!({ "ScheduleArn": kept.schedule.arn() }))
    }

    fn get(&self, key: &Key) -> Result<Value, Refusal> {
        let all = self.all();
        let timed = all.get(key).ok_or_else(|| missing(key))?;
        Ok(described(timed))
    }

    fn delete(&self, key: &Key) -> Result<Value, Refusal> {
        let mut all = self.all();
        if !all.contains_key(key) {
            return Err(missing(key));
        }
        self.ledger.write(|file| remove(file, key))?;
        all.remove(key);
        Ok(json!({}))
    }

    fn list(&self, call: &Call<'_>) -> Value {
        let (group, prefix) = (
            call.parameter("ScheduleGroup"),
            call.parameter("NamePrefix"),
        );
        let all = self.all();
        let wanted = all
            .values()
            .map(|timed| &timed.schedule)
            .filter(|schedule| {
                group.as_ref().is_none_or(|group| schedule.group == *group)
                    && prefix
                        .as_ref()
                        .is_none_or(|prefix| schedule.name.starts_with(&**prefix))
            });
        let schedules: Vec<_> = wanted
            .map(|schedule| {
                json!({
                    "Arn": schedule.arn(),
                    "Name": schedule.name,
                    "GroupName": schedule.group,
                    "State": state(schedule),
                    "Target": { "Arn": schedule.destination.arn() },
                })
            })
            .collect();
        json!({ "Schedules": schedules })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    group_name: Option<String>,
    schedule_expression: String,
    schedule_expression_timezone: Option<String>,
    start_date: Option<f64>,
    end_date: Option<f64>,
    state: Option<String>,
    action_after_completion: Option<String>,
    target: Target,
    description: Option<String>,
    flexible_time_window: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Target {
    arn: String,
    role_arn: Option<String>,
    input: Option<String>,
    retry_policy: Option<RetryPolicy>,
    dead_letter_config: Option<DeadLetters>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
struct RetryPolicy {
    maximum_retry_attempts: Option<u32>,
    maximum_event_age_in_seconds: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DeadLetters {
    arn: Option<String>,
}

impl Request {
    fn schedule(self, name: &str) -> Result<Schedule, Refusal> {
        let target = self.target;
        let destination = Destination::from_arn(&target.arn);
        let destination = destination.ok_or_else(|| {
            let text = format!("Provided target {} is not a queue or function.", target.arn);
            Refusal::bad("ValidationException", text)
        })?;
        let policy = target.retry_policy.unwrap_or_default();
        let dead = target.dead_letter_config.and_then(|config| config.arn);
        let usual = Retry::default();
        Ok(Schedule {
            name: name.to_owned(),
            group: self.group_name.unwrap_or_else(|| "default".to_owned()),
            expression: self.schedule_expression,
            time_zone: self
                .schedule_expression_timezone
                .unwrap_or_else(|| "UTC".to_owned()),
            start: self.start_date.and_then(instant),
            end: self.end_date.and_then(instant),
            enabled: self.state.as_deref() != Some("DISABLED"),
            delete_when_done: self.action_after_completion.as_deref() == Some("DELETE"),
            input: target.input.unwrap_or_else(|| "{}".to_owned()),
            retry: Retry {
                attempts: policy.maximum_retry_attempts.unwrap_or(usual.attempts),
                age_seconds: policy
                    .maximum_event_age_in_seconds
                    .unwrap_or(usual.age_seconds),
                dead_letters: dead.as_deref().map(last_name).map(str::to_owned),
            },
            remarks: json!({
                "Description": self.description,
                "RoleArn": target.role_arn,
                "FlexibleTimeWindow": self.flexible_time_window,
            }),
            destination,
        })
    }
}

/// A schedule as `GetSchedule` gives it: nothing that was not said.
fn described(timed: &Timed) -> Value {
    let schedule = &timed.schedule;
    let remarks = &schedule.remarks;
    let dead = schedule.retry.dead_letters.as_ref();
    let mut all = json!({
        "Arn": schedule.arn(),
        "Name": schedule.name,
        "GroupName": schedule.group,
        "ScheduleExpression": schedule.expression,
        "ScheduleExpressionTimezone": schedule.time_zone,
        "StartDate": schedule.start.map(Timestamp::as_second),
        "EndDate": schedule.end.map(Timestamp::as_second),
        "State": state(schedule),
        "ActionAfterCompletion": if schedule.delete_when_done { "DELETE" } else { "NONE" },
        "CreationDate": timed.created_at.as_second(),
        "LastModificationDate": timed.modified_at.as_second(),
        "Description": remarks["Description"],
        "FlexibleTimeWindow": remarks["FlexibleTimeWindow"],
        "Target": {
            "Arn": schedule.destination.arn(),
            "RoleArn": remarks["RoleArn"],
            "Input": schedule.input,
            "RetryPolicy": {
                "MaximumRetryAttempts": schedule.retry.attempts,
                "MaximumEventAgeInSeconds": schedule.retry.age_seconds,
            },
            "DeadLetterConfig": dead.map(|queue| json!({ "Arn": arn("sqs", queue) })),
        },
    });
    if let Value::Object(all) = &mut all {
        all.retain(|_, value| !value.is_null());
    }
    all
}

fn state(schedule: &Schedule) -> &'static str {
    if schedule.enabled {
        "ENABLED"
    } else {
        "DISABLED"
    }
}

fn of_query(call: &Call<'_>) -> Key {
    let group = call.parameter("groupName");
    let group = group.map_or_else(|| "default".to_owned(), std::borrow::Cow::into_owned);
    (group, call.name().into_owned())
}

fn instant(seconds: f64) -> Option<Timestamp> {
    let since = jiff::SignedDuration::try_from_secs_f64(seconds).ok()?;
    Timestamp::from_duration(since).ok()
}

fn missing((_, name): &Key) -> Refusal {
    Refusal::new(
        404,
        "ResourceNotFoundException",
        format!("Schedule {name} does not exist."),
    )
}

fn invalid(error: ServiceError) -> Refusal {
    match error {
        ServiceError::Invalid(text) => Refusal::bad("ValidationException", text),
        other => other.into(),
    }
}
