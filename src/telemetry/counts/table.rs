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
