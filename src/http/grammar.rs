//! Grammars of RFCs that a text must meet before it is passed on.

/// Whether `byte` is a `tchar` (RFC 9110 section 5.6.2), of which names of headers and schemes consist.
pub(crate) fn is_tchar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Whether `text` is a `token` of HTTP (RFC 9110 section 5.6.2): one or more `tchar`.
pub(crate) fn is_http_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_tchar)
}

/// Whether `text` is a `scope-token` (RFC 6749 section 3.3): visible ASCII without quotes and backslashes.
pub(crate) fn is_scope(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
    !text.is_empty() && text.bytes().all(is_allowed)
}

/// Whether `text` is a list of scopes (RFC 6749 section 3.3), with single spaces between them.
pub(crate) fn is_scope_list(text: &str) -> bool {
    text.split(' ').all(is_scope)
}
