//! How an app is.

use std::collections::BTreeMap;
use std::time::Duration;

use rocket::http::{ContentType, Status};
use rocket::request::Request;
use rocket::response::{Responder, Response, Result as ResponseResult};
use serde::Serialize;
use serde_json::json;

use crate::app::App;
use crate::config::StoreKind;
use crate::telemetry::{Label, PoolEndpoint};

/// How an app is: its keys, its last call to each endpoint of the pool, its store of sessions, and whether it is stopping.
///
/// It calls nobody, so that it costs nothing and a question for it cannot fail: it says what the app has seen. As a guard it
/// refuses nobody, since load balancers ask without a credential; what it shows holds no secret and no address. A route that
/// returns it answers with its [`status`](Self::status), and as JSON:
///
/// ```json
/// {
///   "is_ready": true,
///   "is_stopping": false,
///   "keys": { "count": 2, "age_seconds": 1210, "last_failure": null },
///   "calls": {
///     "jwks": { "result": "ok", "age_seconds": 1210 }, "revoke": null,
///     "token": { "result": "failed", "age_seconds": 7 }, "userinfo": null
///   },
///   "store": { "kind": "redis", "last_command": { "result": "done", "age_seconds": 0 } }
/// }
/// ```
///
/// `store.kind` is `cookies`, `memory`, `redis`, or `own` for a store of the app's own.
///
/// # Example
/// ```rust
/// use rocket::get;
/// use rocket_cognito::operation::Health;
///
/// #[get("/ready")]
/// fn ready(health: Health) -> Health {
///     health
/// }
/// ```
#[derive(Debug, Clone, Default, Serialize)]
pub struct Health {
    is_ready: bool,
    is_stopping: bool,
    keys: Keys,
    calls: BTreeMap<&'static str, Option<Last>>,
    store: Store,
}

#[derive(Debug, Clone, Default, Serialize)]
struct Keys {
    count: usize,
    /// `None` where they were never fetched.
    age_seconds: Option<u64>,
    /// Why the last attempt to fetch them failed, if it did.
    last_failure: Option<String>,
}

#[derive(Debug, Clone, Default, Serialize)]
struct Store {
    kind: &'static str,
    last_command: Option<Last>,
}

/// What came of something the last time.
#[derive(Debug, Clone, Serialize)]
struct Last {
    result: &'static str,
    age_seconds: u64,
}

impl Last {
    fn of<L: Label>((result, age): (L, Duration)) -> Self {
        Last { result: result.text(), age_seconds: age.as_secs() }
    }
}

impl Health {
    pub(super) fn new(app: &App) -> Self {
        let keys = app.pool.verifier().jwks().status();
        let call = |endpoint: &PoolEndpoint| (endpoint.text(), app.counts.last_call(*endpoint).map(Last::of));
        let is_stopping = app.is_stopping();
        Health {
            // Disabled mode needs no keys.
            is_ready: !is_stopping && (app.is_disabled() || keys.are_usable),
            is_stopping,
            keys: Keys {
                count: keys.count,
                age_seconds: keys.age.map(|age| age.as_secs()),
                last_failure: keys.failure,
            },
            calls: PoolEndpoint::ALL.iter().map(call).collect(),
            store: Store {
                kind: match &app.settings.store.kind {
                    _ if app.store.is_none() => "cookies",
                    Some(StoreKind::Memory) => "memory",
                    #[cfg(feature = "redis")]
                    Some(StoreKind::Redis(_)) => "redis",
                    None => "own",
                },
                last_command: app.counts.last_command().map(Last::of),
            },
        }
    }

    /// Whether the app can do its work: there are keys to verify tokens with, or none are needed, and it is not stopping.
    ///
    /// The store does not matter to it. All instances share that one, so that nothing would be won by taking each of them
    /// out of service; and bearer tokens and open routes go on without it.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.is_ready
    }

    /// Whether the app is stopping: it begins no sign-in and no refresh any more.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.is_stopping
    }

    /// 200 when the app is [ready](Self::is_ready), else 503.
    #[must_use]
    pub fn status(&self) -> Status {
        if self.is_ready { Status::Ok } else { Status::ServiceUnavailable }
    }
}

/// 200 or 503, as JSON, which no cache stores. No catcher takes its place.
impl<'r> Responder<'r, 'static> for Health {
    fn respond_to(self, request: &'r Request<'_>) -> ResponseResult<'static> {
        Response::build_from(json!(self).to_string().respond_to(request)?)
            .status(self.status())
            .header(ContentType::JSON)
            .raw_header("Cache-Control", "no-store")
            .ok()
    }
}
