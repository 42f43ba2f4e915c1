//! Cookies of other releases, while an app is rolled out or back: they are passed over, not misread.

use serde_json::{Value, json};

use crate::support::agent::Agent;
use crate::support::agent::answer;
use crate::support::app::{App, SECRET_KEY, Setup};
use crate::support::forge::{now, with, without};
use crate::support::sealing::Seal;
use crate::support::{ACCESS, REFRESH, TOKEN};

/// What another release might seal, beside the envelope of this one.
fn others(purpose: &str, value: &Value) -> Vec<(String, Value)> {
    let envelope = json!({ "v": 1, "p": purpose, "t": now(), "d": value });
    let mut others = Vec::new();
    for version in [json!(0), json!(2), json!(256), json!(-1), json!("1"), json!(1.5), json!(null)] {
        others.push((format!("version {version}"), with(envelope.clone(), "v", version)));
    }
    for member in ["v", "p", "t", "d"] {
        others.push((format!("no {member}"), without(envelope.clone(), member)));
    }
    others.push(("another member".into(), with(envelope.clone(), "kid", json!(1))));
    others.push(("a list".into(), json!([2, purpose, now(), value])));
    others.push(("the value alone".into(), value.clone()));
    let mut within = |what: String, value: Value| others.push((what, with(envelope.clone(), "d", value)));
    within("another member within".into(), with(value.clone(), "region", json!("eu-west-1")));
    within("a list within".into(), json!([value]));
    within("a text within".into(), json!(value.to_string()));
    for (name, present) in value.as_object().unwrap() {
        // What is absent there may be left out.
        if !present.is_null() {
            within(format!("no {name} within"), without(value.clone(), name));
            within(format!("another kind of {name}"), with(value.clone(), name, json!({ "is": present })));
        }
    }
    others
}

/// O10: whoever sealed it finds it where it was.
#[rocket::async_test]
async fn a_record_of_another_release_is_passed_over() {
    let app = Setup::new().pool(|pool| pool.refresh_token_rotation(true)).start().await;
    let (agent, seal) = (app.session("alice", now()), Seal::new(SECRET_KEY, "refresh"));
    let (sealed, access) = (agent.cookie(REFRESH).unwrap(), agent.cookie(ACCESS).unwrap());
    let others = others("refresh", &seal.open(&sealed));
    assert!(others.len() >= 30, "{}", others.len());
    for (what, envelope) in others {
        agent.set_cookie(REFRESH, &seal.seal_envelope(&envelope));
        agent.set_cookie(ACCESS, &access);
        let before = agent.cookies();
        assert_eq!(agent.get(&app.url("/me")).await.status, 200, "{what}: the token counts as ever");
        agent.drop_cookie(ACCESS);
        let page = agent.get(&app.url("/me")).await;
        assert_eq!(answer(&page), (401, "session_expired".into()), "{what}");
        assert_eq!(agent.cookie(REFRESH).as_ref(), before.get(REFRESH), "{what}");
    }
    assert_eq!(app.pool.requests(TOKEN), 0);
    agent.set_cookie(REFRESH, &sealed);
    assert_eq!(agent.get(&app.url("/me")).await.status, 200, "the control");
}

/// O10.
#[rocket::async_test]
async fn a_sign_in_that_another_release_began_is_begun_again() {
    let (app, agent) = (App::start().await, Agent::new());
    let (callback, seal) = (app.begin(&agent, "/me").await, Seal::new(SECRET_KEY, "login"));
    let (name, sealed) =
        agent.cookies().into_iter().find(|(name, _)| name.starts_with("cognito_login_")).unwrap();
    let mut others = others("login", &seal.open(&sealed));
    // Not every sign-in has one.
    others.retain(|(what, _)| what != "no next within");
    assert!(others.len() >= 25, "{}", others.len());
    for (what, envelope) in others {
        agent.set_cookie(&name, &seal.seal_envelope(&envelope));
        let page = agent.get(&callback).await;
        assert_eq!(answer(&page), (400, "login_not_recognised".into()), "{what}");
    }
    assert_eq!(app.pool.requests(TOKEN), 0);
    agent.set_cookie(&name, &sealed);
    assert_eq!(answer(&agent.get(&callback).await), (303, String::new()), "the control");
}
