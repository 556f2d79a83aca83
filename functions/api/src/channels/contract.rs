//! How the requests about the figures of everyone together are described.

use crm_domain::population::Snapshot;

use super::view::Overview;
use super::{MOST_MONTHS, USUAL_MONTHS};
use crate::contract::{Operation, Parameter, Types};

const NONE: &str = "No pass over everyone was made by then.";

pub(crate) fn list(types: &mut Types) -> Operation {
    let about = "How many months are shown one by one.";
    Operation::new("What customers of each channel come to, and what winning them cost")
        .query(Parameter::number(
            "months",
            about,
            1,
            MOST_MONTHS,
            USUAL_MONTHS,
        ))
        .answers(
            200,
            "Channels, averages and quarters.",
            types.shown::<Overview>(),
            &[],
        )
        .refuses(404, NONE)
}

pub(crate) fn population(types: &mut Types) -> Operation {
    Operation::new("The figures, cut-offs and model of the latest pass")
        .query(Parameter::date("on", "Of the latest up to this date."))
        .answers(200, "The figures.", types.shown::<Snapshot>(), &[])
        .refuses(404, NONE)
}
