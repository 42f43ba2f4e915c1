//! Run `cargo run --example sessions`, then open http://localhost:8000 in two browsers.
//!
//! An account page that lists where its user is signed in, and signs out there: one device, or all others. The sessions lie
//! in a store for it, here in the memory of the process.

use std::time::SystemTime;

use rocket::request::FlashMessage;
use rocket::response::{Flash, Redirect};
use rocket::serde::Serialize;
use rocket::{Config, get, launch, post, routes, uri};
use rocket_cognito::store::StoreError;
use rocket_cognito::{Cognito, CognitoUser, SessionInfo, Sessions};
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
    let notice = flash.as_ref().map(FlashMessage::message);
    Ok(Template::render("sessions/account", context! { user, devices, notice }))
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

#[launch]
fn rocket() -> _ {
    rocket::custom(Config::figment().merge(("cognito.session_store", "memory")))
        .attach(Cognito::fairing())
        .attach(Template::custom(rocket_cognito::Cognito::templates))
        .mount("/", routes![home, account, end, end_others])
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
