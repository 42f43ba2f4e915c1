//! Which code an event has in the log, and which events of one code are counted apart there.

use super::client_secret_event::ClientSecretEvent;
use super::code::LogCode;
use super::event::{Event, SessionEnd};
#[cfg(feature = "redis")]
use super::store_event::StoreEvent;
use super::throttle::Cause;
use super::words::{callback_refusal, callback_unmatched, refused_token};

pub(super) fn code(event: &Event<'_>) -> LogCode {
    match event {
        Event::LaunchRefused { .. } => LogCode::LaunchRefused,
        Event::Launched { .. }
        | Event::BearerTokensOnly
        | Event::AnyClientAccepted { .. }
        | Event::RoutesMounted { .. }
        | Event::SessionsStored { .. }
        | Event::BearerDenylist
        | Event::AppAddress { .. } => LogCode::Launched,
        Event::FairingMissing => LogCode::FairingMissing,
        Event::UnauthorizedUncaught { .. } => LogCode::CatcherMissing,
        Event::OwnRouteMissing { .. } => LogCode::RouteMissing,
        Event::CallbackAlreadyMounted => LogCode::CallbackAlreadyMounted,
        #[cfg(feature = "templates")]
        Event::TemplateRejected { .. } => LogCode::TemplateRejected,

        Event::Disabled { .. } => LogCode::AuthenticationDisabled,
        Event::CalledByPlainHttp { .. } => LogCode::CalledByPlainHttp,
        Event::ExpirationUnchecked => LogCode::ExpirationUnchecked,
        Event::OwnUrlElsewhere { .. } | Event::OwnUrlPublic { .. } => LogCode::OwnUrlElsewhere,
        Event::HeaderMayBeOfProxy { .. } => LogCode::ProxyHeaderUndeclared,
        Event::RefreshNotEnabled => LogCode::RefreshNotEnabled,
        Event::RequestsLogged => LogCode::RequestsLogged,
        Event::SecretKeyGenerated => LogCode::SecretKeyGenerated,
        Event::SessionStoreMissing => LogCode::SessionStoreMissing,
        Event::SettingWithoutUse { .. } => LogCode::SettingUnused,
        Event::SignInNotConfigured => LogCode::SignInNotConfigured,

        Event::KeysLoaded { .. } => LogCode::KeysLoaded,
        Event::KeysLeftOut { .. } => LogCode::KeysLeftOut,
        Event::KeysNotLoaded { .. } => LogCode::KeysNotLoaded,
        Event::ClientRefused { .. } => LogCode::ClientRefused,
        Event::ClientSecret(ClientSecretEvent::Refused { .. }) => LogCode::ClientSecretRefused,
        Event::ClientSecret(ClientSecretEvent::Read { .. }) => LogCode::ClientSecretRead,
        Event::ClientSecret(ClientSecretEvent::FileUnread { .. }) => LogCode::ClientSecretFileUnread,
        Event::TokenContradictsSetUp { .. } => LogCode::TokenContradictsSettings,
        Event::TooManyCalls => LogCode::TooManyCalls,

        Event::BearerTokenUnaccepted { .. } => LogCode::BearerTokenUnaccepted,
        Event::CrossSiteRefused { .. } => LogCode::CrossSiteRefused,
        Event::GuardedRefused { .. } => LogCode::GuardRefused,
        Event::HostRefused { .. } => LogCode::HostRefused,
        Event::SessionTokenUnaccepted { .. } => LogCode::SessionTokenUnaccepted,
        Event::TokenRefused { .. } => LogCode::TokenRefused,

        Event::CallbackRefused(_) => LogCode::CallbackRefused,
        Event::CallbackUnmatched { .. } => LogCode::CallbackUnmatched,
        Event::CodeExchangeFailed { .. } => LogCode::CodeExchangeFailed,
        Event::CodeRefused => LogCode::CodeRefused,
        Event::LoginMisconfigured { .. } => LogCode::LoginMisconfigured,
        Event::SignInNotFresh { .. } => LogCode::SignInNotFresh,
        Event::SignInNotStrongEnough { .. } => LogCode::SignInNotStrongEnough,
        Event::SignInRefused { .. } => LogCode::SignInRefused,
        Event::TokensTooLarge { .. } => LogCode::TokensTooLarge,

        Event::IdTokenDropped { .. } => LogCode::IdTokenDropped,
        Event::RefreshFailed { .. } => LogCode::RefreshFailed,
        Event::RefreshTokenDropped { .. } => LogCode::RefreshTokenDropped,
        Event::RevocationFailed { .. } => LogCode::RevocationFailed,
        // Browsers do not mix the cookies of two sessions; somebody has.
        Event::SessionEnded(SessionEnd::UsersDiffer) => LogCode::SessionMixed,
        Event::SessionEnded(_) => LogCode::SessionEnded,
        Event::SessionForeign { .. } => LogCode::SessionForeign,

        #[cfg(feature = "redis")]
        Event::Store(event) => match event {
            StoreEvent::Lost { .. } => LogCode::StoreConnectionLost,
            StoreEvent::Regained => LogCode::StoreConnected,
            StoreEvent::Unencrypted { .. } => LogCode::StoreUnencrypted,
            StoreEvent::NotSignedInAnew { .. } => LogCode::StoreCredentialsFailed,
            StoreEvent::OldServer { .. } => LogCode::StoreOutdated,
            StoreEvent::Evicts { .. } => LogCode::StoreEvicts,
        },
        Event::StoreFailed { .. } => LogCode::StoreFailed,
        Event::StoreGivenUp { .. } => LogCode::StoreGivenUp,
        Event::SessionNotRemoved => LogCode::StoreRemovalDelayed,
        Event::StoredValueUnreadable { .. } => LogCode::StoreValueUnreadable,

        Event::HookFailed { .. } => LogCode::HookFailed,
        Event::HookNeverRuns { .. } => LogCode::HookNeverRuns,
        Event::UserNotLoaded { .. } => LogCode::UserNotLoaded,

        #[cfg(feature = "local-pool")]
        Event::LocalPoolElsewhere { .. } => LogCode::LocalPoolElsewhere,
        #[cfg(feature = "local-pool")]
        Event::LocalPoolExposed { .. } => LogCode::LocalPoolExposed,
        #[cfg(feature = "local-pool")]
        Event::LocalPoolLacksClient { .. } => LogCode::LocalPoolLacksClient,
        #[cfg(feature = "local-pool")]
        Event::LocalPoolOutsideDebug { .. } => LogCode::LocalPoolOutsideDebug,
        #[cfg(feature = "local-pool")]
        Event::LocalPoolStarted { .. } => LogCode::LocalPoolStarted,
        #[cfg(feature = "local-pool")]
        Event::LocalPoolStateNotWritten { .. } => LogCode::LocalPoolStateNotWritten,

        #[cfg(feature = "testing")]
        Event::TestPoolAsked => LogCode::TestPoolCalled,
        #[cfg(feature = "testing")]
        Event::TestPoolHasNoPages => LogCode::TestPoolHasNoPages,
    }
}

