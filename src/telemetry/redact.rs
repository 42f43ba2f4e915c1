//! Text from outside, as the log may show it.

/// Two such texts fit into a line of a kilobyte, which every log takes.
const MAX_QUOTED_BYTES: usize = 200;
/// Longer than the words of Cognito's errors, shorter than its tokens, codes and secrets.
const MAX_WORD_BYTES: usize = 32;

/// What another server says, quoted, without words that are long enough to be a token, a code or a secret.
pub(crate) fn redacted(text: &str) -> String {
    let words = text.split_whitespace();
    let shown =
        |word: &str| if word.len() > MAX_WORD_BYTES { "[redacted]".to_owned() } else { word.to_owned() };
    quoted(&words.map(shown).collect::<Vec<_>>().join(" "))
}

/// Text in quotation marks, on one line and of bounded length.
pub(crate) fn quoted(text: &str) -> String {
    let mut cut = String::new();
    for letter in text.escape_debug() {
        if cut.len() + letter.len_utf8() > MAX_QUOTED_BYTES {
            break;
        }
        cut.push(letter);
    }
    format!("\"{cut}\"")
}
