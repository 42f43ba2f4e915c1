//! Reads a source file's tokens into what [`Source`] holds.

use super::cfg::needs_test;
use super::facade::first_code;
use super::source::{Binds, Definition, InherentImpl, MacroCall, Module, Name, Place, Source};
use super::tokens::{Token, closings, tokens};

pub fn read(text: &str) -> Source {
    let tokens = tokens(text);
    let closings = closings(&tokens);
    let mut reader = Reader {
        tokens: &tokens,
        closings,
        scope: Vec::new(),
        is_test: false,
        path: None,
        in_macro: None,
        source: Source::default(),
    };
    reader.read(0, tokens.len());
    reader.source.first_code = first_code(&tokens, &reader.closings);
    reader.source
}

/// Items that may have a comma before their end.
const ITEMS: [&str; 17] = [
    "async",
    "const",
    "enum",
    "extern",
    "fn",
    "impl",
    "let",
    "macro_rules",
    "mod",
    "pub",
    "static",
    "struct",
    "trait",
    "type",
    "union",
    "unsafe",
    "use",
];

/// Items whose braces are not their end.
const STATEMENTS: [&str; 5] = ["const", "let", "static", "type", "use"];

struct Reader<'t> {
    tokens: &'t [Token],
    closings: Vec<usize>,
    /// The inline modules around what is being read.
    scope: Vec<String>,
    is_test: bool,
    /// The text of a `#[path = ".."]` whose module comes next.
    path: Option<String>,
    /// The name of the `macro_rules!` that is being read, and where its tokens begin and end.
    in_macro: Option<(String, usize, usize)>,
    source: Source,
}

