//! Circles of files and of folders.

use super::small_tree::offences;

#[test]
fn a_circle_of_folders_is_found_even_where_no_files_make_one() {
    let changes = [
        ("src/mid/mod.rs", "mod arch;\nmod wall;\npub(crate) use self::{arch::Arch, wall::{Wall, build}};"),
        ("src/mid/arch.rs", "pub(crate) struct Arch;"),
        ("src/low/stone.rs", "use crate::mid::Arch;\npub(crate) struct Stone;"),
    ];
    let circle = "src/low/stone.rs:1: lies on a circle of folders: src/low, src/mid";
    assert_eq!(offences(&changes), ["src/low/stone.rs:1: imports `mid`, which is above `low`", circle]);
    let within_one = [
        ("src/low/mod.rs", "mod hard;\nmod soft;\nmod stone;\npub(crate) use self::stone::Stone;"),
        ("src/low/hard/mod.rs", "mod flint;\nmod slate;\npub(super) use self::{flint::Flint, slate::Slate};"),
        ("src/low/hard/flint.rs", "use crate::low::soft::Chalk;\npub struct Flint;"),
        ("src/low/hard/slate.rs", "pub struct Slate;"),
        ("src/low/soft/mod.rs", "mod chalk;\nmod clay;\npub(super) use self::{chalk::Chalk, clay::Clay};"),
        ("src/low/soft/chalk.rs", "pub struct Chalk;"),
        ("src/low/soft/clay.rs", "use super::super::hard::Slate;\npub struct Clay;"),
    ];
    let circle = "src/low/hard/flint.rs:1: lies on a circle of folders: src/low/hard, src/low/soft";
    assert_eq!(offences(&within_one), [circle]);
}

#[test]
fn a_circle_of_files_is_found_through_re_exports_too() {
    let low = "mod sand;\nmod stone;\npub(crate) use self::{sand::Sand, stone::Stone};";
    let what = "src/low/sand.rs:2: lies on a circle of files: src/low/sand.rs, src/low/stone.rs";
    for (of_sand, of_stone) in [
        ("super::stone::Stone", "super::sand::Sand"),
        ("super::Stone", "super::Sand"),
        ("crate::low::Stone", "crate::low::Sand"),
        ("super::{self, Stone}", "super::*"),
    ] {
        let sand = format!("\nuse {of_sand};\npub(crate) struct Sand;");
        let stone = format!("use {of_stone};\npub(crate) struct Stone;");
        let changes = [("src/low/mod.rs", low), ("src/low/sand.rs", &sand), ("src/low/stone.rs", &stone)];
        assert_eq!(offences(&changes), [what], "{of_sand}, {of_stone}");
    }
    let parent_and_child = [
        ("src/low/stone.rs", "mod dust;\npub(crate) struct Stone(dust::Dust);"),
        ("src/low/stone/dust.rs", "pub(super) struct Dust(Option<Box<super::Stone>>);"),
    ];
    let what = "src/low/stone.rs:2: lies on a circle of files: src/low/stone.rs, src/low/stone/dust.rs";
    assert_eq!(offences(&parent_and_child), [what]);
}
