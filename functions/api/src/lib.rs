//! The JSON API for the people of the store, and for their programs.
//!
//! In: requests that API Gateway has authorised, with the caller's roles in
//! their token. Out: customers as they are now, cases, settings. What a role
//! may do stands in one table, [`route::TABLE`].

mod answer;
mod assessment;
mod audit;
mod cases;
mod channels;
mod communications;
pub mod contract;
mod costs;
mod cursor;
mod customers;
mod decimal;
mod duplicates;
mod etag;
mod exports;
mod fields;
mod merges;
mod month;
mod named;
mod once;
mod persons;
mod privacy;
mod problem;
mod request;
pub mod role;
pub mod route;
mod runs;
mod settings;
mod spend;

use std::collections::BTreeSet;
use std::sync::Arc;

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use crm_lambda::{
    Failure, Metrics, Random, SdkConfig, Unit, VariableError, Variables, with_causes,
};
use crm_store::Store;
use jiff::Timestamp;

use answer::Answer;
use audit::{Noted, Notes};
use cursor::Cursors;
use privacy::Steps;
use problem::{Problem, Trouble};
use request::Request;
use role::{Role, roles_of};
use route::{Entry, Route};
use runs::Passes;

/// The claim that holds a caller's roles, unless `ROLE_CLAIM` names another.
const ROLE_CLAIM: &str = "cognito:groups";

/// Bytes of a page of a privacy document, unless `DOCUMENT_BYTES` says
/// otherwise: a function's answer has six megabytes at most.
const DOCUMENT_BYTES: usize = 4_000_000;

/// The function with its clients.
#[derive(Debug)]
pub struct Function {
    store: Store,
    random: Arc<Random>,
    passes: Arc<Passes>,
    steps: Arc<Steps>,
    cursors: Arc<Cursors>,
    role_claim: String,
    document_bytes: usize,
}

impl Function {
    /// Builds the function from its variables: `PEOPLE_TABLE`, `FACTS_TABLE`,
    /// `PASS_QUEUE_URL`, `PRIVACY_QUEUE_URL`, `CURSOR_KEY_ID`, `ROLE_CLAIM`, `DOCUMENT_BYTES` and, for
    /// repeatable ids in tests, `RANDOM_SEED`.
    ///
    /// # Errors
    ///
    /// [`VariableError`] naming the variable that is missing.
    pub fn new(sdk: &SdkConfig, variables: &Variables) -> Result<Self, VariableError> {
        let people = variables.required("PEOPLE_TABLE")?;
        let facts = variables.required("FACTS_TABLE")?;
        let seed = variables
            .optional("RANDOM_SEED")
            .and_then(|seed| seed.parse().ok());
        let document_bytes = variables.optional("DOCUMENT_BYTES");
        let document_bytes = document_bytes.and_then(|bytes| bytes.parse().ok());
        let role_claim = variables.optional("ROLE_CLAIM").unwrap_or(ROLE_CLAIM);
        Ok(Self {
            store: Store::new(sdk, people, facts),
            random: Arc::new(seed.map_or_else(Random::from_os, Random::seeded)),
            passes: Arc::new(Passes::new(sdk, variables.required("PASS_QUEUE_URL")?)),
            steps: Arc::new(Steps::new(sdk, variables.required("PRIVACY_QUEUE_URL")?)),
            cursors: Arc::new(Cursors::new(sdk, variables.required("CURSOR_KEY_ID")?)),
            role_claim: role_claim.to_owned(),
            document_bytes: document_bytes.unwrap_or(DOCUMENT_BYTES),
        })
    }

    /// Answers one request, whatever it is.
    ///
    /// # Errors
    ///
    /// None: what cannot be answered is answered with a problem.
    pub async fn handle(
        &self,
        now: Timestamp,
        metrics: &mut Metrics,
        event: ApiGatewayV2httpRequest,
    ) -> Result<ApiGatewayV2httpResponse, Failure> {
        let request = Request::new(&event, &self.cursors, now);
        let metered = self.metered();
        // Boxed: the type of all routes in one is too deep for the compiler.
        let answer = Box::pin(metered.answer(now, metrics, request));
        let answer = answer.await;
        let units = metered.store.read_units().to_string();
        let problem = match answer {
            Ok(answer) => {
                metrics.add("requests_answered", Unit::Count, 1.0);
                return Ok(answer.with(READ_UNITS, units).response());
            }
            Err(Trouble::Problem(problem)) => {
                tracing::info!(status = problem.status, "refused a request");
                metrics.add("requests_refused", Unit::Count, 1.0);
                problem
            }
            Err(Trouble::Store(error)) => {
                let told = with_causes(&error);
                tracing::error!(error = told, "could not answer a request");
                metrics.add("requests_failed", Unit::Count, 1.0);
                Problem::of(&error)
            }
            Err(Trouble::Secret(error)) => {
                let told = with_causes(&error);
                tracing::error!(error = told, "could not have the key of the cursors");
                metrics.add("requests_failed", Unit::Count, 1.0);
                Problem::unavailable()
            }
            Err(Trouble::Queue(error)) => {
                let told = with_causes(error.as_ref());
                tracing::error!(error = told, "could not queue a run");
                metrics.add("requests_failed", Unit::Count, 1.0);
                Problem::unavailable()
            }
        };
        Ok(problem.response((READ_UNITS, units)))
    }

