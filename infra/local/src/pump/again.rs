//! Stream records that were given up or parked, handed to their function once more.

use serde_json::Value;

use super::{Pump, PumpError};

impl Pump {
    /// Hands the records that `letter`, found in `queue`, speaks of to the function that failed on
    /// them; tells whether it took them all now. A letter is either what a failure destination is
    /// told, or a whole record as a function parked it.
    ///
    /// # Errors
    ///
    /// [`PumpError::Service`].
    pub async fn records_again(&self, queue: &str, letter: &Value) -> Result<bool, PumpError> {
        let streams = self.streams.lock().await;
        for stream in streams.iter().filter(|stream| stream.parks_in(queue)) {
            let records = stream.records_of(letter, &self.context)?;
            if !records.is_empty() {
                return Ok(stream.hand_over_again(records, &self.context).await);
            }
        }
        Ok(false)
    }
}
