//! Estimates as plain decimals.

/// An estimate to six decimals, never with an exponent; none where there is
/// no number.
pub(crate) fn plain(estimate: f64) -> Option<String> {
    if !estimate.is_finite() {
        return None;
    }
    let text = format!("{estimate:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    Some(if text == "-0" { "0" } else { text }.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_has_six_decimals_at_most_and_no_exponent() {
        for (estimate, text) in [
            (0.0, "0"),
            (-0.000_000_1, "0"),
            (12.5, "12.5"),
            (100.0, "100"),
            (1.0 / 3.0, "0.333333"),
            (1e15, "1000000000000000"),
            (-2.25, "-2.25"),
        ] {
            assert_eq!(plain(estimate).as_deref(), Some(text));
        }
        assert_eq!(plain(f64::NAN), None);
        assert_eq!(plain(f64::INFINITY), None);
    }
}
