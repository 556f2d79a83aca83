//! Words from outside, made fit for a mail.

/// Text for inside HTML, in an element or a quoted attribute.
pub(crate) fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
    html
}

/// One line without control characters, at most `limit` characters long.
pub(crate) fn line(text: &str, limit: usize) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ").chars().take(limit).collect()
}

/// A first name to greet by, if it looks like one.
///
/// Anybody can open an account in a shop under any name and any address, so
/// a name that is a link or an advertisement would make the store send it.
pub(crate) fn first_name(text: &str) -> Option<String> {
    let name = line(text, 41);
    let is_link = name.contains("//") || name.split('.').skip(1).any(begins_with_letter);
    let is_odd = name.contains(|c: char| c.is_numeric() || "/\\@:<>{}[]$%#=*|~^_".contains(c));
    let fits = !name.is_empty() && name.chars().count() <= 40;
    (fits && !is_link && !is_odd).then_some(name)
}

fn begins_with_letter(rest: &str) -> bool {
    rest.chars().next().is_some_and(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn people_are_greeted_by_their_names() {
        for name in [
            "Ada",
            "Mary Ann",
            "Jean-Luc",
            "O'Neil",
            "José",
            "अदिति",
            "J. R.",
            "美咲",
        ] {
            assert_eq!(first_name(name).as_deref(), Some(name));
        }
        assert_eq!(first_name("  Ada\t ").as_deref(), Some("Ada"));
    }

    #[test]
    fn nobody_gets_an_advertisement_sent_under_the_name_of_a_customer() {
        for name in [
            "",
            "WIN at evil.example",
            "https://evil.example",
            "Get $500",
            "a@b",
            "<b>Ada</b>",
            "Ada please visit the following place today",
        ] {
            assert_eq!(first_name(name), None, "{name}");
        }
    }

    proptest! {
        #[test]
        fn escaped_text_is_never_markup(text in ".*") {
            let html = escaped(&text);
            prop_assert!(!html.contains(['<', '>', '"', '\'']));
        }

        #[test]
        fn a_line_is_one_line_and_short_enough(text in ".*", limit in 0_usize..50) {
            let line = line(&text, limit);
            prop_assert!(line.chars().count() <= limit);
            prop_assert!(!line.contains(char::is_control));
        }
    }
}
