//! Rocket's log level, which is one for the whole process.

use std::sync::{Mutex, MutexGuard, PoisonError};

use log::LevelFilter;

/// Keeps the process's log level while Rockets of our own launch with levels of their own: when the last of these values
/// is dropped, the level is what the first one has found.
pub(crate) struct KeptLogLevel(());

/// How many [`KeptLogLevel`]s there are, and the level that the first has found.
static KEPT: Mutex<(usize, LevelFilter)> = Mutex::new((0, LevelFilter::Off));

impl KeptLogLevel {
    pub(crate) fn new() -> Self {
        let mut kept = kept();
        if kept.0 == 0 {
            kept.1 = log::max_level();
        }
        kept.0 = kept.0.saturating_add(1);
        KeptLogLevel(())
    }
}

impl Drop for KeptLogLevel {
    fn drop(&mut self) {
        let mut kept = kept();
        kept.0 = kept.0.saturating_sub(1);
        if kept.0 == 0 {
            log::set_max_level(kept.1);
        }
    }
}

fn kept() -> MutexGuard<'static, (usize, LevelFilter)> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_several_puts_back_the_level_that_the_first_has_found() {
        let found = log::max_level();
        log::set_max_level(LevelFilter::Warn);
        let first = KeptLogLevel::new();
        log::set_max_level(LevelFilter::Off);
        let second = KeptLogLevel::new();
        drop(first);
        assert_eq!(log::max_level(), LevelFilter::Off);
        drop(second);
        assert_eq!(log::max_level(), LevelFilter::Warn);
        log::set_max_level(found);
    }
}
