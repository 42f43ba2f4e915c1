//! Rows without folders, files in the wrong place, and long ones.

use super::small_tree::{PAGE, ROOT, STONE, offences, offences_on, without_remedies};

#[test]
fn the_rows_are_those_of_the_tree() {
    let page = |from: &str, to: &str| without_remedies(offences_on(&PAGE.replace(from, to), &[]));
    let of_page = |what: &str| [format!("docs/architecture.md:{what}")];
    let row = "| `mid` | Walls. | `low` |";
    assert_eq!(page(row, "").last().unwrap(), "src/mid:1: has no row in the table of floors");
    let gone = "| `mid` | Walls. | `low` |\n| `gone` | Gates. | - |";
    assert_eq!(page(row, gone), of_page("10: the row of `gone` has no folder in `src/`"));
    let twice = "| `mid` | Walls. | `low` |\n| `mid` | Walls. | `low` |";
    assert_eq!(page(row, twice), of_page("10: `mid` has two rows"));
    assert_eq!(
        page(row, "| mid | Walls. | `low` |")[0],
        "docs/architecture.md:9: is no row of the floors: | mid | Walls"
    );
    let what =
        "docs/architecture.md:9: the row of `mid` lists `mid`, which is no folder above it in the table";
    assert_eq!(page("Walls. | `low`", "Walls. | `low`, `mid`"), [what]);
    let what =
        "docs/architecture.md:8: the row of `low` lists `error`, which is no folder above it in the table";
    assert_eq!(page("Stones. | -", "Stones. | `error`"), [what]);
    let what =
        "docs/architecture.md:8: the row of `low` lists `high`, which is no folder above it in the table";
    assert_eq!(page("Stones. | -", "Stones. | `high`"), [what]);
}

#[test]
fn twenty_four_folders_are_enough() {
    let names: Vec<_> = (1..=22).map(|number| format!("more_{number}")).collect();
    let rows: String = names.iter().map(|name| format!("| `{name}` | More. | - |\n")).collect();
    let page = PAGE.replace("\n## A request", &format!("{rows}\n## A request"));
    let modules: String = names.iter().map(|name| format!("mod {name};\n")).collect();
    let root = format!("{ROOT}\n{modules}");
    let files: Vec<_> = names.iter().map(|name| format!("src/{name}/mod.rs")).collect();
    let mut changes: Vec<_> = files.iter().map(|file| (file.as_str(), "//! More.")).collect();
    changes.push(("src/lib.rs", &root));
    let found = without_remedies(offences_on(&page, &changes));
    assert_eq!(found, ["docs/architecture.md:32: has more than 24 folders"]);
}

#[test]
fn only_a_few_files_stand_in_src_itself() {
    let root = format!("{ROOT}\nmod flat;\nmod fuzzing;\nmod clock;");
    let changes = [
        ("src/lib.rs", root.as_str()),
        ("src/flat.rs", "//! Flat."),
        ("src/fuzzing.rs", "use crate::high::House;"),
        ("src/clock.rs", "//! The time."),
        ("src/bin/program.rs", "use house::House;\nfn main() {}"),
    ];
    assert_eq!(offences(&changes), ["src/flat.rs:1: stands in `src/` itself"]);
    assert_eq!(
        offences(&[("src/low/lost.rs", "//! Lost.")]),
        ["src/low/lost.rs:1: is reached by no `mod` line"]
    );
}

#[test]
fn a_mod_file_declares_and_re_exports_and_nothing_else() {
    let what = "src/low/mod.rs:4: holds more than `mod` and `use`";
    for code in [
        "fn f() {}",
        "pub(crate) struct S;",
        "#[derive(Debug)]\nenum E {}",
        "mod inline {}",
        "const C: u8 = 1;",
    ] {
        let text = format!("mod stone;\n#[cfg(unix)]\npub(crate) use self::stone::Stone;\n{code}");
        let found = offences(&[("src/low/mod.rs", &text)]);
        assert_eq!(found[0].replace(":5:", ":4:"), what, "{code}");
    }
}

#[test]
fn no_file_is_longer_than_four_hundred_lines() {
    let (enough, more) = ("// line\n".repeat(400), "// line\n".repeat(401));
    for file in
        ["src/low/stone.rs", "tests/long/main.rs", "benches/long.rs", "examples/long.rs", "fuzz/long.rs"]
    {
        let changes =
            |text| [("src/low/mod.rs", "mod stone;"), ("src/mid/wall.rs", "//! Bare."), (file, text)];
        let page = PAGE.replace("Walls. | `low`", "Walls. | -").replace("`low`, `mid`", "`mid`");
        let found = |text| {
            offences_on(
                &page,
                &[&changes(text)[..], &[("src/high/house.rs", "use crate::mid::Wall;")]].concat(),
            )
        };
        assert_eq!(without_remedies(found(&enough)), [""; 0], "{file}");
        assert_eq!(without_remedies(found(&more)), [format!("{file}:401: has more than 400 lines")]);
    }
}

#[test]
fn the_library_includes_no_other_files_and_its_programs_none_of_the_library() {
    let file = "src/low/stone.rs";
    for (code, target) in [
        ("#[cfg(test)] #[path = \"../../tests/support/rock.rs\"] mod rock;", "tests/support/rock.rs"),
        ("include!(\"../../tests/rock.rs\");", "tests/rock.rs"),
        (
            "#[cfg(test)] mod tests { include!(concat!(env!(\"ROOT\"), \"/tests/rock.rs\")); }",
            "a file without a fixed name",
        ),
        ("#[path = \"../bin/program.rs\"] mod program;", "src/bin/program.rs"),
    ] {
        let found = offences(&[(file, &format!("{STONE}\n{code}")), ("src/bin/program.rs", "fn main() {}")]);
        assert_eq!(found, [format!("{file}:4: includes {target}")], "{code}");
    }
    let text = format!("{STONE}\nconst DATA: &str = include_str!(\"../../tests/data/stone.json\");");
    assert_eq!(offences(&[(file, &text)]), [""; 0]);
    let program = "#[path = \"../low/stone.rs\"] mod stone;";
    let found = offences(&[("src/bin/program.rs", program)]);
    assert_eq!(found, ["src/bin/program.rs:1: includes src/low/stone.rs"]);
}
