//! One session of a user, as the pool keeps it.

use std::time::SystemTime;

use serde::de::Deserializer;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::UnixSeconds;

/// What a session at the pool is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PoolSessionKind {
    /// Somebody is signed in to one app: a refresh token of one app client.
    Token,
    /// A browser is signed in at the pool's own pages: the parent of token sessions.
    Sso,
    /// A kind that this version does not know.
    Other,
}

/// One session of a user at the pool, as [`PoolSessions::list`](crate::PoolSessions::list) returns it. Nothing in it is a
/// secret, and it is `Serialize`: a field per method, times in seconds since the Unix epoch.
///
/// Device, address and place are what the pool saw last. A refresh shows the server of an app rather than the person's
/// device: its address, and `rocket_cognito/` with a version as its user agent.
///
/// Source: Cognito's API reference, `ListUserSessions`.
#[derive(Debug, Clone, Serialize)]
pub struct PoolSession {
    id: String,
    kind: PoolSessionKind,
    client_id: Option<String>,
    created_at: Option<UnixSeconds>,
    last_active_at: Option<UnixSeconds>,
    device: Option<String>,
    ip_address: Option<String>,
    city: Option<String>,
    country: Option<String>,
    sso_session_id: Option<String>,
    is_current: bool,
}

/// The members of the answer. Others are ignored.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    session_id: String,
    session_type: Option<String>,
    client_id: Option<String>,
    #[serde(default, deserialize_with = "time")]
    create_date: Option<UnixSeconds>,
    #[serde(default, deserialize_with = "time")]
    last_active_date: Option<UnixSeconds>,
    device_type: Option<String>,
    #[serde(rename = "LastIPAddress")]
    last_ip_address: Option<String>,
    last_location: Option<Location>,
    origin_session_id: Option<String>,
    is_current_session: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Location {
    city: Option<String>,
    country: Option<String>,
}

/// The API writes seconds with a fraction. What is no time is as good as none.
fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<UnixSeconds>, D::Error> {
    let seconds = Value::deserialize(deserializer)?.as_f64();
    // Up to the year 9999; the fraction does not count.
    let seconds = seconds.filter(|seconds| (0.0..253_402_300_800.0).contains(seconds));
    Ok(seconds.map(|seconds| UnixSeconds(std::time::Duration::from_secs_f64(seconds).as_secs())))
}

impl<'de> Deserialize<'de> for PoolSession {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let listed = Listed::deserialize(deserializer)?;
        let Location { city, country } = listed.last_location.unwrap_or_default();
        Ok(PoolSession {
            id: listed.session_id,
            kind: match listed.session_type.as_deref() {
                Some("TOKEN") => PoolSessionKind::Token,
                Some("SSO") => PoolSessionKind::Sso,
                _ => PoolSessionKind::Other,
            },
            client_id: listed.client_id,
            created_at: listed.create_date,
            last_active_at: listed.last_active_date,
            device: listed.device_type,
            ip_address: listed.last_ip_address,
            city,
            country,
            sso_session_id: listed.origin_session_id,
            is_current: listed.is_current_session.unwrap_or_default(),
        })
    }
}

impl PoolSession {
    /// The name of the session for [`PoolSessions::end`](crate::PoolSessions::end): `tkn` or `sso`, and 25 letters or
    /// digits.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it is a session of.
    #[must_use]
    pub fn kind(&self) -> PoolSessionKind {
        self.kind
    }

    /// The app client that it belongs to.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        self.client_id.as_deref()
    }

    /// When it began.
    #[must_use]
    pub fn created_at(&self) -> Option<SystemTime> {
        self.created_at.map(SystemTime::from)
    }

    /// When the pool last saw it: at its last refresh, or at the last sign-in of the browser.
    #[must_use]
    pub fn last_active_at(&self) -> Option<SystemTime> {
        self.last_active_at.map(SystemTime::from)
    }

    /// The kind of device by its user agent, or `unknown`. Anybody can write anything there: a page has to escape it.
    #[must_use]
    pub fn device(&self) -> Option<&str> {
        self.device.as_deref()
    }

    /// The address that it was last seen at.
    #[must_use]
    pub fn ip_address(&self) -> Option<&str> {
        self.ip_address.as_deref()
    }

    /// The city of that address.
    #[must_use]
    pub fn city(&self) -> Option<&str> {
        self.city.as_deref()
    }

    /// The country of that address, by its English name.
    #[must_use]
    pub fn country(&self) -> Option<&str> {
        self.country.as_deref()
    }

    /// The session of the browser at the pool's pages that this one came from.
    #[must_use]
    pub fn sso_session_id(&self) -> Option<&str> {
        self.sso_session_id.as_deref()
    }

    /// Whether the access token that asked belongs to it.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.is_current
    }
}
