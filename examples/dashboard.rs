//! Run `cargo run --example dashboard`, then open http://localhost:8000.
//!
//! A small newspaper, to begin an app of your own from: a public front page, a profile, a desk for editors, an area for
//! admins, and a page on which people see where they are signed in, and sign out there or everywhere. alice is an admin, bob an
//! editor, carol reads.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use rocket::form::Form;
use rocket::http::Status;
use rocket::request::FlashMessage;
use rocket::response::{Flash, Redirect};
use rocket::serde::Serialize;
use rocket::{Config, FromForm, Request, State, catch, catchers, get, launch, post, routes, uri};
use rocket_cognito::store::StoreError;
use rocket_cognito::{
    Cognito, CognitoUser, Denial, Group, InAnyGroup, InGroups, Logout, RedirectToLogin, SessionInfo, Sessions,
};
use rocket_dyn_templates::{Template, context};

struct Admin;
impl Group for Admin {
    const NAME: &'static str = "admin";
}

struct Editor;
impl Group for Editor {
    const NAME: &'static str = "editor";
}

/// What the layout shows of whoever is signed in.
#[derive(Serialize)]
#[serde(crate = "rocket::serde")]
struct Visitor {
    name: String,
    groups: Vec<String>,
    edits: bool,
    rules: bool,
}

impl From<&CognitoUser> for Visitor {
    fn from(user: &CognitoUser) -> Self {
        let is_in = |name| user.groups().iter().any(|group| group == name);
        Visitor {
            name: user.name().unwrap_or(user.username()).to_owned(),
            groups: user.groups().to_vec(),
            edits: is_in(Admin::NAME) || is_in(Editor::NAME),
            rules: is_in(Admin::NAME),
        }
    }
}

#[derive(Clone, Serialize)]
#[serde(crate = "rocket::serde")]
struct Story {
    id: usize,
    headline: String,
    by: String,
}

/// The stories of this process, the newest last.
struct Stories(Mutex<Vec<Story>>);

impl Default for Stories {
    fn default() -> Self {
        let headlines =
            ["Harbour lights are back", "Library opens on Sundays", "Market moves to the old station"];
        let story =
            |(id, headline): (usize, &str)| Story { id, headline: headline.into(), by: "the desk".into() };
        Stories(Mutex::new(headlines.into_iter().enumerate().map(story).collect()))
    }
}

impl Stories {
    /// A new headline is 200 letters long at most, and there are 100 of them.
    const MOST: usize = 100;

    fn lock(&self) -> MutexGuard<'_, Vec<Story>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn newest_first(&self) -> Vec<Story> {
        self.lock().iter().rev().cloned().collect()
    }
}

#[derive(FromForm)]
struct Draft {
    #[field(validate = len(1..=200))]
    headline: String,
}

#[get("/")]
fn home(user: Option<CognitoUser>, stories: &State<Stories>) -> Template {
    let visitor = user.as_ref().map(Visitor::from);
    Template::render("dashboard/home", context! { here: "/", visitor, stories: stories.newest_first() })
}

#[get("/profile")]
fn profile(user: CognitoUser) -> Template {
    let visitor = Visitor::from(&user);
    let (username, email, sub) = (user.username(), user.email(), user.sub());
    Template::render("dashboard/profile", context! { here: "/profile", visitor, username, email, sub })
}

#[get("/desk")]
fn desk(
    editor: InAnyGroup<Admin, Editor>,
    stories: &State<Stories>,
    flash: Option<FlashMessage<'_>>,
) -> Template {
    let (visitor, notice) = (Visitor::from(&*editor), flash.as_ref().map(FlashMessage::message));
    let stories = stories.newest_first();
    Template::render("dashboard/desk", context! { here: "/desk", visitor, notice, stories })
}

/// The guard makes sure that the form is this site's own.
#[post("/desk", data = "<draft>")]
fn publish(
    editor: InAnyGroup<Admin, Editor>,
    draft: Option<Form<Draft>>,
    stories: &State<Stories>,
) -> Flash<Redirect> {
    let mut stories = stories.lock();
    let notice = match draft {
        None => "A headline has 1 to 200 letters.",
        Some(_) if stories.len() >= Stories::MOST => "The paper is full. Let an admin take something out.",
        Some(draft) => {
            let id = stories.last().map_or(0, |story| story.id + 1);
            let (headline, by) = (draft.into_inner().headline, Visitor::from(&*editor).name);
            stories.push(Story { id, headline, by });
            "Your story is on the front page."
        }
    };
    Flash::success(Redirect::to(uri!(desk)), notice)
}

