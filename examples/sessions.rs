//! Run `cargo run --example sessions`, then open http://localhost:8000 in two browsers.
//!
//! An account page that lists where its user is signed in, and signs out there: one device, all others, or everywhere. The
//! sessions lie in a store for it, here in the memory of the process.
//!
//! Beside them it lists the sessions at the user pool, over all of its apps, where the pool tracks them. The local pool does
//! with `ROCKET_COGNITO_LOCAL_POOL='{sessions={max_per_user=5}}'`.

use std::time::SystemTime;

use rocket::request::FlashMessage;
use rocket::response::{Flash, Redirect};
use rocket::serde::Serialize;
use rocket::{Config, get, launch, post, routes, uri};
use rocket_cognito::client::ClientError;
use rocket_cognito::store::StoreError;
use rocket_cognito::{Cognito, CognitoUser, Logout, PoolSession, SessionInfo, Sessions};
use rocket_dyn_templates::{Template, context};

/// A row of the list.
#[derive(Serialize)]
#[serde(crate = "rocket::serde")]
struct Device {
    session: SessionInfo,
    signed_in: String,
    last_seen: String,
}

impl From<SessionInfo> for Device {
    fn from(session: SessionInfo) -> Self {
        Device { signed_in: ago(session.created_at()), last_seen: ago(session.last_seen_at()), session }
    }
}

/// A row of the pool's list.
#[derive(Serialize)]
#[serde(crate = "rocket::serde")]
struct AtPool {
    session: PoolSession,
    last_active: String,
}

impl From<PoolSession> for AtPool {
    fn from(session: PoolSession) -> Self {
        AtPool { last_active: session.last_active_at().map(ago).unwrap_or_default(), session }
    }
}

async fn at_pool(user: &CognitoUser) -> Result<Vec<AtPool>, ClientError> {
    Ok(user.pool_sessions()?.list().await?.into_iter().map(AtPool::from).collect())
}

/// What a visitor reads instead of the pool's list, or of what was to end there. The rest is for the log.
fn report(error: &ClientError) -> &'static str {
    rocket::warn!("sessions at the user pool: {error}");
    match error {
        error if error.is_misconfigured() => "The user pool does not track sessions.",
        error if error.is_invalid_grant() => "You have been signed out at the user pool. Sign in again.",
        _ => "The user pool is out of reach at the moment.",
    }
}

fn ago(time: SystemTime) -> String {
    let minutes = time.elapsed().unwrap_or_default().as_secs() / 60;
    match (minutes, minutes / 60, minutes / (24 * 60)) {
        (0, ..) => "just now".into(),
        (minutes, 0, _) => format!("{minutes} min ago"),
        (_, hours, 0) => format!("{hours} h ago"),
        (.., days) => format!("{days} d ago"),
    }
}

#[get("/")]
fn home(user: Option<CognitoUser>) -> Template {
    Template::render("sessions/home", context! { user })
}

#[get("/account")]
async fn account(
    user: CognitoUser,
    sessions: Sessions,
    flash: Option<FlashMessage<'_>>,
) -> Result<Template, StoreError> {
    let devices: Vec<Device> = sessions.of(user.sub()).await?.into_iter().map(Device::from).collect();
    let (at_pool, unlisted) = match at_pool(&user).await {
        Ok(at_pool) => (at_pool, None),
        Err(error) => (Vec::new(), Some(report(&error))),
    };
    let notice = flash.as_ref().map(FlashMessage::message);
    Ok(Template::render("sessions/account", context! { user, devices, at_pool, unlisted, notice }))
}

/// The guard for the user makes sure that the form is this site's own.
#[post("/account/sessions/<id>/end")]
async fn end(user: CognitoUser, sessions: Sessions, id: &str) -> Result<Flash<Redirect>, StoreError> {
    let notice = match sessions.end(user.sub(), id).await? {
        0 => "That device was signed out already.",
        _ => "That device is signed out.",
    };
    Ok(Flash::success(Redirect::to(uri!(account)), notice))
}

#[post("/account/sessions/end-others")]
async fn end_others(user: CognitoUser, sessions: Sessions) -> Result<Flash<Redirect>, StoreError> {
    let notice = match sessions.end_others(&user).await? {
        0 => "You were signed in nowhere else.".to_owned(),
        1 => "One other device is signed out.".to_owned(),
        ended => format!("{ended} other devices are signed out."),
    };
    Ok(Flash::success(Redirect::to(uri!(account)), notice))
}

/// One session at the pool: its refresh token counts no more, so that the app which has it signs out with its next refresh.
#[post("/account/pool-sessions/<id>/end")]
async fn end_at_pool(user: CognitoUser, id: &str) -> Flash<Redirect> {
    let ended = async { user.pool_sessions()?.end(id).await };
    let notice = match ended.await {
        Ok(true) => "That session at the user pool has ended.",
        Ok(false) => "That session at the user pool had ended already.",
        Err(error) => report(&error),
    };
    Flash::success(Redirect::to(uri!(account)), notice)
}

