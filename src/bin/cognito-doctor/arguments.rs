//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

pub const USAGE: &str = "\
Usage: cognito-doctor [OPTIONS]

Checks the set-up of an app with rocket_cognito: its settings, and what the user pool answers to an app that has
them. It needs no credential of AWS, signs nobody in and changes nothing at the pool.

  cognito-doctor --profile release

Options:

  --profile NAME   the Rocket profile whose settings are checked; without it that of the variable ROCKET_PROFILE,
                   or `release`
  --config FILE    the file of settings; without it that of the variable ROCKET_CONFIG, or Rocket.toml in the
                   current folder or above it. Variables stand above the file, as they do for the app
  --json           reports for programs: one JSON object on stdout
  --offline        checks the settings alone, and calls nobody
  -h, --help       shows this

Exit status: 0 without a failure, warnings or not; 1 with a failure; 2 if the command line is wrong.
";

/// What the command line asks for.
#[derive(Default)]
pub struct Options {
    pub profile: Option<String>,
    pub config: Option<PathBuf>,
    pub as_json: bool,
    pub offline: bool,
    pub help: bool,
}

/// Reads the arguments after the program's name.
///
/// # Errors
/// What is wrong with them, and what to type.
pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Options, String> {
    let mut options = Options::default();
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let name = argument.to_string_lossy().into_owned();
        let mut value = |example: &str| {
            arguments.next().ok_or_else(|| format!("{name} needs a value, such as {name} {example}"))
        };
        match name.as_str() {
            "--profile" => options.profile = Some(value("release")?.to_string_lossy().into_owned()),
            "--config" => options.config = Some(value("Rocket.toml")?.into()),
            "--json" => options.as_json = true,
            "--offline" => options.offline = true,
            "-h" | "--help" => options.help = true,
            _ => {
                return Err(format!(
                    "there is no option {name:?}: type cognito-doctor --help for those that are"
                ));
            }
        }
    }
    match &options.config {
        Some(file) if !file.is_file() => Err(format!("there is no file {}", file.display())),
        _ => Ok(options),
    }
}
