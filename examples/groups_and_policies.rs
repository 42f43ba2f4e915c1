//! Run `cargo run --example groups_and_policies`, then open http://localhost:8000.
//!
//! Who may do what at a newspaper, as types: groups, what is made of them, a rule of the app's own, scopes, and a
//! sign-in of a short while ago. What follows from the request, handlers decide: an article's author, a room's group.

use std::time::SystemTime;

use rocket::response::content::RawHtml;
use rocket::{Request, catch, catchers, get, launch, routes};
use rocket_cognito::policy::{All, Any, Decision, Fresh, Not, Policy, Rule, Scope, Scopes};
use rocket_cognito::{
    Authorized, Cognito, CognitoUser, Denial, Group, InGroups, Login, OrForward, RedirectToLogin,
};

const HOME: &str = r#"<p><a href="/auth/login">Sign in</a>, or <a href="/signin/briefly">keep your address to yourself</a></p>
<p><a href="/desk">Desk</a> <a href="/publish">Publish</a> <a href="/letters">Letters</a>
<a href="/newsletter">Newsletter</a> <a href="/payroll">Payroll</a></p>
<p>Edit article <a href="/articles/1/edit">1</a> <a href="/articles/2/edit">2</a>;
rooms of <a href="/rooms/admin">admins</a> and <a href="/rooms/editor">editors</a></p>
<form method="post" action="/auth/logout"><button>Sign out</button></form>"#;

struct Admin;
impl Group for Admin {
    const NAME: &'static str = "admin";
}

struct Editor;
impl Group for Editor {
    const NAME: &'static str = "editor";
}

struct Email;
impl Scope for Email {
    const NAME: &'static str = "email";
}

/// A rule of the app's own: pure, and asked with the time of the request.
struct HouseAddress;
impl Policy for HouseAddress {
    fn check(user: &CognitoUser, _now: SystemTime) -> Decision {
        match user.email() {
            Some(email) if user.email_verified() == Some(true) && email.ends_with("@example.com") => {
                Decision::Granted
            }
            Some(_) => Decision::Refused(Self::rule()),
            // Not told, so nobody knows: refused, and refused under `Not` too.
            None => Decision::Undecided(Self::rule()),
        }
    }

    fn rule() -> Rule {
        Rule::named("an e-mail address of this house")
    }
}

type Staff = Any<(Admin, Editor)>;
type CanPublish = All<(Staff, HouseAddress)>;

#[get("/")]
fn home() -> RawHtml<&'static str> {
    RawHtml(HOME)
}

/// Whom this guard does not let in comes to the next route.
#[get("/desk")]
fn desk_of_admins(admin: OrForward<InGroups<Admin>>) -> String {
    format!("{}, here is everything", admin.username())
}

#[get("/desk", rank = 2)]
fn desk_of_others(user: CognitoUser) -> String {
    format!("{}, here is what you wrote", user.username())
}

#[get("/publish")]
fn publish(by: Authorized<CanPublish>) -> String {
    format!("Published by {}", by.username())
}

#[get("/letters")]
fn letters(reader: Authorized<Not<Staff>>) -> String {
    format!("Thank you for your letter, {}", reader.username())
}

/// What the sign-in was granted, whoever it is.
#[get("/newsletter")]
fn newsletter(user: Authorized<Scopes<(Email,)>>) -> String {
    format!("It goes to {}", user.email().unwrap_or("nobody"))
}

/// Who signed in longer ago is asked once more.
#[get("/payroll")]
fn payroll(admin: Authorized<All<(Admin, Fresh<900>)>>) -> String {
    format!("{}, here is the payroll", admin.username())
}

/// Who wrote which article.
const AUTHORS: [(u32, &str); 2] = [(1, "alice"), (2, "bob")];

/// Refuses everybody else, for all handlers that change an article.
fn is_author(user: &CognitoUser, author: &str) -> Result<(), Denial> {
    if user.username() == author { Ok(()) } else { Err(Denial::forbidden(Rule::named("its author"))) }
}

#[get("/articles/<id>/edit")]
fn edit(user: CognitoUser, id: u32) -> Result<Option<String>, Denial> {
    let Some((_, author)) = AUTHORS.iter().find(|(article, _)| *article == id) else { return Ok(None) };
    is_author(&user, author)?;
    Ok(Some(format!("{author}, here is your article {id}")))
}

/// Each group has a room: which group is asked for follows from the path.
#[get("/rooms/<group>")]
fn room(user: CognitoUser, group: String) -> Result<String, Denial> {
    if !user.groups().contains(&group) {
        return Err(Denial::forbidden(Rule::group(group)));
    }
    Ok(format!("{}, this is the room of {group}", user.username()))
}

/// `openid` alone, or `profile`, would tell the address too.
#[get("/signin/briefly")]
fn sign_in_briefly() -> Login {
    Login::new().scopes(["openid", "phone"])
}

