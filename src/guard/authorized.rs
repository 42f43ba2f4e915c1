//! The guard that enforces a policy.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::time::SystemTime;

use rocket::request::{FromRequest, Outcome, Request};
use rocket::sentinel::Sentinel;
use rocket::{Ignite, Rocket};

use super::asks::Asks;
use super::caller_kind::caller_of;
use super::guard::Guard;
use super::outcome::{fairing_is_missing, outcome};
use super::probe::has_noted;
use super::question::answer_question;
use crate::app::App;
use crate::denial::{Denial, Reason};
use crate::policy::{Decision, Help, Policy, Rule, sign_in_that_helps};
use crate::user::{CallerKind, CognitoUser};

/// Lets in callers of the kind `W` who meet the policy `P`: people, unless it says [`Machine`](crate::Machine) or
/// [`Caller`](crate::Caller). Derefs to `W`.
///
/// - **Succeeds** when `W` does and `P` grants.
/// - **Fails with 403** when `P` refuses or cannot decide; [`Denial::rule`] says what was asked for.
/// - **Fails with 401** when `P` asks for a [`Fresh`](crate::policy::Fresh) sign-in or a [`Level`](crate::policy::Level),
///   and nothing else is lacking.
/// - **Fails** like `W` otherwise: 400, 401, 403 for cross-site requests and other kinds of callers, 503.
///
/// # Example
/// ```rust
/// use rocket::get;
/// use rocket_cognito::{Authorized, Group};
/// use rocket_cognito::policy::{Any, Not};
///
/// struct Admin;
/// impl Group for Admin { const NAME: &'static str = "admin"; }
/// struct Suspended;
/// impl Group for Suspended { const NAME: &'static str = "suspended"; }
///
/// type Active = Authorized<Any<(Admin, Not<Suspended>)>>;
///
/// #[get("/desk")]
/// fn desk(user: Active) -> String {
///     format!("Welcome, {}", user.username())
/// }
/// ```
pub struct Authorized<P: Policy, W: CallerKind = CognitoUser> {
    caller: W,
    policy: PhantomData<fn() -> P>,
}

impl<P: Policy, W: CallerKind> Authorized<P, W> {
    /// Who was let in.
    #[must_use]
    pub fn into_caller(self) -> W {
        self.caller
    }
}

impl<P: Policy> Authorized<P> {
    /// The user who was let in.
    #[must_use]
    pub fn into_user(self) -> CognitoUser {
        self.caller
    }
}

#[rocket::async_trait]
impl<'r, P: Policy, W: CallerKind> FromRequest<'r> for Authorized<P, W> {
    type Error = Denial;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Denial> {
        outcome(authorized::<P, W>(request).await.map(|caller| Authorized { caller, policy: PhantomData }))
    }
}

impl<P: Policy, W: CallerKind> Deref for Authorized<P, W> {
    type Target = W;

    fn deref(&self) -> &W {
        &self.caller
    }
}

impl<P: Policy, W: CallerKind> AsRef<CognitoUser> for Authorized<P, W> {
    fn as_ref(&self) -> &CognitoUser {
        self.caller.as_ref()
    }
}

impl<P: Policy, W: CallerKind> fmt::Debug for Authorized<P, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.caller.as_ref().fmt(f)
    }
}

impl<P: Policy, W: CallerKind> Guard for Authorized<P, W> {
    fn asks() -> Asks {
        asks::<P, W>()
    }
}

impl<P: Policy, W: CallerKind> Sentinel for Authorized<P, W> {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        has_noted::<Self>(rocket) || fairing_is_missing(rocket)
    }
}

pub(super) fn asks<P: Policy, W: CallerKind>() -> Asks {
    Asks::caller(W::WHO).with_rule(P::rule())
}

pub(super) async fn authorized<P: Policy, W: CallerKind>(request: &Request<'_>) -> Result<W, Denial> {
    answer_question(request, asks::<P, W>)?;
    let caller: W = caller_of(request).await?;
    let user = caller.as_ref();
    if user.is_stub() {
        return Ok(caller);
    }
    let now = App::of(request.rocket()).map_or_else(SystemTime::now, |app| app.clock.time());
    match P::check(user, now) {
        Decision::Granted => Ok(caller),
        Decision::Refused(rule) | Decision::Undecided(rule) => {
            let (reason, rule) = refusal::<P>(user, rule, now);
            Err(Denial::record(request, reason, Some(rule)))
        }
    }
}

/// What becomes of a user who does not meet `rule`: another sign-in where that is all it takes, else 403 with what is
/// lacking beside it.
fn refusal<P: Policy>(user: &CognitoUser, rule: Rule, now: SystemTime) -> (Reason, Rule) {
    match sign_in_that_helps::<P>(user, rule, now) {
        Help::Fresh(rule) => (Reason::LoginTooOld, rule),
        Help::Level(rule) => (Reason::LevelTooLow, rule),
        Help::None(lacking) => (Reason::RuleNotMet, lacking),
    }
}
