//! From the redirect to the pool to the session: attempts, their callbacks, and the exchange of codes.

mod attempt;
mod attempt_sealer;
mod callback;
mod exchange;
mod exchange_coordinator;
mod login_cookies;
mod parameters;
mod reauthentication;
mod refusal;
mod sign_ins;
mod state_hash;
mod weak_sign_in;

pub(crate) use self::attempt::{Attempt, MAX_NEXT_BYTES};
pub use self::callback::Callback;
pub(crate) use self::exchange::Exchanged;
pub(crate) use self::parameters::CallbackParameters;
pub(crate) use self::refusal::SignInRefusal;
pub(crate) use self::sign_ins::{SignInStart, SignIns, StartError, Unmatched};
