//! A session's life: how it begins, is refreshed and ends. Everybody above asks [`SessionKeeper`].

mod change;
mod cookies;
mod found_session;
mod hook_decision;
mod issued_session;
mod latest_tokens;
mod lifetime;
mod record;
mod refresh;
mod refresh_coordinator;
mod refresh_outcome;
mod refusal;
mod rules;
mod sent_access;
mod session_keeper;
mod session_user;
mod stored;
mod tokens;

pub(crate) use self::change::SessionChange;
pub(crate) use self::found_session::{LoadedSession, PresentSession};
pub use self::hook_decision::HookDecision;
pub(crate) use self::issued_session::IssuedSession;
pub(crate) use self::refusal::SessionRefusal;
pub(crate) use self::session_keeper::{NotIssued, SessionKeeper, SignInDetails};
pub(crate) use self::stored::{AttemptClaim, AttemptClaims, BearerDenylist, SessionStoreParts};
pub use self::stored::{NotAllEnded, SessionInfo, Sessions};
