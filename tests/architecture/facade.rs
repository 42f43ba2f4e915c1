//! What a `mod.rs` may hold.

use super::tokens::Token;

/// The first line of anything but `mod x;`, `use` and attributes.
pub fn first_code(tokens: &[Token], closings: &[usize]) -> Option<usize> {
    let is = |at: usize, text: &str| tokens.get(at).is_some_and(|token| token.is(text));
    let mut at = 0;
    while at < tokens.len() {
        let start = at;
        if is(at, "#") {
            at += 1 + usize::from(is(at + 1, "!"));
            at = closings.get(at)? + 1;
            continue;
        }
        if is(at, "pub") {
            at = if is(at + 1, "(") { closings[at + 1] + 1 } else { at + 1 };
        }
        let is_declaration = is(at, "use") || is(at, "mod") && is(at + 2, ";");
        if !is_declaration {
            return Some(tokens[start].line);
        }
        at = (at..tokens.len()).find(|at| is(*at, ";"))? + 1;
    }
    None
}
