//! Everything of a customer in one document, or the parts asked for: what is
//! not asked for is not read.

use crm_domain::consent::{self, Medium};
use crm_domain::customer::{Address, Node};
use crm_domain::identity::{Email, ExternalId, NodeId};
use crm_domain::money::Amount;
use crm_domain::order::{Channel, OrderSummary};
use crm_domain::settings::Settings;
use crm_domain::{acquisition, field};
use crm_store::{FactPlace, OrderRecord, PersonRecord, Store, StoreError};
use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use super::cases::CasesPart;
use super::consent::Consent;
use super::facts::{self, Facts};
use super::fields::{self, FieldsPart};
use super::orders::{self, Order, Return, WINDOW};
use super::preferred::PreferredView;
use super::sections::{Section, Sections};
use super::segments::SegmentsPart;
use super::timeline::{self, Sources, TimelinePart};
use super::view::{GivenBack, Money, Profile, newest_first};
use super::{MOST_ENTRIES, USUAL_ENTRIES};
use crate::answer::Answer;
use crate::assessment::{self, Assessed, MadeBy, Whom, Why, WorthView};
use crate::communications::{Reader, SaidPart};
use crate::merges::MergeView;
use crate::problem::Trouble;
use crate::request::Request;

/// A customer, as far as it was asked for.
#[derive(Serialize, JsonSchema)]
pub(super) struct Whole {
    id: NodeId,
    #[serde(flatten)]
    profile: Option<ProfilePart>,
    #[serde(flatten)]
    fields: Option<FieldsPart>,
    #[serde(flatten)]
    consent: Option<Consent>,
    #[serde(flatten)]
    financial: Option<Financial>,
    #[serde(flatten)]
    orders: Option<OrdersPart>,
    #[serde(flatten)]
    returns: Option<ReturnsPart>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preferred: Option<PreferredView>,
    #[serde(flatten)]
    cases: Option<CasesPart>,
    #[serde(flatten)]
    communications: Option<SaidPart>,
    #[serde(flatten)]
    assessment: Option<AssessmentPart>,
    #[serde(flatten)]
    segments: Option<SegmentsPart>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<WorthView>,
    #[serde(flatten)]
    identities: Option<IdentitiesPart>,
    #[serde(flatten)]
    timeline: Option<TimelinePart>,
}

/// Who the customer is, and how they came.
#[derive(Serialize, JsonSchema)]
struct ProfilePart {
    #[serde(flatten)]
    profile: Profile,
    address: Option<Address>,
    acquisition: AcquisitionView,
}

/// How the customer was won.
#[derive(Serialize, JsonSchema)]
struct AcquisitionView {
    channel: Option<String>,
    /// What somebody said of it, which overrides the first order's.
    source: Option<String>,
    first_order_at: Option<Timestamp>,
    /// Where the first counted order was sold.
    first_order_channel: Option<Channel>,
}

#[derive(Serialize, JsonSchema)]
struct Financial {
    #[serde(flatten)]
    money: Money,
    account: Account,
}

/// What is agreed with the customer about paying later, and what is open.
#[derive(Serialize, JsonSchema)]
struct Account {
    /// What is unpaid of orders to be paid later, in `currency`; 0 where
    /// nothing is.
    outstanding: Amount,
    /// The earliest date by which an unpaid bill had to be paid.
    oldest_unpaid_due_on: Option<Date>,
    overdue_days: i64,
    /// Days until a bill has to be paid, as agreed for the latest of the last
    /// 100 orders that has any; null where nothing is agreed.
    payment_terms_days: Option<i64>,
    /// Null where none is agreed.
    credit_limit: Option<Amount>,
}

