//! How far one word is from another: what somebody may have meant.

/// So many letters off, a word may have been meant.
pub(crate) const NEAR: usize = 2;

/// Levenshtein's, as far as anybody asks: what differs by more than [`NEAR`] letters in length is far.
pub(crate) fn distance(one: &str, other: &str) -> usize {
    if one.chars().count().abs_diff(other.chars().count()) > NEAR {
        return usize::MAX;
    }
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, c) in one.chars().enumerate() {
        let mut diagonal = at;
        let mut left = at + 1;
        for (cell, known) in row.iter_mut().skip(1).zip(&other) {
            let above = *cell;
            *cell = (diagonal + usize::from(c != *known))
                .min(above + 1)
                .min(left + 1);
            diagonal = above;
            left = *cell;
        }
        if let Some(first) = row.first_mut() {
            *first = at + 1;
        }
    }
    row.last().copied().unwrap_or(usize::MAX)
}
