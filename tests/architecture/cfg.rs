//! `#[cfg(..)]`: whether what it stands on exists outside of tests.

use super::tokens::{Token, closings};

/// Whether an attribute is a `cfg` that is true in tests only.
pub fn needs_test(attribute: &[Token]) -> bool {
    match attribute {
        [cfg, open, predicate @ .., _] if cfg.is("cfg") && open.is("(") => {
            without_test(predicate) == Some(false)
        }
        _ => false,
    }
}

/// A `cfg`'s predicate outside of tests; `None` where that depends on something else.
fn without_test(predicate: &[Token]) -> Option<bool> {
    let [name, rest @ ..] = predicate else { return None };
    if rest.is_empty() {
        return if name.is("test") { Some(false) } else { None };
    }
    let [open, inner @ .., _] = rest else { return None };
    if !open.is("(") {
        return None;
    }
    let parts: Vec<_> = arguments(inner).into_iter().map(without_test).collect();
    match name.text.as_str() {
        "not" => parts.first().copied().flatten().map(|is_true| !is_true),
        "all" if parts.contains(&Some(false)) => Some(false),
        "any" if parts.contains(&Some(true)) => Some(true),
        "all" if parts.iter().all(|part| *part == Some(true)) => Some(true),
        "any" if parts.iter().all(|part| *part == Some(false)) => Some(false),
        _ => None,
    }
}

/// What commas outside of brackets separate.
fn arguments(tokens: &[Token]) -> Vec<&[Token]> {
    let closings = closings(tokens);
    let (mut parts, mut start, mut at) = (Vec::new(), 0, 0);
    while at < tokens.len() {
        if tokens[at].is(",") {
            parts.push(&tokens[start..at]);
            start = at + 1;
        }
        at = closings[at] + 1;
    }
    parts.push(&tokens[start..]);
    parts.retain(|part| !part.is_empty());
    parts
}

#[test]
fn what_exists_outside_of_tests_too_is_no_test_code() {
    let needs_test = |attribute: &str| needs_test(&super::tokens::tokens(attribute));
    for attribute in [
        "cfg(test)",
        "cfg(all(test, feature = \"x\"))",
        "cfg(not(not(test)))",
        "cfg(any(test, all(unix, test)))",
    ] {
        assert!(needs_test(attribute), "{attribute}");
    }
    for attribute in [
        "cfg(any(test, fuzzing))",
        "cfg(not(test))",
        "cfg(unix)",
        "cfg(feature = \"test\")",
        "test",
        "derive(Debug)",
    ] {
        assert!(!needs_test(attribute), "{attribute}");
    }
}