#[catch(401)]
fn unauthorized() -> RedirectToLogin {
    RedirectToLogin::and_return()
}

/// It answers what guards and handlers refuse. `rule()` says which part was not met. Show it to people who may know your groups.
#[catch(403)]
fn forbidden(request: &Request<'_>) -> String {
    let denial = Denial::of(request);
    match denial.as_ref().and_then(Denial::rule) {
        Some(rule) => format!("This needs {rule}."),
        None => denial.map_or("This is not for you.", |denial| denial.message()).to_owned(),
    }
}

#[launch]
fn rocket() -> _ {
    rocket::build()
        .attach(Cognito::fairing())
        .mount("/", routes![home, desk_of_admins, desk_of_others, publish, letters])
        .mount("/", routes![newsletter, payroll, edit, room, sign_in_briefly])
        .register("/", catchers![unauthorized, forbidden])
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rocket::http::Status;
    use rocket::local::blocking::Client;
    use rocket_cognito::testing::{self, Ask, TestPool};

    /// The app as it is shipped, and a pool for it.
    fn client() -> (TestPool, Client) {
        let pool = TestPool::new();
        let client = Client::tracked(pool.attach(super::rocket())).unwrap();
        (pool, client)
    }

    #[test]
    fn what_anybody_may_see() {
        let (_, client) = client();
        assert_eq!(testing::map(client.rocket()).open(), ["GET /", "GET /signin/briefly"]);
    }

    /// Paths, and what alice (an admin), bob (an editor) and carol (in no group) are answered there.
    const ANSWERS: [(&str, [&str; 3]); 9] = [
        (
            "/desk",
            ["alice, here is everything", "bob, here is what you wrote", "carol, here is what you wrote"],
        ),
        ("/publish", ["Published by alice", "Published by bob", NOT_STAFF]),
        ("/letters", [STAFF, STAFF, "Thank you for your letter, carol"]),
        (
            "/newsletter",
            ["It goes to alice@example.com", "It goes to bob@example.com", "It goes to carol@example.com"],
        ),
        ("/payroll", ["alice, here is the payroll", NO_ADMIN, NO_ADMIN]),
        ("/articles/1/edit", ["alice, here is your article 1", NOT_AUTHOR, NOT_AUTHOR]),
        ("/articles/2/edit", [NOT_AUTHOR, "bob, here is your article 2", NOT_AUTHOR]),
        ("/rooms/admin", ["alice, this is the room of admin", NO_ADMIN, NO_ADMIN]),
        ("/rooms/editor", [NO_EDITOR, "bob, this is the room of editor", NO_EDITOR]),
    ];
    const STAFF: &str = "This needs not (group \"admin\" or group \"editor\").";
    const NOT_STAFF: &str = "This needs group \"admin\" or group \"editor\".";
    const NO_ADMIN: &str = "This needs group \"admin\".";
    const NO_EDITOR: &str = "This needs group \"editor\".";
    const NOT_AUTHOR: &str = "This needs its author.";

    #[test]
    fn guards_and_handlers_decide_and_the_catcher_says_why() {
        let (pool, client) = client();
        let [alice, bob, carol] = ["alice", "bob", "carol"].map(|name| pool.person(name));
        let people = [alice.group("admin"), bob.group("editor"), carol].map(|person| person.session());
        for (path, answers) in ANSWERS {
            for (person, text) in people.iter().zip(answers) {
                let answer = client.get(path).signed_in(person).ask();
                assert_eq!(answer.denial().is_some(), text.starts_with("This needs"), "{path} {answer:?}");
                assert_eq!(answer.into_string().unwrap(), text, "{path}");
            }
        }
    }

    #[test]
    fn an_address_that_is_unknown_is_of_no_house() {
        let (pool, client) = client();
        let bob = pool.person("bob").group("editor").scopes(["openid", "phone"]);
        for (path, rule) in
            [("/publish", "an e-mail address of this house"), ("/newsletter", "scope \"email\"")]
        {
            let refused = client.get(path).signed_in(&bob).ask();
            assert_eq!(refused.denial().unwrap().rule().unwrap().to_string(), rule);
        }
    }

    #[test]
    fn the_payroll_asks_who_signed_in_half_an_hour_ago_once_more() {
        let (pool, client) = client();
        let alice = pool.person("alice").group("admin").signed_in_ago(Duration::from_secs(1800));
        assert_eq!(client.get("/desk").signed_in(&alice).ask().status(), Status::Ok);
        let refused = client.get("/payroll").signed_in(&alice).as_page().ask();
        assert_eq!(refused.denial().unwrap().code(), "login_too_old");
        let login = "/auth/login?next=%2Fpayroll&prompt=login&max_age=900";
        assert_eq!(refused.headers().get_one("Location"), Some(login));
    }
}
