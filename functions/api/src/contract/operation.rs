//! One request as it is described: what it takes, and all it can answer.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::parameter::Parameter;
use crate::{etag, once};

/// A header of an answer.
#[derive(Clone, Copy)]
pub(crate) struct Header {
    name: &'static str,
    about: &'static str,
    /// Whether it is always there.
    always: bool,
}

/// Names the version of what is shown.
pub(crate) const ETAG: Header = Header {
    name: "ETag",
    about: "Names what is shown as it is now, for `If-Match` and `If-None-Match`.",
    always: true,
};
/// Where to find what was made.
pub(crate) const LOCATION: Header = Header {
    name: "Location",
    about: "Path of what was made or set off.",
    always: true,
};
/// What reading took.
const READ_UNITS: Header = Header {
    name: "X-Read-Units",
    about: "Read units of the tables that the answer took.",
    always: true,
};
/// The next page of a table.
pub(crate) const LINK: Header = Header {
    name: "Link",
    about: "The next page, as `<…>; rel=\"next\"`; absent on the last one.",
    always: false,
};
/// The name to keep a table under.
pub(crate) const FILE_NAME: Header = Header {
    name: "Content-Disposition",
    about: "The name to keep the table under.",
    always: true,
};

/// An answer that is no refusal.
pub(super) struct Shown {
    pub(super) about: &'static str,
    pub(super) kind: &'static str,
    pub(super) schema: Option<Value>,
    pub(super) headers: Vec<Header>,
}

/// A request, but for what stands in the table of routes.
pub(crate) struct Operation {
    pub(super) summary: &'static str,
    pub(super) about: &'static str,
    /// What the names in braces stand for.
    pub(super) names: BTreeMap<&'static str, (&'static str, Value)>,
    pub(super) parameters: Vec<Parameter>,
    pub(super) headers: Vec<Parameter>,
    /// And whether it may be left out.
    pub(super) body: Option<(Value, bool)>,
    pub(super) shown: BTreeMap<u16, Shown>,
    pub(super) refused: BTreeMap<u16, &'static str>,
}

impl Operation {
    /// A request in a few words.
    pub(crate) fn new(summary: &'static str) -> Self {
        Self {
            summary,
            about: "",
            names: BTreeMap::new(),
            parameters: Vec::new(),
            headers: Vec::new(),
            body: None,
            shown: BTreeMap::new(),
            refused: BTreeMap::new(),
        }
    }

    /// And in more.
    pub(crate) fn about(mut self, about: &'static str) -> Self {
        self.about = about;
        self
    }

    /// What a name in the path stands for. What it names may not be there.
    pub(crate) fn named(mut self, name: &'static str, about: &'static str, schema: Value) -> Self {
        self.names.insert(name, (about, schema));
        self.refuses(404, "There is nothing under this path.")
    }

    /// The path names something by an id that was given for it.
    pub(crate) fn of(self, about: &'static str) -> Self {
        self.named("id", about, id())
    }

    /// A parameter of the query.
    pub(crate) fn query(mut self, parameter: Parameter) -> Self {
        self.parameters.push(parameter);
        self
    }

    /// A body, which must be there.
    pub(crate) fn body(self, schema: Value) -> Self {
        self.reads(schema, false)
    }

    /// A body that may be left out.
    pub(crate) fn optional_body(self, schema: Value) -> Self {
        self.reads(schema, true)
    }

    fn reads(mut self, schema: Value, optional: bool) -> Self {
        self.body = Some((schema, optional));
        self
    }

    /// Sent again with the same key, it answers what it answered.
    pub(crate) fn once(mut self) -> Self {
        let about = "A key of the caller's own. For 24 hours the same key, caller and body are \
                     answered by what the first such request made, and another body with 409.";
        let schema = json!({
            "type": "string",
            "minLength": 1,
            "maxLength": once::MOST_CHARACTERS,
            "pattern": "^[!-~]+$",
        });
        self.headers
            .push(Parameter::new("Idempotency-Key", about, schema));
        self.refuses(409, "Something else happened in between, or was asked for.")
    }

    /// It may be said what must not have changed.
    pub(crate) fn guarded(mut self) -> Self {
        let about = "The `ETag` of what was seen: it is refused (412) if that has changed, unless \
                     what is asked stands already. `*` for whatever there is.";
        self.headers.push(Parameter::new("If-Match", about, tags()));
        self.refuses(412, "`If-Match` names what is there no longer.")
    }

    /// It need not be shown again to who has it.
    pub(crate) fn cached(mut self) -> Self {
        let about = "The `ETag` of what the caller has: nothing is sent (304) if that is all.";
        self.headers
            .push(Parameter::new("If-None-Match", about, tags()));
        let answer = Shown {
            about: "The caller has it.",
            kind: "",
            schema: None,
            headers: vec![ETAG],
        };
        self.shown.insert(304, answer);
        self
    }

    /// An answer in JSON.
    pub(crate) fn answers(
        self,
        status: u16,
        about: &'static str,
        schema: Value,
        headers: &[Header],
    ) -> Self {
        self.gives(status, about, ("application/json", schema), headers)
    }

    /// An answer of another kind.
    pub(crate) fn gives(
        mut self,
        status: u16,
        about: &'static str,
        (kind, schema): (&'static str, Value),
        headers: &[Header],
    ) -> Self {
        let answer = Shown {
            about,
            kind,
            schema: Some(schema),
            headers: headers.to_vec(),
        };
        self.shown.insert(status, answer);
        self
    }

    /// A refusal beyond those that every request may meet.
    pub(crate) fn refuses(mut self, status: u16, about: &'static str) -> Self {
        self.refused.insert(status, about);
        self
    }

    /// The form is right, and yet it makes no sense with what there is.
    pub(crate) fn weighed(self, about: &'static str) -> Self {
        self.refuses(422, about)
    }
}

/// An id as we make them.
pub(crate) fn id() -> Value {
    json!({"type": "string", "pattern": "^[a-z0-9]{8,64}$"})
}

fn tags() -> Value {
    json!({"type": "string", "maxLength": etag::MOST_CHARACTERS, "pattern": "^[!-~ ]*$"})
}

/// Headers of an answer as the document has them.
pub(super) fn headers(headers: &[Header]) -> Map<String, Value> {
    let described = headers.iter().chain([&READ_UNITS]).map(|header| {
        let about = json!({
            "description": header.about,
            "required": header.always,
            "schema": {"type": "string"},
        });
        (header.name.to_owned(), about)
    });
    described.collect()
}
