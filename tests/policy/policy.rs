//! The rule itself, in every combination.

use std::time::{Duration, SystemTime};

use rocket::http::Header;
use rocket::local::asynchronous::Client;
use rocket::{Request, catch, catchers, get, routes};
use rocket_cognito::policy::{All, Any, Decision, Fresh, Not, Policy, Rule, Scope, Scopes};
use rocket_cognito::{Authorized, Cognito, CognitoUser, Denial, OrForward};
use serde_json::{Value, json};

use crate::support::forge::{JwksFile, Key, access_claims, now, with, without};
use crate::support::groups::{Admin, Editor};
use crate::support::settings;

struct Write;
impl Scope for Write {
    const NAME: &'static str = "orders/write";
}

type EditorAndFresh = All<(Editor, Fresh<900>)>;
type EditorOrWrite = Any<(Editor, Scopes<(Write,)>)>;
type WriteOrEditor = Any<(Scopes<(Write,)>, Editor)>;
type Either = Any<(All<(Admin, Fresh<3600>)>, EditorAndFresh)>;

#[get("/fresh")]
fn fresh(_user: Authorized<Fresh<900>>) {}

#[get("/editor-and-fresh")]
fn editor_and_fresh(_user: Authorized<EditorAndFresh>) {}

#[get("/fresh-and-editor")]
fn fresh_and_editor(_user: Authorized<All<(Fresh<900>, Editor)>>) {}

#[get("/admin-or-fresh")]
fn admin_or_fresh(_user: Authorized<Any<(Admin, Fresh<900>)>>) {}

#[get("/not-fresh")]
fn not_fresh(_user: Authorized<Not<Fresh<900>>>) {}

#[get("/not-both")]
fn not_both(_user: Authorized<Not<EditorAndFresh>>) {}

#[get("/neither")]
fn neither(_user: Authorized<Not<EditorOrWrite>>) {}

#[get("/neither-in-turn")]
fn neither_in_turn(_user: Authorized<Not<WriteOrEditor>>) {}

#[get("/not-not")]
fn not_not(_user: Authorized<Not<Not<Fresh<900>>>>) {}

#[get("/editor-not-fresh")]
fn editor_not_fresh(_user: Authorized<All<(Editor, Not<Fresh<900>>)>>) {}

#[get("/write-and-fresh")]
fn write_and_fresh(_user: Authorized<All<(Scopes<(Write,)>, Fresh<900>)>>) {}

#[get("/either")]
fn either(_user: Authorized<Either>) {}

/// Like a rule about hours of the day, or about the age of an account, it looks at the time.
struct NotLongAgo;
impl Policy for NotLongAgo {
    fn check(_: &CognitoUser, now: SystemTime) -> Decision {
        match now.elapsed().is_ok_and(|age| age > Duration::from_secs(600)) {
            true => Decision::Refused(Self::rule()),
            false => Decision::Granted,
        }
    }

    fn rule() -> Rule {
        Rule::named("not long ago")
    }
}

#[get("/hours-and-fresh")]
fn hours_and_fresh(_user: Authorized<All<(NotLongAgo, Fresh<900>)>>) {}

async fn client() -> (Client, Key, JwksFile) {
    let key = Key::new("k");
    let jwks = JwksFile::new(&[&key]);
    let routes = routes![
        fresh,
        editor_and_fresh,
        fresh_and_editor,
        admin_or_fresh,
        not_fresh,
        not_both,
        neither,
        neither_in_turn,
        not_not,
        editor_not_fresh,
        write_and_fresh,
        either,
        hours_and_fresh,
        for_the_fresh,
        for_others,
        decide
    ];
    let rocket = rocket::custom(settings(&jwks.uri()))
        .attach(Cognito::fairing())
        .mount("/", routes)
        .register("/", catchers![refused]);
    (Client::untracked(rocket).await.unwrap(), key, jwks)
}

