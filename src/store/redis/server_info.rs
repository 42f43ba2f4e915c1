//! What a server says about itself.

use redis::Value;

use super::reply::Reply;

/// What `HELLO` says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ServerInfo {
    pub(super) mode: Mode,
    pub(super) is_primary: bool,
    pub(super) version: String,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    #[default]
    Standalone,
    Cluster,
    Sentinel,
}

impl ServerInfo {
    pub(super) fn parse(hello: Value) -> ServerInfo {
        let mut info = ServerInfo::default();
        let mut reply = Reply::new(hello);
        while let Some(name) = reply.text() {
            match name.as_str() {
                "mode" => info.mode = mode(reply.text().as_deref()),
                "role" => info.is_primary = reply.text().as_deref() == Some("master"),
                "version" => info.version = reply.text().unwrap_or_default(),
                _ => _ = reply.value(),
            }
        }
        info
    }

    /// Whether it is older than the oldest release that this crate is tested with.
    pub(super) fn is_old(&self) -> bool {
        let mut parts = self.version.split('.').map_while(|part| part.parse::<u32>().ok());
        match (parts.next(), parts.next()) {
            (Some(major), minor) => (major, minor.unwrap_or(0)) < (6, 2),
            (None, _) => false,
        }
    }
}

fn mode(text: Option<&str>) -> Mode {
    match text {
        Some("cluster") => Mode::Cluster,
        Some("sentinel") => Mode::Sentinel,
        _ => Mode::Standalone,
    }
}

/// The `maxmemory-policy` in an answer to `INFO memory`, if a server under it may drop sessions: of a Cluster the first
/// such.
pub(super) fn evicting_policy(info: Value) -> Option<String> {
    let texts = match info {
        Value::Map(nodes) => nodes.into_iter().map(|(_, text)| text).collect(),
        other => vec![other],
    };
    let mut reply = Reply::new(Value::Array(texts));
    std::iter::from_fn(|| reply.text()).find_map(|text| {
        let field = |name| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let policy = field("maxmemory_policy")?.trim();
        let is_bounded = field("maxmemory").is_some_and(|bytes| bytes.trim() != "0");
        (is_bounded && policy != "noeviction").then(|| policy.to_owned())
    })
}
