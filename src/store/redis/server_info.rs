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

    /// Whether it is older than the oldest release that this crate supports.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn bulk(text: &str) -> Value {
        Value::BulkString(text.as_bytes().to_vec())
    }

    #[test]
    fn a_server_says_what_it_is_in_either_protocol() {
        let fields = [("server", "redis"), ("version", "7.2.4"), ("mode", "cluster"), ("role", "master")];
        let pairs: Vec<_> = fields.iter().map(|(name, value)| (bulk(name), bulk(value))).collect();
        let list = pairs.iter().flat_map(|(name, value)| [name.clone(), value.clone()]).collect();
        let expected = ServerInfo { mode: Mode::Cluster, is_primary: true, version: "7.2.4".into() };
        assert_eq!(ServerInfo::parse(Value::Map(pairs)), expected);
        assert_eq!(ServerInfo::parse(Value::Array(list)), expected);
    }

    #[test]
    fn releases_before_six_two_are_old() {
        let is_old = |version: &str| ServerInfo { version: version.into(), ..ServerInfo::default() }.is_old();
        assert!(["6.0.16", "6.1", "5.0.14", "6"].iter().all(|version| is_old(version)));
        assert!(
            !["6.2.0", "7.0.15", "7.2.4", "8.1", "10.0", "unstable", ""]
                .iter()
                .any(|version| is_old(version))
        );
    }

    #[test]
    fn a_policy_evicts_where_memory_is_bounded_and_entries_may_go() {
        let policy = |maxmemory, policy| {
            let text = format!("# Memory\r\nmaxmemory:{maxmemory}\r\nmaxmemory_policy:{policy}\r\n");
            evicting_policy(bulk(&text))
        };
        assert_eq!(policy("1048576", "allkeys-lru").as_deref(), Some("allkeys-lru"));
        assert_eq!(policy("1048576", "noeviction"), None);
        assert_eq!(policy("0", "allkeys-lru"), None, "it is never full");
        let nodes = ["noeviction", "volatile-ttl"]
            .map(|policy| (bulk(policy), bulk(&format!("maxmemory:9\r\nmaxmemory_policy:{policy}\r\n"))));
        assert_eq!(evicting_policy(Value::Map(nodes.to_vec())).as_deref(), Some("volatile-ttl"));
    }
}