/// All sessions at the pool and in the store, this one with them, and then the pool's own in this browser.
#[post("/account/sign-out-everywhere")]
async fn sign_out_everywhere(user: CognitoUser, sessions: Sessions) -> Result<Logout, Flash<Redirect>> {
    sessions.end_everywhere(&user).await.map(|_| Logout::new()).map_err(|error| {
        rocket::warn!("{error}");
        let notice = "Some devices may still be signed in. Sign out everywhere once more.";
        Flash::error(Redirect::to(uri!(account)), notice)
    })
}

#[launch]
fn rocket() -> _ {
    rocket::custom(Config::figment().merge(("cognito.session_store", "memory")))
        .attach(Cognito::fairing())
        .attach(Template::custom(rocket_cognito::Cognito::templates))
        .mount("/", routes![home, account, end, end_others, end_at_pool, sign_out_everywhere])
        .register("/", rocket_cognito::catchers())
}

#[cfg(test)]
mod tests {
    use rocket::http::Status;
    use rocket::local::blocking::Client;
    use rocket_cognito::testing::{self, Ask, Session, TestPool};

    /// The app as it is shipped, and a pool for it.
    fn client() -> (TestPool, Client) {
        let pool = TestPool::new();
        let client = Client::tracked(pool.attach(super::rocket())).unwrap();
        (pool, client)
    }

    fn account(client: &Client, session: &Session) -> String {
        client.get("/account").signed_in(session).as_page().ask().into_string().unwrap()
    }

    #[test]
    fn the_first_page_alone_is_open() {
        let (_, client) = client();
        assert_eq!(testing::map(client.rocket()).open(), ["GET /"]);
    }

    #[test]
    fn devices_are_listed_and_end_by_their_own_users_forms_alone() {
        let (pool, client) = client();
        let [here, there] = [(); 2].map(|()| pool.person("alice").session());
        let bob = pool.person("bob").session();
        for session in [&there, &bob] {
            account(&client, session);
        }
        let page = account(&client, &here);
        assert_eq!((page.matches("<li ").count(), page.matches(">this device<").count()), (2, 1), "{page}");
        let form = page.split("action=\"").find(|it| it.starts_with("/account/sessions/")).unwrap();
        let end = form.split('"').next().unwrap();

        let foreign = client.post(end).signed_in(&here).from_another_site().ask();
        assert_eq!(foreign.denial().unwrap().code(), "cross_site");
        assert_eq!(client.post(end).signed_in(&bob).ask().status(), Status::SeeOther);
        assert!(account(&client, &bob).contains(">That device was signed out already.<"));
        assert_eq!(client.post(end).signed_in(&here).ask().status(), Status::SeeOther);
        assert!(account(&client, &here).contains(">That device is signed out.<"));
        assert_eq!(client.get("/account").signed_in(&there).ask().status(), Status::Unauthorized);
    }

    /// The pool of a test answers no call of its API.
    #[test]
    fn what_the_pool_does_not_answer_is_said_and_nobody_believes_that_all_has_ended() {
        let (pool, client) = client();
        let alice = [(); 2].map(|()| pool.person("alice").session());
        let [page, _] = alice.each_ref().map(|session| account(&client, session));
        assert!(page.contains("The user pool is out of reach at the moment."), "{page}");
        let id = format!("tkn{}", "a".repeat(25));
        let end = format!("/account/pool-sessions/{id}/end");
        assert_eq!(client.post(end).signed_in(&alice[0]).ask().status(), Status::SeeOther);
        assert!(account(&client, &alice[0]).contains("role=\"status\">The user pool is out of reach"));
        let answer = client.post("/account/sign-out-everywhere").signed_in(&alice[0]).ask();
        assert_eq!(answer.headers().get_one("Location"), Some("/account"), "{answer:?}");
        for session in &alice {
            let answer = client.get("/account").signed_in(session).ask();
            assert_eq!(answer.code(), Some("session_expired"), "what lies in the store has ended");
        }
        let again = account(&client, &pool.person("alice").session());
        assert!(again.contains("Some devices may still be signed in."), "{again}");
    }

    #[test]
    fn all_other_devices_end_at_once() {
        let (pool, client) = client();
        let alice = [(); 3].map(|()| pool.person("alice").session());
        alice.iter().for_each(|session| drop(account(&client, session)));
        for notice in ["2 other devices are signed out.", "You were signed in nowhere else."] {
            let answer = client.post("/account/sessions/end-others").signed_in(&alice[0]).ask();
            assert_eq!(answer.status(), Status::SeeOther);
            assert!(account(&client, &alice[0]).contains(notice));
        }
    }
}
