//! The name that somebody most likely meant.

/// The name that is the fewest slips away, when those are few for its length.
pub(crate) fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let most = (name.chars().count() / 3).clamp(1, 3);
    names
        .map(|known| (strsim::damerau_levenshtein(name, known), known))
        .filter(|(slips, _)| *slips <= most)
        .min()
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_finds_its_command_and_a_word_of_its_own_does_not() {
        let names = ["task", "tasks", "grant", "status", "help"];
        let near = |name| nearest(name, names.into_iter());
        assert_eq!(near("taks"), Some("task"));
        assert_eq!(near("statsu"), Some("status"));
        assert_eq!(near("gratn"), Some("grant"));
        assert_eq!(near("weather"), None);
        assert_eq!(near("x"), None);
    }
}