#[get("/admin")]
fn admin(admin: InGroups<Admin>, stories: &State<Stories>, flash: Option<FlashMessage<'_>>) -> Template {
    let (visitor, notice) = (Visitor::from(&*admin), flash.as_ref().map(FlashMessage::message));
    let stories = stories.newest_first();
    Template::render("dashboard/admin", context! { here: "/admin", visitor, notice, stories })
}

#[post("/admin/stories/<id>/remove")]
fn remove(_admin: InGroups<Admin>, id: usize, stories: &State<Stories>) -> Flash<Redirect> {
    stories.lock().retain(|story| story.id != id);
    Flash::success(Redirect::to(uri!(admin)), "The story is gone.")
}

/// A row of the list of sessions.
#[derive(Serialize)]
#[serde(crate = "rocket::serde")]
struct Device {
    session: SessionInfo,
    last_seen: String,
}

impl From<SessionInfo> for Device {
    fn from(session: SessionInfo) -> Self {
        Device { last_seen: ago(session.last_seen_at()), session }
    }
}

fn ago(time: SystemTime) -> String {
    let minutes = time.elapsed().unwrap_or_default().as_secs() / 60;
    match (minutes, minutes / 60) {
        (0, _) => "just now".into(),
        (minutes, 0) => format!("{minutes} min ago"),
        (_, hours) => format!("{hours} h ago"),
    }
}

#[get("/sessions")]
async fn sessions(
    user: CognitoUser,
    sessions: Sessions,
    flash: Option<FlashMessage<'_>>,
) -> Result<Template, StoreError> {
    let devices: Vec<Device> = sessions.of(user.sub()).await?.into_iter().map(Device::from).collect();
    let (visitor, notice) = (Visitor::from(&user), flash.as_ref().map(FlashMessage::message));
    Ok(Template::render("dashboard/sessions", context! { here: "/sessions", visitor, notice, devices }))
}

#[post("/sessions/<id>/end")]
async fn end(user: CognitoUser, sessions: Sessions, id: &str) -> Result<Flash<Redirect>, StoreError> {
    let notice = match sessions.end(user.sub(), id).await? {
        0 => "That device was signed out already.",
        _ => "That device is signed out.",
    };
    Ok(Flash::success(Redirect::to(uri!(self::sessions)), notice))
}

#[post("/sessions/end-all")]
async fn end_all(user: CognitoUser, sessions: Sessions) -> Result<Logout, Flash<Redirect>> {
    sessions.end_everywhere(&user).await.map(|_| Logout::new()).map_err(|error| {
        rocket::warn!("{error}");
        let notice = "Some devices may still be signed in. Sign out everywhere once more.";
        Flash::error(Redirect::to(uri!(self::sessions)), notice)
    })
}

/// Browsers go to sign in, and come back to the page.
#[catch(401)]
fn unauthorized() -> RedirectToLogin {
    RedirectToLogin::and_return()
}

/// A refusal, or anything else that went wrong, in the look of the other pages. Programs get JSON.
#[catch(default)]
fn other(status: Status, request: &Request<'_>) -> Result<Template, Denial> {
    let denial = Denial::of(request).filter(|denial| denial.status() == status);
    match denial {
        Some(denial) if !Denial::wants_page(request) => Err(denial),
        denial => {
            // A page that no guard has seen a visitor of knows none, signed in or not.
            let visitor = CognitoUser::of(request).as_ref().map(Visitor::from);
            let (is_unknown, title) = (visitor.is_none(), status.reason_lossy());
            Ok(Template::render("dashboard/problem", context! { visitor, is_unknown, denial, title }))
        }
    }
}

#[launch]
fn rocket() -> _ {
    rocket::custom(Config::figment().merge(("cognito.session_store", "memory")))
        .attach(Cognito::fairing())
        .attach(Template::custom(rocket_cognito::Cognito::templates))
        .manage(Stories::default())
        .mount("/", routes![home, profile, desk, publish, admin, remove, sessions, end, end_all])
        .register("/", catchers![unauthorized, other])
}

