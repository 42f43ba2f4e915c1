//! Inherent `impl`s away from their types.

use super::small_tree::{PAGE, ROOT, offences, offences_on, without_remedies};

#[test]
fn a_type_and_its_inherent_impls_share_a_file() {
    let file = "src/mid/wall.rs";
    let what = |name: &str| format!("{file}:2: has an `impl` of `{name}`, which is defined elsewhere");
    for (code, name) in [
        ("impl Stone {}", "Stone"),
        ("impl<'a, T: Fn() -> T> Stone<'a, T> where for<'b> T: From<&'b T> {}", "Stone"),
        ("impl crate::low::Stone {}", "crate::low::Stone"),
        ("mod inner { use crate::low::Stone as Rock; impl Rock {} }", "Rock"),
        ("macro_rules! m { () => { impl Stone {} } }", "Stone"),
        ("macro_rules! m { ($T:ty) => { impl<T> $T {} } } m!([Copy] Stone);", "Stone` by `m!"),
        ("macro_rules! m { ($($T:ty)*) => { $(impl $T {})* } } m! { Stone }", "Stone` by `m!"),
    ] {
        let found = offences(&[(file, &format!("use crate::low::Stone;\n{code}"))]);
        assert_eq!(found, [what(name)], "{code}");
    }
    for code in [
        "impl From<u8> for Stone {}",
        "impl<T> Into<T> for Stone where for<'a> T: From<&'a T> {}",
        "fn f() -> impl Sized {}",
        "#[cfg(test)] impl Stone {}",
        "macro_rules! m { ($T:ident) => { struct $T; impl $T {} } } m!(Gate, Stone);",
        "macro_rules! m { ($T:ty) => { impl $T {} } } struct Gate(Stone); m!(Gate);",
    ] {
        assert_eq!(offences(&[(file, &format!("use crate::low::Stone;\n{code}"))]), [""; 0], "{code}");
    }
}

#[test]
fn only_functions_of_a_request_are_added_to_other_files_types() {
    let page = PAGE.replace("| `high` |", "| `request` | Requests. | `low` |\n| `high` |");
    let root = format!("{ROOT}\nmod request;");
    let lookup = "use crate::low::Stone;\nimpl Stone {\n    fn of<'r, T>(request: &'r Request<'_>) -> Self {}\n    \
                  fn weigh(&self, request: &Request<'_>) {}\n}";
    for (file, name) in [("src/request/lookup.rs", "lookup"), ("src/request/other.rs", "other")] {
        let module = format!("mod {name};");
        let found =
            offences_on(&page, &[("src/lib.rs", &root), ("src/request/mod.rs", &module), (file, lookup)]);
        let what = match name {
            "lookup" => {
                "src/request/lookup.rs:4: adds a function to `Stone` that does not begin with a `&Request`"
            }
            _ => "src/request/other.rs:2: has an `impl` of `Stone`, which is defined elsewhere",
        };
        assert_eq!(without_remedies(found), [what]);
    }
}
