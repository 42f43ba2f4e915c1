//! Whether another sign-in would satisfy a policy, and which.

use std::time::SystemTime;

use super::policy::{Decision, Policy};
use super::rule::Rule;
use crate::user::CognitoUser;

/// What another sign-in would change.
pub(crate) enum Help {
    /// One of this moment satisfies the policy.
    Fresh,
    /// One that satisfies this rule, of a level and maybe an age, satisfies the policy.
    Level(Rule),
    /// None does: this is lacking beside it.
    None(Rule),
}

/// Which sign-in would satisfy `P`, of which `user` has not met `rule`: the one that asks the least of them.
pub(crate) fn sign_in_that_helps<P: Policy>(user: &CognitoUser, rule: Rule, now: SystemTime) -> Help {
    if rule.levels().is_empty() && rule.max_age().is_none() {
        return Help::None(rule);
    }
    let asked = P::rule();
    // Where the pool does not say when people sign in, none is ever fresh.
    let max_age = asked.max_age().filter(|_| user.authenticated_at().is_some());
    let mut lacking = rule;
    let mut helps = |at: Option<SystemTime>, level| match P::check(&user.supposing(at, level), now) {
        Decision::Granted => true,
        Decision::Refused(rule) | Decision::Undecided(rule) => {
            lacking = rule;
            false
        }
    };
    if max_age.is_some() && helps(Some(now), None) {
        return Help::Fresh;
    }
    for level in asked.levels() {
        if helps(None, Some(level)) {
            return Help::Level(Rule::Level(level));
        }
        if let Some(seconds) = max_age
            && helps(Some(now), Some(level))
        {
            return Help::Level(Rule::All(vec![Rule::Level(level), Rule::Fresh(seconds)]));
        }
    }
    Help::None(lacking)
}