#[cfg(test)]
mod tests {
    use rocket::http::{ContentType, Status};
    use rocket::local::blocking::Client;
    use rocket_cognito::testing::{self, Ask, TestPool};

    /// The app as it is shipped, and a pool for it.
    fn client() -> (TestPool, Client) {
        let pool = TestPool::new();
        let client = Client::tracked(pool.attach(super::rocket())).unwrap();
        (pool, client)
    }

    #[test]
    fn the_front_page_alone_is_open() {
        let (_, client) = client();
        assert_eq!(testing::map(client.rocket()).open(), ["GET /"]);
    }

    #[test]
    fn each_group_has_its_pages_and_the_links_to_them() {
        let (pool, client) = client();
        let person = pool.person("dave");
        for (person, desk, admin) in [
            (person.clone().group("admin"), true, true),
            (person.clone().group("editor"), true, false),
            (person, false, false),
        ] {
            let home = client.get("/").signed_in(&person).as_page().ask().into_string().unwrap();
            for (page, may) in [("/profile", true), ("/sessions", true), ("/desk", desk), ("/admin", admin)] {
                let status = client.get(page).signed_in(&person).as_page().ask().status();
                assert_eq!(status, if may { Status::Ok } else { Status::Forbidden }, "{page}");
                assert_eq!(home.contains(&format!("href=\"{page}\"")), may, "{page}: {home}");
            }
        }
    }

    #[test]
    fn an_editor_publishes_and_an_admin_takes_it_out() {
        let (pool, client) = client();
        let (editor, admin) = (pool.person("bob").group("editor"), pool.person("alice").group("admin"));
        let publish = |body: &'static str| {
            client.post("/desk").header(ContentType::Form).body(body).signed_in(&editor).ask().status()
        };
        assert_eq!(publish("headline=Bridge+%3Copen%3E"), Status::SeeOther);
        assert_eq!(publish("headline="), Status::SeeOther);
        let home = || client.get("/").ask().into_string().unwrap();
        assert!(home().contains("Bridge &lt;open&gt;"), "{}", home());
        assert_eq!(
            client.post("/admin/stories/3/remove").signed_in(&editor).ask().status(),
            Status::Forbidden
        );
        let foreign = client.post("/admin/stories/3/remove").signed_in(&admin).from_another_site().ask();
        assert_eq!(foreign.denial().unwrap().code(), "cross_site");
        assert!(home().contains("Bridge"));
        assert_eq!(client.post("/admin/stories/3/remove").signed_in(&admin).ask().status(), Status::SeeOther);
        assert!(!home().contains("Bridge"));
    }

    #[test]
    fn a_session_is_ended_from_another_one() {
        let (pool, client) = client();
        let [here, there] = [(); 2].map(|()| pool.person("carol").session());
        for session in [&there, &here] {
            assert_eq!(client.get("/sessions").signed_in(session).ask().status(), Status::Ok);
        }
        let page = client.get("/sessions").signed_in(&here).ask().into_string().unwrap();
        let form = page.split("action=\"").find(|it| it.starts_with("/sessions/") && it.contains("/end\""));
        let end = form.unwrap().split('"').next().unwrap().to_owned();
        assert_eq!(client.post(end).signed_in(&here).ask().status(), Status::SeeOther);
        assert_eq!(client.get("/sessions").signed_in(&there).ask().status(), Status::Unauthorized);
    }

    #[test]
    fn refusals_have_the_look_of_the_site_for_people_and_are_json_for_programs() {
        let (pool, client) = client();
        let carol = pool.person("carol");
        let page = client.get("/admin").signed_in(&carol).as_page().ask().into_string().unwrap();
        assert!(page.contains("class=\"top\"") && page.contains("carol"), "{page}");
        let answer = client.get("/admin").signed_in(&carol).ask();
        assert_eq!((answer.status(), answer.code()), (Status::Forbidden, Some("rule_not_met")));
        let missing = client.get("/nowhere").ask();
        assert_eq!(missing.status(), Status::NotFound);
        assert!(missing.into_string().unwrap().contains("Not Found"));
    }
}
