//! Every kind of user of the local pool, signed in through the whole app.

use rocket::serde::json::Json;
use rocket::{get, routes};
use rocket_cognito::local_pool::{LocalClient, LocalIdentity, LocalPoolConfig, LocalTrigger, LocalUser};
use rocket_cognito::{CognitoUser, Machine};
use serde_json::{Value, json};

use crate::support::agent::{Agent, Page};
use crate::support::app::{App, Setup, build};

#[get("/claims")]
async fn claims(user: CognitoUser) -> Json<Value> {
    let info = user.fetch_user_info().await.unwrap();
    Json(json!({
        "sub": user.sub(),
        "username": user.username(),
        "groups": user.groups(),
        "email": user.email(),
        "email_verified": user.email_verified(),
        "phone_number": user.phone_number(),
        "access": user.access_claims::<Value>().unwrap().unwrap(),
        "id": user.id_claims::<Value>().unwrap().unwrap(),
        "info": { "email": info.email(), "email_verified": info.email_verified() },
    }))
}

#[get("/tenant")]
fn tenant(machine: Machine) -> String {
    machine.access_claims::<Value>().unwrap().unwrap()["tenant"].to_string()
}

async fn app_of(change: impl FnOnce(LocalPoolConfig) -> LocalPoolConfig) -> App {
    Setup::new()
        .set("accepted_client_ids", ["shop", "worker"])
        .pool(change)
        .start_with(|rocket| build(rocket).mount("/", routes![claims, tenant]))
        .await
}

/// Signs in by the button of a user.
async fn press(agent: &Agent, app: &App, username: &str) -> Page {
    let form = agent.follow(&app.url("/auth/login?next=/claims")).await;
    let answer = agent.post(form.url.as_str(), &[], &[("user", username)]).await;
    assert_eq!(answer.status, 302, "{}", answer.body);
    agent.follow(&answer.location()).await
}

/// What the app says of whom that button has signed in.
async fn read_of(app: &App, username: &str) -> Value {
    let page = press(&Agent::new(), app, username).await;
    assert_eq!((page.status.as_u16(), page.url.path()), (200, "/claims"), "{}", page.body);
    serde_json::from_str(&page.body).unwrap()
}

#[track_caller]
fn assert_reads(read: &Value, expected: Value) {
    for (name, value) in expected.as_object().unwrap() {
        let claim = name.split('/').try_fold(read, |value, name| value.get(name));
        assert_eq!(claim, Some(value), "{name} of {read:#}");
    }
}

#[rocket::async_test]
async fn every_kind_of_user_signs_in_to_the_app_and_is_read_by_its_guards() {
    let role = "arn:aws:iam::123456789012:role/staff";
    let trigger = LocalTrigger::new()
        .groups(["Sales, EMEA", "späte Schicht"])
        .access_claim("tenant", json!({ "id": 7 }))
        .id_claim("beta", true);
    let worker = LocalClient::new("worker").secret("s3cret").scope("orders/read").client_credentials();
    let worker = worker.trigger(LocalTrigger::new().access_claim("tenant", json!({ "id": 7 })));
    let phone = |name: &str| LocalUser::new(name).attribute("phone_number", "+441632960000");
    let app = app_of(|pool| {
        pool.client(worker)
            .user(phone("dave").attribute("email_verified", "false"))
            .user(phone("erin").without("email_verified"))
            .user(phone("frank").without("email").with_sub("franks-sub"))
            .user(LocalUser::new("grace").roles([role]).preferred_role(role).group("staff"))
            .user(
                LocalUser::new("heidi")
                    .attribute("address", "1 High Street")
                    .attribute("updated_at", "1700000000"),
            )
            .user(LocalUser::new("ivan").group("staff").trigger(trigger))
            .user(LocalUser::federated(LocalIdentity::new("Google", "1234")))
            .user(LocalUser::new("judy").disabled())
    })
    .await;
    for (username, expected) in [
        (
            "dave",
            json!({ "username": "dave", "email": "dave@example.com", "email_verified": false, "groups": [],
                "phone_number": "+441632960000", "info/email_verified": false }),
        ),
        ("erin", json!({ "email": "erin@example.com", "email_verified": null, "info/email_verified": null })),
        ("frank", json!({ "email": null, "email_verified": null, "sub": "franks-sub", "info/email": null })),
        (
            "grace",
            json!({ "id/cognito:roles": [role], "id/cognito:preferred_role": role, "groups": ["staff"] }),
        ),
        ("heidi", json!({ "id/address": { "formatted": "1 High Street" }, "id/updated_at": 1_700_000_000 })),
        (
            "ivan",
            json!({ "groups": ["Sales, EMEA", "späte Schicht"], "access/tenant": { "id": 7 }, "id/beta": true }),
        ),
        (
            "Google_1234",
            json!({ "username": "Google_1234", "groups": ["eu-west-1_LocalPool_Google"],
                "email": "1234@example.com", "email_verified": false }),
        ),
    ] {
        let read = read_of(&app, username).await;
        assert_reads(&read, expected);
        assert_eq!(read["sub"], read["id"]["sub"]);
        assert_eq!(read["access"].get("identities"), None);
        assert_eq!(read["id"].get("identities").is_some(), username == "Google_1234");
    }

    let agent = Agent::new();
    let form = agent.follow(&app.url("/auth/login?next=/claims")).await;
    let refused = agent.post(form.url.as_str(), &[], &[("user", "judy")]).await;
    assert_eq!(refused.status, 401);
    app.pool.enable_user("judy").unwrap();
    assert_reads(&read_of(&app, "judy").await, json!({ "username": "judy" }));

    let token = format!("Bearer {}", app.pool.machine_token("worker").unwrap());
    let answer = Agent::new()
        .send(reqwest::Method::GET, &app.url("/tenant"), &[("authorization", &token)], None)
        .await;
    assert_eq!((answer.status.as_u16(), &*answer.body), (200, "{\"id\":7}"));
}

