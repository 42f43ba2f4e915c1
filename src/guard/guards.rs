//! Guards: who may enter a route, in its signature.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use rocket::outcome::Outcome as RocketOutcome;
use rocket::request::{FromRequest, Outcome, Request};
use rocket::sentinel::Sentinel;
use rocket::{Ignite, Rocket};

use crate::app::Core;
use crate::denial::{Denial, Kind};
use crate::policy::{Decision, Group, Policy, Rule, after_a_fresh_login};
use crate::user::{CallerKind, CognitoUser, caller_of};

#[rocket::async_trait]
impl<'r> FromRequest<'r> for &'r CognitoUser {
    type Error = Denial;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Denial> {
        outcome(caller_of(request).await.map(|user| request.local_cache(Borrowed::default).user(user)))
    }
}

/// The users who were borrowed of one request: another one where a guard has changed who it is from.
#[derive(Default)]
struct Borrowed {
    user: OnceLock<CognitoUser>,
    next: OnceLock<Box<Borrowed>>,
}

impl Borrowed {
    fn user(&self, user: CognitoUser) -> &CognitoUser {
        let mut place = self;
        loop {
            let held = place.user.get_or_init(|| user.clone());
            if held.is_same(&user) {
                return held;
            }
            place = place.next.get_or_init(Box::default);
        }
    }
}

/// Lets in callers of the kind `W` who meet the policy `P`: people, unless it says [`Machine`](crate::Machine) or
/// [`Caller`](crate::Caller). Derefs to `W`.
///
/// - **Succeeds** when `W` does and `P` grants.
/// - **Fails with 403** when `P` refuses or cannot decide; [`Denial::rule`] says what was asked for.
/// - **Fails with 401** when `P` asks for a [`Fresh`](crate::policy::Fresh) sign-in, and nothing else is lacking.
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

impl<P: Policy, W: CallerKind> Sentinel for Authorized<P, W> {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        fairing_is_missing(rocket)
    }
}

async fn authorized<P: Policy, W: CallerKind>(request: &Request<'_>) -> Result<W, Denial> {
    let caller: W = caller_of(request).await?;
    let user = caller.as_ref();
    if user.is_stub() {
        return Ok(caller);
    }
    let now = Core::of(request.rocket()).map_or_else(SystemTime::now, |core| core.clock.time());
    match P::check(user, now) {
        Decision::Granted => Ok(caller),
        Decision::Refused(rule) | Decision::Undecided(rule) => {
            let (kind, rule) = refusal::<P>(user, rule, now);
            Err(Denial::record(request, kind, Some(rule)))
        }
    }
}

/// What becomes of a user who does not meet `rule`: a new sign-in where that is all it takes, else 403 with what is
/// lacking beside it.
fn refusal<P: Policy>(user: &CognitoUser, rule: Rule, now: SystemTime) -> (Kind, Rule) {
    match rule.max_age().and_then(|_| after_a_fresh_login::<P>(user, now)) {
        Some(Decision::Granted) => (Kind::LoginTooOld, rule),
        Some(Decision::Refused(lacking) | Decision::Undecided(lacking)) => (Kind::RuleNotMet, lacking),
        None => (Kind::RuleNotMet, rule),
    }
}

pub(crate) fn outcome<G>(result: Result<G, Denial>) -> Outcome<G, Denial> {
    match result {
        Ok(guard) => RocketOutcome::Success(guard),
        // Never a forward: beside a catch-all route that would turn 401 into 404.
        Err(denial) => RocketOutcome::Error((denial.status(), denial)),
    }
}

/// Whether the launch must stop because the fairing is missing. Rocket asks once per type; the
/// remedy is printed once.
pub(crate) fn fairing_is_missing(rocket: &Rocket<Ignite>) -> bool {
    static TOLD: AtomicBool = AtomicBool::new(false);
    let missing = rocket.state::<Arc<Core>>().is_none();
    if missing && !TOLD.swap(true, Ordering::Relaxed) {
        crate::telemetry::report::missing_fairing();
    }
    missing
}

/// The same for what only an app can use in which people sign in.
pub(crate) fn sign_in_is_missing(rocket: &Rocket<Ignite>) -> bool {
    let is_left_out = rocket.state::<Arc<Core>>().is_some_and(|core| !core.settings.signs_in);
    if is_left_out {
        crate::telemetry::report::nobody_signs_in();
    }
    is_left_out || fairing_is_missing(rocket)
}

impl Sentinel for &CognitoUser {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        fairing_is_missing(rocket)
    }
}

mod sealed {
    pub trait Sealed {}
    impl<G: crate::Group> Sealed for G {}
    impl Sealed for super::Unset {}
}

/// A group, or the place of one that is not given, in [`InGroups`] and [`InAnyGroup`]. Applications
/// implement [`Group`] and never name this.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Cognito group",
    label = "not a group of the user pool",
    note = "type `impl rocket_cognito::Group for {Self} {{ const NAME: &'static str = \"…\"; }}`"
)]
pub trait MaybeGroup: sealed::Sealed + 'static {
    /// The group's name, if this is one.
    const NAME: Option<&'static str>;
}

impl<G: Group> MaybeGroup for G {
    const NAME: Option<&'static str> = Some(<G as Group>::NAME);
}

/// The place of a group that is not given.
#[doc(hidden)]
pub struct Unset(());

impl MaybeGroup for Unset {
    const NAME: Option<&'static str> = None;
}

