//! One source file: the modules it declares, the names it takes from elsewhere, and what it defines.
//!
//! Macro bodies are read as code where they are written. Code that exists only in tests is marked as such.

/// Where something stands in its file.
#[derive(Debug, Clone)]
pub struct Place {
    /// The inline modules around it, from the outside.
    pub scope: Vec<String>,
    pub line: usize,
    pub is_test: bool,
}

/// A path such as `crate::http::Query`, in a `use` or anywhere else.
#[derive(Debug)]
pub struct Name {
    pub place: Place,
    pub path: Vec<String>,
    pub binds: Binds,
}

/// What a `use` brings into scope.
#[derive(Debug, PartialEq, Eq)]
pub enum Binds {
    /// Nothing: the path is not in a `use`, or renamed to `_`.
    Nothing,
    Word(String),
    Everything,
}

/// `mod x;`, or `mod x { .. }`.
#[derive(Debug)]
pub struct Module {
    pub place: Place,
    pub name: String,
    pub is_inline: bool,
    /// The text of `#[path = ".."]`.
    pub path: Option<String>,
}

#[derive(Debug)]
pub struct Definition {
    pub scope: Vec<String>,
    pub name: String,
    /// A struct, an enum or a union.
    pub is_type: bool,
}

/// `impl Type { .. }`, without a trait.
#[derive(Debug)]
pub struct InherentImpl {
    pub place: Place,
    pub path: Vec<String>,
    /// The line of each function, and whether its first argument is a `&Request`.
    pub functions: Vec<(usize, bool)>,
}

/// `name!(..)`.
#[derive(Debug)]
pub struct MacroCall {
    pub place: Place,
    pub name: String,
    pub words: Vec<String>,
}

#[derive(Debug, Default)]
pub struct Source {
    pub modules: Vec<Module>,
    pub names: Vec<Name>,
    pub definitions: Vec<Definition>,
    pub impls: Vec<InherentImpl>,
    pub macro_calls: Vec<MacroCall>,
    /// Macros whose body has an inherent `impl` for one of their arguments.
    pub implementing_macros: Vec<String>,
    /// Of each `include!` the line, and the file if it is written as one literal.
    pub includes: Vec<(usize, Option<String>)>,
    /// The first line of anything but `mod x;`, `use` and attributes.
    pub first_code: Option<usize>,
}
