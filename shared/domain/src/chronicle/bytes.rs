//! Changes in a few bytes each.
//!
//! Names are stored as places in their lists, so those lists only ever grow
//! at the end; the first byte of a run of changes is the layout's version.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{Cause, Change, Chronicle, Facts, Volume};
use crate::money::Amount;
use crate::segment::{Group, Health, HealthReason, Stage};
use crate::varint::{Torn, put, take, take_as};

/// Stored bytes that are no history of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the history of changes cannot be decoded")]
pub struct Corrupt;

impl From<Torn> for Corrupt {
    fn from(_: Torn) -> Self {
        Self
    }
}

const VERSION: u8 = 1;
const EPOCH: Date = jiff::civil::date(1970, 1, 1);
const CAUSES: [Cause; 4] = [
    Cause::Event,
    Cause::Time,
    Cause::Settings,
    Cause::Population,
];

impl Chronicle {
    /// The bytes it is stored as.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        put(&mut bytes, self.volumes.into());
        for change in &self.changes {
            write(&mut bytes, change);
        }
        bytes
    }

    /// Reads back what [`Chronicle::encode`] wrote.
    ///
    /// # Errors
    ///
    /// [`Corrupt`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Corrupt> {
        let Some(mut rest) = opened(bytes)? else {
            return Ok(Self::default());
        };
        Ok(Self {
            volumes: take_as(&mut rest)?,
            changes: read_all(rest)?,
        })
    }
}

impl Volume {
    /// The bytes it is stored as, its number aside.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        for change in &self.changes {
            write(&mut bytes, change);
        }
        bytes
    }

    /// Reads back what [`Volume::encode`] wrote.
    ///
    /// # Errors
    ///
    /// [`Corrupt`].
    pub fn decode(number: u32, bytes: &[u8]) -> Result<Self, Corrupt> {
        let rest = opened(bytes)?.unwrap_or_default();
        let changes = read_all(rest)?;
        Ok(Self { number, changes })
    }
}

fn opened(bytes: &[u8]) -> Result<Option<&[u8]>, Corrupt> {
    match bytes.split_first() {
        None => Ok(None),
        Some((&VERSION, rest)) => Ok(Some(rest)),
        Some(_) => Err(Corrupt),
    }
}

fn read_all(mut rest: &[u8]) -> Result<Vec<Change>, Corrupt> {
    let mut changes = Vec::new();
    while !rest.is_empty() {
        changes.push(read(&mut rest)?);
    }
    Ok(changes)
}

fn write(bytes: &mut Vec<u8>, change: &Change) {
    let days = (change.on - EPOCH).get_days();
    put(bytes, days.into());
    bytes.push(index(&CAUSES, &change.cause));
    let group = change.group.map(|group| 1 + index(&Group::ALL, &group));
    bytes.push(group.unwrap_or(0));
    bytes.push(index(&Stage::ALL, &change.stage));
    let flags = u8::from(change.by_orders) | u8::from(change.by_rank) << 1;
    bytes.push(flags | index(&Health::ALL, &change.health) << 2);
    let reasons = change.health_reasons.iter();
    let reasons = reasons.fold(0_i128, |set, r| set | 1 << index(&HealthReason::ALL, r));
    put(bytes, reasons);
    let facts = &change.facts;
    put(bytes, facts.recency_days.map_or(-1, i128::from));
    for count in [
        facts.orders,
        facts.units_bought,
        facts.units_returned,
        facts.open_cases,
        facts.recent_cases,
    ] {
        put(bytes, count.into());
    }
    for amount in [facts.gross, facts.net] {
        let decimal = amount.decimal();
        put(bytes, decimal.scale().into());
        put(bytes, decimal.mantissa());
    }
    put(bytes, change.rules.into());
    put(bytes, change.settings.into());
    put(bytes, change.cutoffs.into());
}

fn read(rest: &mut &[u8]) -> Result<Change, Corrupt> {
    let days: i32 = take_as(rest)?;
    let on = EPOCH.checked_add(jiff::Span::new().try_days(days).map_err(|_| Corrupt)?);
    let cause = at(&CAUSES, take_byte(rest)?)?;
    let group = match take_byte(rest)? {
        0 => None,
        place => Some(at(&Group::ALL, place - 1)?),
    };
    let stage = at(&Stage::ALL, take_byte(rest)?)?;
    let flags = take_byte(rest)?;
    let set: u32 = take_as(rest)?;
    let all = HealthReason::ALL.iter().enumerate();
    let reasons = all.filter(|(place, _)| set >> place & 1 == 1);
    Ok(Change {
        on: on.map_err(|_| Corrupt)?,
        cause,
        group,
        stage,
        by_orders: flags & 1 == 1,
        by_rank: flags >> 1 & 1 == 1,
        health: at(&Health::ALL, flags >> 2)?,
        health_reasons: reasons.map(|(_, reason)| *reason).collect(),
        facts: read_facts(rest)?,
        rules: take_as(rest)?,
        settings: take_as(rest)?,
        cutoffs: take_as(rest)?,
    })
}

fn read_facts(rest: &mut &[u8]) -> Result<Facts, Corrupt> {
    let recency: i64 = take_as(rest)?;
    Ok(Facts {
        recency_days: (recency >= 0).then_some(recency),
        orders: take_as(rest)?,
        units_bought: take_as(rest)?,
        units_returned: take_as(rest)?,
        open_cases: take_as(rest)?,
        recent_cases: take_as(rest)?,
        gross: read_amount(rest)?,
        net: read_amount(rest)?,
    })
}

fn read_amount(rest: &mut &[u8]) -> Result<Amount, Corrupt> {
    let scale = take_as(rest)?;
    let decimal = Decimal::try_from_i128_with_scale(take(rest)?, scale);
    decimal.map(Amount::from_decimal).map_err(|_| Corrupt)
}

fn take_byte(rest: &mut &[u8]) -> Result<u8, Corrupt> {
    let (&byte, behind) = rest.split_first().ok_or(Corrupt)?;
    *rest = behind;
    Ok(byte)
}

fn index<T: PartialEq>(all: &[T], one: &T) -> u8 {
    let place = all.iter().position(|other| other == one);
    let place = place.expect("every variant is listed");
    u8::try_from(place).expect("the lists are short")
}

fn at<T: Copy>(all: &[T], place: u8) -> Result<T, Corrupt> {
    all.get(usize::from(place)).copied().ok_or(Corrupt)
}

impl serde::Serialize for Chronicle {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.encode())
    }
}

impl<'de> serde::Deserialize<'de> for Chronicle {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = crate::octets::read(deserializer)?;
        Self::decode(&bytes).map_err(serde::de::Error::custom)
    }
}
