//! What happens to the secrets of an app client.

use std::fmt::Display;

/// What happens to the secrets of an app client. None of it holds one.
#[derive(Clone, Copy)]
pub(crate) enum ClientSecretEvent<'a> {
    /// The pool refuses one of two, the `first` or the `second`, and accepts the other.
    Refused { refused: &'static str, is_in_file: bool },
    /// The pool refused a secret, and the file at `path` holds another one by now.
    Read { path: &'a dyn Display },
    /// The pool refused a secret, and the file at `path` is of no use: its `problem` follows on "which".
    FileUnread { path: &'a dyn Display, problem: &'a str },
}
