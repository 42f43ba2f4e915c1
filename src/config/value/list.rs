//! Lists: how a text splits into items, and what becomes of repetitions.

/// The items of a list that is written as one text.
pub(crate) fn words(text: &str) -> Vec<&str> {
    text.split_ascii_whitespace().collect()
}

/// One item, with its spaces.
pub(crate) fn whole(text: &str) -> Vec<&str> {
    vec![text]
}

/// Without repetitions, in the order given.
pub(crate) fn unique(values: impl IntoIterator<Item = String>) -> Vec<String> {
    values.into_iter().fold(Vec::new(), |mut seen, value| {
        if !seen.contains(&value) {
            seen.push(value);
        }
        seen
    })
}