    /// The same function with a meter of its own for what one request reads.
    fn metered(&self) -> Self {
        Self {
            store: self.store.metered(),
            random: self.random.clone(),
            passes: self.passes.clone(),
            steps: self.steps.clone(),
            cursors: self.cursors.clone(),
            role_claim: self.role_claim.clone(),
            document_bytes: self.document_bytes,
        }
    }

    /// The roles of the caller.
    fn roles(&self, request: Request<'_>) -> BTreeSet<Role> {
        let claims = request.claims();
        let roles = claims.map(|claims| roles_of(claims, &self.role_claim));
        roles.unwrap_or_default()
    }

    async fn answer(
        &self,
        now: Timestamp,
        metrics: &mut Metrics,
        request: Request<'_>,
    ) -> Result<Answer, Trouble> {
        let (entry, names) = route::find(request.method(), request.path())?;
        if !entry.is_open() && !entry.allows(&self.roles(request)) {
            return Err(Problem::forbidden().into());
        }
        if entry.method != "GET" {
            etag::check(request, entry.route.is_guarded())?;
        }
        let id = names.first().copied().unwrap_or_default();
        let notes = Notes {
            store: &self.store,
            random: &self.random,
            now,
        };
        let when = audit::noted(entry.route);
        if when == Noted::Before {
            notes.note(entry, request, id).await?;
        }
        let answer = self.take(now, metrics, request, entry, &names).await?;
        let entered = match when {
            Noted::After => notes.note_answered(entry, request, id, &answer).await,
            Noted::Before if !answer.about().is_empty() => {
                notes.note_others(entry, request, &answer).await
            }
            _ => Ok(()),
        };
        if let Err(error) = entered {
            let told = with_causes(&error);
            tracing::error!(error = told, "could not note who looked at a customer");
            metrics.add("audit_entries_lost", Unit::Count, 1.0);
        }
        Ok(answer)
    }

