//! Two records of one customer's changes, told as one.

use super::Change;

/// All changes of two records of which each may have some that the other has
/// not, both oldest first. What both have is told once, and what happened
/// twice on one day twice: they are laid side by side where they share most.
#[must_use]
pub fn together(one: &[Change], other: &[Change]) -> Vec<Change> {
    let shared = shared(one, other);
    let mut all = Vec::with_capacity(one.len().max(other.len()));
    let (mut i, mut j) = (0, 0);
    while i < one.len() && j < other.len() {
        let (without_one, without_other) = (shared[i + 1][j], shared[i][j + 1]);
        if one[i] == other[j] {
            all.push(one[i].clone());
            (i, j) = (i + 1, j + 1);
        } else if without_one > without_other
            || (without_one == without_other && one[i].on <= other[j].on)
        {
            all.push(one[i].clone());
            i += 1;
        } else {
            all.push(other[j].clone());
            j += 1;
        }
    }
    all.extend_from_slice(&one[i..]);
    all.extend_from_slice(&other[j..]);
    all
}

/// How many changes the two share, in order, from each pair of places on: the
/// longest common subsequence.
fn shared(one: &[Change], other: &[Change]) -> Vec<Vec<usize>> {
    let mut shared = vec![vec![0; other.len() + 1]; one.len() + 1];
    for i in (0..one.len()).rev() {
        for j in (0..other.len()).rev() {
            shared[i][j] = if one[i] == other[j] {
                shared[i + 1][j + 1] + 1
            } else {
                shared[i + 1][j].max(shared[i][j + 1])
            };
        }
    }
    shared
}
