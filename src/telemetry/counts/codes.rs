//! Counters by codes that a floor above knows.

use super::counter::Counter;

/// A counter for each of some codes, which a floor above knows.
#[derive(Default)]
pub(crate) struct Codes(Vec<(&'static str, Counter)>);

impl Codes {
    /// A counter for each of these codes. Those that stand in it twice have one.
    pub(super) fn new(codes: impl IntoIterator<Item = &'static str>) -> Self {
        let mut counters: Vec<(&'static str, Counter)> = Vec::new();
        for code in codes {
            if counters.iter().all(|(known, _)| *known != code) {
                counters.push((code, Counter::default()));
            }
        }
        Codes(counters)
    }

    /// Counts one of this code. A code that is none of these is not counted.
    pub(crate) fn add(&self, code: &str) {
        if let Some((_, counter)) = self.0.iter().find(|(known, _)| *known == code) {
            counter.add();
        }
    }

    pub(crate) fn each(&self) -> impl Iterator<Item = (&'static str, &Counter)> {
        self.0.iter().map(|(code, counter)| (*code, counter))
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
