//! The list in `tests/data/redirects.txt`.

use super::encoded;

/// A text that asks where a sign-in shall lead.
pub struct Line {
    pub class: &'static str,
    pub is_taken: bool,
    pub text: String,
}

impl Line {
    /// Where it leads when it arrives as it stands.
    pub fn landing<'a>(&'a self, home: &'a str) -> &'a str {
        if self.is_taken { &self.text } else { home }
    }

    pub fn encoded(&self) -> String {
        encoded(&self.text)
    }
}

pub fn lines() -> Vec<Line> {
    let mut lines = Vec::new();
    let (mut class, mut is_taken) = ("", false);
    for line in include_str!("../data/redirects.txt").lines().filter(|line| !line.starts_with("# ")) {
        let heading = line.strip_prefix('[').and_then(|line| line.strip_suffix(']'));
        if let Some((verdict @ ("refused" | "taken"), name)) = heading.and_then(|it| it.split_once(' ')) {
            (class, is_taken) = (name, verdict == "taken");
        } else if !line.is_empty() {
            lines.push(Line { class, is_taken, text: unescaped(line) });
        }
    }
    lines
}

fn unescaped(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('\\') {
        text.push_str(before);
        let (escape, after) = after.split_at(1);
        let (number, after) = match after.strip_prefix('{').and_then(|after| after.split_once('}')) {
            Some((number, after)) if "ux".contains(escape) => (number, after),
            _ => ("", after),
        };
        match escape {
            "\\" => text.push('\\'),
            "t" => text.push('\t'),
            "n" => text.push('\n'),
            "r" => text.push('\r'),
            "s" => text.push(' '),
            "u" => text.push(u32::from_str_radix(number, 16).ok().and_then(char::from_u32).unwrap()),
            "x" => text.push_str(&"x".repeat(number.parse().unwrap())),
            _ => panic!("an unknown escape in {line}"),
        }
        rest = after;
    }
    text + rest
}
