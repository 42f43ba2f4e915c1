//! How a server is connected to, in the words of the client.

use std::sync::Once;
use std::time::Duration;

use redis::io::tcp::{TcpSettings, socket2};
use redis::{
    Client, ClientTlsConfig, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, ProtocolVersion,
    RedisConnectionInfo, RedisResult, TlsCertificates,
};

use super::credentials::StoreCredentials;
use crate::config::{StoreAddress, StoreTls};

/// A connection that says nothing for so long is asked whether it is alive.
const KEEPALIVE_AFTER: Duration = Duration::from_secs(60);
const KEEPALIVE_EVERY: Duration = Duration::from_secs(15);
/// What was sent and is not acknowledged for so long breaks the connection.
#[cfg(target_os = "linux")]
const UNACKNOWLEDGED: Duration = Duration::from_secs(5);

/// The sign-in to one server.
pub(super) fn client_info(
    address: &StoreAddress,
    tls: &StoreTls,
    database: u32,
    credentials: Option<&StoreCredentials>,
) -> RedisResult<ConnectionInfo> {
    let mut redis =
        RedisConnectionInfo::default().set_protocol(ProtocolVersion::RESP3).set_db(database.into());
    redis = redis.set_lib_name(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    if let Some(username) = credentials.and_then(StoreCredentials::username) {
        redis = redis.set_username(username);
    }
    if let Some(password) = credentials.and_then(StoreCredentials::password) {
        redis = redis.set_password(password);
    }
    let info = info_of(address)?.set_tcp_settings(tcp_settings()).set_redis_settings(redis);
    match certificates(tls) {
        Some(certificates) if address.has_tls() => {
            Ok(Client::build_with_tls(info, certificates)?.get_connection_info().clone())
        }
        _ => Ok(info),
    }
}

fn info_of(address: &StoreAddress) -> RedisResult<ConnectionInfo> {
    match address {
        StoreAddress::Tcp { host, port, tls: false } => ConnectionAddr::Tcp(host.clone(), *port),
        StoreAddress::Tcp { host, port, tls: true } => {
            provide_cryptography();
            ConnectionAddr::TcpTls { host: host.clone(), port: *port, insecure: false, tls_params: None }
        }
        StoreAddress::Unix(path) => ConnectionAddr::Unix(path.clone()),
    }
    .into_connection_info()
}

/// What TLS needs beside the machine's authorities.
pub(super) fn certificates(tls: &StoreTls) -> Option<TlsCertificates> {
    let client = tls.client.as_ref().map(|client| ClientTlsConfig {
        client_cert: client.certificate.clone(),
        client_key: client.key.expose().as_bytes().to_vec(),
    });
    let is_set = client.is_some() || tls.authorities.is_some();
    is_set.then(|| TlsCertificates { client_tls: client, root_cert: tls.authorities.clone() })
}

/// The client takes the process's cryptography, and would panic where two are linked in and the app has chosen neither.
fn provide_cryptography() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // An error: the app has chosen one, which serves as well.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    });
}

pub(super) fn tcp_settings() -> TcpSettings {
    let keepalive = socket2::TcpKeepalive::new().with_time(KEEPALIVE_AFTER).with_interval(KEEPALIVE_EVERY);
    let settings = TcpSettings::default().set_nodelay(true).set_keepalive(keepalive);
    #[cfg(target_os = "linux")]
    let settings = settings.set_user_timeout(UNACKNOWLEDGED);
    settings
}
