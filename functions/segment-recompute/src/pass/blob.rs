//! Partial results as bytes.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::PassError;

pub(super) fn pack(value: &impl Serialize) -> Vec<u8> {
    let plain = postcard::to_stdvec(value).expect("a partial result is plain data of known length");
    lz4_flex::compress_prepend_size(&plain)
}

pub(super) fn unpack<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, PassError> {
    let plain = lz4_flex::decompress_size_prepended(bytes).map_err(|_| PassError::Unreadable)?;
    postcard::from_bytes(&plain).map_err(|_| PassError::Unreadable)
}
