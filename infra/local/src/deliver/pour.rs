//! Many deliveries through the door, a bounded number at once.

use tokio::task::JoinSet;

use super::door::{Answer, Door, DoorError};
use super::posting::Posting;

/// On loopback more at once only wait for each other.
const AT_ONCE: usize = 16;

/// What became of one delivery.
#[derive(Debug)]
pub struct Poured {
    /// What was sent.
    pub posting: Posting,
    /// What the door said.
    pub answer: Answer,
}

/// Posts everything and tells `each` of every answer. Takes the next
/// deliveries only as earlier ones are answered, so memory stays bounded
/// however many there are. Up to sixteen may overtake each other, as a shop's
/// own deliveries do.
///
/// # Errors
///
/// The first [`DoorError`]; what was accepted before it stays accepted.
pub async fn pour(
    door: &Door,
    postings: impl IntoIterator<Item = Posting>,
    mut each: impl FnMut(Poured),
) -> Result<(), DoorError> {
    let mut under_way = JoinSet::new();
    for posting in postings {
        if under_way.len() >= AT_ONCE {
            answered(&mut under_way, &mut each).await?;
        }
        let door = door.clone();
        under_way.spawn(async move {
            let answer = door.post(&posting).await?;
            Ok::<_, DoorError>(Poured { posting, answer })
        });
    }
    while !under_way.is_empty() {
        answered(&mut under_way, &mut each).await?;
    }
    Ok(())
}

async fn answered(
    under_way: &mut JoinSet<Result<Poured, DoorError>>,
    each: &mut impl FnMut(Poured),
) -> Result<(), DoorError> {
    if let Some(outcome) = under_way.join_next().await {
        each(outcome.expect("a delivery's task neither panics nor is aborted")?);
    }
    Ok(())
}
