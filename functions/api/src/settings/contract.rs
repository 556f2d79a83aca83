//! How the requests about the settings are described.

use crm_domain::settings::{LAST_VERSION, Settings};
use serde_json::json;

use super::Change;
use crate::contract::{ETAG, Operation, Parameter, Types};

pub(crate) fn fetch(types: &mut Types) -> Operation {
    let schema = json!({"anyOf": [types.shown::<Settings>(), types.shown::<Change>()]});
    let version = Parameter::new(
        "version",
        "The change that made this version is asked for.",
        json!({"type": "integer", "minimum": 1, "maximum": LAST_VERSION}),
    );
    Operation::new("The settings, or the change that made a version of them")
        .query(version)
        .cached()
        .answers(
            200,
            "The settings in force; the change, if a version is asked for.",
            schema,
            &[ETAG],
        )
        .refuses(404, "No change has made that version.")
}

pub(crate) fn replace(types: &mut Types) -> Operation {
    Operation::new("Change settings")
        .about(
            "The fields given replace those in force; a section takes its fields one by one; maps \
             and lists are replaced whole. `version`, or `If-Match`, makes sure that nobody has \
             changed them in between.",
        )
        .guarded()
        .body(types.given::<Settings>())
        .answers(200, "The new settings.", types.shown::<Settings>(), &[ETAG])
        .refuses(409, "`version` is not that of the settings in force.")
        .weighed("The settings make no sense together.")
}