#[derive(Serialize, JsonSchema)]
struct OrdersPart {
    orders: Vec<Order>,
    orders_cursor: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct ReturnsPart {
    #[serde(flatten)]
    returned: GivenBack,
    returns: Vec<Return>,
    returns_cursor: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct AssessmentPart {
    assessment: Option<Assessed>,
    /// Why the assessment is what it is; null before the first.
    why: Option<Why>,
}

#[derive(Serialize, JsonSchema)]
struct IdentitiesPart {
    identities: Vec<Identity>,
    /// Merges that made this person, or that were taken back.
    merges: Vec<MergeView>,
}

/// One of the profiles that make the customer up.
#[derive(Serialize, JsonSchema)]
struct Identity {
    id: NodeId,
    external_id: Option<ExternalId>,
    email: Option<Email>,
    deleted_at_source: bool,
    redacted_at: Option<Timestamp>,
    /// Profiles it was parted from by a person.
    apart: Vec<NodeId>,
}

/// `GET /v1/customers/{id}`, by the id of any of the person's nodes.
pub(crate) async fn fetch(
    store: &Store,
    request: Request<'_>,
    id: &str,
    now: Timestamp,
    reader: Reader,
) -> Result<Answer, Trouble> {
    let sections = Sections::of(request)?;
    let person = super::needed(store, id).await?;
    let made_by = rules(store, &sections).await?;
    let reading = Reading {
        store,
        request,
        person: &person,
        sections: &sections,
        made_by: &made_by,
        now,
        reader,
    };
    let whole = Box::pin(reading.whole()).await?;
    Ok(Answer::ok(&whole).with("etag", fields::etag(&person)))
}

/// The settings and what the last pass found, as far as the parts need them.
async fn rules(store: &Store, sections: &Sections) -> Result<MadeBy, StoreError> {
    let by_the_pass = [Section::Assessment, Section::Value];
    let by_settings = [
        Section::Profile,
        Section::Fields,
        Section::Financial,
        Section::Orders,
        Section::Returns,
        Section::Preferred,
        Section::Timeline,
    ];
    if sections.any(&by_the_pass) {
        MadeBy::today(store).await
    } else if sections.any(&by_settings) {
        MadeBy::settings_alone(store).await
    } else {
        Ok(MadeBy::nothing())
    }
}

/// A part if it is asked for. Nothing of one that is not is read: a future
/// that nobody waits for does nothing.
async fn part<T>(
    asked: bool,
    part: impl Future<Output = Result<T, Trouble>>,
) -> Result<Option<T>, Trouble> {
    if asked {
        return part.await.map(Some);
    }
    Ok(None)
}

/// What a document is read with.
struct Reading<'a> {
    store: &'a Store,
    request: Request<'a>,
    person: &'a PersonRecord,
    sections: &'a Sections,
    made_by: &'a MadeBy,
    now: Timestamp,
    reader: Reader,
}

/// The latest orders, read once for all parts that look into them.
#[derive(Default)]
struct InHand {
    orders: Option<Facts<OrderSummary>>,
    records: Vec<OrderRecord>,
}

impl Reading<'_> {
    async fn whole(&self) -> Result<Whole, Trouble> {
        let has = |section| self.sections.has(section);
        let in_hand = self.in_hand().await?;
        let first = in_hand.orders.as_ref();
        let totals = self.person.totals();
        let view = totals.view(self.settings().count_zero_value_orders);
        let nodes = self.person.nodes();
        Ok(Whole {
            id: self.person.id().clone(),
            profile: part(has(Section::Profile), self.profile(first)).await?,
            fields: part(has(Section::Fields), self.fields()).await?,
            consent: has(Section::Consent).then(|| Consent::of(nodes)),
            financial: has(Section::Financial).then(|| Financial {
                money: Money::of(nodes, &view, self.settings()),
                account: Account::of(&self.whom(), first, self.today()),
            }),
            orders: part(has(Section::Orders), self.orders(first)).await?,
            returns: part(
                has(Section::Returns),
                self.returns(first, GivenBack::of(&view)),
            )
            .await?,
            preferred: part(has(Section::Preferred), self.preferred(&in_hand)).await?,
            cases: part(has(Section::Cases), self.cases()).await?,
            communications: part(has(Section::Communications), self.communications()).await?,
            assessment: part(has(Section::Assessment), self.assessment()).await?,
            segments: part(has(Section::Segments), self.segments()).await?,
            value: has(Section::Value).then(|| {
                let rules = self.made_by.rules();
                WorthView::of(&self.whom().subject(), &rules, self.today())
            }),
            identities: part(has(Section::Identities), self.identities()).await?,
            timeline: part(has(Section::Timeline), self.timeline(&in_hand)).await?,
        })
    }

    fn whom(&self) -> Whom {
        Whom::of(self.person, self.settings())
    }

