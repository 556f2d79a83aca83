//! A name and an address as the headers of a mail write them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Most bytes of a name in one encoded word: base64 of 42 bytes and the
/// frame around it stay under the 75 characters of RFC 2047.
const WORD: usize = 42;

/// `name <address>`, the name quoted, or encoded where it is not ASCII
/// (RFC 5322, RFC 2047). The address alone when the name is empty.
pub(crate) fn mailbox(name: &str, address: &str) -> String {
    let name: String = name.chars().filter(|c| !c.is_control()).collect();
    let name = name.trim();
    if name.is_empty() {
        return address.to_owned();
    }
    if !name.is_ascii() {
        return format!("{} <{address}>", encoded(name));
    }
    let quoted = name.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{quoted}\" <{address}>")
}

/// Words of whole characters, as the RFC wants them.
fn encoded(name: &str) -> String {
    let mut words = vec![String::new()];
    for character in name.chars() {
        if words
            .last()
            .is_some_and(|word| word.len() + character.len_utf8() > WORD)
        {
            words.push(String::new());
        }
        words.last_mut().expect("one at least").push(character);
    }
    let words = words.iter();
    let words: Vec<_> = words
        .map(|word| format!("=?UTF-8?B?{}?=", STANDARD.encode(word)))
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_quoted_so_that_it_stays_one_name() {
        let from = mailbox("Lamps, \"& More\"", "shop@example.com");
        assert_eq!(from, "\"Lamps, \\\"& More\\\"\" <shop@example.com>");
        assert_eq!(mailbox(" ", "shop@example.com"), "shop@example.com");
    }

    #[test]
    fn no_name_can_begin_a_new_header() {
        let from = mailbox("Lamps\r\nBcc: bo@example.com", "shop@example.com");
        assert!(!from.contains(['\r', '\n']));
    }

    #[test]
    fn a_name_beyond_ascii_is_encoded_in_words_of_whole_characters() {
        assert_eq!(
            mailbox("Café", "shop@example.com"),
            "=?UTF-8?B?Q2Fmw6k=?= <shop@example.com>"
        );
        let long = mailbox(&"é".repeat(50), "shop@example.com");
        for word in long.split(' ').filter(|word| word.starts_with("=?")) {
            assert!(word.len() <= 75);
            let bytes = STANDARD.decode(&word[10..word.len() - 2]).unwrap();
            assert!(String::from_utf8(bytes).is_ok());
        }
    }
}
