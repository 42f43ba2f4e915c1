//! Grammars of RFCs that a text must meet before it is passed on.

/// Whether `text` is a list of scopes as RFC 6749 section 3.3 writes it: single spaces, no control characters, quotes
/// or backslashes.
pub(crate) fn is_scope_list(text: &str) -> bool {
    text.split(' ').all(|scope| {
        !scope.is_empty()
            && scope.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'))
    })
}
