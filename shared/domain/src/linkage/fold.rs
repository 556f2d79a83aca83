//! Writing of any kind, brought to one form: what people type differently
//! without meaning anything different.

use icu_normalizer::DecomposingNormalizerBorrowed;

use crate::identity::is_placeholder;

/// Most characters of a field that are compared. Nobody's name or street is
/// longer, and a comparison's cost grows with the square.
const LONGEST: usize = 80;

/// Names that shops give to whoever left none.
const NOBODY: [&str; 12] = [
    "anonymous",
    "anonymus",
    "buyer",
    "customer",
    "guest",
    "guest customer",
    "n a",
    "none",
    "null",
    "test",
    "undefined",
    "unknown",
];

/// The words of a text: lower case, without accents and punctuation. Empty for
/// a placeholder.
pub(crate) fn words(text: &str) -> Vec<String> {
    let text = text.trim();
    if is_placeholder(text) {
        return Vec::new();
    }
    let words = every_word(text);
    if NOBODY.contains(&words.join(" ").as_str()) {
        return Vec::new();
    }
    words
}

/// The words of a text, a placeholder's too: somebody may be called Guest or
/// Null, and whoever looks for them types just that.
pub(crate) fn every_word(text: &str) -> Vec<String> {
    let plain = plain(text);
    plain.split_whitespace().map(str::to_owned).collect()
}

/// The words written together: people differ in where they put spaces and
/// hyphens. None for a placeholder.
pub(super) fn squashed(text: &str) -> Option<String> {
    let text = words(text).concat();
    (!text.is_empty()).then_some(text)
}

fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let short: String = text.chars().take(LONGEST).collect();
    let lower = short.to_lowercase();
    // Lower case comes twice: some signs fall apart into capitals.
    let apart = DecomposingNormalizerBorrowed::new_nfkd().normalize(&lower);
    for c in apart.chars().flat_map(char::to_lowercase) {
        match c {
            'ß' => plain.push_str("ss"),
            'æ' => plain.push_str("ae"),
            'œ' => plain.push_str("oe"),
            'þ' => plain.push_str("th"),
            'ø' => plain.push('o'),
            'ł' => plain.push('l'),
            'đ' | 'ð' => plain.push('d'),
            'ı' => plain.push('i'),
            // Apostrophes, and what is left of accents once they stand apart.
            '\'' | '’' | 'ʼ' | '`' | '´' | '\u{300}'..='\u{36f}' => {}
            c if c.is_alphanumeric() => plain.push(c),
            // Vowel signs of other scripts are no letters, and no gaps.
            c if !c.is_ascii() && !c.is_whitespace() && !is_punctuation(c) => plain.push(c),
            _ => plain.push(' '),
        }
    }
    plain
}

fn is_punctuation(c: char) -> bool {
    matches!(c, '\u{80}'..='\u{bf}' | '\u{2000}'..='\u{2bff}' | '\u{3000}'..='\u{3020}')
        || c.is_control()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_case_and_punctuation_make_no_difference() {
        assert_eq!(squashed("O’Brien"), squashed("OBRIEN"));
        assert_eq!(squashed("Zoë-Łucja"), Some("zoelucja".to_owned()));
        assert_eq!(squashed("Groß"), squashed("GROSS"));
        assert_eq!(
            words("Saint-Étienne du  Bois").join(" "),
            "saint etienne du bois"
        );
    }

    #[test]
    fn composed_and_decomposed_letters_are_the_same() {
        assert_eq!(squashed("Rene\u{301}"), squashed("René"));
        assert_eq!(squashed("ﬁona"), squashed("Fiona"));
    }

    #[test]
    fn other_scripts_keep_their_letters() {
        assert_eq!(squashed("Иван ПЕТРОВ"), Some("иванпетров".to_owned()));
        assert_eq!(squashed("李 小龍"), Some("李小龍".to_owned()));
    }

    #[test]
    fn placeholders_are_nothing() {
        for text in [
            "",
            " ",
            "---",
            "000",
            "null",
            "N/A",
            "-1",
            "Guest",
            "ANONYMOUS",
            "?",
            "Guest Customer",
        ] {
            assert_eq!(squashed(text), None, "{text}");
        }
    }
}