    fn today(&self) -> Date {
        self.settings().date_of(self.now)
    }

    async fn preferred(&self, in_hand: &InHand) -> Result<PreferredView, Trouble> {
        let orders = in_hand.orders.as_ref();
        let complete = orders.is_some_and(|orders| orders.next.is_none());
        let (records, settings) = (&in_hand.records, self.settings());
        Ok(PreferredView::of(self.store, records, complete, settings).await?)
    }

    async fn assessment(&self) -> Result<AssessmentPart, Trouble> {
        let rules = self.made_by.rules();
        Ok(AssessmentPart {
            assessment: self.person.assessment().map(Assessed::of),
            why: assessment::why(self.store, self.person, &rules).await?,
        })
    }

    async fn segments(&self) -> Result<SegmentsPart, Trouble> {
        Ok(SegmentsPart::of(self.store, self.person).await?)
    }

    fn settings(&self) -> &Settings {
        self.made_by.rules().settings
    }

    fn limit(&self, parameter: &str) -> Result<usize, Trouble> {
        let limit = self
            .request
            .number(parameter, 1, MOST_ENTRIES, USUAL_ENTRIES)?;
        Ok(limit)
    }

    async fn place(&self, parameter: &str) -> Result<Option<FactPlace>, Trouble> {
        facts::opened(self.request, parameter, self.person).await
    }

    /// The latest orders, if any part asked for needs them: whole for what
    /// looks into them.
    async fn in_hand(&self) -> Result<InHand, Trouble> {
        let whole = self.sections.has(Section::Preferred);
        // A later page of the timeline may be of other orders.
        let from = self.request.parameter("timeline_cursor");
        let timeline = self.sections.has(Section::Timeline) && from.is_none();
        let listed = self.sections.has(Section::Orders) || self.sections.has(Section::Returns);
        let terms = self.sections.has(Section::Financial);
        if !whole && !timeline && !terms && !listed {
            return Ok(InHand::default());
        }
        let limit = if whole || timeline || terms {
            WINDOW
        } else {
            self.limit("orders_limit")?
        };
        let orders = facts::page(self.store, self.person, None, limit).await?;
        let records = if whole {
            orders::records(self.store, &orders.items).await?
        } else {
            Vec::new()
        };
        Ok(InHand {
            orders: Some(orders),
            records,
        })
    }

    async fn profile(&self, first: Option<&Facts<OrderSummary>>) -> Result<ProfilePart, Trouble> {
        let (person, settings) = (self.person, self.settings());
        let nodes = person.nodes();
        let whom = self.whom();
        let view = whom.totals.view(settings.count_zero_value_orders);
        let first_order_at = view.span.map(|(first, _)| first);
        let found = orders::first_channel(self.store, person, first_order_at, first, settings);
        let told = newest_first(nodes);
        Ok(ProfilePart {
            profile: Profile::of(nodes, settings),
            address: told.iter().find_map(|told| told.address.clone()),
            acquisition: AcquisitionView {
                channel: acquisition::won_by(&whom.subject(), settings),
                source: field::acquisition_source(nodes, settings),
                first_order_at,
                first_order_channel: found.await?,
            },
        })
    }

    async fn fields(&self) -> Result<FieldsPart, Trouble> {
        let from = self.place("field_history_cursor").await?;
        let limit = self.limit("field_history_limit")?;
        let (store, person) = (self.store, self.person);
        let from = from.as_ref();
        FieldsPart::of(store, self.request, person, from, limit, self.settings()).await
    }

    /// The page asked for: the first is cut from the orders in hand.
    async fn orders(&self, first: Option<&Facts<OrderSummary>>) -> Result<OrdersPart, Trouble> {
        let limit = self.limit("orders_limit")?;
        let from = self.place("orders_cursor").await?;
        let page = match first.filter(|_| from.is_none()) {
            Some(first) => cut(first, limit),
            None => facts::page(self.store, self.person, from.as_ref(), limit).await?,
        };
        let cursor = facts::sealed(
            self.request,
            page.next.as_ref(),
            "orders_cursor",
            self.person,
        )
        .await?;
        let orders = page.items.into_iter();
        Ok(OrdersPart {
            orders: orders
                .map(|summary| Order::of(summary, self.settings()))
                .collect(),
            orders_cursor: cursor,
        })
    }

