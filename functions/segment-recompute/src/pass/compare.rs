//! Who would change by proposed settings. Nobody is written.

use crm_domain::identity::NodeId;
use crm_domain::population::{Cutoffs, Difference, Measure, Member, Scope};
use crm_domain::segment::{Assessment, Rules, Subject, assess};
use crm_store::{Glanced, RunRecord};
use jiff::civil::Date;

use super::walk::Visit;
use super::{PassError, blob};

/// The first look: what cut-offs follow from the proposed settings.
pub(super) struct First<'a> {
    rules: &'a Rules<'a>,
    on: Date,
    measure: Measure,
}

/// The second: everyone by the rules in force and by the proposed ones.
pub(super) struct Second<'a> {
    pub(super) now: Rules<'a>,
    pub(super) then: Rules<'a>,
    pub(super) on: Date,
    pub(super) difference: Difference,
}

impl<'a> First<'a> {
    pub(super) fn new(run: &RunRecord, rules: &'a Rules<'a>) -> Self {
        Self {
            rules,
            on: run.on,
            measure: Measure::default(),
        }
    }
}

impl Visit for First<'_> {
    type Record = Glanced;

    async fn visit(&mut self, record: Glanced) -> Result<u32, PassError> {
        each(&record, |id, subject, known| {
            let assessment = assess(&subject, self.rules, self.on, known);
            let member = Member {
                id,
                subject,
                assessment: &assessment,
            };
            let scope = Scope::on(self.on);
            self.measure.add(&member, self.rules, &scope);
        });
        Ok(0)
    }

    async fn result(self, _read_units: f64) -> Result<Vec<u8>, PassError> {
        Ok(blob::pack(&self.measure))
    }
}

impl Visit for Second<'_> {
    type Record = Glanced;

    async fn visit(&mut self, record: Glanced) -> Result<u32, PassError> {
        each(&record, |_, subject, known| {
            let now = assess(&subject, &self.now, self.on, known);
            let then = assess(&subject, &self.then, self.on, known);
            self.difference.add(&now, &then);
        });
        Ok(0)
    }

    async fn result(self, _read_units: f64) -> Result<Vec<u8>, PassError> {
        Ok(blob::pack(&self.difference))
    }
}

/// Hands a person on, if the record is one.
fn each(record: &Glanced, look: impl FnOnce(&NodeId, Subject<'_>, Option<&Assessment>)) {
    match record {
        Glanced::Node(one) | Glanced::Person(one) if !one.joined => {
            look(&one.id, one.subject(), one.assessment.as_ref());
        }
        _ => {}
    }
}

/// The rules proposed by a run.
pub(super) fn proposed(run: &RunRecord) -> Result<Cutoffs, PassError> {
    let cutoffs = run.cutoffs.as_deref().ok_or(PassError::Unreadable)?;
    serde_json::from_str(cutoffs).map_err(|_| PassError::Unreadable)
}
