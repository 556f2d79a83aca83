//! A client that is made when it is first needed.
//!
//! Making an SDK client costs about half a million instructions, most of them
//! for its own table of regions. A client that every invocation needs is best
//! made while the function starts; one for the rare case (parking a record,
//! say) had better wait for it.

use std::fmt;
use std::sync::OnceLock;

use crate::SdkConfig;

/// A client, made on the first call of [`OnFirstUse::get`].
pub struct OnFirstUse<C> {
    sdk: SdkConfig,
    make: fn(&SdkConfig) -> C,
    made: OnceLock<C>,
}

impl<C> OnFirstUse<C> {
    /// A client that `make` will make.
    #[must_use]
    pub fn new(sdk: &SdkConfig, make: fn(&SdkConfig) -> C) -> Self {
        Self {
            sdk: sdk.clone(),
            make,
            made: OnceLock::new(),
        }
    }

    /// The client.
    pub fn get(&self) -> &C {
        self.made.get_or_init(|| (self.make)(&self.sdk))
    }
}

impl<C> fmt::Debug for OnFirstUse<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnFirstUse(…)")
    }
}