#[get("/desk")]
fn for_the_fresh(_user: OrForward<Authorized<Fresh<900>>>) -> &'static str {
    "fresh"
}

#[get("/desk", rank = 2)]
fn for_others() -> &'static str {
    "others"
}

/// What the policy says at times around the end of its fifteen minutes.
#[get("/decide")]
fn decide(user: CognitoUser) -> String {
    let then = user.authenticated_at().unwrap_or(SystemTime::UNIX_EPOCH);
    let at = |time: SystemTime| match <Fresh<900>>::check(&user, time) {
        Decision::Granted => "granted",
        Decision::Refused(_) => "refused",
        Decision::Undecided(rule) if rule == <Fresh<900>>::rule() => "undecided",
        _ => "something else",
    };
    let after = |millis| at(then + Duration::from_millis(millis));
    [at(then - Duration::from_secs(86_400)), after(0), after(900_000), after(900_001), after(u32::MAX.into())]
        .join(" ")
}

#[catch(default)]
fn refused(request: &Request<'_>) -> String {
    let denial = Denial::of(request).unwrap();
    format!("{}: {}", denial.code(), denial.rule().map(ToString::to_string).unwrap_or_default())
}

/// Status, what the catcher says, and the challenge.
async fn ask(client: &Client, path: &str, token: &str) -> (u16, String, String) {
    let header = Header::new("Authorization", format!("Bearer {token}"));
    let response = client.get(path.to_owned()).header(header).dispatch().await;
    let challenge = response.headers().get_one("WWW-Authenticate").unwrap_or_default().to_owned();
    (response.status().code, response.into_string().await.unwrap_or_default(), challenge)
}

fn claims(groups: &Value, age: Option<i64>) -> Value {
    let claims = with(access_claims(), "cognito:groups", groups.clone());
    match age {
        Some(age) => with(claims, "auth_time", json!(now().checked_add_signed(-age).unwrap())),
        None => without(claims, "auth_time"),
    }
}

#[rocket::async_test]
async fn it_is_met_for_so_many_seconds_and_undecided_after_them() {
    let (client, key, _jwks) = client().await;
    let decide = async |age| ask(&client, "/decide", &key.token(&claims(&json!([]), age))).await.1;
    assert_eq!(decide(Some(0)).await, "granted granted granted undecided undecided");
    assert_eq!(decide(Some(5_000)).await, "granted granted granted undecided undecided");
    let without_the_claim = decide(None).await;
    assert_eq!(without_the_claim, ["undecided"; 5].join(" "));
}

/// What one policy of `Any` cannot decide, the certain refusal of the other does not decide for it: else anybody whose
/// groups are malformed would pass as a member of none.
#[rocket::async_test]
async fn not_any_refuses_whom_one_of_its_policies_cannot_decide() {
    let (client, key, _jwks) = client().await;
    for path in ["/neither", "/neither-in-turn"] {
        for (groups, expected) in [
            (json!([]), 200),
            (json!(["editor"]), 403),
            (json!("editor"), 403),
            (json!(["editor", 1]), 403),
            (json!(null), 403),
        ] {
            let (status, ..) = ask(&client, path, &key.token(&claims(&groups, Some(0)))).await;
            assert_eq!(status, expected, "{path} {groups}");
        }
    }
}

const FRESH: &str = "a sign-in within the last 15 minutes";
const CHALLENGE: &str = "Bearer error=\"insufficient_user_authentication\", \
                         error_description=\"More recent authentication is required\"";

