//! Whether another sign-in would satisfy a policy, and which.

use std::time::SystemTime;

use super::policy::{Decision, Policy};
use super::rule::Rule;
use crate::user::{CognitoUser, SupposedSignIn};

/// What another sign-in would change. The rule is all that it has to satisfy, so that the policy is met.
pub(crate) enum Help {
    /// Only the present sign-in's age is in the way.
    Fresh(Rule),
    /// The present sign-in's level is in the way, and maybe its age.
    Level(Rule),
    /// No sign-in helps: this is lacking beside it.
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
    let mut lacking = rule.clone();
    let mut helps =
        |at: Option<SystemTime>, level| match P::check(&user.supposing(SupposedSignIn { at, level }), now) {
            Decision::Granted => true,
            Decision::Refused(rule) | Decision::Undecided(rule) => {
                lacking = rule;
                false
            }
        };
    let fresh_at = |level, seconds| Rule::All(vec![Rule::Level(level), Rule::Fresh(seconds)]);
    if let Some(seconds) = max_age
        && helps(Some(now), None)
    {
        // A sign-in that asks for no level may end at the lowest one, whatever the present one is at.
        let lowest = user.level().map(|_| 1);
        if asked.levels().is_empty() || helps(Some(now), lowest) {
            // All that the policy says, but for a level: a sign-in would be asked for it.
            return Help::Fresh(if rule.levels().is_empty() { rule } else { Rule::Fresh(seconds) });
        }
        if let Some(level) = asked.levels().into_iter().find(|level| helps(Some(now), Some(*level))) {
            return Help::Fresh(fresh_at(level, seconds));
        }
    }
    for level in asked.levels() {
        if helps(None, Some(level)) {
            return Help::Level(Rule::Level(level));
        }
        if let Some(seconds) = max_age
            && helps(Some(now), Some(level))
        {
            return Help::Level(fresh_at(level, seconds));
        }
    }
    Help::None(lacking)
}
