//! The store of sessions.

use super::code::Code;
use super::diagnosis::Check;
use super::finding::Finding;
use super::wire::{Silence, Wire};
use crate::app::{App, Hooks};
use crate::clock::Clock;
use crate::config::{Settings, StoreKind};

const NAME: &str = "session store";

/// Connects to the store that the settings name, and asks it whether it would do its work.
pub(super) async fn check(settings: &Settings, wire: &Wire) -> Option<Check> {
    if !matches!(settings.store.kind, Some(StoreKind::Redis(_))) {
        return None;
    }
    let asked = async {
        let app = App::new(settings.clone(), Clock::default(), Hooks::default(), None);
        let app = app.map_err(|error| error.to_string());
        let problem = match app {
            Err(problem) => Err(problem),
            Ok(app) => match app.connect_store().await {
                Err(error) => Err(error.to_string()),
                Ok(()) => app.check_store().await.map_err(|error| error.to_string()),
            },
        };
        Ok::<_, Silence>(problem)
    };
    let problem = match wire.within_budget(asked).await {
        Ok(Ok(())) => return Some(Check::made(NAME, "does its work", Vec::new())),
        Ok(Err(problem)) => problem,
        Err(silence) => silence.to_string(),
    };
    let remedy =
        "check that it runs, its address, and who may sign in to it; while it is away, sessions get 503";
    Some(Check::made(
        NAME,
        "",
        vec![Finding::new(Code::StoreUnreachable, "`session_store`", problem, remedy)],
    ))
}