#[rocket::async_test]
async fn people_who_sign_in_by_address_are_a_uuid_to_the_app() {
    let app = app_of(|pool| {
        pool.username_attributes(["email", "phone_number"])
            .case_sensitive(false)
            .user(LocalUser::new("dave@example.com"))
            .user(LocalUser::new("+441632960000"))
    })
    .await;
    for (name, email, phone) in [
        ("DAVE@Example.com", json!("dave@example.com"), json!(null)),
        ("+441632960000", json!(null), json!("+441632960000")),
    ] {
        let agent = Agent::new();
        let page = agent.sign_in(&app.url("/auth/login?next=/claims"), name).await;
        assert_eq!(page.url.path(), "/claims", "{}", page.body);
        let read: Value = serde_json::from_str(&page.body).unwrap();
        assert_reads(&read, json!({ "username": read["sub"], "email": email, "phone_number": phone }));
        assert_eq!(read["sub"].as_str().unwrap().split('-').count(), 5);
    }
}

#[rocket::async_test]
async fn an_alias_signs_in_whom_it_belongs_to() {
    let app = app_of(|pool| pool.alias_attributes(["email"])).await;
    let page = Agent::new().sign_in(&app.url("/auth/login?next=/claims"), "bob@example.com").await;
    let read: Value = serde_json::from_str(&page.body).unwrap();
    assert_reads(&read, json!({ "username": "bob", "groups": ["editor"] }));
}

#[rocket::async_test]
async fn what_changes_while_the_pool_runs_reaches_the_app() {
    let app = App::start().await;
    app.pool.add_user(LocalUser::new("dave").group("staff")).unwrap();
    let agent = app.signed_in("dave").await;
    app.pool.set_attribute("dave", "email", "dave@new.example").unwrap();
    app.pool.set_groups("dave", ["admin"]).unwrap();
    let origin = app.origin();
    let refresh = async || {
        let url = app.url("/auth/refresh");
        agent.post(&url, &[("origin", &origin), ("accept", "application/json")], &[]).await.status.as_u16()
    };
    assert_eq!(refresh().await, 200);
    let me: Value = serde_json::from_str(&agent.get(&app.url("/me")).await.body).unwrap();
    assert_eq!((&me["email"], &me["groups"]), (&json!("dave@new.example"), &json!(["admin"])));
    assert_eq!(agent.get(&app.url("/admin")).await.status, 200);

    app.pool.remove_user("dave").unwrap();
    assert_eq!(refresh().await, 401);
    assert_eq!(agent.get(&app.url("/me")).await.status, 401);
}
