//! Cells of a table that any spreadsheet opens, and that do nothing there.
//!
//! Lines end and quotes are doubled as RFC 4180 says. A cell that a
//! spreadsheet would take for a formula gets an apostrophe in front (OWASP,
//! *CSV Injection*); plain numbers are what they look like.

/// Adds a cell to a line.
pub(super) fn push(line: &mut String, cell: &str) {
    let quote = cell.contains([',', '"', '\n', '\r']);
    if quote {
        line.push('"');
    }
    if is_active(cell) {
        line.push('\'');
    }
    if quote {
        line.push_str(&cell.replace('"', "\"\""));
        line.push('"');
    } else {
        line.push_str(cell);
    }
}

/// Whether a spreadsheet might compute it.
fn is_active(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number(cell)
}

/// Digits with at most one point among them, and perhaps a minus before.
fn is_number(cell: &str) -> bool {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let all = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    all(whole) && all(part)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(cells: &[&str]) -> String {
        let written = cells.iter().map(|cell| {
            let mut line = String::new();
            push(&mut line, cell);
            line
        });
        written.collect::<Vec<_>>().join(",")
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        assert_eq!(line(&["a", "b c", "", "d"]), "a,b c,,d");
        assert_eq!(
            line(&["a,b", "say \"hi\"", "x\ny"]),
            "\"a,b\",\"say \"\"hi\"\"\",\"x\ny\""
        );
    }

    #[test]
    fn a_formula_is_taken_for_text_and_a_number_for_a_number() {
        for (cell, written) in [
            ("=1+1", "'=1+1"),
            ("+49", "'+49"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-cmd", "'-cmd"),
            ("\t=1", "'\t=1"),
            ("\r=1", "\"'\r=1\""),
            ("-1", "-1"),
            ("-0.5", "-0.5"),
            ("-1+1", "'-1+1"),
            ("-1.2.3", "'-1.2.3"),
            ("-", "'-"),
            ("12.5", "12.5"),
        ] {
            assert_eq!(line(&[cell]), written);
        }
    }

    proptest! {
        #[test]
        fn no_cell_begins_with_what_computes(cell in "[=+@\t\r-]?.{0,12}") {
            let written = line(&[&cell]);
            let inside = written.strip_prefix('"').unwrap_or(&written);
            let active = inside.starts_with(['=', '+', '-', '@', '\t', '\r']);
            prop_assert!(!active || is_number(inside), "{written:?}");
        }
    }
}