macro_rules! group_guard {
    ($(#[$docs:meta])* $Guard:ident, $Policy:ident, $quantifier:ident, $rule:path) => {
        $(#[$docs])*
        pub struct $Guard<
            A: Group,
            B: MaybeGroup = Unset,
            C: MaybeGroup = Unset,
            D: MaybeGroup = Unset,
            E: MaybeGroup = Unset,
            F: MaybeGroup = Unset,
            G: MaybeGroup = Unset,
            H: MaybeGroup = Unset,
        > {
            user: CognitoUser,
            groups: PhantomData<fn() -> (A, B, C, D, E, F, G, H)>,
        }

        struct $Policy<A, B, C, D, E, F, G, H>(PhantomData<fn() -> (A, B, C, D, E, F, G, H)>);

        impl<A: Group, B: MaybeGroup, C: MaybeGroup, D: MaybeGroup, E: MaybeGroup, F: MaybeGroup, G: MaybeGroup, H: MaybeGroup>
            $Policy<A, B, C, D, E, F, G, H>
        {
            const NAMES: [Option<&'static str>; 8] = [
                Some(<A as Group>::NAME), B::NAME, C::NAME, D::NAME, E::NAME, F::NAME, G::NAME, H::NAME,
            ];
        }

        impl<A: Group, B: MaybeGroup, C: MaybeGroup, D: MaybeGroup, E: MaybeGroup, F: MaybeGroup, G: MaybeGroup, H: MaybeGroup>
            Policy for $Policy<A, B, C, D, E, F, G, H>
        {
            fn check(user: &CognitoUser, _: SystemTime) -> Decision {
                let Some(groups) = user.known_groups() else { return Decision::Undecided(Self::rule()) };
                let mut names = Self::NAMES.into_iter().flatten();
                if names.$quantifier(|name| groups.iter().any(|group| group == name)) {
                    Decision::Granted
                } else {
                    Decision::Refused(Self::rule())
                }
            }

            fn rule() -> Rule {
                $rule(Self::NAMES.into_iter().flatten().map(Rule::Group).collect())
            }
        }

        #[rocket::async_trait]
        impl<'r, A: Group, B: MaybeGroup, C: MaybeGroup, D: MaybeGroup, E: MaybeGroup, F: MaybeGroup, G: MaybeGroup, H: MaybeGroup>
            FromRequest<'r> for $Guard<A, B, C, D, E, F, G, H>
        {
            type Error = Denial;

            async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Denial> {
                let user = authorized::<$Policy<A, B, C, D, E, F, G, H>, CognitoUser>(request).await;
                outcome(user.map(|user| $Guard { user, groups: PhantomData }))
            }
        }

        user_guard!([A: Group, B: MaybeGroup, C: MaybeGroup, D: MaybeGroup, E: MaybeGroup, F: MaybeGroup, G: MaybeGroup, H: MaybeGroup] $Guard<A, B, C, D, E, F, G, H>);
    };
}

/// What every guard that holds a user can do.
macro_rules! user_guard {
    ([$($bounds:tt)*] $Guard:ty) => {
        impl<$($bounds)*> $Guard {
            /// The user who was let in.
            #[must_use]
            pub fn into_user(self) -> CognitoUser {
                self.user
            }
        }

        impl<$($bounds)*> Deref for $Guard {
            type Target = CognitoUser;

            fn deref(&self) -> &CognitoUser {
                &self.user
            }
        }

        impl<$($bounds)*> AsRef<CognitoUser> for $Guard {
            fn as_ref(&self) -> &CognitoUser {
                &self.user
            }
        }

        impl<$($bounds)*> fmt::Debug for $Guard {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.user.fmt(f)
            }
        }

        impl<$($bounds)*> Sentinel for $Guard {
            fn abort(rocket: &Rocket<Ignite>) -> bool {
                fairing_is_missing(rocket)
            }
        }
    };
}

group_guard! {
    /// Lets in users who are in **all** of one to eight groups, and derefs to the [`CognitoUser`].
    ///
    /// - **Succeeds** when [`CognitoUser`] does and the user is in every group named.
    /// - **Fails with 403** when the user is not; [`Denial::rule`] names the groups.
    /// - **Fails** like [`CognitoUser`] otherwise: 400, 401, 403 for cross-site requests, 503.
    ///
    /// # Example
    /// ```rust
    /// use rocket::get;
    /// use rocket_cognito::{Group, InGroups};
    ///
    /// struct Admin;
    /// impl Group for Admin { const NAME: &'static str = "admin"; }
    ///
    /// #[get("/admin")]
    /// fn admin(admin: InGroups<Admin>) -> String {
    ///     format!("Welcome, {}", admin.username())
    /// }
    /// ```
    ///
    /// `InGroups` of nothing does not compile.
    InGroups, AllOf, all, Rule::All
}

group_guard! {
    /// Lets in users who are in **at least one** of one to eight groups, and derefs to the [`CognitoUser`].
    ///
    /// - **Succeeds** when [`CognitoUser`] does and the user is in one of the groups named.
    /// - **Fails with 403** when the user is in none; [`Denial::rule`] names the groups.
    /// - **Fails** like [`CognitoUser`] otherwise: 400, 401, 403 for cross-site requests, 503.
    ///
    /// # Example
    /// ```rust
    /// use rocket::post;
    /// use rocket_cognito::{Group, InAnyGroup};
    ///
    /// struct Admin;
    /// impl Group for Admin { const NAME: &'static str = "admin"; }
    /// struct Editor;
    /// impl Group for Editor { const NAME: &'static str = "editor"; }
    ///
    /// #[post("/posts")]
    /// fn create(by: InAnyGroup<Admin, Editor>) -> String {
    ///     format!("Written by {}", by.username())
    /// }
    /// ```
    InAnyGroup, OneOf, any, Rule::Any
}
