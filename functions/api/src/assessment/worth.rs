//! A customer's worth as the API shows it.

use crm_domain::money::Amount;
use crm_domain::segment::{Rules, Subject};
use crm_domain::value::{Basis, MONTHS, Model, Prediction, Predictor, Worth};
use jiff::civil::Date;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;

use crate::decimal::plain;

/// What a customer is worth on a date, computed when it is asked. Amounts are
/// in the reporting currency, exact but for the estimates.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Value")]
pub(crate) struct WorthView {
    on: Date,
    gross: Amount,
    net: Amount,
    average_order_value: Option<Amount>,
    margin: MarginView,
    /// Counted orders a year since the first; null on its day.
    orders_per_year: Option<String>,
    simple: Option<Simple>,
    model: Option<ModelView>,
    /// Which of the two came nearer to what was bought.
    predictor: Predictor,
    /// How the first counted order came about.
    acquisition_channel: Option<String>,
}

/// Net less the cost of the goods.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Margin")]
struct MarginView {
    /// Null unless the cost of all goods is known.
    value: Option<Amount>,
    /// Share of the gross whose cost is known.
    covered_share: Option<String>,
}

/// The past carried on.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SimpleEstimate")]
struct Simple {
    label: &'static str,
    value: Amount,
    lifespan_years: Amount,
}

/// What the model expects of the months ahead, discounted.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ModelEstimate")]
struct ModelView {
    months: u32,
    value: Option<String>,
    /// Ends of the interval that holds four of five such customers.
    low: Option<String>,
    high: Option<String>,
    /// Purchase days expected.
    orders: Option<String>,
    /// Null before a repeat purchase.
    p_alive: Option<String>,
    next_order_on: Option<Date>,
    basis: BasisView,
}

/// Where the model's parameters come from: `fitted`, or `prior` and why.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ModelBasis")]
struct BasisView {
    purchases: Basis,
    spend: Basis,
}

impl WorthView {
    pub(crate) fn of(subject: &Subject<'_>, rules: &Rules<'_>, on: Date) -> Self {
        let worth = Worth::of(subject, rules, on);
        let model = &rules.cutoffs.model;
        let prediction = worth.buyer.as_ref().map(|buyer| model.predict(buyer, on));
        Self {
            on,
            gross: worth.gross,
            net: worth.net,
            average_order_value: worth.average_order_value,
            margin: MarginView {
                value: worth.margin.value,
                covered_share: text(worth.margin.covered_share),
            },
            orders_per_year: text(worth.orders_per_year),
            simple: worth.simple.map(|value| Simple {
                label: "simple estimate",
                value,
                lifespan_years: rules.settings.lifespan_years.0,
            }),
            model: prediction.map(|prediction| ModelView::of(&prediction, model)),
            predictor: worth.predictor,
            acquisition_channel: worth.channel,
        }
    }
}

fn text(decimal: Option<Decimal>) -> Option<String> {
    decimal.map(|decimal| decimal.to_string())
}

impl ModelView {
    fn of(prediction: &Prediction, model: &Model) -> Self {
        Self {
            months: MONTHS,
            value: plain(prediction.value),
            low: plain(prediction.low),
            high: plain(prediction.high),
            orders: plain(prediction.orders),
            p_alive: prediction.alive.and_then(plain),
            next_order_on: prediction.next_order_on,
            basis: BasisView {
                purchases: model.purchases_basis,
                spend: model.spend_basis,
            },
        }
    }
}
