//! `acr_values` and `max_age`: how, and how recently, people are to have signed in.

use super::parameters::Parameters;
use crate::clock::UnixSeconds;
use crate::local_pool::config::{Factor, Factors};
use crate::local_pool::state::{Pool, Session, User};

/// What a request asks of a sign-in.
pub(super) struct LevelAsked {
    was_asked: bool,
    /// The levels that the pool knows, in the order of the request.
    levels: Vec<u8>,
    max_age: Option<u64>,
}

/// What a session lacks.
pub(super) enum Lack {
    Nothing,
    /// One of these factors.
    Factor(Vec<Factor>),
    /// More than one: the person signs in from scratch.
    SignIn,
}

impl LevelAsked {
    /// Reads the parameters. The classic hosted UI ignores both, and the plan Lite `acr_values`.
    pub(super) fn of(pool: &Pool, parameters: &Parameters) -> Result<Self, &'static str> {
        let is_classic = pool.config.classic_hosted_ui;
        let max_age = parameters.get("max_age").filter(|_| !is_classic).map(str::parse).transpose();
        let max_age = max_age.map_err(|_| "invalid max_age")?;
        let acr_values =
            parameters.get("acr_values").filter(|_| !is_classic && !pool.config.levels.are_ignored());
        let names = pool.config.levels.names();
        let words = acr_values.unwrap_or_default().split_whitespace();
        let levels = words.filter_map(|name| names.level(name)).collect();
        Ok(LevelAsked { was_asked: acr_values.is_some(), levels, max_age })
    }

    /// Whether the request has `acr_values` that the pool heeds.
    pub(super) fn was_asked(&self) -> bool {
        self.was_asked
    }

    /// Whether a session is recent enough.
    pub(super) fn accepts_age(&self, session: &Session, now: UnixSeconds) -> bool {
        self.max_age.is_none_or(|max_age| now.since(session.auth_time) <= max_age)
    }

    /// What is lacking in a session of this user: the first level of the request counts that they can reach.
    pub(super) fn lack(&self, user: &User, session: &Session) -> Lack {
        let Some(level) = self.levels.iter().copied().find(|level| can_reach(user, *level)) else {
            return Lack::Nothing;
        };
        if session.factors.level() >= level {
            return Lack::Nothing;
        }
        let reaches = |factor: &Factor| session.factors.with(*factor).level() >= level;
        // Whoever has signed in without the password may show it now.
        let factors: Vec<_> = user.factors().chain([Factor::Password]).filter(reaches).collect();
        if factors.is_empty() { Lack::SignIn } else { Lack::Factor(factors) }
    }

    /// The factors by which this user can sign in alone, or with one more, as the request asks. `session` has none yet.
    pub(super) fn first_factors(&self, user: &User, session: &Session) -> Vec<Factor> {
        let is_enough = |factor: &Factor| {
            let session = Session { factors: session.factors.with(*factor), ..session.clone() };
            !matches!(self.lack(user, &session), Lack::SignIn)
        };
        user.factors().filter(|factor| factor.stands_alone()).filter(is_enough).collect()
    }
}

/// Whether the user has the factors for this level, and not only for others.
fn can_reach(user: &User, level: u8) -> bool {
    let alone = |factor| Factors::of([factor]).level() == level;
    let with_password = |factor| Factors::password().with(factor).level() == level;
    !user.is_federated()
        && (level == 1 || user.factors().any(|factor| alone(factor) && level > 1 || with_password(factor)))
}
