//! Programs of PyPI that judge what this crate writes.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use super::not_tested;

/// What `script`, in Python, prints when it reads `input`. `None` where the programs of `tests/python.txt` are not
/// installed, which a test says aloud.
///
/// # Panics
/// When the script fails, with what it has printed.
pub fn judged(script: &str, input: &str) -> Option<String> {
    // Cargo puts the folder for files of tests into its target folder.
    let python = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../python/bin/python3");
    if !python.exists() {
        not_tested(
            "Python's judges are not installed: python3 -m venv target/python && \
             target/python/bin/pip install -r tests/python.txt",
        );
        return None;
    }
    let mut process = Command::new(python)
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    process.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = process.wait_with_output().unwrap();
    let [printed, complaint] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    assert!(output.status.success(), "{printed}{complaint}");
    Some(printed)
}
