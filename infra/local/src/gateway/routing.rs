//! Which route a request takes: the most specific one that fits.

use std::collections::BTreeMap;

use http::Method;

use super::uri;
use crate::template::Route;

/// Values of a path's variables, by name.
pub(super) type Parameters = BTreeMap<String, String>;

/// The route for a method and a path, and the values of the path's variables.
pub(super) fn find<'a>(
    routes: &'a [Route],
    method: &Method,
    path: &str,
) -> Option<(&'a Route, Parameters)> {
    let of_method = |route: &&Route| route.method == "ANY" || method.as_str() == route.method;
    let fitting = routes.iter().filter(of_method).filter_map(|route| {
        let (parameters, rank) = fit(&route.path, path)?;
        Some((route, parameters, (rank, route.method != "ANY")))
    });
    let best = fitting.max_by(|(.., left), (.., right)| left.cmp(right));
    best.map(|(route, parameters, _)| (route, parameters))
}

/// How a path fits a pattern: the values, and a rank in which literal parts beat
/// variables and variables beat a rest such as `{proxy+}`.
fn fit(pattern: &str, path: &str) -> Option<(Parameters, Vec<u8>)> {
    let mut parameters = Parameters::new();
    let mut rank = Vec::new();
    let mut rest = path.strip_prefix('/')?;
    let mut patterns = pattern.strip_prefix('/')?.split('/').peekable();
    while let Some(pattern) = patterns.next() {
        if let Some(name) = variable(pattern).and_then(|name| name.strip_suffix('+')) {
            parameters.insert(name.to_owned(), uri::decoded(rest));
            rank.push(0);
            return (!rest.is_empty()).then_some((parameters, rank));
        }
        let (part, after) = match rest.split_once('/') {
            Some((part, after)) => (part, Some(after)),
            None => (rest, None),
        };
        match variable(pattern) {
            Some(_) if part.is_empty() => return None,
            Some(name) => {
                parameters.insert(name.to_owned(), uri::decoded(part));
                rank.push(1);
            }
            None if pattern == part => rank.push(2),
            None => return None,
        }
        match (after, patterns.peek()) {
            (Some(after), Some(_)) => rest = after,
            (None, None) => return Some((parameters, rank)),
            _ => return None,
        }
    }
    None
}

fn variable(pattern: &str) -> Option<&str> {
    pattern.strip_prefix('{')?.strip_suffix('}')
}
