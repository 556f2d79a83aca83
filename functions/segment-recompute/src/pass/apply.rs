//! Bringing new cut-offs to those they change.

use std::collections::BTreeSet;

use crm_domain::population::Difference;
use crm_domain::segment::Rules;
use crm_lambda::Metrics;
use crm_store::{Consistency, Partial, PartialKey, RunKind, RunRecord, RunStage, SlicePart};

use super::measure::{self, Applied, Measured, Verge};
use super::walk::{APPLY, MEASURE};
use super::{PassError, blob, compare};
use crate::Function;
use crate::evaluate::Assessed;

impl Function {
    pub(super) async fn pass_apply(
        &self,
        metrics: &mut Metrics,
        run: &RunRecord,
        part: &SlicePart,
    ) -> Result<(), PassError> {
        if run.kind == RunKind::Duplicates {
            return self.compare_slice(run, part).await;
        }
        let laws = self.store.laws_read(Consistency::Strong).await?;
        let (settings, cutoffs, segments) = laws;
        let rules = Rules {
            settings: &settings,
            cutoffs: &cutoffs,
            named: &segments,
        };
        if run.kind == RunKind::Diff {
            let (own, _, _) = self.run_rules(run).await?;
            let second = compare::Second {
                now: rules,
                then: Rules {
                    settings: &own,
                    cutoffs: &compare::proposed(run)?,
                    named: &segments,
                },
                on: run.on,
                difference: Difference::default(),
            };
            return self.walk(run, part, second).await;
        }
        if run.rescan {
            let again = measure::Walk::new(self, run, &rules, metrics).again();
            return self.walk_measuring(run, part, &rules, again).await;
        }
        self.apply_near(metrics, run, &rules, part.slice).await
    }

    /// Assesses those of a slice whom the new limits concern.
    async fn apply_near(
        &self,
        metrics: &mut Metrics,
        run: &RunRecord,
        rules: &Rules<'_>,
        slice: u32,
    ) -> Result<(), PassError> {
        let mut concerned: Vec<Verge> = Vec::new();
        let vip = rules.cutoffs.vip;
        self.partials(run, MEASURE, slice, |part: Measured| {
            let near = part.verge.into_iter();
            concerned.extend(near.filter(|one| one.near.is_concerned(vip.as_ref())));
        })
        .await?;
        let mut applied = Applied {
            by: BTreeSet::from([(rules.settings.version, rules.cutoffs.version)]),
            ..Applied::default()
        };
        let counts = &mut applied.counts;
        for one in &concerned {
            // Whoever passes a limit is on its other side now.
            applied.passed.add(&one.counted, !one.near.by_rank);
            let assessed = self.assess_person(rules, &one.id, run.on, super::trigger(run));
            let Some(assessed) = measure::left_out(&one.id, assessed.await)? else {
                counts.unreadable += 1;
                continue;
            };
            counts.changed += u64::from(assessed == Assessed::Written);
            crate::tell(metrics, assessed);
        }
        let key = PartialKey {
            run: &run.id,
            stage: APPLY,
            slice,
            part: 0,
        };
        let partial = Partial {
            next: None,
            body: blob::pack(&applied),
        };
        // A conflict: another attempt has counted, and this one found less to do.
        self.store
            .partial_put(key, &partial, run.expires_at)
            .await?;
        self.slice_done(&run.id, RunStage::Applying, slice).await
    }
}
