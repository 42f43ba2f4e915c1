//! The name of a type as an app writes it.

use std::any::type_name;
use std::fmt;

/// The name of a type without the paths, as an app writes it.
#[derive(Clone, Copy)]
pub(super) struct ShortName(&'static str);

impl ShortName {
    pub(super) fn of<T>() -> Self {
        ShortName(type_name::<T>())
    }
}

impl fmt::Display for ShortName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Within a function's `{{closure}}` a path has braces.
        let is_of_path = |c: char| c.is_alphanumeric() || "_:{}".contains(c);
        for part in self.0.split_inclusive(|c| !is_of_path(c)) {
            f.write_str(part.rsplit("::").next().unwrap_or(part))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::user::CognitoUser;
    use crate::{Authorized, CurrentUser, Group, InGroups, LoadUser, Machine, OrForward, policy};

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
    fn a_type_has_its_name_as_an_app_writes_it() {
        let name = |name: ShortName| name.to_string();
        assert_eq!(name(ShortName::of::<CognitoUser>()), "CognitoUser");
        let within = || {
            struct Within;
            ShortName::of::<Option<Within>>()
        };
        assert_eq!(name(within()), "Option<Within>");
        assert_eq!(name(ShortName::of::<OrForward<InGroups<Admin>>>()), "OrForward<InGroups<Admin>>");
        assert_eq!(name(ShortName::of::<InGroups<Admin, Admin>>()), "InGroups<Admin, Admin>");
        assert_eq!(name(ShortName::of::<CurrentUser<Account>>()), "CurrentUser<Account>");
        assert_eq!(
            name(ShortName::of::<Authorized<policy::All<(Admin, policy::Fresh<60>)>, Machine>>()),
            "Authorized<All<(Admin, Fresh<60>)>, Machine>"
        );
    }
}
