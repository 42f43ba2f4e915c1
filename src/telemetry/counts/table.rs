//! One of something for each value of a label.

use std::marker::PhantomData;

use super::counter::Counter;
use super::label::Label;
use super::sharded_counter::ShardedCounter;

/// One of something for each value of the label `L`, from the start.
pub(crate) struct Table<L, T = Counter> {
    entries: Vec<T>,
    label: PhantomData<fn() -> L>,
}

impl<L: Label, T> Table<L, T> {
    pub(crate) fn of(&self, label: L) -> Option<&T> {
        self.entries.get(label.index())
    }

    pub(crate) fn each(&self) -> impl Iterator<Item = (L, &T)> {
        L::ALL.iter().copied().zip(&self.entries)
    }
}

impl<L: Label> Table<L> {
    pub(crate) fn add(&self, label: L) {
        if let Some(counter) = self.of(label) {
            counter.add();
        }
    }
}

impl<L: Label> Table<L, ShardedCounter> {
    pub(crate) fn add(&self, label: L) {
        if let Some(counter) = self.of(label) {
            counter.add();
        }
    }
}

impl<L: Label, T: Default> Default for Table<L, T> {
    fn default() -> Self {
        Table { entries: L::ALL.iter().map(|_| T::default()).collect(), label: PhantomData }
    }
}

#[cfg(test)]
mod tests {
    use super::super::label::AdmittedBy;
    use super::*;

    #[test]
    fn the_counts_of_all_threads_add_up_for_each_value() {
        let table = Table::<AdmittedBy, ShardedCounter>::default();
        std::thread::scope(|scope| {
            for number in 0..40 {
                let by = if number % 4 == 0 { AdmittedBy::Session } else { AdmittedBy::Bearer };
                let table = &table;
                scope.spawn(move || (0..1_000).for_each(|_| table.add(by)));
            }
        });
        let counts: Vec<_> = table.each().map(|(by, counter)| (by, counter.get())).collect();
        let expected =
            [(AdmittedBy::Bearer, 30_000), (AdmittedBy::Session, 10_000), (AdmittedBy::Disabled, 0)];
        assert_eq!(counts, expected);
    }
}
