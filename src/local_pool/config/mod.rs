//! What a pool consists of: its users, its clients and its settings.

mod client;
mod file;
mod pool;
mod url;
mod user;

pub use self::client::LocalClient;
pub(super) use self::pool::CLOCK_SKEW_SECONDS;
pub use self::pool::LocalPoolConfig;
pub(crate) use self::pool::USUAL_PORT;
pub(super) use self::url::check_url;
pub use self::user::LocalUser;