/// What is limited by itself among the events of one code: another cause needs another remedy.
pub(super) fn cause(event: &Event<'_>) -> Cause {
    match *event {
        Event::BearerTokenUnaccepted { remedy, .. } => ["", remedy],
        Event::TokenRefused { token, cause, .. } => [refused_token(token), cause],
        // Requests without an origin would else silence the line with the setting for it.
        Event::CrossSiteRefused { origin } => ["", if origin.is_some() { "an origin" } else { "none" }],
        Event::CallbackRefused(refusal) => ["", callback_refusal(refusal)],
        Event::CallbackUnmatched { has_state, .. } => ["", callback_unmatched(has_state)],
        Event::SignInNotFresh { reason, .. }
        | Event::SignInNotStrongEnough { reason, .. }
        | Event::StoredValueUnreadable { reason } => ["", reason],
        Event::StoreGivenUp { what } => ["", what],
        Event::UserNotLoaded { user_type, .. } => ["", user_type],
        Event::HookFailed { hook, .. } => ["", hook],
        Event::StoreFailed { cause, .. } => ["", cause],
        Event::SignInRefused { error, description } => sign_in_refusal(error, description),
        _ => ["", ""],
    }
}

/// The errors of RFC 6749 section 4.1.2.1 and OpenID Connect Core section 3.1.2.6, and Apple's of a person who cancels. Others
/// share one cause: whoever calls the callback chooses the text.
const SIGN_IN_ERRORS: [&str; 12] = [
    "access_denied",
    "account_selection_required",
    "consent_required",
    "interaction_required",
    "invalid_request",
    "invalid_scope",
    "login_required",
    "server_error",
    "temporarily_unavailable",
    "unauthorized_client",
    "unsupported_response_type",
    "user_cancelled_authorize",
];

fn sign_in_refusal(error: &str, description: Option<&str>) -> Cause {
    let error = SIGN_IN_ERRORS.into_iter().find(|known| *known == error).unwrap_or_default();
    // That of Cognito for a scope which the client does not have: it has a remedy.
    let description = if description == Some("invalid_scope") { "invalid_scope" } else { "" };
    [error, description]
}

/// Whether it is reported because the app launches.
pub(super) fn is_at_launch(event: &Event<'_>) -> bool {
    matches!(
        event,
        Event::UnauthorizedUncaught { base: None } | Event::StoreFailed { is_at_launch: true, .. }
    )
}
