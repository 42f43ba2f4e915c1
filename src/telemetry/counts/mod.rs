//! What an app counts, for its operators.

mod codes;
mod counter;
mod counts;
mod histogram;
mod label;
mod last;
mod pool_call;
mod sharded_counter;
mod store_call;
mod table;
mod uptime;

pub(crate) use self::counts::{Counts, SIGN_IN_DONE};
pub(crate) use self::label::{
    AdmittedBy, CallResult, CommandOutcome, Hook, Label, PoolEndpoint, RefreshAnswer, SignOutAt,
    StoreCommand, WaitFor,
};
