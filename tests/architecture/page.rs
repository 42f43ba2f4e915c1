//! The table of floors in `docs/architecture.md`.

use super::rules::Offence;

pub const PAGE: &str = "docs/architecture.md";

/// Files that stand in `src/` as the ground of everything: all may import them, and no row lists them.
pub const GROUND: [&str; 2] = ["error", "clock"];

/// A row: a folder of `src/`, or a file of the ground.
#[derive(Debug, PartialEq, Eq)]
pub struct Row {
    pub folder: String,
    pub purpose: String,
    pub imports: Vec<String>,
    pub line: usize,
}

/// The rows from the ground up, and what is wrong with lines that are none.
pub fn rows(page: &str) -> (Vec<Row>, Vec<Offence>) {
    let lines = page.lines().zip(1..).skip_while(|(line, _)| *line != "## Floors").skip(1);
    let lines = lines.take_while(|(line, _)| !line.starts_with("## "));
    let (mut rows, mut offences) = (Vec::new(), Vec::new());
    // The first two are the head.
    for (text, line) in lines.filter(|(line, _)| line.starts_with('|')).skip(2) {
        match row(text, line) {
            Some(row) => rows.push(row),
            None => offences.push(Offence::new(
                PAGE,
                line,
                format!("is no row of the floors: {text}"),
                "Write it as | `folder` | What it is. | `import`, `import` |, or - for no imports.",
            )),
        }
    }
    (rows, offences)
}

fn row(text: &str, line: usize) -> Option<Row> {
    let cells: Vec<_> = text.strip_prefix('|')?.strip_suffix('|')?.split('|').map(str::trim).collect();
    let [folder, purpose, imports] = cells[..] else { return None };
    let imports = match imports {
        "-" => Vec::new(),
        imports => imports.split(", ").map(quoted).collect::<Option<_>>()?,
    };
    Some(Row { folder: quoted(folder)?, purpose: purpose.to_owned(), imports, line })
}

fn quoted(name: &str) -> Option<String> {
    name.strip_prefix('`')?.strip_suffix('`').map(str::to_owned)
}

/// The table as the page has it, with the imports of `rows`.
pub fn table(rows: &[Row]) -> String {
    let mut table = "| folder | what it is | imports |\n|---|---|---|\n".to_owned();
    for Row { folder, purpose, imports, .. } in rows {
        let imports: Vec<_> = imports.iter().map(|import| format!("`{import}`")).collect();
        let imports = if imports.is_empty() { "-".to_owned() } else { imports.join(", ") };
        table.push_str(&format!("| `{folder}` | {purpose} | {imports} |\n"));
    }
    table
}
