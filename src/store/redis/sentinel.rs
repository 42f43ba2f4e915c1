//! Sentinels, which know the address of the primary.

use redis::{Cmd, RedisResult};

use super::connection::Channel;
use super::reply::Reply;
use crate::config::StoreAddress;

/// The address of the primary that this Sentinel knows by the name `master`.
pub(super) async fn primary(
    sentinel: &Channel,
    master: &str,
    tls: bool,
) -> RedisResult<Option<StoreAddress>> {
    let mut command = Cmd::new();
    command.arg("SENTINEL").arg("GET-MASTER-ADDR-BY-NAME").arg(master);
    let mut reply = Reply::new(sentinel.send(&command).await?);
    let port = |text: String| text.parse().ok();
    let address = (reply.text(), reply.text().and_then(port));
    Ok(match address {
        (Some(host), Some(port)) => Some(StoreAddress::Tcp { host, port, tls }),
        _ => None,
    })
}
