//! Rust source as words, texts and signs. Comments, lifetimes, characters and numbers are left out.

/// A word, a sign, or the content of a string literal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub text: String,
    pub line: usize,
    pub is_literal: bool,
}

impl Token {
    /// Whether this is the word or sign `text`.
    pub fn is(&self, text: &str) -> bool {
        !self.is_literal && self.text == text
    }

    pub fn is_word(&self) -> bool {
        !self.is_literal && self.text.starts_with(|first: char| first.is_alphabetic() || first == '_')
    }
}

/// Signs of more than one character that would mislead when they are taken apart.
const LONG_SIGNS: [&str; 3] = ["::", "->", "=>"];

pub fn tokens(text: &str) -> Vec<Token> {
    let mut lexer = Lexer { chars: text.chars().collect(), at: 0, line: 1, tokens: Vec::new() };
    while let Some(next) = lexer.peek(0) {
        lexer.step(next);
    }
    lexer.tokens
}

/// For each opening bracket the index of its closing one; for every other token its own index.
pub fn closings(tokens: &[Token]) -> Vec<usize> {
    let mut closings: Vec<_> = (0..tokens.len()).collect();
    let mut open = Vec::new();
    for (index, token) in tokens.iter().enumerate().filter(|(_, token)| !token.is_literal) {
        match token.text.as_str() {
            "(" | "[" | "{" => open.push(index),
            ")" | "]" | "}" => {
                if let Some(start) = open.pop() {
                    closings[start] = index;
                }
            }
            _ => {}
        }
    }
    closings
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
    line: usize,
    tokens: Vec<Token>,
}

impl Lexer {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn starts_with(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(ahead, expected)| self.peek(ahead) == Some(expected))
    }

    fn advance(&mut self, count: usize) {
        for _ in 0..count {
            self.line += usize::from(self.peek(0) == Some('\n'));
            self.at += 1;
        }
    }

    /// Passes over what `belongs`, and returns it.
    fn take(&mut self, belongs: impl Fn(char) -> bool) -> String {
        let start = self.at;
        while self.peek(0).is_some_and(&belongs) {
            self.advance(1);
        }
        self.chars[start..self.at].iter().collect()
    }

    fn push(&mut self, text: String, line: usize, is_literal: bool) {
        self.tokens.push(Token { text, line, is_literal });
    }

    fn step(&mut self, next: char) {
        let line = self.line;
        if next.is_whitespace() {
            self.advance(1);
        } else if self.starts_with("//") {
            self.take(|char| char != '\n');
        } else if self.starts_with("/*") {
            self.block_comment();
        } else if let Some(hashes) = self.raw_string() {
            self.take(|char| char != '"');
            let end = format!("\"{}", "#".repeat(hashes));
            let text = self.literal(&end, false);
            self.push(text, line, true);
        } else if next == '"' || self.starts_with("b\"") || self.starts_with("c\"") {
            self.take(|char| char != '"');
            let text = self.literal("\"", true);
            self.push(text, line, true);
        } else if next == '\'' || self.starts_with("b'") {
            self.take(|char| char != '\'');
            self.character_or_lifetime();
        } else if next.is_ascii_digit() {
            self.take(|char| char.is_alphanumeric() || char == '_');
        } else if next.is_alphabetic() || next == '_' {
            let raw = if self.starts_with("r#") { "r#" } else { "" };
            self.advance(raw.len());
            let word = self.take(|char| char.is_alphanumeric() || char == '_');
            self.push(format!("{raw}{word}"), line, false);
        } else {
            let long = LONG_SIGNS.iter().find(|sign| self.starts_with(sign));
            let sign = long.map_or_else(|| next.to_string(), |sign| (*sign).to_owned());
            self.advance(sign.len().min(2));
            self.push(sign, line, false);
        }
    }

    /// How many `#` the raw string has that begins here.
    fn raw_string(&self) -> Option<usize> {
        let prefix = ["r", "br", "cr"].into_iter().find(|prefix| self.starts_with(prefix))?;
        let rest = &self.chars[self.at + prefix.len()..];
        let hashes = rest.iter().take_while(|char| **char == '#').count();
        (rest.get(hashes) == Some(&'"')).then_some(hashes)
    }

    /// The content of a literal whose opening quote is next; passes over its end, too.
    fn literal(&mut self, end: &str, has_escapes: bool) -> String {
        self.advance(1);
        let start = self.at;
        while self.at < self.chars.len() && !self.starts_with(end) {
            self.advance(if has_escapes && self.peek(0) == Some('\\') { 2 } else { 1 });
        }
        let content = self.chars[start..self.at.min(self.chars.len())].iter().collect();
        self.advance(end.len());
        content
    }

    fn block_comment(&mut self) {
        let mut depth = 0;
        while self.at < self.chars.len() {
            if self.starts_with("/*") {
                depth += 1;
                self.advance(2);
            } else if self.starts_with("*/") {
                depth -= 1;
                self.advance(2);
                if depth == 0 {
                    return;
                }
            } else {
                self.advance(1);
            }
        }
    }

    fn character_or_lifetime(&mut self) {
        if self.peek(1) == Some('\\') || self.peek(2) == Some('\'') {
            self.literal("'", true);
        } else {
            self.advance(1);
            self.take(|char| char.is_alphanumeric() || char == '_');
        }
    }
}

#[test]
fn comments_texts_characters_and_lifetimes_hide_no_code_and_are_none() {
    let source = r####"
        // crate::a
        /* crate::b /* crate::c */ crate::d */
        "crate::e \" crate::f" b"crate::g" r#"crate::h " crate::i"# br##"crate::j "# "## c"crate::k"
        '"' b'"' '\'' '\u{22}' '/' 'static 'a: loop 0..crate::l 1_000u64 r#type -> =>
    "####;
    let read = tokens(source);
    let code: Vec<_> =
        read.iter().filter(|token| !token.is_literal).map(|token| token.text.as_str()).collect();
    assert_eq!(code, [":", "loop", ".", ".", "crate", "::", "l", "r#type", "->", "=>"]);
    assert_eq!(read.iter().filter(|token| token.is_literal).count(), 5);
    assert_eq!((read[0].line, read.last().unwrap().line), (4, 5));
}
