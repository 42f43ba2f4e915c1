//! What an app signs in with at its store.

use std::error::Error;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::Arc;
use std::{fmt, io};

use rocket::futures::FutureExt;
use rocket::futures::future::BoxFuture;
use tokio::io::AsyncReadExt;

use crate::config::{RedisSettings, StorePassword};
use crate::crypto::Secret;
use crate::store::error::StoreError;
use crate::telemetry::redacted;

/// Longer than any password or token.
const MAX_PASSWORD_BYTES: u64 = 64 * 1024;

/// What an app signs in with at a Redis or Valkey: its user name there, and its password or token.
///
/// It is what the closure of [`Cognito::store_credentials`](crate::Cognito::store_credentials) returns.
///
/// # Example
/// ```rust
/// use rocket_cognito::store::StoreCredentials;
///
/// let credentials = StoreCredentials::new("app", "a token that lasts fifteen minutes");
/// assert_eq!(format!("{credentials:?}"), r#"StoreCredentials { username: Some("app"), .. }"#);
/// ```
#[derive(Clone)]
pub struct StoreCredentials {
    username: Option<String>,
    password: Option<Secret>,
}

/// What the app's own code returns when it is asked for credentials.
pub(super) type AppCredentials = Result<StoreCredentials, Box<dyn Error + Send + Sync>>;

/// Where credentials come from each time that an app connects.
#[derive(Clone)]
pub(crate) enum CredentialsSource {
    Settings,
    /// The app's own code.
    App(Arc<dyn Fn() -> BoxFuture<'static, AppCredentials> + Send + Sync>),
}

impl StoreCredentials {
    /// Credentials of a user in the server's access control list, such as one that signs in with IAM.
    #[must_use]
    pub fn new(username: impl Into<String>, password: impl Into<String>) -> Self {
        StoreCredentials { username: Some(username.into()), password: Some(Secret::new(password)) }
    }

    /// Credentials of the server's default user, which needs no name: a password alone, as of `requirepass`.
    ///
    /// # Example
    /// ```rust
    /// use rocket_cognito::store::StoreCredentials;
    ///
    /// let credentials = StoreCredentials::of_default_user("correct horse battery staple");
    /// assert_eq!(format!("{credentials:?}"), "StoreCredentials { username: None, .. }");
    /// ```
    #[must_use]
    pub fn of_default_user(password: impl Into<String>) -> Self {
        StoreCredentials { username: None, password: Some(Secret::new(password)) }
    }

    pub(super) fn username(&self) -> Option<&str> {
        self.username.as_deref()
    }

    pub(super) fn password(&self) -> Option<&str> {
        self.password.as_ref().map(Secret::expose)
    }
}

/// Without the password.
impl fmt::Debug for StoreCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreCredentials").field("username", &self.username).finish_non_exhaustive()
    }
}

impl CredentialsSource {
    /// What `ask` returns, each time anew.
    pub(crate) fn app<A, F>(ask: A) -> Self
    where
        A: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = AppCredentials> + Send + 'static,
    {
        CredentialsSource::App(Arc::new(move || ask().boxed()))
    }

    /// Whether they go out of date by themselves.
    pub(super) fn are_short_lived(&self) -> bool {
        matches!(self, CredentialsSource::App(_))
    }

    /// The credentials of this moment.
    pub(super) async fn current(&self, settings: &RedisSettings) -> Result<StoreCredentials, StoreError> {
        let ask = match self {
            CredentialsSource::Settings => return from_settings(settings).await,
            CredentialsSource::App(ask) => ask,
        };
        // A panic would end the task that keeps the store connected. The closure itself may panic too.
        let asked = async { ask().await.map_err(|error| error.to_string()) };
        let problem = match AssertUnwindSafe(asked).catch_unwind().await {
            Ok(Ok(credentials)) => return Ok(credentials),
            // The error may repeat a token that the app called a service with.
            Ok(Err(error)) => redacted(&error),
            Err(_) => "it panicked".to_owned(),
        };
        Err(StoreError::Unavailable(format!("`store_credentials` of the app's code failed: {problem}")))
    }
}

async fn from_settings(settings: &RedisSettings) -> Result<StoreCredentials, StoreError> {
    let password = match &settings.password {
        StorePassword::None => None,
        StorePassword::Text(password) => Some(password.clone()),
        StorePassword::File(path) => {
            let text = read(path).await.map_err(|error| {
                let path = path.display();
                StoreError::Unavailable(format!(
                    "the file of `session_store_password_file`, {path}, was not read: {error}"
                ))
            })?;
            Some(Secret::new(text.trim_end_matches(['\r', '\n'])))
        }
    };
    Ok(StoreCredentials { username: settings.username.clone(), password })
}

/// The beginning of a file, as long as any password.
async fn read(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    tokio::fs::File::open(path).await?.take(MAX_PASSWORD_BYTES).read_to_string(&mut text).await?;
    Ok(text)
}
