//! A login for which the pool must ask again: OpenID Connect Core section 3.1.2.1, `prompt=login` and `max_age`.

use std::ops::Not;

use serde::{Deserialize, Serialize};

use crate::clock::UnixSeconds;
use crate::oauth::AuthorizationRequest;

/// How many seconds rounding may take from either age.
const ROUNDING: u64 = 5;

/// What such an attempt remembers.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reauthentication {
    /// How old the sign-in may be when it is completed, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) max_age: Option<u64>,
    /// What a second try asks for; `None` when this is that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) second_try: Option<AuthorizationRequest>,
    /// Whether a sign-in counts too that is older than the attempt, and within `max_age`.
    #[serde(default, skip_serializing_if = "Not::not")]
    may_be_older: bool,
}

/// Why a sign-in is not fresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StaleSignIn {
    /// The pool let in somebody who had signed in before, without asking.
    NotAsked,
    /// The pool has asked, but by this machine's clock that is too long ago: one clock is wrong, or the second factor came
    /// late.
    Clock,
}

impl StaleSignIn {
    /// Why, and what to do about it, for the log.
    pub(crate) fn explained(self, has_second_try: bool) -> (&'static str, &'static str) {
        match self {
            StaleSignIn::NotAsked if has_second_try => (
                "the pool did not ask again, in spite of `prompt=login` or `max_age`; once more by way of its sign-out",
                "choose the branding version \"Managed login\" for the pool's domain: the classic hosted UI ignores both",
            ),
            StaleSignIn::NotAsked => (
                "the pool did not ask again, not even after its sign-out",
                "check that its tokens' `auth_time` is the time of the last password, and that no identity provider \
                 behind the pool signs people in by itself",
            ),
            StaleSignIn::Clock => (
                "somebody has just signed in, but by this machine's clock that is longer ago than was asked for",
                "set the clock right; or ask for a higher age, if a second factor takes that long",
            ),
        }
    }
}

impl Reauthentication {
    /// What `request` asks for; `None` where any sign-in will do.
    pub(crate) fn of(request: &AuthorizationRequest, is_second_try: bool) -> Option<Self> {
        let (max_age, asks_again) = (request.max_age(), request.asks_again());
        (max_age.is_some() || asks_again).then(|| Reauthentication {
            max_age,
            second_try: (!is_second_try).then(|| request.clone()),
            may_be_older: !asks_again,
        })
    }

    /// Whether the user has signed in since `started_at`. `auth_time` and `issued_at` are by the pool's clock, the
    /// others by ours: only ages are compared, so that it does not matter by how much the clocks differ.
    pub(crate) fn check(
        &self,
        started_at: UnixSeconds,
        auth_time: Option<UnixSeconds>,
        issued_at: UnixSeconds,
        now: UnixSeconds,
    ) -> Result<(), StaleSignIn> {
        let auth_time = auth_time.ok_or(StaleSignIn::NotAsked)?;
        let age_of_attempt = now.since(started_at).saturating_add(ROUNDING);
        let was_asked = issued_at.since(auth_time) <= age_of_attempt;
        // As the guard will judge it: people would be asked for their password for ever.
        let is_young = self.max_age.is_none_or(|max_age| now.since(auth_time) <= max_age);
        match (was_asked, is_young) {
            (true, true) => Ok(()),
            (true, false) => Err(StaleSignIn::Clock),
            (false, true) if self.may_be_older => Ok(()),
            (false, _) => Err(StaleSignIn::NotAsked),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An attempt that was begun at 10 000 and completed at 10 020.
    fn check(max_age: Option<u64>, auth_time: Option<u64>, issued_at: u64) -> Result<(), StaleSignIn> {
        Reauthentication { max_age, second_try: None, may_be_older: false }.check(
            UnixSeconds(10_000),
            auth_time.map(UnixSeconds),
            UnixSeconds(issued_at),
            UnixSeconds(10_020),
        )
    }

    #[test]
    fn a_sign_in_is_fresh_when_it_is_younger_than_the_attempt_by_whatever_clock() {
        for skew in [-3_000, -61, -1, 0, 1, 3_000] {
            let at = |time: u64| time.saturating_add_signed(skew);
            for (auth_time, fresh) in
                [(1, false), (9_994, false), (9_995, true), (10_000, true), (10_020, true)]
            {
                let expected = if fresh { Ok(()) } else { Err(StaleSignIn::NotAsked) };
                assert_eq!(check(None, Some(at(auth_time)), at(10_020)), expected, "{auth_time} {skew}");
            }
        }
        assert_eq!(check(None, None, 10_020), Err(StaleSignIn::NotAsked));
        assert_eq!(check(Some(60), None, 10_020), Err(StaleSignIn::NotAsked));
    }

    #[test]
    fn a_sign_in_that_the_guard_would_refuse_again_is_not_fresh() {
        assert_eq!(check(Some(60), Some(9_960), 9_962), Ok(()));
        assert_eq!(check(Some(60), Some(9_959), 9_962), Err(StaleSignIn::Clock));
        assert_eq!(check(Some(60), Some(9_000), 10_020), Err(StaleSignIn::NotAsked));
        assert_eq!(check(Some(60), Some(20_000), 20_002), Ok(()), "the pool's clock is ahead");
    }

    #[test]
    fn no_time_is_too_strange() {
        const FIRST: UnixSeconds = UnixSeconds(0);
        const LAST: UnixSeconds = UnixSeconds::NEVER;
        for auth_time in [FIRST, LAST] {
            for issued_at in [FIRST, LAST] {
                for (started_at, now) in [(FIRST, LAST), (LAST, FIRST), (LAST, LAST)] {
                    let fresh = Reauthentication { max_age: Some(0), second_try: None, may_be_older: false };
                    let _ = fresh.check(started_at, Some(auth_time), issued_at, now);
                }
            }
        }
    }
}
