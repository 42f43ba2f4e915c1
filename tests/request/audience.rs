//! Access tokens that are bound to a resource.

use std::time::SystemTime;

use rocket::{get, routes};
use rocket_cognito::policy::{Decision, Policy, Rule};
use rocket_cognito::{Authorized, CognitoUser, Login};

use crate::support::agent::{Agent, Page};
use crate::support::app::{App, CLIENT, Setup, build};
use crate::{ask_as, name, outcome};

const API: &str = "https://api.example.com/v1";
const OTHER: &str = "https://other.example.com";

struct ForTheApi;
impl Policy for ForTheApi {
    fn check(user: &CognitoUser, _: SystemTime) -> Decision {
        match user.audience() {
            Some(API) => Decision::Granted,
            Some(_) => Decision::Refused(Self::rule()),
            None => Decision::Undecided(Self::rule()),
        }
    }

    fn rule() -> Rule {
        Rule::named("a token for this API")
    }
}

#[get("/signin?<resource>")]
fn signin(resource: Option<&str>) -> Login {
    let login = Login::new().next("/audience");
    resource.into_iter().fold(login, |login, resource| login.resource(resource))
}

#[get("/audience")]
fn audience(user: CognitoUser) -> String {
    format!("{:?}", user.audience())
}

#[get("/api")]
fn api(user: Authorized<ForTheApi>) -> String {
    name(&user)
}

async fn start(audiences: &[&str]) -> App {
    let setup = Setup::new().set("accepted_audiences", audiences);
    setup.start_with(|rocket| build(rocket).mount("/", routes![signin, audience, api])).await
}

/// A sign-in for `resource`, up to the page that it leads to.
async fn sign_in(app: &App, resource: Option<&str>) -> (Agent, Page) {
    let agent = Agent::new();
    let query = resource.map_or(String::new(), |resource| format!("?resource={resource}"));
    let page = agent.sign_in(&app.url(&format!("/signin{query}")), "alice").await;
    (agent, page)
}

#[rocket::async_test]
async fn a_whole_sign_in_for_a_resource_and_its_renewals() {
    let app = start(&[API, OTHER]).await;
    for (resource, shown, at_the_api) in [
        (Some(API), format!("Some({API:?})"), (200, "alice".to_owned())),
        (Some(OTHER), format!("Some({OTHER:?})"), (403, "rule_not_met".to_owned())),
        (None, "None".to_owned(), (403, "rule_not_met".to_owned())),
    ] {
        let (agent, page) = sign_in(&app, resource).await;
        assert_eq!((page.status.as_u16(), page.body.as_str()), (200, shown.as_str()));
        assert_eq!(outcome(&agent.get(&app.url("/api")).await), at_the_api);

        let token = agent.cookie("cognito_access_token").unwrap();
        let same_origin = [("sec-fetch-site", "same-origin")];
        for _ in 0..2 {
            assert_eq!(agent.post(&app.url("/auth/refresh"), &same_origin, &[]).await.status, 303);
            assert_eq!(agent.get(&app.url("/audience")).await.body, shown);
        }
        let renewed = agent.cookie("cognito_access_token").unwrap();
        assert_ne!(renewed, token);
        for token in [token, renewed] {
            assert_eq!(ask_as(&app.url("/audience"), &token).await.body, shown);
            assert_eq!(outcome(&ask_as(&app.url("/api"), &token).await), at_the_api);
        }
    }
}

/// At the app itself such a sign-in does not begin; a token that was got elsewhere does not count.
#[rocket::async_test]
async fn a_token_for_a_resource_that_is_not_listed_does_not_count() {
    let app = start(&[API, OTHER]).await;
    let (agent, _) = sign_in(&app, Some(OTHER)).await;
    let bound = agent.cookie("cognito_access_token").unwrap();
    let unbound = app.pool.sign_in("alice", CLIENT).unwrap().access_token;
    assert_eq!(ask_as(&app.url("/me"), &bound).await.status, 200);
    for audiences in [vec![API], vec![]] {
        let narrow = app.instance("accepted_audiences", &audiences).await;
        let refused = outcome(&ask_as(&narrow.url("/me"), &bound).await);
        assert_eq!(refused, (401, "invalid_token".into()), "{audiences:?}");
        assert_eq!(outcome(&agent.get(&narrow.url("/me")).await).0, 401, "nor as a session");
        assert_eq!(ask_as(&narrow.url("/me"), &unbound).await.status, 200);
    }
}
