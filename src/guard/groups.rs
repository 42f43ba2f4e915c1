//! The guards that require groups.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::time::SystemTime;

use rocket::request::{FromRequest, Outcome, Request};
use rocket::sentinel::Sentinel;
use rocket::{Ignite, Rocket};

use super::asks::Asks;
use super::authorized::{asks, authorized};
use super::guard::Guard;
use super::outcome::{fairing_is_missing, outcome};
use super::probe::has_noted;
use crate::denial::Denial;
use crate::policy::{Decision, Group, MaybeGroup, Policy, Rule, Unset};
use crate::user::CognitoUser;

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
                $rule(Self::NAMES.into_iter().flatten().map(Rule::group).collect())
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

        impl<A: Group, B: MaybeGroup, C: MaybeGroup, D: MaybeGroup, E: MaybeGroup, F: MaybeGroup, G: MaybeGroup, H: MaybeGroup>
            Guard for $Guard<A, B, C, D, E, F, G, H>
        {
            fn asks() -> Asks {
                asks::<$Policy<A, B, C, D, E, F, G, H>, CognitoUser>()
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
                has_noted::<Self>(rocket) || fairing_is_missing(rocket)
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
