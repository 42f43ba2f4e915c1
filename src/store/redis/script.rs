//! Scripts, which Redis runs each as one step.

use std::fmt::Write;
use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use redis::Cmd;

/// A script, and the name that a server knows it by once it has run it.
pub(super) struct Script {
    code: String,
    sha1: String,
}

impl Script {
    fn new(body: &str) -> Script {
        let code = format!("{}{body}", include_str!("scripts/prelude.lua"));
        let digest = digest(&SHA1_FOR_LEGACY_USE_ONLY, code.as_bytes());
        let sha1 = digest.as_ref().iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
        Script { code, sha1 }
    }

    /// The command for a server that knows the script.
    pub(super) fn by_name(&self, key: &[u8], arguments: &[&[u8]]) -> Cmd {
        command("EVALSHA", &self.sha1, key, arguments)
    }

    /// The command for any server.
    pub(super) fn in_full(&self, key: &[u8], arguments: &[&[u8]]) -> Cmd {
        command("EVAL", &self.code, key, arguments)
    }
}

/// Each script declares the one key that it is about, which names its node in a Cluster.
fn command(name: &str, script: &str, key: &[u8], arguments: &[&[u8]]) -> Cmd {
    let mut command = Cmd::new();
    command.arg(name).arg(script).arg(1).arg(key);
    for argument in arguments {
        command.arg(*argument);
    }
    command
}

macro_rules! scripts {
    ($($name:ident: $file:literal;)*) => {$(
        pub(super) static $name: LazyLock<Script> =
            LazyLock::new(|| Script::new(include_str!(concat!("scripts/", $file, ".lua"))));
    )*};
}

scripts! {
    CHECK: "check";
    CLAIM: "claim";
    CREATE: "create";
    GIVE_BACK: "give_back";
    KEEP: "keep";
    REMOVE: "remove";
    REMOVE_ALL: "remove_all";
    REPLACE: "replace";
    TOUCH: "touch";
    TURN: "turn";
}
