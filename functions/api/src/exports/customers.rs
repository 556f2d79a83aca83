//! Any list of customers as a table for a spreadsheet, page by page.

use crm_domain::condition::Candidate;
use crm_domain::consent::Medium;
use crm_domain::customer::Profile;
use crm_domain::identity::{Email, Phone};
use crm_domain::person::wants_marketing;
use crm_domain::settings::Settings;
use crm_store::{Consistency, PersonRecord, Store};
use jiff::Timestamp;

use super::row::optional;
use super::{PAGE_BYTES, PAGE_ROWS, csv};
use crate::answer::Answer;
use crate::customers::find::{self, By, Place, Search};
use crate::customers::newest_first;
use crate::fields::Fields;
use crate::problem::Trouble;
use crate::request::Request;

/// People looked at for a page, for the sake of time.
const LOOKS: usize = 20_000;
/// People read at once.
const CHUNK: usize = 500;

const COLUMNS: [&str; 24] = [
    "customer_id",
    "external_id",
    "first_name",
    "last_name",
    "email",
    "phone",
    "city",
    "country",
    "tags",
    "segment",
    "group",
    "stage",
    "vip",
    "health",
    "channel",
    "consent_email",
    "consent_sms",
    "consent_whatsapp",
    "orders",
    "gross",
    "net",
    "aov",
    "first_order_at",
    "last_order_at",
];

/// `GET /v1/exports/customers.csv`: everyone whom the parameters of a search
/// let through; everyone at all without any.
pub(crate) async fn customers(
    store: &Store,
    request: Request<'_>,
    now: Timestamp,
) -> Result<Answer, Trouble> {
    let more = ["limit", "cursor"];
    let known: Vec<_> = find::PARAMETERS.into_iter().chain(more).collect();
    request.only_parameters(&known)?;
    let limit = request.number("limit", 1, PAGE_ROWS, PAGE_ROWS)?;
    let search = Search::asked(request)?.unwrap_or_else(Search::everyone);
    let filters = request.query_without(&["limit", "cursor"]);
    let next = format!("{filters}limit={limit}&");
    page(store, request, &search, (limit, &next), now).await
}

/// `POST /v1/exports/customers.csv`: everyone who meets a condition. The next
/// page is asked for by the same body where the link leads.
pub(crate) async fn search(
    store: &Store,
    request: Request<'_>,
    now: Timestamp,
) -> Result<Answer, Trouble> {
    request.only_parameters(&["cursor"])?;
    let mut fields = Fields::new(request.body()?);
    let search = Search::given(&mut fields)?;
    let limit = fields.number("limit", 1, PAGE_ROWS, PAGE_ROWS)?;
    fields.finish()?;
    search.check()?;
    page(store, request, &search, (limit, ""), now).await
}

/// A page of at most `limit` people; `query` is how that of the link to the
/// one behind it begins.
async fn page(
    store: &Store,
    request: Request<'_>,
    search: &Search,
    (limit, query): (usize, &str),
    now: Timestamp,
) -> Result<Answer, Trouble> {
    search.check_named(store).await?;
    let list = search.list("customers.csv");
    let mut from: Option<Place> = request.cursor("cursor", &list).await?;
    let settings = store.settings_fetch().await?;
    let today = settings.date_of(now);
    let mut table = String::new();
    if from.is_none() {
        line(&mut table, COLUMNS);
    }
    let (mut rows, mut looked) = (0, 0);
    let next = loop {
        let by = By {
            store,
            settings: &settings,
            today,
            limit: CHUNK.min(limit - rows),
            looks: CHUNK,
            how: Consistency::Eventual,
        };
        let (persons, next) = search.page(&by, from.take()).await?;
        rows += persons.len();
        looked += persons.len().max(CHUNK);
        for person in &persons {
            line(&mut table, cells(person, &settings));
        }
        let full = rows >= limit || table.len() >= PAGE_BYTES || looked >= LOOKS;
        if next.is_none() || full {
            break next;
        }
        from = next;
    };
    let name = format!("attachment; filename=\"customers-{today}.csv\"");
    let answer = Answer::csv(table).with("content-disposition", name);
    let Some(next) = request.next(&list, next.as_ref()).await? else {
        return Ok(answer);
    };
    let place = format!("{}?{query}cursor={next}", request.written_path());
    let link = format!("<{place}>; rel=\"next\"");
    Ok(answer.with("link", link))
}

fn line(table: &mut String, cells: impl IntoIterator<Item = impl AsRef<str>>) {
    for (place, cell) in cells.into_iter().enumerate() {
        if place > 0 {
            table.push(',');
        }
        csv::push(table, cell.as_ref());
    }
    table.push_str("\r\n");
}

fn cells(person: &PersonRecord, settings: &Settings) -> [String; 24] {
    let who = Candidate::of(person, settings);
    let view = person.totals().view(settings.count_zero_value_orders);
    let sums = view.sums;
    let nodes = person.nodes();
    let profiles = newest_first(nodes);
    let newest = |part: fn(&Profile) -> Option<String>| {
        let found = profiles.iter().find_map(|profile| part(profile));
        found.unwrap_or_default()
    };
    let place = |part: fn(&crm_domain::customer::Address) -> Option<&String>| {
        let mut addresses = profiles
            .iter()
            .filter_map(|profile| profile.address.as_ref());
        let found = addresses.find_map(part);
        found.cloned().unwrap_or_default()
    };
    let mut ids: Vec<_> = nodes
        .iter()
        .filter_map(|node| node.external_id.as_ref())
        .map(ToString::to_string)
        .collect();
    ids.sort_unstable();
    let mut tags: Vec<_> = nodes.iter().flat_map(|node| node.tags.iter()).collect();
    tags.sort_unstable();
    tags.dedup();
    let wants = |medium| wants_marketing(nodes, medium).to_string();
    let found = person.assessment();
    [
        person.id().to_string(),
        ids.join(" "),
        newest(|profile| profile.first_name.clone()),
        newest(|profile| profile.last_name.clone()),
        newest(|profile| {
            profile
                .email
                .as_ref()
                .map(|email| Email::as_str(email).to_owned())
        }),
        newest(|profile| {
            profile
                .phone
                .as_ref()
                .map(|phone| Phone::as_str(phone).to_owned())
        }),
        place(|address| address.city.as_ref()),
        place(|address| address.country.as_ref()),
        tags.join(", "),
        optional(found.map(|found| found.segment)),
        optional(found.and_then(|found| found.group)),
        optional(found.map(|found| found.stage)),
        optional(found.map(|found| found.vip)),
        optional(found.map(|found| found.health)),
        who.channel().unwrap_or_default(),
        wants(Medium::Email),
        wants(Medium::Sms),
        wants(Medium::WhatsApp),
        sums.orders.to_string(),
        sums.gross.to_string(),
        sums.net().to_string(),
        optional(sums.average_order_value()),
        optional(view.span.map(|(first, _)| first)),
        optional(view.span.map(|(_, last)| last)),
    ]
}
