//! The four routes and their parts for routes of the app, and what browsers are answered.

mod answer;
mod callback;
mod callback_host;
mod catchers;
mod denial;
mod login;
mod logout;
mod mounted;
mod page;
mod parts;
mod redirect_to_login;
mod refresh;
mod resource_metadata;
mod store_error;

pub(crate) use self::answer::move_on_by_page;
#[cfg(feature = "templates")]
pub(crate) use self::catchers::templates;
pub use self::catchers::{Catchers, catchers};
pub(crate) use self::catchers::{is_caught, is_caught_by_app, taken_catchers};
pub use self::login::Login;
pub use self::logout::Logout;
pub(crate) use self::mounted::{name_of, routes};
#[cfg(feature = "local-pool")]
pub(crate) use self::page::{STYLE, content_security_policy};
pub use self::redirect_to_login::RedirectToLogin;
pub use self::refresh::Refresh;
pub(crate) use self::resource_metadata::POOL_METADATA;