    #[expect(clippy::too_many_lines, reason = "an arm a route, and no more")]
    async fn take(
        &self,
        now: Timestamp,
        metrics: &mut Metrics,
        request: Request<'_>,
        entry: &'static Entry,
        names: &[&str],
    ) -> Result<Answer, Trouble> {
        let id = names.first().copied().unwrap_or_default();
        match entry.route {
            Route::ContractFetch => Ok(contract::served(request)?),
            Route::PrivacyList => privacy::list(&self.store, request).await,
            Route::PrivacyDocument => self.desk(now, entry).document(request, id).await,
            Route::PrivacyCarryOut => self.desk(now, entry).carry_out(request, id).await,
            Route::PrivacyDecline => self.desk(now, entry).decline(request, id).await,
            Route::AuditList => audit::list(&self.store, request, now).await,
            Route::CustomerList => customers::list(&self.store, request, now).await,
            Route::CustomerSearch => customers::search(&self.store, request, now).await,
            Route::CustomerFetch => {
                let reader = self.reader(request);
                customers::fetch(&self.store, request, id, now, reader).await
            }
            Route::CustomerChange => {
                let setting = customers::Setting {
                    store: &self.store,
                    random: &self.random,
                    now,
                };
                Ok(counted(
                    setting.set(request, id).await?,
                    metrics,
                    "customers_changed",
                ))
            }
            Route::ConsentReplace => {
                let deciding = customers::Deciding {
                    store: &self.store,
                    now,
                };
                let medium = names.get(1).copied().unwrap_or_default();
                Ok(counted(
                    deciding.decide(request, (id, medium)).await?,
                    metrics,
                    "consents_decided",
                ))
            }
            Route::CommunicationAdd => {
                let adding = communications::Adding {
                    store: &self.store,
                    random: &self.random,
                    now,
                };
                Ok(counted(
                    adding.add(request, id).await?,
                    metrics,
                    "communications_added",
                ))
            }
            Route::CommunicationList => {
                let reader = self.reader(request);
                communications::list(&self.store, request, id, reader).await
            }
            Route::CommunicationFetch => {
                let reader = self.reader(request);
                communications::fetch(&self.store, request, id, reader).await
            }
            Route::CommunicationCorrect => {
                let correcting = communications::Correcting {
                    store: &self.store,
                    now,
                    of_others: self.roles(request).contains(&Role::Admin),
                };
                Ok(counted(
                    correcting.correct(request, id).await?,
                    metrics,
                    "communications_corrected",
                ))
            }
            Route::CustomerHistory => assessment::history(&self.store, request, id).await,
            Route::CustomerAssessment => assessment::fetch(&self.store, request, id, now).await,
            Route::MergePreview => self.merging(now).preview(request, id).await,
            Route::CustomerMerge => Ok(counted(
                self.merging(now).merge(request, id).await?,
                metrics,
                "customers_merged",
            )),
            Route::CustomerUnmerge => Ok(counted(
                self.merging(now).unmerge(request, id).await?,
                metrics,
                "customers_unmerged",
            )),
            Route::DuplicateList => duplicates::list(&self.store, request).await,
            Route::DuplicateSearch => self.asking(now).search(request).await,
            Route::DuplicateAccept => Ok(counted(
                self.deciding(now).accept(request, id).await?,
                metrics,
                "duplicates_accepted",
            )),
            Route::DuplicateReject => Ok(counted(
                self.deciding(now).reject(request, id).await?,
                metrics,
                "duplicates_rejected",
            )),
            Route::CaseOpen => {
                let opening = cases::Opening {
                    store: &self.store,
                    random: &self.random,
                    now,
                };
                Ok(counted(
                    opening.open(request).await?,
                    metrics,
                    "cases_opened",
                ))
            }
            Route::CaseMove => {
                let moving = cases::Moving {
                    store: &self.store,
                    now,
                };
                Ok(counted(
                    moving.to(request, id).await?,
                    metrics,
                    "cases_moved",
                ))
            }
            Route::CaseFetch => cases::fetch(&self.store, request, id).await,
            Route::SegmentsRefresh => self.asking(now).refresh(request).await,
            Route::RunFetch => runs::fetch(&self.store, request, id, now).await,
            Route::SettingsCompare => self.asking(now).compare(request).await,
            Route::AssessmentsExport => exports::assessments(&self.store, request, now).await,
            Route::CustomersExport => exports::customers(&self.store, request, now).await,
            Route::SearchExport => exports::search(&self.store, request, now).await,
            Route::NamedList => self.naming(now).list(request).await,
            Route::NamedCreate => self.naming(now).create(request).await,
            Route::NamedPreview => self.naming(now).preview(request).await,
            Route::NamedFetch => self.naming(now).fetch(request, id).await,
            Route::NamedReplace => self.naming(now).replace(request, id).await,
            Route::NamedDelete => self.naming(now).delete(request, id).await,
            Route::NamedMembers => self.naming(now).members(request, id).await,
            Route::MemberPlace | Route::MemberFree => {
                let customer = names.get(1).copied().unwrap_or_default();
                let place = entry.route == Route::MemberPlace;
                self.naming(now).place(request, id, customer, place).await
            }
            Route::CostsReplace => costs::replace(&self.store, request, now).await,
            Route::CostFetch => {
                let product = request.named("product", id);
                costs::fetch(&self.store, request, product).await
            }
            Route::SpendReplace => {
                let month = names.get(1).copied().unwrap_or_default();
                let channel = request.named("channel", id);
                spend::replace(&self.store, request, (channel, month), now).await
            }
            Route::SpendList => spend::list(&self.store, request, now).await,
            Route::ChannelList => channels::list(&self.store, request, now).await,
            Route::PopulationFetch => channels::population(&self.store, request).await,
            Route::SettingsFetch => settings::fetch(&self.store, request).await,
            Route::SettingsReplace => Ok(counted(
                settings::replace(&self.store, request, now).await?,
                metrics,
                "settings_changed",
            )),
        }
    }

    /// What the caller may see of what was said.
    fn reader(&self, request: Request<'_>) -> communications::Reader {
        communications::Reader::of(&self.roles(request))
    }

    fn desk(&self, now: Timestamp, entry: &'static Entry) -> privacy::Desk<'_> {
        let notes = Notes {
            store: &self.store,
            random: &self.random,
            now,
        };
        privacy::Desk {
            notes,
            steps: &self.steps,
            entry,
            page_bytes: self.document_bytes,
        }
    }

    fn merging(&self, now: Timestamp) -> merges::Merging<'_> {
        merges::Merging {
            store: &self.store,
            random: &self.random,
            now,
        }
    }

    fn deciding(&self, now: Timestamp) -> duplicates::Deciding<'_> {
        duplicates::Deciding {
            store: &self.store,
            random: &self.random,
            now,
        }
    }

    fn naming(&self, now: Timestamp) -> named::Naming<'_> {
        named::Naming {
            store: &self.store,
            random: &self.random,
            passes: &self.passes,
            now,
        }
    }

    fn asking(&self, now: Timestamp) -> runs::Asking<'_> {
        runs::Asking {
            store: &self.store,
            random: &self.random,
            passes: &self.passes,
            now,
        }
    }
}

/// Tells what reading took, also for a refusal.
const READ_UNITS: &str = "x-read-units";

/// The answer to what may be asked for twice, counted where it did something.
fn counted((answer, new): (Answer, bool), metrics: &mut Metrics, name: &'static str) -> Answer {
    metrics.add(name, Unit::Count, f64::from(u8::from(new)));
    answer
}
