//! Where the next page of a list begins, in a form callers keep and hand back.
//!
//! A cursor belongs to one list and carries a checksum: one that was altered,
//! or that belongs to another list, is told apart from a good one. It needs
//! no secret, for it holds nothing but a place, and the store builds its own
//! keys from that: the worst a forger gets is another page of the same list.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::problem::Problem;

const CHECKSUM: usize = 8;
/// Far longer than any cursor of ours.
const MOST_CHARACTERS: usize = 2048;

/// A cursor for a place in a list.
pub(crate) fn seal<T: Serialize>(list: &str, place: &T) -> String {
    let place = serde_json::to_vec(place).expect("a place is plain data");
    let mut bytes = checksum(list, &place).to_vec();
    bytes.extend(place);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The place in a cursor that the parameter `field` holds.
pub(crate) fn open<T: DeserializeOwned>(
    field: &str,
    list: &str,
    cursor: &str,
) -> Result<T, Problem> {
    let place = || {
        if cursor.len() > MOST_CHARACTERS {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (sum, place) = bytes.split_at_checked(CHECKSUM)?;
        if sum != checksum(list, place) {
            return None;
        }
        serde_json::from_slice(place).ok()
    };
    place().ok_or_else(|| Problem::field(field, "must be a cursor that this list gave"))
}

fn checksum(list: &str, place: &[u8]) -> [u8; CHECKSUM] {
    let hash = Sha256::new()
        .chain_update(list.as_bytes())
        .chain_update([0])
        .chain_update(place)
        .finalize();
    std::array::from_fn(|at| hash[at])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn opened(list: &str, cursor: &str) -> Option<(u32, String)> {
        open("cursor", list, cursor).ok()
    }

    #[test]
    fn a_cursor_opens_for_its_own_list_only() {
        let cursor = seal("segment:VIP", &(3, "abcdefgh"));
        assert_eq!(
            opened("segment:VIP", &cursor),
            Some((3, "abcdefgh".to_owned()))
        );
        assert_eq!(opened("segment:New", &cursor), None);
    }

    #[test]
    fn a_cursor_altered_at_any_place_is_refused() {
        let cursor = seal("segment:VIP", &(3, "abcdefgh"));
        for at in 0..cursor.len() {
            for other in ["A", "B", "_", "=", "!"] {
                let mut altered = cursor.clone();
                altered.replace_range(at..=at, other);
                if altered != cursor {
                    assert_eq!(opened("segment:VIP", &altered), None, "{altered}");
                }
            }
        }
        assert_eq!(opened("segment:VIP", &cursor[..cursor.len() - 1]), None);
    }

    #[test]
    fn a_refused_cursor_is_named() {
        let problem = open::<u32>("orders_cursor", "orders", "x").unwrap_err();
        assert_eq!(
            (problem.status, problem.field.as_deref()),
            (400, Some("orders_cursor"))
        );
    }

    proptest! {
        #[test]
        fn whatever_is_sealed_opens_again(list in ".{0,20}", shard: u32, id in ".{0,60}") {
            let cursor = seal(&list, &(shard, &id));
            prop_assert_eq!(opened(&list, &cursor), Some((shard, id)));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,100}") {
            prop_assert_eq!(opened("segment:VIP", &text), None);
        }
    }
}
