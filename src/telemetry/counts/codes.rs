//! Counters by codes that a floor above knows.

use super::counter::Counter;

/// A counter for each of some codes, which a floor above knows.
#[derive(Default)]
pub(crate) struct Codes(Vec<(&'static str, Counter)>);

impl Codes {
    /// A counter for each of these codes. Those that stand in it twice have one.
    pub(super) fn new(codes: impl IntoIterator<Item = &'static str>) -> Self {
        let mut counters: Vec<(&'static str, Counter)> = Vec::new();
        for text in codes {
            if counters.iter().all(|(known, _)| *known != text) {
                counters.push((text, Counter::default()));
            }
        }
        Codes(counters)
    }

    /// Counts one of the code with this text. What is none of the codes is not counted.
    pub(crate) fn add(&self, text: &str) {
        if let Some((_, counter)) = self.0.iter().find(|(known, _)| *known == text) {
            counter.add();
        }
    }

    pub(crate) fn each(&self) -> impl Iterator<Item = (&'static str, &Counter)> {
        self.0.iter().map(|(text, counter)| (*text, counter))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_one_counter_and_others_have_none() {
        let codes = Codes::new(["one", "other", "one"]);
        ["one", "one", "none"].into_iter().for_each(|code| codes.add(code));
        let counted: Vec<_> = codes.each().map(|(code, counter)| (code, counter.get())).collect();
        assert_eq!(counted, [("one", 2), ("other", 0)]);
    }
}
