//! Checks the set-up of an app, for people and for deployment scripts.

#![forbid(unsafe_code)]

mod arguments;

use std::env;
use std::io::{self, Write};
use std::process::ExitCode;

use arguments::{Options, USAGE};
use figment::providers::{Env, Format, Toml};
use figment::{Figment, Profile};
use rocket::Config;
use rocket::tokio::runtime::Runtime;
use rocket_cognito::Cognito;
use rocket_cognito::operation::Diagnosis;

fn main() -> ExitCode {
    let options = match arguments::read(env::args_os().skip(1)) {
        Ok(options) => options,
        Err(problem) => {
            let _ = writeln!(io::stderr(), "cognito-doctor: {problem}");
            return ExitCode::from(2);
        }
    };
    if options.help {
        let _ = io::stdout().write_all(USAGE.as_bytes());
        return ExitCode::SUCCESS;
    }
    match examined(&options).and_then(|diagnosis| report(&options, &diagnosis).map(|()| diagnosis)) {
        Ok(diagnosis) if diagnosis.is_healthy() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(io::stderr(), "cognito-doctor: {error}");
            ExitCode::FAILURE
        }
    }
}

fn examined(options: &Options) -> io::Result<Diagnosis> {
    let figment = figment(options);
    if options.offline {
        return Ok(Cognito::diagnose_offline(&figment));
    }
    Ok(Runtime::new()?.block_on(Cognito::diagnose(&figment)))
}

/// The configuration as Rocket reads it. Which profile is the default does not depend on how this program was built.
fn figment(options: &Options) -> Figment {
    let figment = match &options.config {
        Some(file) => Figment::from(Config::default())
            .merge(Toml::file_exact(file).nested())
            .merge(Env::prefixed("ROCKET_").ignore(&["PROFILE"]).global()),
        None => Config::figment(),
    };
    let profile = options.profile.as_deref().map(Profile::new);
    figment.select(profile.unwrap_or_else(|| Profile::from_env_or("ROCKET_PROFILE", Config::RELEASE_PROFILE)))
}

fn report(options: &Options, diagnosis: &Diagnosis) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match options.as_json {
        true => serde_json::to_writer_pretty(&mut stdout, diagnosis)?,
        false => write!(stdout, "{diagnosis}")?,
    }
    writeln!(stdout)?;
    stdout.flush()
}
