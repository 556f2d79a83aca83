//! Channels, averages and cohorts as the API shows them.

use std::collections::BTreeSet;

use crm_domain::money::{Amount, Currency};
use crm_domain::population::{Figures, Snapshot};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use super::cost::{Costs, Won};

/// All channels by one pass.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Channels")]
pub(super) struct Overview {
    /// The date of the pass.
    on: Date,
    currency: Option<Currency>,
    channels: Vec<Channel>,
    /// Over all channels and the months of which the spend is known.
    acquisition: Won,
    /// Everyone who ordered.
    all: Averages,
    /// Those whose first order was in the twelve months up to `on`.
    last_12_months: Averages,
    /// By quarter of the first order, the earliest first.
    quarters: Vec<Quarter>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChannelFigures")]
struct Channel {
    #[serde(rename = "channel")]
    name: String,
    #[serde(flatten)]
    averages: Averages,
    /// Over the months of which the spend is known.
    acquisition: Won,
    months: Vec<MonthWon>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ChannelMonth")]
struct MonthWon {
    month: String,
    #[serde(flatten)]
    won: Won,
}

#[derive(Serialize, JsonSchema)]
struct Quarter {
    quarter: String,
    #[serde(flatten)]
    averages: Averages,
}

/// Sums over customers and what each comes to; null of nobody.
#[derive(Serialize, JsonSchema)]
struct Averages {
    customers: u64,
    orders: i64,
    gross: Amount,
    net: Amount,
    average_order_value: Option<Amount>,
    orders_per_customer: Option<Amount>,
    gross_per_customer: Option<Amount>,
    net_per_customer: Option<Amount>,
    /// An estimate for the next twelve months, by the predictor in use.
    predicted: Amount,
    predicted_per_customer: Option<Amount>,
}

impl Overview {
    pub(super) fn of(
        figures: &Snapshot,
        costs: &Costs,
        since: &str,
        currency: Option<Currency>,
    ) -> Self {
        let told = figures.channels.keys().map(String::as_str);
        let names: BTreeSet<_> = told.chain(costs.channels()).collect();
        let nobody = Figures::default();
        let channels = names.into_iter().map(|name| Channel {
            name: name.to_owned(),
            averages: Averages::of(figures.channels.get(name).unwrap_or(&nobody)),
            acquisition: costs.total(name),
            months: costs
                .months(name, since)
                .into_iter()
                .map(|(month, won)| MonthWon { month, won })
                .collect(),
        });
        let quarters = figures.quarters.iter().map(|(quarter, figures)| Quarter {
            quarter: quarter.clone(),
            averages: Averages::of(figures),
        });
        Self {
            on: figures.on,
            currency,
            channels: channels.collect(),
            acquisition: costs.whole(),
            all: Averages::of(&figures.buyers),
            last_12_months: Averages::of(&figures.recent),
            quarters: quarters.collect(),
        }
    }
}

impl Averages {
    fn of(figures: &Figures) -> Self {
        Self {
            customers: figures.customers,
            orders: figures.orders,
            gross: figures.gross,
            net: figures.net(),
            average_order_value: figures.average_order_value(),
            orders_per_customer: figures.average_orders(),
            gross_per_customer: figures.average_gross(),
            net_per_customer: figures.average_net(),
            predicted: figures.predicted,
            predicted_per_customer: figures.average_predicted(),
        }
    }
}
