//! [`CognitoUser`], [`PersonOrAgent`], [`Machine`] and [`Caller`] as guards.

use std::sync::OnceLock;

use rocket::request::{FromRequest, Outcome, Request};
use rocket::sentinel::Sentinel;
use rocket::{Ignite, Rocket};

use super::asks::Asks;
use super::guard::Guard;
use super::outcome::{fairing_is_missing, outcome};
use super::probe::has_noted;
use super::question::answer_question;
use crate::app::App;
use crate::denial::{Denial, Reason};
use crate::request::identity_of;
use crate::user::{Caller, CallerKind, CallerRefused, CognitoUser, Machine, PersonOrAgent};

/// The caller of this request, if it is of the kind asked for.
pub(crate) async fn caller_of<W: CallerKind>(request: &Request<'_>) -> Result<W, Denial> {
    answer_question(request, asks::<W>)?;
    let identity = identity_of(request).await?;
    let accepts = App::of(request.rocket()).is_some_and(|app| app.settings.bearer.accepts_delegated);
    W::admit(identity, accepts).map_err(|refused| {
        let reason = match refused {
            CallerRefused::PersonRequired => Reason::PersonRequired,
            CallerRefused::MachineRequired => Reason::MachineRequired,
            CallerRefused::Delegated => Reason::Delegated,
        };
        Denial::record(request, reason, None)
    })
}

fn asks<W: CallerKind>() -> Asks {
    Asks::caller(W::WHO)
}

macro_rules! guards {
    ($($Kind:ty)+) => {
        $(#[rocket::async_trait]
        impl<'r> FromRequest<'r> for $Kind {
            type Error = Denial;

            async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Denial> {
                outcome(caller_of(request).await)
            }
        }

        impl Guard for $Kind {
            fn asks() -> Asks {
                asks::<$Kind>()
            }
        }

        impl Sentinel for $Kind {
            fn abort(rocket: &Rocket<Ignite>) -> bool {
                has_noted::<Self>(rocket) || fairing_is_missing(rocket)
            }
        })+
    };
}

guards! { CognitoUser Machine Caller PersonOrAgent }

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

impl Guard for &CognitoUser {
    fn asks() -> Asks {
        CognitoUser::asks()
    }
}

impl Sentinel for &CognitoUser {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        has_noted::<&'static CognitoUser>(rocket) || fairing_is_missing(rocket)
    }
}
