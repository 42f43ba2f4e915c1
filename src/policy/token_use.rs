//! Which of the pool's tokens a caller has, as rules.

use std::time::SystemTime;

use super::policy::{Decision, Policy};
use super::rule::Rule;
use crate::user::CognitoUser;

/// Met when the caller has an access token: with scopes, and for other services. It narrows what the setting
/// `bearer_token_use` lets in; in a session there is always one.
///
/// # Example
/// ```rust
/// # use rocket_cognito::{Authorized, Group};
/// # use rocket_cognito::policy::{HasAccessToken, All};
/// # struct Admin;
/// # impl Group for Admin { const NAME: &'static str = "admin"; }
/// type ByAccessToken = Authorized<All<(HasAccessToken, Admin)>>;
/// ```
///
/// Source: Cognito developer guide, "Understanding the access token".
pub struct HasAccessToken(());

/// Met when the caller has an ID token: with profile claims. It narrows what the setting `bearer_token_use` lets in; in
/// a session it is the one beside the access token.
///
/// # Example
/// ```rust
/// # use rocket_cognito::Authorized;
/// # use rocket_cognito::policy::HasIdToken;
/// type WithProfile = Authorized<HasIdToken>;
/// ```
///
/// Source: Cognito developer guide, "Understanding the identity (ID) token".
pub struct HasIdToken(());

fn decide(is_there: bool, rule: Rule) -> Decision {
    if is_there { Decision::Granted } else { Decision::Refused(rule) }
}

impl Policy for HasAccessToken {
    fn check(user: &CognitoUser, _: SystemTime) -> Decision {
        decide(user.access_token().is_some(), Self::rule())
    }

    fn rule() -> Rule {
        Rule::named("an access token")
    }
}

impl Policy for HasIdToken {
    fn check(user: &CognitoUser, _: SystemTime) -> Decision {
        decide(user.id_token().is_some(), Self::rule())
    }

    fn rule() -> Rule {
        Rule::named("an ID token")
    }
}
