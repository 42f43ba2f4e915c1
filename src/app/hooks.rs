//! What an app does of its own at sign-in, renewal and sign-out.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use rocket::Request;
use rocket::futures::FutureExt;
use rocket::futures::future::BoxFuture;

use crate::denial::Denial;
use crate::session::HookDecision;
use crate::sign_in::Callback;
#[cfg(feature = "redis")]
use crate::store::CredentialsSource;
use crate::telemetry::{Counts, Event, Hook, Label, emit};
use crate::user::CognitoUser;

/// A visitor waits for it.
const MAX_HOOK: Duration = Duration::from_secs(10);

/// What a hook, or a [loader of users](crate::LoadUser), returns: its answer, or an error of whatever type, which is
/// told in the log.
pub type AppResult<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

type LoginHook =
    dyn for<'h> Fn(&'h Request<'_>, &'h Callback) -> BoxFuture<'h, AppResult<HookDecision>> + Send + Sync;
pub(crate) type RefreshHook =
    dyn for<'h> Fn(&'h Request<'_>, &'h CognitoUser) -> BoxFuture<'h, AppResult<HookDecision>> + Send + Sync;
type LogoutHook = dyn for<'h> Fn(&'h Request<'_>, Option<&'h CognitoUser>) -> BoxFuture<'h, AppResult<Option<String>>>
    + Send
    + Sync;

type PoolErrorHook =
    dyn for<'h> Fn(&'h Request<'_>, &'h Denial) -> BoxFuture<'h, AppResult<Option<String>>> + Send + Sync;

type DenialHook = dyn for<'h> Fn(&'h Request<'_>, &'h Denial) -> BoxFuture<'h, AppResult<()>> + Send + Sync;

/// The hooks that an app has set.
#[derive(Clone, Default)]
pub(crate) struct Hooks {
    pub(crate) on_login: Option<Arc<LoginHook>>,
    pub(crate) on_refresh: Option<Arc<RefreshHook>>,
    pub(crate) on_logout: Option<Arc<LogoutHook>>,
    pub(crate) on_pool_error: Option<Arc<PoolErrorHook>>,
    pub(crate) on_denial: Option<Arc<DenialHook>>,
    #[cfg(feature = "redis")]
    pub(crate) store_credentials: Option<CredentialsSource>,
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("Hooks");
        fields
            .field("on_login", &self.on_login.is_some())
            .field("on_refresh", &self.on_refresh.is_some())
            .field("on_logout", &self.on_logout.is_some())
            .field("on_pool_error", &self.on_pool_error.is_some())
            .field("on_denial", &self.on_denial.is_some());
        #[cfg(feature = "redis")]
        fields.field("store_credentials", &self.store_credentials.is_some());
        fields.finish()
    }
}

/// Asks a hook. `None` when it failed, panicked or took too long, which is counted and reported.
pub(crate) async fn run_logged<'h, T>(
    counts: &Counts,
    hook: Hook,
    run_hook: impl FnOnce() -> BoxFuture<'h, AppResult<T>>,
) -> Option<T> {
    let answer = run(run_hook).await.inspect_err(|problem| {
        counts.hook_failures.add(hook);
        emit(Event::HookFailed { hook: hook.text(), error: problem });
    });
    answer.ok()
}

/// Asks code of the app's own. What was the matter, in words, when it failed, panicked or took too long.
pub(crate) async fn run<'h, T>(question: impl FnOnce() -> BoxFuture<'h, AppResult<T>>) -> Result<T, String> {
    // A panic would leave the pool's tokens behind, with nobody to revoke them. The function itself may panic too.
    let asked = AssertUnwindSafe(async { question().await }).catch_unwind();
    match tokio::time::timeout(MAX_HOOK, asked).await {
        Ok(Ok(Ok(answer))) => Ok(answer),
        Ok(Ok(Err(error))) => Err(error.to_string()),
        Ok(Err(_)) => Err("it panicked".to_owned()),
        Err(_) => Err(format!("it took longer than {} seconds", MAX_HOOK.as_secs())),
    }
}
