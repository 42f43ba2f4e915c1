//! What a launch reports to operators: the settings that matter, and what the app lacks beside them.

use figment::Figment;
use rocket::config::LogLevel;
use rocket::{Config, Orbit, Rocket};

use crate::app::Hooks;
use crate::config::{Disabled, Settings};
#[cfg(feature = "local-pool")]
use crate::local_pool::LocalPool;
use crate::telemetry::{Event, emit};

/// Reports what the settings say, and what of it the app does not follow.
pub(super) fn report_settings(rocket: &Rocket<Orbit>, settings: &Settings, hooks: &Hooks) {
    match &settings.disabled {
        Some(disabled) => report_disabled(disabled),
        None => {
            report_pool(settings);
            report_missing_routes(rocket, settings);
            report_idle_hooks(settings, hooks);
        }
    }
    if prints_requests_outside_debug(rocket.figment()) {
        emit(Event::RequestsLogged);
    }
}

/// Reports where the app's local pool is, if it has one.
#[cfg(feature = "local-pool")]
pub(super) fn report_local_pool(rocket: &Rocket<Orbit>) {
    if let Some(pool) = rocket.state::<LocalPool>() {
        emit(Event::LocalPoolStarted { base_url: &pool.base_url(), usernames: &pool.usernames() });
    }
}

/// Reports that none of the local pool's clients is the app's.
#[cfg(feature = "local-pool")]
pub(super) fn report_unknown_client(settings: &Settings) {
    let Settings { client_id, redirect_urls, logout_url, .. } = settings;
    let redirect_urls: Vec<_> = redirect_urls.iter().map(|url| url.text.as_str()).collect();
    emit(Event::LocalPoolLacksClient { client_id, redirect_urls: &redirect_urls, logout_url });
}

/// Reports the address to open: another name of loopback is another cookie jar.
pub(super) fn report_address(settings: &Settings) {
    let Settings { signs_in, origin, public_prefix, .. } = settings;
    if *signs_in {
        emit(Event::AppAddress { origin, public_prefix });
    }
}

/// Reports disabled mode, at each launch, so that nobody forgets it.
fn report_disabled(disabled: &Disabled) {
    let Disabled { user, origin, has_local_pool } = disabled;
    emit(Event::Disabled {
        username: &user.username,
        groups: &user.groups,
        origin,
        has_local_pool: *has_local_pool,
    });
}

/// Reports the pool, the mounted routes, and the settings that serve development only.
fn report_pool(settings: &Settings) {
    let Settings { user_pool_id, client_id, client_ids, mount, callback_path, routes, .. } = settings;
    emit(Event::Launched {
        user_pool_id,
        client_id: settings.has_own_client.then_some(client_id),
        accepted_client_ids: client_ids,
    });
    if !settings.check_expiration {
        emit(Event::ExpirationUnchecked);
    }
    if settings.signs_in {
        emit(Event::RoutesMounted {
            mount,
            callback_path,
            login: routes.login,
            callback: routes.callback,
            refresh: routes.refresh && settings.refresh_flow_enabled,
            logout: routes.logout,
        });
    } else {
        emit(Event::BearerTokensOnly);
    }
    if settings.secret_keys_are_random {
        emit(Event::SecretKeyGenerated);
    }
}

/// Reports the routes that the settings leave to the app and that it lacks, with their paths as the app sees them.
fn report_missing_routes(rocket: &Rocket<Orbit>, settings: &Settings) {
    if !settings.signs_in {
        return;
    }
    let Settings { routes, paths, public_prefix, callback_path, .. } = settings;
    let without_prefix = |path| str::strip_prefix(path, public_prefix.as_str()).unwrap_or(path);
    let left_to_app = [
        (routes.login, "sign-in", without_prefix(&paths.login)),
        (routes.callback, "callback", callback_path),
        (routes.logout, "sign-out", without_prefix(&paths.logout)),
    ];
    for (is_ours, route, path) in left_to_app {
        if !is_ours && !rocket.routes().any(|own| own.uri.path() == path) {
            emit(Event::OwnRouteMissing { route, path });
        }
    }
}

/// Reports hooks that the settings leave without an occasion to run.
fn report_idle_hooks(settings: &Settings, hooks: &Hooks) {
    if hooks.on_refresh.is_some() && !settings.refresh_flow_enabled {
        let occasion = "renewal without refresh_flow_enabled = true";
        emit(Event::HookNeverRuns { hook: "on_refresh", occasion });
    }
    if hooks.on_login.is_some() && !settings.routes.callback {
        let occasion = "mounted callback (do it in your own route)";
        emit(Event::HookNeverRuns { hook: "on_login", occasion });
    }
    if hooks.on_logout.is_some() && !settings.routes.logout {
        let occasion = "mounted sign-out (do it in your own route)";
        emit(Event::HookNeverRuns { hook: "on_logout", occasion });
    }
}

/// At this level Rocket prints requests before any fairing could hide the callback's query.
fn prints_requests_outside_debug(figment: &Figment) -> bool {
    let level = figment.extract_inner::<LogLevel>("log_level");
    level.is_ok_and(|level| level == LogLevel::Debug) && figment.profile() != Config::DEBUG_PROFILE
}
