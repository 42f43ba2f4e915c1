//! What a launch reports to operators: the settings that matter, and what the app lacks beside them.

use figment::{Figment, Profile};
use rocket::config::LogLevel;
use rocket::http::Method;
use rocket::{Config, Orbit, Rocket, Route};

use crate::app::{App, Hooks};
use crate::config::{Disabled, Settings, SignInSettings, StoreKind};
#[cfg(feature = "redis")]
use crate::telemetry::StoreEvent;
use crate::telemetry::{Event, SessionPlace, emit};

/// Reports what the settings say, and what of it the app does not follow.
pub(super) fn report_settings(rocket: &Rocket<Orbit>, settings: &Settings, hooks: &Hooks) {
    match &settings.disabled {
        Some(disabled) => report_disabled(disabled),
        None => {
            report_pool(settings, rocket.figment().profile());
            if let Some(sign_in) = &settings.sign_in {
                report_missing_routes(rocket, sign_in);
            }
            report_idle_hooks(settings, hooks);
        }
    }
    if prints_requests_outside_debug(rocket.figment()) {
        emit(Event::RequestsLogged);
    }
}

/// Reports the address to open: another name of loopback is another cookie jar.
pub(super) fn report_address(settings: &Settings) {
    let url = settings.client.as_ref().and_then(|client| client.redirect_urls.first());
    if let (Some(sign_in), Some(url)) = (&settings.sign_in, url) {
        emit(Event::AppAddress { origin: &url.origin, public_prefix: &sign_in.public_prefix });
    }
}

/// Reports where sessions lie on the server, which settings have no use there, and whether the store is out of reach.
pub(super) async fn report_store(app: &App) {
    let Settings { store, sign_in, .. } = &app.settings;
    if app.store.is_none() {
        return;
    }
    if sign_in.is_some() {
        emit(Event::SessionsStored {
            place: match &store.kind {
                Some(StoreKind::Memory) => SessionPlace::Process,
                #[cfg(feature = "redis")]
                Some(StoreKind::Redis(settings)) => SessionPlace::Servers(&**settings),
                None => SessionPlace::OwnStore,
            },
            takes_sign_ins: store.writes,
            per_user: store.sessions_per_user,
        });
        let idle = store.idle_settings.iter().filter(|_| store.writes);
        idle.for_each(|key| emit(Event::SettingWithoutUse { key }));
    }
    if store.bearer_denylist {
        emit(Event::BearerDenylist);
    }
    #[cfg(feature = "redis")]
    if let Some(StoreKind::Redis(settings)) = &store.kind
        && let Some(address) = settings.readable_on_the_way()
    {
        emit(Event::Store(StoreEvent::Unencrypted { address }));
    }
    // Otherwise it has been checked at ignition.
    if !store.is_required_at_launch
        && let Err(error) = app.check_store().await
    {
        emit(Event::StoreFailed { error: &error, cause: error.kind(), is_at_launch: true });
    }
}

/// Reports disabled mode, at each launch, so that nobody forgets it.
fn report_disabled(disabled: &Disabled) {
    let Disabled { user, origin, has_local_pool, .. } = disabled;
    emit(Event::Disabled {
        username: &user.username,
        groups: &user.groups,
        origin,
        has_local_pool: *has_local_pool,
    });
}

/// Reports the pool, the mounted routes, and the settings that serve development only.
fn report_pool(settings: &Settings, profile: &Profile) {
    emit(Event::Launched {
        user_pool_id: &settings.pool.user_pool_id,
        client_id: settings.client.as_ref().map(|client| client.id.as_str()),
        accepted_client_ids: &settings.bearer.accepted_client_ids,
    });
    if let Some(resource) = settings.bearer.resource.as_ref().filter(|_| settings.bearer.accepts_any_client) {
        emit(Event::AnyClientAccepted { resource: &resource.identifier });
    }
    if !settings.pool.check_expiration {
        emit(Event::ExpirationUnchecked);
    }
    let plain_calls = settings.pool.plain_calls.as_ref();
    if let Some((key, url)) = plain_calls.filter(|_| *profile != Config::DEBUG_PROFILE) {
        emit(Event::CalledByPlainHttp { key, url });
    }
    if settings.bearer.may_be_from_proxy {
        emit(Event::HeaderMayBeOfProxy { header: &settings.bearer.header });
    }
    let Some(SignInSettings { mount, callback_path, routes, .. }) = &settings.sign_in else {
        emit(Event::BearerTokensOnly);
        return;
    };
    emit(Event::RoutesMounted {
        mount,
        callback_path,
        login: routes.login,
        callback: routes.callback,
        refresh: routes.refresh && settings.session.refresh_flow_enabled,
        logout: routes.logout,
    });
    if settings.keys.are_random {
        emit(Event::SecretKeyGenerated);
    }
}

/// Reports the routes that the settings leave to the app and that it lacks, with their paths as the app sees them.
fn report_missing_routes(rocket: &Rocket<Orbit>, sign_in: &SignInSettings) {
    let SignInSettings { routes, paths, public_prefix, callback_path, .. } = sign_in;
    let without_prefix = |path| str::strip_prefix(path, public_prefix.as_str()).unwrap_or(path);
    let left_to_app = [
        (routes.login, "sign-in", without_prefix(&paths.login)),
        (routes.callback, "callback", callback_path),
        (routes.logout, "sign-out", without_prefix(&paths.logout)),
    ];
    for (is_ours, route, path) in left_to_app {
        // With `CONNECT` there are only routes that hold the sentinels of guards.
        let stands_there = |own: &Route| own.method != Method::Connect && own.uri.path() == path;
        if !is_ours && !rocket.routes().any(stands_there) {
            emit(Event::OwnRouteMissing { route, path });
        }
    }
}

/// Reports hooks that the settings leave without an occasion to run.
fn report_idle_hooks(settings: &Settings, hooks: &Hooks) {
    let routes = settings.sign_in.as_ref().map(|sign_in| sign_in.routes);
    if hooks.on_refresh.is_some() && !settings.session.refresh_flow_enabled {
        let occasion = "refresh without refresh_flow_enabled = true";
        emit(Event::HookNeverRuns { hook: "on_refresh", occasion });
    }
    if hooks.on_login.is_some() && !routes.is_some_and(|routes| routes.callback) {
        let occasion = "mounted callback (do it in your own route)";
        emit(Event::HookNeverRuns { hook: "on_login", occasion });
    }
    if hooks.on_pool_error.is_some() && !routes.is_some_and(|routes| routes.callback) {
        let occasion = "mounted callback (do it in your own route)";
        emit(Event::HookNeverRuns { hook: "on_pool_error", occasion });
    }
    if hooks.on_logout.is_some() && !routes.is_some_and(|routes| routes.logout) {
        let occasion = "mounted sign-out (do it in your own route)";
        emit(Event::HookNeverRuns { hook: "on_logout", occasion });
    }
    #[cfg(feature = "redis")]
    if hooks.store_credentials.is_some() && !matches!(settings.store.kind, Some(StoreKind::Redis(_))) {
        let occasion = "Redis or Valkey in `session_store`";
        emit(Event::HookNeverRuns { hook: "store_credentials", occasion });
    }
}

/// At this level Rocket prints requests before any fairing could hide the callback's query.
fn prints_requests_outside_debug(figment: &Figment) -> bool {
    let level = figment.extract_inner::<LogLevel>("log_level");
    level.is_ok_and(|level| level == LogLevel::Debug) && figment.profile() != Config::DEBUG_PROFILE
}
