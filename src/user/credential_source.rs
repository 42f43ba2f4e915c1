//! Where a credential came from.

/// Where the credential came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CredentialSource {
    /// The session cookie of a browser that signed in.
    Session,
    /// An `Authorization: Bearer` header.
    Bearer,
    /// There is none: the setting `disabled` lets every request pass as the stub user that `disabled_user`
    /// describes.
    Disabled,
}
