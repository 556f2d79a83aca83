//! How the requests for walks over everyone are described.

use crm_domain::settings::Settings;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde_json::json;

use super::view::RunView;
use crate::contract::{LOCATION, Operation, Types};
use crate::duplicates::contract::Nothing;

/// Which date everyone is to be looked at for.
#[expect(dead_code, reason = "says what `Asking::refresh` reads")]
#[derive(JsonSchema)]
#[schemars(rename = "RefreshAsked", deny_unknown_fields)]
struct Refresh {
    /// A date not after today; everyone is looked at as of now if it is left out.
    #[schemars(regex(pattern = crate::request::DATE_PATTERN))]
    as_of: Option<Date>,
}

pub(crate) fn refresh(types: &mut Types) -> Operation {
    asked(types, "Assess everyone anew, or as of a date")
        .optional_body(types.given::<Refresh>())
        .weighed("`as_of` is after today.")
}

pub(crate) fn search(types: &mut Types) -> Operation {
    asked(
        types,
        "Compare everyone with everyone who has something in common",
    )
    .optional_body(types.given::<Nothing>())
}

pub(crate) fn compare(types: &mut Types) -> Operation {
    asked(
        types,
        "Who would enter and leave each segment and group by other settings",
    )
    .guarded()
    .body(types.given::<Settings>())
    .weighed("The settings make no sense together.")
}

pub(crate) fn fetch(types: &mut Types) -> Operation {
    let id = json!({"type": "string", "pattern": "^[a-z0-9-]{8,64}$"});
    Operation::new("How far a run is, and what came of it")
        .named("id", "Id of a run.", id)
        .answers(200, "The run.", types.shown::<RunView<'_>>(), &[])
}

pub(crate) fn asked(types: &mut Types, summary: &'static str) -> Operation {
    Operation::new(summary)
        .about("Asking for what is under way answers that run.")
        .once()
        .answers(
            202,
            "The run, which is worked on elsewhere.",
            types.shown::<RunView<'_>>(),
            &[LOCATION],
        )
}