    async fn returns(
        &self,
        first: Option<&Facts<OrderSummary>>,
        returned: GivenBack,
    ) -> Result<ReturnsPart, Trouble> {
        let limit = self.limit("orders_limit")?;
        let from = facts::opened(self.request, "returns_cursor", self.person).await?;
        let first = first.map(|first| cut(first, limit));
        let page = orders::returns(self.store, self.person, from, first.as_ref(), limit).await?;
        Ok(ReturnsPart {
            returned,
            returns: page.items,
            returns_cursor: facts::sealed(
                self.request,
                page.next.as_ref(),
                "returns_cursor",
                self.person,
            )
            .await?,
        })
    }

    async fn cases(&self) -> Result<CasesPart, Trouble> {
        let from = self.place("cases_cursor").await?;
        let limit = self.limit("cases_limit")?;
        CasesPart::of(self.store, self.request, self.person, from.as_ref(), limit).await
    }

    async fn communications(&self) -> Result<SaidPart, Trouble> {
        let from = self.place("communications_cursor").await?;
        let limit = self.limit("communications_limit")?;
        let (store, person) = (self.store, self.person);
        SaidPart::of(
            store,
            self.request,
            person,
            from.as_ref(),
            limit,
            self.reader,
        )
        .await
    }

    async fn identities(&self) -> Result<IdentitiesPart, Trouble> {
        let merges = self.store.merges_fetch(self.person).await?;
        Ok(IdentitiesPart {
            identities: self.person.nodes().iter().map(Identity::of).collect(),
            merges: merges.iter().map(MergeView::of).collect(),
        })
    }

    async fn timeline(&self, in_hand: &InHand) -> Result<TimelinePart, Trouble> {
        let from = facts::opened(self.request, "timeline_cursor", self.person).await?;
        let limit = self.limit("timeline_limit")?;
        let sources = Sources {
            store: self.store,
            person: self.person,
            settings: self.settings(),
            reader: self.reader,
            request: self.request,
        };
        // A page of orders may be shorter than what the timeline looks into.
        let in_window =
            |orders: &&Facts<OrderSummary>| orders.next.is_none() || orders.items.len() >= WINDOW;
        let latest = timeline::Latest {
            orders: in_hand.orders.as_ref().filter(in_window).cloned(),
            records: in_hand.records.clone(),
        };
        sources.page(from, limit, latest).await
    }
}

/// The beginning of a page.
fn cut(page: &Facts<OrderSummary>, limit: usize) -> Facts<OrderSummary> {
    let items: Vec<_> = page.items.iter().take(limit).cloned().collect();
    let behind = |last: &OrderSummary| FactPlace::behind(last.placed_at, last.id.as_str());
    let next = if page.items.len() > limit {
        items.last().map(behind)
    } else {
        page.next.clone()
    };
    Facts { items, next }
}

impl Account {
    fn of(whom: &Whom, latest: Option<&Facts<OrderSummary>>, today: Date) -> Self {
        let latest = latest.into_iter().flat_map(|orders| &orders.items);
        let mut counted = latest.filter(|order| order.counted);
        Self {
            outstanding: whom.care.outstanding(),
            oldest_unpaid_due_on: whom.care.oldest_unpaid_due(),
            overdue_days: whom.care.overdue_days(today),
            payment_terms_days: counted.find_map(|order| order.terms_days),
            credit_limit: None,
        }
    }
}

impl Identity {
    fn of(node: &Node) -> Self {
        let email = node.profile.email.as_ref().or(node.claimed_email.as_ref());
        Self {
            id: node.id.clone(),
            external_id: node.external_id.clone(),
            email: email.cloned(),
            deleted_at_source: node.deleted.is_some(),
            redacted_at: node.redacted,
            apart: node.apart.keys().cloned().collect(),
        }
    }
}

/// Every medium of marketing.
pub(super) const MEDIA: [Medium; 3] = [Medium::Email, Medium::Sms, Medium::WhatsApp];

/// Every decision of a person about a medium.
pub(super) fn decisions(nodes: &[Node], medium: Medium) -> Vec<&consent::Decision> {
    consent::history(nodes.iter().map(|node| &node.consents), medium)
}
