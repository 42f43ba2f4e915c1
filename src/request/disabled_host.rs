//! Under which names an app in disabled mode answers, where everybody is let in who can reach it.

use rocket::Request;

use crate::app::App;
use crate::denial::Reason;
use crate::http::is_loopback;
use crate::telemetry::{Event, emit};

/// Refuses a request that names another host than this machine's or those of `disabled_hosts`: a page of another site,
/// whose name has been made to lead here (DNS rebinding). Out of disabled mode credentials tell who is there.
pub(crate) fn check_host(request: &Request<'_>, app: &App) -> Result<(), Reason> {
    let Some(disabled) = &app.settings.disabled else { return Ok(()) };
    let host = request.host().map(|host| host.domain().as_str().to_ascii_lowercase());
    let is_ours = |host: &String| is_loopback(host) || disabled.hosts.contains(host);
    match &host {
        Some(host) if is_ours(host) => Ok(()),
        // Browsers always name one, the clients of tests need not.
        None if !request.headers().contains("Host") => Ok(()),
        _ => {
            emit(Event::HostRefused { host: host.as_deref() });
            Err(Reason::HostRefused)
        }
    }
}
