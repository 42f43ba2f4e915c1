//! What a failed command means: for the connection, and for whoever asked.

use std::error::Error;
use std::io;
use std::sync::Arc;

use redis::{ErrorKind, RedisError};

use crate::store::error::StoreError;

/// Why a command was not carried out.
pub(super) enum Failure {
    /// The connection is of no use any more, or leads to a server that is.
    Broken(StoreError),
    /// The answer did not come in time.
    Late(StoreError),
    /// The server has answered: the connection stays.
    Refused(StoreError),
    /// Something else lies at the place of a user's entry, which no release of this crate has put there.
    WrongType,
    /// The server does not know the script by its name.
    UnknownScript,
}

impl Failure {
    /// The error for a caller to whom neither a wrong type nor an unknown script is an answer.
    pub(super) fn into_error(self) -> StoreError {
        match self {
            Failure::Broken(error) | Failure::Late(error) | Failure::Refused(error) => error,
            Failure::WrongType => StoreError::Refused("something else lies at that place".into()),
            Failure::UnknownScript => StoreError::Unavailable("it has forgotten a script".into()),
        }
    }
}

/// What codes of servers mean. An error in a script may come as `ERR`, with the code in its text.
const BROKEN: [(&str, &str); 5] = [
    ("READONLY", "the server is a replica, and no primary"),
    ("MASTERDOWN", "the server is a replica without its primary"),
    (
        "NOAUTH",
        "the server requires a password: set `session_store_password`, or see what `store_credentials` returns",
    ),
    (
        "WRONGPASS",
        "the server did not accept user name and password: see `session_store_username`, `session_store_password`, or \
         what `store_credentials` returns",
    ),
    ("UNBLOCKED", "the server is a replica, and no primary"),
];
const UNAVAILABLE: [(&str, &str); 7] = [
    ("LOADING", "the server is loading its data"),
    ("CLUSTERDOWN", "the Cluster is down"),
    ("TRYAGAIN", "the Cluster is moving the entry to another node"),
    ("BUSY", "the server is busy with a script"),
    ("MISCONF", "the server does not write, since it cannot save to its disk"),
    ("NOREPLICAS", "the server does not write, since it has too few replicas"),
    ("MOVED", "the address leads to a node of a Cluster that does not have the entry"),
];
const REFUSED: [(&str, &str); 4] = [
    ("OOM", "the server is full: raise its `maxmemory`"),
    (
        "NOPERM",
        "the server does not permit this user a command or a key: see its access control list, and \
         `session_store_prefix`",
    ),
    (
        "SELECT is not allowed in cluster mode",
        "a Cluster has no databases: take the number out of the address in `session_store`",
    ),
    ("can't run this command", "the server does not permit this user a command: see its access control list"),
];

const NO_NODE: &str = "no node of the Cluster is reached; over TLS its nodes have to name each other by the hosts of their \
                       certificates (`cluster-preferred-endpoint-type hostname`)";

/// What this failure of a command, or of a connection attempt, means.
pub(super) fn failure(error: &RedisError) -> Failure {
    let (code, detail) = (error.code().unwrap_or_default(), error.detail().unwrap_or_default());
    let says = |what: &str| code == what || detail.contains(what);
    let meaning = |table: &[(&str, &str)]| {
        table.iter().find(|(what, _)| says(what)).map(|(_, meaning)| (*meaning).to_owned())
    };
    if code == "NOSCRIPT" {
        Failure::UnknownScript
    } else if says("WRONGTYPE") {
        Failure::WrongType
    } else if let Some(meaning) = meaning(&BROKEN) {
        Failure::Broken(StoreError::Unavailable(meaning))
    } else if let Some(meaning) = meaning(&UNAVAILABLE) {
        Failure::Refused(StoreError::Unavailable(meaning))
    } else if let Some(meaning) = meaning(&REFUSED) {
        Failure::Refused(StoreError::Refused(meaning))
    } else if error.kind() == ErrorKind::ClusterConnectionNotFound {
        Failure::Broken(StoreError::Unavailable(NO_NODE.to_owned()))
    } else if matches!(error.kind(), ErrorKind::Io | ErrorKind::Parse) {
        Failure::Broken(StoreError::Unavailable(on_the_way(error)))
    } else {
        Failure::Refused(StoreError::Refused(shown(code, detail)))
    }
}

/// A failure of the connection, with the settings to look at where it is one of TLS.
fn on_the_way(error: &RedisError) -> String {
    let settings = match of_tls(error) {
        Some(rustls::Error::InvalidCertificate(_)) => "`session_store_ca`, and the host in `session_store`",
        Some(rustls::Error::AlertReceived(_)) => "`session_store_client_cert` and `session_store_client_key`",
        _ => return error.to_string(),
    };
    format!("{error}: see {settings}")
}

/// What went wrong with TLS. The client shares what its errors come from.
fn of_tls(error: &RedisError) -> Option<&rustls::Error> {
    let cause = error.source()?.downcast_ref::<Arc<dyn Error + Send + Sync>>()?;
    cause.downcast_ref::<io::Error>()?.get_ref()?.downcast_ref()
}

/// An answer that this crate does not know, without arguments of the command, which it may repeat.
fn shown(code: &str, detail: &str) -> String {
    let detail = detail.split("with args").next().unwrap_or_default();
    let text: String = format!("{code} {detail}").chars().filter(|it| !it.is_control()).take(160).collect();
    format!("the server answered: {}", text.trim_end_matches([' ', ',']).trim())
}

#[cfg(test)]
mod tests {
    use redis::make_extension_error;

    use super::*;

    fn meaning(code: &str, detail: &str) -> &'static str {
        match failure(&make_extension_error(code.into(), Some(detail.into()))) {
            Failure::Broken(StoreError::Unavailable(_)) => "broken",
            Failure::Refused(StoreError::Unavailable(_)) => "later",
            Failure::Refused(StoreError::Refused(_)) => "refused",
            Failure::Broken(StoreError::Refused(_)) => "never",
            Failure::Late(_) => "late",
            Failure::WrongType => "wrong type",
            Failure::UnknownScript => "unknown script",
        }
    }

    /// Redis 7 passes the code of an error in a script on, Redis 6.2 writes it into the text.
    #[test]
    fn an_error_means_the_same_within_a_script_and_outside_of_one() {
        let rows = [
            ("READONLY", "broken"),
            ("MASTERDOWN", "broken"),
            ("OOM", "refused"),
            ("NOPERM", "refused"),
            ("MISCONF", "later"),
            ("WRONGTYPE", "wrong type"),
        ];
        for (code, expected) in rows {
            assert_eq!(meaning(code, "said the server"), expected, "{code}");
            let inside =
                format!("Error running script (call to f_0): @user_script:12: -{code} said the server");
            assert_eq!(meaning("ERR", &inside), expected, "{code} in a script");
        }
        assert_eq!(meaning("NOSCRIPT", "No matching script."), "unknown script");
        assert_eq!(meaning("NOAUTH", "Authentication required."), "broken");
        assert_eq!(meaning("ERR", "The user executing the script can't run this command"), "refused");
    }

    #[test]
    fn an_unknown_answer_is_shown_without_what_was_sent() {
        let detail = "unknown command 'HMGET', with args beginning with: 'cognito:secret' 'canary'";
        let Failure::Refused(error) = failure(&make_extension_error("ERR".into(), Some(detail.into())))
        else {
            panic!("the connection stays");
        };
        let text = error.to_string();
        assert!(text.ends_with("the server answered: ERR unknown command 'HMGET'"), "{text}");
    }
}
