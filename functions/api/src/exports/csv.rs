//! Cells of a table that any spreadsheet opens, and that do nothing there.
//!
//! Lines end and quotes are doubled as RFC 4180 says. Whatever a spreadsheet
//! would take for a formula gets an apostrophe in front (OWASP, *CSV
//! Injection*); plain numbers are what they look like. Spreadsheets of other
//! countries part cells at semicolons or tabs, some at every line, and not all
//! of them heed quotes there: so what stands behind such a sign is taken for
//! the beginning of a cell too.

/// Adds a cell to a line.
pub(super) fn push(line: &mut String, cell: &str) {
    if is_number(cell) {
        return line.push_str(cell);
    }
    let quote = cell.contains(|c| c == '"' || parts(c));
    if quote {
        line.push('"');
    }
    if cell.starts_with(['\t', '\r', '\n']) {
        line.push('\'');
    }
    let mut begins = true;
    for c in cell.chars() {
        if begins && is_active(c) {
            line.push('\'');
        }
        begins = parts(c) || (begins && is_passed_over(c));
        if c == '"' {
            line.push('"');
        }
        line.push(c);
    }
    if quote {
        line.push('"');
    }
}

/// Whether a spreadsheet may take it for the end of a cell.
fn parts(c: char) -> bool {
    matches!(c, ',' | ';' | '\t' | '\n' | '\r')
}

/// Whether what begins with it may be computed. Where letters are as wide as
/// they are high, so are these signs.
fn is_active(c: char) -> bool {
    matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠')
}

/// What may be lost before the first sign of a cell that counts.
fn is_passed_over(c: char) -> bool {
    c == '"' || c == '\u{feff}' || c.is_whitespace() || c.is_control()
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
            line(&["a,b", "say \"hi\"", "x\ny", "x;y", "x\ty"]),
            "\"a,b\",\"say \"\"hi\"\"\",\"x\ny\",\"x;y\",\"x\ty\""
        );
    }

    #[test]
    fn a_formula_is_taken_for_text_and_a_number_for_a_number() {
        for (cell, written) in [
            ("=1+1", "'=1+1"),
            ("+49", "'+49"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-cmd", "'-cmd"),
            ("＝1+1", "'＝1+1"),
            ("＋1", "'＋1"),
            ("－1", "'－1"),
            ("＠SUM(A1)", "'＠SUM(A1)"),
            ("\t=1", "\"'\t'=1\""),
            ("\r=1", "\"'\r'=1\""),
            ("\n=1", "\"'\n'=1\""),
            ("\tx", "\"'\tx\""),
            (" =1", " '=1"),
            ("-1", "-1"),
            ("-0.5", "-0.5"),
            ("-1+1", "'-1+1"),
            ("-1.2.3", "'-1.2.3"),
            ("-", "'-"),
            ("12.5", "12.5"),
            ("Lovelace-Byron", "Lovelace-Byron"),
            ("ada@example.com", "ada@example.com"),
        ] {
            assert_eq!(line(&[cell]), written);
        }
    }

    #[test]
    fn what_stands_behind_any_separator_is_no_formula() {
        for (cell, written) in [
            ("x;=1+1", "\"x;'=1+1\""),
            ("x,-1", "\"x,'-1\""),
            ("x\t@A1", "\"x\t'@A1\""),
            ("x\n＝1", "\"x\n'＝1\""),
            ("x; \"=1;y", "\"x; \"\"'=1;y\""),
            ("x;;+1", "\"x;;'+1\""),
            ("x; y-z", "\"x; y-z\""),
        ] {
            assert_eq!(line(&[cell]), written);
        }
    }

    /// Cells of what is dangerous, in any order.
    fn cells() -> impl Strategy<Value = String> {
        let pieces = [
            "=", "+", "-", "@", "＝", "＠", ",", ";", "\t", "\n", "\r", "\"", "'", " ", "1", "x",
            ".", "ü", "\u{feff}", "\0",
        ];
        let piece = proptest::sample::select(pieces.to_vec());
        proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    /// The cells of a line as a spreadsheet has them that parts at one sign
    /// and at lines, and heeds a quote at the beginning of a cell or none.
    fn parted(text: &str, sign: char, heeds: bool) -> Vec<String> {
        let mut cells = vec![String::new()];
        let mut quoted = false;
        let mut signs = text.chars().peekable();
        while let Some(c) = signs.next() {
            let cell = cells.last_mut().unwrap();
            match c {
                '"' if quoted && signs.peek() == Some(&'"') => {
                    signs.next();
                    cell.push('"');
                }
                '"' if quoted => quoted = false,
                '"' if heeds && cell.is_empty() => quoted = true,
                c if !quoted && (c == sign || c == '\n' || c == '\r') => {
                    cells.push(String::new());
                }
                c => cell.push(c),
            }
        }
        cells
    }

    fn computes(cell: &str) -> bool {
        let passed = |c: char| c == '"' || c == '\u{feff}' || c == '\0' || c.is_whitespace();
        let cell = cell.trim_start_matches(passed).trim_end_matches('"');
        let signs = ["=", "+", "-", "@", "＝", "＋", "－", "＠"];
        signs.iter().any(|sign| cell.starts_with(sign)) && !is_number(cell)
    }

    proptest! {
        #[test]
        fn no_cell_computes_wherever_it_is_parted(cell in cells()) {
            let line = line(&["x", &cell, "y"]);
            for sign in [',', ';', '\t'] {
                for heeds in [true, false] {
                    for part in parted(&line, sign, heeds) {
                        prop_assert!(!computes(&part), "{part:?} of {line:?} at {sign:?}");
                    }
                }
            }
        }

        #[test]
        fn nothing_of_a_cell_is_lost(cell in cells()) {
            let read = parted(&line(&["x", &cell, "y"]), ',', true);
            let without = |text: &str| text.replace('\'', "");
            prop_assert_eq!(read.len(), 3);
            prop_assert_eq!(without(&read[1]), without(&cell));
        }
    }
}
