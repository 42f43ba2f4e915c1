//! What all guards of this crate have in common.

use super::asks::Asks;

/// A guard of this crate, which says of itself what it asks for.
pub(crate) trait Guard {
    /// What it asks for: the same each time.
    fn asks() -> Asks;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::user::CognitoUser;
    use crate::{Authorized, BearerOnly, CurrentUser, Group, LoadUser, Machine, OrForward, SessionOnly};

    struct Admin;
    impl Group for Admin {
        const NAME: &'static str = "admin";
    }

    struct Account;
    #[rocket::async_trait]
    impl LoadUser for Account {
        async fn load(_: &CognitoUser, _: &rocket::Request<'_>) -> crate::hooks::AppResult<Option<Self>> {
            Ok(None)
        }
    }

    #[test]
    fn a_guard_around_another_adds_to_what_that_asks_for() {
        let words = |asks: Asks| asks.to_string();
        let admin = "group \"admin\"";
        assert_eq!(words(Authorized::<Admin, Machine>::asks()), format!("a machine: {admin}"));
        assert_eq!(words(BearerOnly::<CognitoUser>::asks()), "a person, by a bearer token");
        assert_eq!(
            words(OrForward::<CurrentUser<Account, SessionOnly<Authorized<Admin>>>>::asks()),
            format!("a person whom the app knows, by a session: {admin}, or the next route")
        );
    }
}
