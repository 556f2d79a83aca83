//! What a person of the store may do: the roles in the caller's token.

use std::collections::{BTreeSet, HashMap};

/// A role. Several roles may do what any of them may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Looks.
    Viewer,
    /// Answers customers.
    Agent,
    /// Writes to customers.
    Marketer,
    /// Sells to businesses.
    Sales,
    /// Decides how the store works.
    Admin,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] = [
        Self::Viewer,
        Self::Agent,
        Self::Marketer,
        Self::Sales,
        Self::Admin,
    ];

    /// Its name in a token.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Agent => "agent",
            Self::Marketer => "marketer",
            Self::Sales => "sales",
            Self::Admin => "admin",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// The roles in a claim of a token.
///
/// API Gateway hands claims on as text, and a list as `[admin viewer]` or as
/// JSON. Names are told apart by white space only: a group of Cognito may have
/// a comma in its name, but no space.
pub(crate) fn roles_of(claims: &HashMap<String, String>, claim: &str) -> BTreeSet<Role> {
    let text = claims.get(claim).map_or("", |text| text.trim());
    if let Ok(names) = serde_json::from_str::<Vec<String>>(text) {
        return names.iter().filter_map(|name| Role::named(name)).collect();
    }
    let inside = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let names = inside.unwrap_or(text).split_whitespace();
    names.filter_map(Role::named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles(text: &str) -> Vec<Role> {
        let claims = HashMap::from([("groups".to_owned(), text.to_owned())]);
        roles_of(&claims, "groups").into_iter().collect()
    }

    #[test]
    fn a_claim_is_one_name_a_list_in_brackets_or_json() {
        assert_eq!(roles("agent"), [Role::Agent]);
        assert_eq!(roles("[admin viewer]"), [Role::Viewer, Role::Admin]);
        assert_eq!(roles(r#"["admin", "viewer"]"#), [Role::Viewer, Role::Admin]);
        assert_eq!(roles(" [sales] "), [Role::Sales]);
    }

    #[test]
    fn what_is_no_role_gives_no_role() {
        for text in [
            "",
            "[]",
            "Admin",
            "[x,admin]",
            r#"["store admin"]"#,
            "admins",
            "[admin",
        ] {
            assert_eq!(roles(text), [], "{text}");
        }
        assert_eq!(roles_of(&HashMap::new(), "groups").len(), 0);
    }

    #[test]
    fn every_role_is_known_by_its_name() {
        for role in Role::ALL {
            assert_eq!(roles(role.name()), [role]);
        }
    }
}