impl Reader<'_> {
    fn is(&self, at: usize, text: &str) -> bool {
        self.tokens.get(at).is_some_and(|token| token.is(text))
    }

    fn word(&self, at: usize) -> Option<&str> {
        self.tokens.get(at).filter(|token| token.is_word()).map(|token| token.text.as_str())
    }

    fn is_opening(&self, at: usize) -> bool {
        ["(", "[", "{"].iter().any(|sign| self.is(at, sign))
    }

    fn place(&self, at: usize) -> Place {
        Place { scope: self.scope.clone(), line: self.tokens[at].line, is_test: self.is_test }
    }

    fn read(&mut self, from: usize, to: usize) {
        let outer = self.is_test;
        let mut at = from;
        while at < to {
            at = if self.is(at, "#") { self.attribute(at, to) } else { self.item(at) };
        }
        self.is_test = outer;
    }

    /// Reads an attribute, and also what it stands on if that exists in tests only; returns where to go on.
    fn attribute(&mut self, at: usize, to: usize) -> usize {
        let is_inner = self.is(at + 1, "!");
        let open = at + 1 + usize::from(is_inner);
        if !self.is(open, "[") {
            return open;
        }
        let end = self.closings[open] + 1;
        self.attribute_paths(open);
        if !needs_test(&self.tokens[open + 1..end - 1]) {
            return end;
        }
        let outer = std::mem::replace(&mut self.is_test, true);
        if is_inner {
            return end;
        }
        let end_of_item = self.end_of_item(end, to);
        self.read(end, end_of_item);
        self.is_test = outer;
        end_of_item
    }

    /// Reads one item's head, one path or one token; returns where to go on.
    fn item(&mut self, at: usize) -> usize {
        let Some(word) = self.word(at).map(str::to_owned) else { return at + 1 };
        let next = self.word(at + 1).map(str::to_owned);
        match (word.as_str(), next) {
            ("mod", Some(name)) => self.module(at, name),
            ("use", _) if !self.is(at + 1, "<") => self.use_tree(at + 1, Vec::new(), &self.place(at)),
            ("struct" | "enum" | "union", Some(name)) => self.define(at, name, true),
            ("trait" | "type" | "fn" | "const" | "static", Some(name)) => self.define(at, name, false),
            ("macro_rules", None) => self.macro_rules(at),
            ("impl", _) if self.is_item(at) => {
                self.inherent_impl(at);
                at + 1
            }
            _ => self.path(at),
        }
    }

    fn define(&mut self, at: usize, name: String, is_type: bool) -> usize {
        self.source.definitions.push(Definition { scope: self.scope.clone(), name, is_type });
        at + 2
    }

    fn module(&mut self, at: usize, name: String) -> usize {
        let is_inline = self.is(at + 2, "{");
        if !is_inline && !self.is(at + 2, ";") {
            return at + 2;
        }
        let (place, path) = (self.place(at), self.path.take());
        self.source.modules.push(Module { place, name: name.clone(), is_inline, path });
        let end = self.closings[at + 2];
        if is_inline {
            self.scope.push(name);
            self.read(at + 3, end);
            self.scope.pop();
        }
        end + 1
    }

    /// A macro's patterns and bodies; its name is defined where it is written.
    fn macro_rules(&mut self, at: usize) -> usize {
        let (Some(name), true) = (self.word(at + 2).map(str::to_owned), self.is_opening(at + 3)) else {
            return at + 1;
        };
        let end = self.closings[at + 3];
        self.define(at, name.clone(), false);
        let outer = self.in_macro.replace((name, at + 4, end));
        self.read(at + 4, end);
        self.in_macro = outer;
        end + 1
    }

    /// One branch of a `use`; returns the index after it.
    fn use_tree(&mut self, mut at: usize, mut path: Vec<String>, place: &Place) -> usize {
        loop {
            if self.is(at, "{") {
                let end = self.closings[at];
                at += 1;
                while at < end {
                    let comma = self.use_tree(at, path.clone(), place);
                    at = comma + 1;
                }
                return end + 1;
            }
            if self.is(at, "*") {
                self.name(Place { line: self.tokens[at].line, ..place.clone() }, path, Binds::Everything);
                return at + 1;
            }
            at += usize::from(self.is(at, "$"));
            let Some(word) = self.word(at) else { return at + 1 };
            // `self` at the end of a path is the module that the path names.
            if word != "self" || path.is_empty() {
                path.push(word.to_owned());
            }
            if self.is(at + 1, "::") {
                at += 2;
                continue;
            }
            let is_renamed = self.is(at + 1, "as");
            let bound = if is_renamed { self.word(at + 2).map(str::to_owned) } else { path.last().cloned() };
            let place = Place { line: self.tokens[at].line, ..place.clone() };
            self.name(place, path, Binds::Word(bound.unwrap_or_default()));
            return if is_renamed { at + 3 } else { at + 1 };
        }
    }

    fn name(&mut self, place: Place, path: Vec<String>, binds: Binds) {
        self.source.names.push(Name { place, path, binds });
    }

    /// `a::b::c`, or a macro's call, or a word.
    fn path(&mut self, at: usize) -> usize {
        let mut path = vec![self.tokens[at].text.clone()];
        let mut end = at + 1;
        while let (true, Some(word)) = (self.is(end, "::"), self.word(end + 1)) {
            path.push(word.to_owned());
            end += 2;
        }
        if self.is(end, "!") && self.is_opening(end + 1) {
            self.macro_call(end + 1, path.last().cloned().unwrap_or_default());
        }
        let is_whole = at == 0 || !self.is(at - 1, "::") && (!self.is(at - 1, "$") || path[0] == "crate");
        if is_whole && path.len() > 1 {
            let place = self.place(at);
            self.name(place, path, Binds::Nothing);
        }
        end
    }

    fn macro_call(&mut self, open: usize, name: String) {
        let arguments = &self.tokens[open + 1..self.closings[open]];
        if name == "include" {
            let file = match arguments {
                [file] if file.is_literal => Some(file.text.clone()),
                _ => None,
            };
            self.source.includes.push((self.tokens[open].line, file));
        }
        let words =
            arguments.iter().filter(|token| token.is_word()).map(|token| token.text.clone()).collect();
        let place = self.place(open);
        self.source.macro_calls.push(MacroCall { place, name, words });
    }

    /// The paths of an attribute; serde writes them as texts.
    fn attribute_paths(&mut self, open: usize) {
        let close = self.closings[open];
        if self.is(open + 1, "path") && self.is(open + 2, "=") {
            self.path = self.tokens.get(open + 3).map(|file| file.text.clone());
        }
        for at in open + 1..close {
            let token = &self.tokens[at];
            if token.is_literal && self.is(at - 1, "=") {
                let path: Vec<_> = token.text.split("::").map(str::to_owned).collect();
                if path.len() > 1 && path.iter().all(|word| is_identifier(word)) {
                    self.name(self.place(at), path, Binds::Nothing);
                }
            }
        }
        let mut at = open + 1;
        while at < close {
            at = if self.word(at).is_some() { self.path(at) } else { at + 1 };
        }
    }

    /// Whether the `impl` here begins an item, and is not part of a type.
    fn is_item(&self, at: usize) -> bool {
        let is_repeated = at > 1 && self.is(at - 1, "(") && self.is(at - 2, "$");
        at == 0
            || is_repeated
            || ["}", ";", "]", "{", "*", "unsafe"].iter().any(|before| self.is(at - 1, before))
    }

    fn inherent_impl(&mut self, at: usize) {
        let mut start = at + 1;
        if self.is(start, "<") {
            start = self.after_angles(start);
        }
        let mut open = start;
        while open < self.tokens.len() && !self.is(open, "{") {
            if self.is(open, "where") {
                open = (open..self.tokens.len()).find(|at| self.is(*at, "{")).unwrap_or(self.tokens.len());
                break;
            }
            // `for<'a>`, here without its lifetimes, is part of a type; any other `for` makes this a trait's.
            let has_lifetimes = self.is(open + 1, "<") && (self.is(open + 2, ">") || self.is(open + 2, ","));
            if self.is(open, "for") && !has_lifetimes {
                return;
            }
            open += 1;
        }
        if self.is(start, "$") {
            self.source.implementing_macros.extend(self.macro_without_type(start + 1));
            return;
        }
        let mut path = Vec::new();
        while let Some(word) = self.word(start) {
            path.push(word.to_owned());
            start += if self.is(start + 1, "::") { 2 } else { self.tokens.len() };
        }
        if !path.is_empty() && open < self.tokens.len() {
            let functions = self.functions(open);
            self.source.impls.push(InherentImpl { place: self.place(at), path, functions });
        }
    }

    /// The macro that is being read, unless it also defines the type that its argument `$name` names.
    fn macro_without_type(&self, name: usize) -> Option<String> {
        let (own, from, to) = self.in_macro.as_ref()?;
        let defines = |at: usize| {
            ["struct", "enum", "union"].iter().any(|word| self.is(at, word))
                && self.is(at + 1, "$")
                && self.word(at + 2) == self.word(name)
        };
        (!(*from..*to).any(defines)).then(|| own.clone())
    }

    fn after_angles(&self, mut at: usize) -> usize {
        let mut depth = 0_usize;
        while at < self.tokens.len() {
            depth += usize::from(self.is(at, "<"));
            depth -= usize::from(self.is(at, ">"));
            at += 1;
            if depth == 0 {
                break;
            }
        }
        at
    }

    fn functions(&self, open: usize) -> Vec<(usize, bool)> {
        let mut functions = Vec::new();
        let mut at = open + 1;
        while at < self.closings[open] {
            if self.is(at, "fn") {
                let arguments = if self.is(at + 2, "<") { self.after_angles(at + 2) } else { at + 2 };
                let first = [":", "&", "Request"].iter().enumerate();
                let takes_request =
                    first.into_iter().all(|(index, text)| self.is(arguments + 2 + index, text));
                functions.push((self.tokens[at].line, takes_request));
            }
            at = if self.is_opening(at) { self.closings[at] + 1 } else { at + 1 };
        }
        functions
    }

    /// Where the item, statement, field, variant or arm ends that begins at `at`.
    fn end_of_item(&self, mut at: usize, to: usize) -> usize {
        while self.is(at, "#") && self.is(at + 1, "[") {
            at = self.closings[at + 1] + 1;
        }
        let mut keyword = at;
        if self.is(at, "pub") {
            keyword += 1;
            if self.is(keyword, "(") {
                keyword = self.closings[keyword] + 1;
            }
        }
        let is_one_of = |words: &[&str]| words.iter().any(|word| self.is(keyword, word));
        let ends_at_brace = !is_one_of(&STATEMENTS) || self.is(keyword + 1, "fn");
        let ends_at_comma = !is_one_of(&ITEMS);
        while at < to {
            if self.is(at, ";") || ends_at_comma && self.is(at, ",") {
                return at + 1;
            }
            let end = self.closings[at] + 1;
            if ends_at_brace && self.is(at, "{") {
                return end;
            }
            at = end;
        }
        to
    }
}

fn is_identifier(word: &str) -> bool {
    let mut chars = word.chars();
    chars.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && chars.all(|char| char.is_alphanumeric() || char == '_')
}
