//! What a pool consists of: its users, its clients and its settings.

mod attribute;
mod client;
mod entry_mistakes;
mod file;
mod group;
mod identity;
mod identity_provider;
mod password_policy;
mod pool;
mod pool_table;
mod reach;
mod sign_in_names;
mod trigger;
mod url;
mod user;
mod user_mistakes;

pub(super) use self::attribute::{VERIFIED, attribute_mistake, count_mistake, is_email, name_mistake};
pub use self::client::LocalClient;
pub(super) use self::group::group_mistakes;
pub use self::identity::LocalIdentity;
pub use self::identity_provider::LocalIdentityProvider;
pub(super) use self::identity_provider::THE_POOL;
pub(super) use self::password_policy::{MIN_CHARACTERS, password_mistake};
pub(super) use self::pool::CLOCK_SKEW_SECONDS;
pub use self::pool::LocalPoolConfig;
pub(crate) use self::pool::USUAL_PORT;
pub(super) use self::reach::reachable_ip;
pub(super) use self::sign_in_names::SignInNames;
pub use self::trigger::LocalTrigger;
pub(super) use self::url::check_url;
pub(super) use self::user::DEFAULT_PASSWORD;
pub use self::user::LocalUser;
pub(super) use self::user_mistakes::{is_name, user_mistakes};
