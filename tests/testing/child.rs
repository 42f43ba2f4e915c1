//! A test in a process of its own: with variables of the environment, and with what it logs.

use std::env;
use std::process::Command;

const MARK: &str = "KIT_TEST_OF_ITS_OWN";

/// Whether this is such a process.
pub fn is_child() -> bool {
    env::var_os(MARK).is_some()
}

/// Runs this test again with these variables, and returns what it printed and logged.
pub fn run(test: &str, variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]).env(MARK, "1").env("ROCKET_LOG_LEVEL", "normal");
    let output = command.env("ROCKET_CLI_COLORS", "false").envs(variables.iter().copied()).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8(text).unwrap();
    assert!(output.status.success() && text.contains("1 passed"), "{test}: {text}");
    text
}
