//! Imports that go up or sideways, wherever they stand.

use super::small_tree::{PAGE, ROOT, STONE, offences, offences_on, without_remedies};

/// The offences when a line is added to the end of `src/low/stone.rs`, of which it is the fourth.
fn offences_of_low(line: &str) -> Vec<String> {
    let text = format!("{STONE}\n{line}");
    offences(&[
        ("src/low/stone.rs", &text),
        ("src/mid/wall.rs", "pub(crate) struct Wall;\npub(crate) fn build() {}"),
    ])
    .into_iter()
    .filter(|offence| !offence.contains("the row of `mid` lists `low`"))
    .collect()
}

const UPWARD: &str = "src/low/stone.rs:4: imports `mid`, which is above `low`";

#[test]
fn a_tree_that_keeps_the_rules_has_no_offences() {
    assert_eq!(offences(&[]), [""; 0]);
}

#[test]
fn an_offence_says_where_it_is_and_what_to_do() {
    let found =
        offences_on(PAGE, &[("src/low/stone.rs", "use crate::mid::build;\npub(crate) struct Stone;")]);
    assert_eq!(
        found,
        [
            "src/low/stone.rs:1: imports `mid`, which is above `low`. Move `crate::mid::build` to `low` or below it, \
             hand it in from above, or move this code up to `mid`.",
            "src/low/stone.rs:1: lies on a circle of files: src/low/stone.rs, src/mid/wall.rs. `src/low/stone.rs` \
             imports `src/mid/wall.rs` (src/low/stone.rs:1), which imports `src/low/stone.rs` \
             (src/mid/wall.rs:1). Move what both need into a file of its own, below both, or hand it in as an \
             argument.",
            "src/low/stone.rs:1: lies on a circle of folders: src/low, src/mid. `src/low` imports `src/mid` \
             (src/low/stone.rs:1), which imports `src/low` (src/mid/wall.rs:1). Move what both need into a folder \
             below both, or hand it in as an argument.",
        ]
    );
}

#[test]
fn an_upward_import_is_found_wherever_it_stands() {
    for line in [
        "use crate::mid::Wall;",
        "pub(crate) use crate::{error::Error as Fault, mid::{self as walls, Wall as W}};",
        "use crate::mid::*;",
        "use super::super::mid::Wall as _;",
        "#[cfg(feature = \"extra\")] use crate::mid::Wall;",
        "#[cfg(any(test, fuzzing))] use crate::mid::Wall;",
        "fn f() { let _ = |_: u8| crate::mid::build(); }",
        "fn f() { for _ in 0..crate::mid::build() {} }",
        "struct S<'a>(Option<&'a crate::mid::Wall>);",
        "impl From<crate::mid::Wall> for Stone {}",
        "fn f() -> impl Into<crate::mid::Wall> {}",
        "#[crate::mid::attribute] struct S;",
        "struct S { #[serde(with = \"crate::mid::wall\")] field: u8 }",
        "macro_rules! m { ($x:expr) => { $crate::mid::build($x) } }",
        "macro_rules! m { () => { use $crate::{mid::{Wall}}; } }",
        "fn f() { format!(\"{}\", crate::mid::build()) }",
        "mod inner { use super::super::super::mid::Wall; }",
        "mod inner { mod innermost { fn f() { super::super::super::super::mid::build() } } }",
        "/* /* */ */ use crate::mid::Wall; // crate::high",
    ] {
        assert_eq!(offences_of_low(line), [UPWARD], "{line}");
    }
}

#[test]
fn comments_texts_and_tests_are_no_imports() {
    for line in [
        "// use crate::mid::Wall;",
        "/// See [`Wall`](crate::mid::Wall).\nstruct S;",
        "/* crate::mid::Wall /* */ crate::mid::Wall */",
        "const S: &str = \"crate::mid::Wall\";",
        "const S: &str = r#\"\" crate::mid::Wall \"#;",
        "const Q: char = '\"'; const S: &str = \" crate::mid::Wall \";",
        "#[cfg(test)] mod tests { use crate::mid::Wall; }",
        "#[cfg(all(test, unix))] fn f<A, B>() { crate::mid::build() }",
        "#[cfg(test)] pub(crate) use crate::{mid::Wall, mid::build};",
        "struct S { #[cfg(test)] wall: crate::mid::Wall, stone: u8 }",
        "fn f() { #[cfg(test)] let _ = { crate::mid::build() }; }",
        "fn f(x: u8) { match x { #[cfg(test)] 0 => crate::mid::build(), _ => {} } }",
        "use rocket::request; fn f() { request::mid::Wall }",
    ] {
        assert_eq!(offences_of_low(line), [""; 0], "{line}");
    }
    let tests = [
        ("src/low/mod.rs", "mod stone;\n#[cfg(test)]\nmod tests;\npub(crate) use self::stone::Stone;"),
        ("src/low/tests.rs", "mod more;\nuse crate::mid::Wall;"),
        ("src/low/tests/more.rs", "use crate::high::House;"),
    ];
    assert_eq!(offences(&tests), [""; 0]);
}

#[test]
fn a_re_export_hides_no_upward_import() {
    let by_root = "src/low/stone.rs:4: imports `high`, which is above `low`";
    assert!(offences_of_low("use crate::House;").contains(&by_root.to_owned()));
    assert!(offences_of_low("use crate as root; type W = root::mid::Wall;").contains(&UPWARD.to_owned()));
    let low = "mod stone;\npub(crate) use self::stone::Stone;\npub(crate) use crate::mid::Wall;";
    let found = offences(&[("src/low/mod.rs", low)]);
    assert!(found.contains(&"src/low/mod.rs:3: imports `mid`, which is above `low`".to_owned()));
    // Through the row's own folder `mid`.
    let mid = "mod wall;\npub(crate) use self::wall::{Wall, build};\npub(crate) use crate::high::House;";
    let found = offences(&[
        ("src/mid/mod.rs", mid),
        ("src/mid/wall.rs", "use super::House;\nuse crate::low::Stone;"),
    ]);
    assert!(found.contains(&"src/mid/wall.rs:1: imports `high`, which is above `mid`".to_owned()));
}

#[test]
fn nothing_imports_what_the_root_defines() {
    let root = format!("{ROOT}\nfn helper() {{}}");
    let found = offences(&[
        ("src/lib.rs", &root),
        ("src/mid/wall.rs", "use crate::{\n    low::Stone,\n    helper,\n};"),
    ]);
    assert_eq!(found, ["src/mid/wall.rs:3: imports `lib`, which has no row"]);
}

#[test]
fn a_sideways_import_is_found() {
    let page = PAGE.replace("| `mid` |", "| `side` | Gates. | `low` |\n| `mid` |");
    let changes = [
        ("src/lib.rs", "mod error;\nmod high;\nmod low;\nmod mid;\nmod side;"),
        ("src/side/mod.rs", "mod gate;\npub(crate) use self::gate::Gate;"),
        ("src/side/gate.rs", "use crate::low::Stone;\npub(crate) struct Gate;"),
        ("src/mid/wall.rs", "use crate::low::Stone;\nuse crate::side::Gate;"),
    ];
    let found = without_remedies(offences_on(&page, &changes));
    assert_eq!(found, ["src/mid/wall.rs:2: imports `side`, which the row of `mid` does not list"]);
}

#[test]
fn an_import_that_no_file_has_is_listed_by_no_row() {
    let found = offences(&[("src/mid/wall.rs", "#[cfg(test)]\nuse crate::low::Stone;")]);
    assert_eq!(found, ["docs/architecture.md:9: the row of `mid` lists `low`, which no file of it imports"]);
}
