//! Which settings make sense together.

use jiff::tz::TimeZone;

use super::Settings;
use crate::acquisition;
use crate::field;

/// A setting that cannot be: which, and what its limit is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct InvalidSetting {
    /// Path of the field, such as `rfm.recency_days`.
    pub field: String,
    /// What is wrong, with the limit.
    pub problem: String,
}

/// Most days a threshold may look back: fifty years.
pub(super) const MOST_DAYS: i64 = 18_263;
/// Most orders a threshold may ask for.
pub(super) const MOST_ORDERS: i64 = 1_000_000;
/// Oldest order that may start a workflow: a year.
pub(super) const MOST_ORDER_AGE_HOURS: u32 = 8760;
/// Longest that a note of who did what is kept: ten years.
pub(super) const MOST_AUDIT_DAYS: u32 = 3650;

pub(super) fn check(fine: bool, field: &str, problem: &str) -> Result<(), InvalidSetting> {
    if fine {
        return Ok(());
    }
    Err(InvalidSetting {
        field: field.to_owned(),
        problem: problem.to_owned(),
    })
}

impl Settings {
    /// Whether the document makes sense as a whole.
    ///
    /// # Errors
    ///
    /// [`InvalidSetting`], for the first field that does not.
    pub fn validate(&self) -> Result<(), InvalidSetting> {
        let zone_known = TimeZone::get(&self.time_zone).is_ok();
        check(
            zone_known,
            "time_zone",
            "must be an IANA time zone name, such as Europe/Paris",
        )?;
        self.validate_rates()?;
        self.validate_rfm()?;
        self.validate_lifecycle()?;
        self.vip.validate()?;
        self.health.validate()?;
        self.return_alert.validate()?;
        self.lifespan_years.validate("lifespan_years")?;
        acquisition::validate(&self.acquisition_channels).map_err(|problem| InvalidSetting {
            field: "acquisition_channels".to_owned(),
            problem,
        })?;
        self.validate_fields()?;
        self.first_response.validate()?;
        self.business_hours.validate()?;
        self.identity.validate()?;
        check(
            (1..=MOST_ORDER_AGE_HOURS).contains(&self.workflow_max_order_age_hours),
            "workflow_max_order_age_hours",
            "must be from 1 to 8760 hours",
        )?;
        check(
            (1..=MOST_AUDIT_DAYS).contains(&self.audit_days),
            "audit_days",
            "must be from 1 to 3650 days",
        )
    }

    fn validate_fields(&self) -> Result<(), InvalidSetting> {
        let wrong = |field: &str| {
            let field = field.to_owned();
            move |problem| InvalidSetting { field, problem }
        };
        field::validate(&self.custom_fields).map_err(wrong("custom_fields"))?;
        field::validate_tags(&self.tag_labels, &self.custom_fields).map_err(wrong("tag_labels"))
    }

    fn validate_rates(&self) -> Result<(), InvalidSetting> {
        for (currency, rates) in &self.fx_rates {
            let field = format!("fx_rates.{currency}");
            check(
                !rates.is_empty(),
                &field,
                "must have at least one date with a rate",
            )?;
            let positive = rates.values().all(|r| !r.0.is_zero() && !r.0.is_negative());
            check(positive, &field, "rates must be above 0")?;
        }
        Ok(())
    }

    fn validate_rfm(&self) -> Result<(), InvalidSetting> {
        let rfm = &self.rfm;
        check(
            ascending(&rfm.recency_days) && within(&rfm.recency_days, 0, MOST_DAYS),
            "rfm.recency_days",
            "must be four ascending numbers of days from 0 to 18263",
        )?;
        check(
            ascending(&rfm.frequency_orders) && within(&rfm.frequency_orders, 2, MOST_ORDERS),
            "rfm.frequency_orders",
            "must be four ascending numbers of orders from 2 to 1000000",
        )?;
        let positive = rfm
            .monetary_gross
            .iter()
            .all(|m| !m.is_zero() && !m.is_negative());
        check(
            ascending(&rfm.monetary_gross) && positive,
            "rfm.monetary_gross",
            "must be four ascending amounts above 0",
        )
    }

    fn validate_lifecycle(&self) -> Result<(), InvalidSetting> {
        let stages = &self.lifecycle;
        let days = [stages.new_days, stages.active_days, stages.at_risk_days];
        check(
            ascending(&days) && within(&days, 0, MOST_DAYS),
            "lifecycle",
            "new_days, active_days and at_risk_days must ascend, from 0 to 18263",
        )?;
        check(
            (2..=MOST_ORDERS).contains(&stages.vip_orders),
            "lifecycle.vip_orders",
            "must be from 2 to 1000000 orders",
        )
    }
}

fn ascending<T: PartialOrd>(values: &[T]) -> bool {
    values.windows(2).all(|pair| pair[0] < pair[1])
}

fn within(values: &[i64], least: i64, most: i64) -> bool {
    values.iter().all(|value| (least..=most).contains(value))
}
