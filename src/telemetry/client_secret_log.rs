//! The log lines about the secrets of an app client.

use super::client_secret_event::ClientSecretEvent;
use super::redact::quoted;

pub(super) fn lines(event: ClientSecretEvent<'_>) -> Vec<String> {
    match event {
        ClientSecretEvent::Refused { refused, is_in_file: false } => vec![
            format!(
                "the pool refuses the {refused} of the two secrets in `client_secret`, and accepts the other"
            ),
            ">> take the refused one out of `client_secret` once no instance needs it".into(),
        ],
        ClientSecretEvent::Refused { refused, is_in_file: true } => vec![
            format!(
                "the pool refuses the secret in the {refused} line of `client_secret_file`, and accepts the other"
            ),
            ">> take the refused one out of the file once no instance needs it".into(),
        ],
        ClientSecretEvent::Read { path } => vec![format!(
            "the pool refused the client secret that was read before; the file of `client_secret_file`, {}, holds another \
             one by now, with which calls go on",
            quoted(&path.to_string())
        )],
        ClientSecretEvent::FileUnread { path, problem } => vec![
            format!(
                "the pool refused the client secret, and no other was read: `client_secret_file` leads to {}, which \
                 {problem}",
                quoted(&path.to_string())
            ),
            ">> write a secret of the app client into the file, which is read again at the next refusal"
                .into(),
        ],
    }
}
