//! What a list of customers is asked by: an address, a source's id, a segment.

use crm_domain::identity::{Email, ExternalId, IdentityError, NodeId};
use crm_domain::segment::Segment;
use crm_store::{Claim, Consistency, PersonRecord, SegmentPlace, Store, StoreError, Wanted};

use crate::problem::{Problem, Trouble};
use crate::request::Request;

/// One of the three ways to ask.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Filter {
    Email(Email),
    ExternalId(ExternalId),
    /// A source and an id that may be of any of its shops.
    ShortId(String, String),
    Segment(Segment),
}

/// Persons, and the cursor of the next page.
type Found = (Vec<PersonRecord>, Option<String>);

impl Filter {
    pub(super) fn of(request: Request<'_>) -> Result<Self, Problem> {
        let given = ["email", "external_id", "segment"];
        let mut given = given
            .iter()
            .filter_map(|name| Some((*name, request.parameter(name)?)));
        let (Some((name, value)), None) = (given.next(), given.next()) else {
            let limit = "must be given, or external_id, or segment: exactly one of the three";
            return Err(Problem::senseless("email", limit));
        };
        if name != "segment" && request.parameter("cursor").is_some() {
            return Err(Problem::senseless("cursor", "belongs to a list by segment"));
        }
        Self::read(name, &value)
    }

    fn read(name: &str, value: &str) -> Result<Self, Problem> {
        let wrong = |limit| Problem::senseless(name, limit);
        match name {
            "email" => Email::parse(value)
                .map(Self::Email)
                .map_err(|error| wrong(email_limit(error))),
            "segment" => {
                let limit = "must be VIP, Prospect, New, Single-order, Active, At-Risk or Lapsed";
                Segment::named(value)
                    .map(Self::Segment)
                    .ok_or_else(|| Problem::field(name, limit))
            }
            _ => external_id(value).ok_or_else(|| {
                wrong("must be {source}:{shop}:{id}, or {source}:{id} where that is unique")
            }),
        }
    }

    /// The persons the filter lets through, at most `limit`.
    pub(super) async fn persons(
        &self,
        store: &Store,
        request: Request<'_>,
        limit: usize,
    ) -> Result<Found, Trouble> {
        match self {
            Self::Email(email) => Ok((claimed(store, [Claim::Email(email.clone())]).await?, None)),
            Self::ExternalId(id) => Ok((claimed(store, [Claim::Id(id.clone())]).await?, None)),
            Self::ShortId(source, id) => Ok((of_any_shop(store, source, id).await?, None)),
            Self::Segment(segment) => in_segment(store, request, *segment, limit).await,
        }
    }
}

fn email_limit(error: IdentityError) -> &'static str {
    match error {
        IdentityError::Blocked(_) => "is an address that many people share, and finds nobody",
        _ => "must be an e-mail address, with a plus sign written as %2B",
    }
}

fn external_id(text: &str) -> Option<Filter> {
    if let Ok(id) = ExternalId::parse(text) {
        return Some(Filter::ExternalId(id));
    }
    let (source, id) = text.split_once(':')?;
    // As good as any shop: only the other two parts are checked.
    ExternalId::new(source, "shop", id).ok()?;
    Some(Filter::ShortId(source.to_owned(), id.to_owned()))
}

/// The persons who hold any of the claims, each once.
async fn claimed(
    store: &Store,
    claims: impl IntoIterator<Item = Claim>,
) -> Result<Vec<PersonRecord>, StoreError> {
    let claims: Vec<_> = claims.into_iter().collect();
    let mut wanted = Wanted::default();
    for claim in &claims {
        wanted.claim(claim);
    }
    let loaded = store.load(&wanted, Consistency::Strong).await?;
    let holders = claims.iter().map(|claim| loaded.claim(claim));
    let holders: Vec<NodeId> = holders
        .filter_map(Result::transpose)
        .collect::<Result<_, _>>()?;
    store.persons_fetch(&holders, Consistency::Strong).await
}

async fn of_any_shop(store: &Store, source: &str, id: &str) -> Result<Vec<PersonRecord>, Trouble> {
    let shops = store.shop_list(source).await?;
    let ids = shops
        .iter()
        .filter_map(|shop| ExternalId::new(source, shop, id).ok());
    let persons = claimed(store, ids.map(Claim::Id)).await?;
    if persons.len() > 1 {
        let limit = "is not unique: several customers have it, so give {source}:{shop}:{id}";
        return Err(Problem::senseless("external_id", limit).into());
    }
    Ok(persons)
}

async fn in_segment(
    store: &Store,
    request: Request<'_>,
    segment: Segment,
    limit: usize,
) -> Result<Found, Trouble> {
    let list = format!("segment:{segment}");
    let from: Option<SegmentPlace> = request.cursor("cursor", &list).await?;
    let page = store.segment_list(segment, from, limit).await?;
    let mut persons = store
        .persons_fetch(&page.items, Consistency::Strong)
        .await?;
    // The index may be a moment behind: whoever has left is not shown.
    persons.retain(|person| {
        person
            .assessment()
            .is_some_and(|now| now.segment == segment)
    });
    Ok((persons, request.next(&list, page.next.as_ref()).await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, value: &str) -> String {
        Filter::read(name, value).unwrap_err().field.unwrap().into()
    }

    #[test]
    fn an_external_id_has_three_parts_or_two() {
        let long = ExternalId::parse("shopify:one.example:7").unwrap();
        let read = |text| Filter::read("external_id", text).unwrap();
        assert_eq!(read("shopify:one.example:7"), Filter::ExternalId(long));
        let short = Filter::ShortId("shopify".to_owned(), "7".to_owned());
        assert_eq!(read("shopify:7"), short);
        for text in [
            "7",
            ":7",
            "shopify:",
            "a:b:c:d",
            "shopify: 7",
            &format!("s:{}", "7".repeat(300)),
        ] {
            assert_eq!(field("external_id", text), "external_id", "{text}");
        }
    }

    #[test]
    fn a_segment_is_known_by_its_name_in_any_case() {
        assert_eq!(
            Filter::read("segment", "at-risk"),
            Ok(Filter::Segment(Segment::AtRisk))
        );
        assert_eq!(field("segment", "Best"), "segment");
        assert_eq!(field("email", "ada"), "email");
    }
}