/// A fresh sign-in is asked for where it is all that is lacking, and nowhere else.
#[rocket::async_test]
async fn whom_a_fresh_sign_in_would_help_gets_401_and_everybody_else_403() {
    let (client, key, _jwks) = client().await;
    let (nobody, editor, admin) = (json!([]), json!(["editor"]), json!(["admin"]));
    let malformed = json!("editor");
    let (young, old, older, future) = (Some(890), Some(910), Some(3_610), Some(-20));
    let both = format!("(group \"editor\" and {FRESH})");
    let either = format!("(group \"admin\" and a sign-in within the last hour) or {both}");
    let in_group = "group \"editor\"";
    let (ok, too_old, not_met) = (
        (200, String::new()),
        |rule: &str| (401, format!("login_too_old: {rule}")),
        |rule: &str| (403, format!("rule_not_met: {rule}")),
    );
    let not = |rule: &str| not_met(&format!("not ({rule})"));
    let table = [
        ("/fresh", &nobody, young, ok.clone()),
        ("/fresh", &nobody, future, ok.clone()),
        ("/fresh", &nobody, old, too_old(FRESH)),
        ("/fresh", &malformed, old, too_old(FRESH)),
        ("/fresh", &nobody, None, not_met(FRESH)),
        ("/editor-and-fresh", &editor, young, ok.clone()),
        ("/editor-and-fresh", &editor, old, too_old(FRESH)),
        ("/editor-and-fresh", &editor, None, not_met(FRESH)),
        ("/editor-and-fresh", &nobody, young, not_met(in_group)),
        ("/editor-and-fresh", &nobody, old, not_met(in_group)),
        ("/editor-and-fresh", &malformed, old, not_met(in_group)),
        ("/fresh-and-editor", &editor, old, too_old(FRESH)),
        ("/fresh-and-editor", &nobody, old, not_met(in_group)),
        ("/fresh-and-editor", &malformed, old, not_met(in_group)),
        ("/admin-or-fresh", &admin, old, ok.clone()),
        ("/admin-or-fresh", &nobody, young, ok.clone()),
        ("/admin-or-fresh", &nobody, old, too_old(&format!("group \"admin\" or {FRESH}"))),
        ("/admin-or-fresh", &nobody, None, not_met(&format!("group \"admin\" or {FRESH}"))),
        ("/not-fresh", &nobody, young, not(FRESH)),
        ("/not-fresh", &nobody, old, not(FRESH)),
        ("/not-fresh", &nobody, None, not(FRESH)),
        ("/not-both", &nobody, old, ok.clone()),
        ("/not-both", &editor, old, not(&both[1..both.len() - 1])),
        ("/not-both", &editor, young, not(&both[1..both.len() - 1])),
        ("/not-not", &nobody, young, ok.clone()),
        ("/not-not", &nobody, old, not(&format!("not ({FRESH})"))),
        ("/editor-not-fresh", &editor, young, not(FRESH)),
        ("/editor-not-fresh", &editor, old, not(FRESH)),
        ("/write-and-fresh", &nobody, old, not_met("scope \"orders/write\"")),
        ("/either", &admin, Some(3_590), ok.clone()),
        ("/either", &admin, older, too_old(&either)),
        ("/either", &editor, young, ok.clone()),
        ("/either", &editor, old, too_old(&either)),
        ("/either", &nobody, young, not_met(&either)),
        ("/hours-and-fresh", &nobody, young, ok.clone()),
        ("/hours-and-fresh", &nobody, old, too_old(FRESH)),
        ("/desk", &nobody, young, (200, "fresh".to_owned())),
        ("/desk", &nobody, old, (200, "others".to_owned())),
    ];
    for (path, groups, age, expected) in table {
        let (status, body, challenge) = ask(&client, path, &key.token(&claims(groups, age))).await;
        assert_eq!((status, body), expected, "{path} {groups} {age:?}");
        let expected = match (path, status) {
            (_, 401) => format!("{CHALLENGE}, max_age=\"900\""),
            ("/write-and-fresh", 403) => {
                "Bearer error=\"insufficient_scope\", scope=\"orders/write\"".to_owned()
            }
            _ => String::new(),
        };
        assert_eq!(challenge, expected, "{path} {groups} {age:?}");
    }
}
