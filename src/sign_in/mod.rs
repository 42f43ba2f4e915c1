//! From the redirect to the tokens.

mod attempt;
mod exchange;
mod exchange_coordinator;
mod reauthentication;

pub(crate) use self::attempt::{Attempt, AttemptError, Attempts, MAX_AGE, SealError, StateHash, challenge};
pub(crate) use self::exchange::exchange;
pub(crate) use self::exchange_coordinator::{Exchanges, Turn};
pub(crate) use self::reauthentication::Reauthentication;
