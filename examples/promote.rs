//! Run `cargo run --example promote`, then open http://localhost:8000 and sign in as alice and, in another browser, as
//! carol.
//!
//! An admin promotes a colleague: the app calls the pool's API, `AdminAddUserToGroup`, and the group counts once the
//! colleague's session has been refreshed. Until then tokens show the groups of the last refresh, at Cognito as here.
//!
//! Calls to Cognito itself are signed, so a real app makes this one by the crate `aws-sdk-cognitoidentityprovider`,
//! with credentials that allow it:
//!
//! ```rust,ignore
//! let aws = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
//! let cognito = aws_sdk_cognitoidentityprovider::Client::new(&aws);
//! cognito.admin_add_user_to_group().user_pool_id(pool).username("carol").group_name("editor").send().await?;
//! ```
//!
//! In development the variable `AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER=http://127.0.0.1:9400` leads the SDK to the
//! local pool, which accepts any signature (the SDK wants credentials and a region all the same:
//! `AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any AWS_REGION=eu-west-1`). Here the call is made by hand.

use std::time::Duration;

use rocket::fairing::AdHoc;
use rocket::form::Form;
use rocket::http::Status;
use rocket::response::Redirect;
use rocket::response::content::RawHtml;
use rocket::serde::json::{Value, json};
use rocket::{FromForm, State, get, launch, post, routes};
use rocket_cognito::local_pool::LocalPool;
use rocket_cognito::{Cognito, CognitoUser, Group, InGroups};

const HOME: &str = r#"<p><a href="/auth/login">Sign in</a>, <a href="/me">who am I</a>, <a href="/desk">the editors' desk</a></p>
<form method="post" action="/promotions"><input name="username" value="carol"> <button>Make an editor</button></form>
<form method="post" action="/auth/refresh?next=/me"><button>Refresh my session</button></form>
<form method="post" action="/auth/logout"><button>Sign out</button></form>"#;

struct Admin;
impl Group for Admin {
    const NAME: &'static str = "admin";
}

struct Editor;
impl Group for Editor {
    const NAME: &'static str = "editor";
}

/// The pool's API, which has the users.
struct Directory {
    endpoint: String,
    user_pool_id: String,
    http: reqwest::Client,
}

impl Directory {
    /// That of the pool which the fairing has started.
    fn of(pool: Option<&LocalPool>) -> Self {
        Directory {
            endpoint: pool.map(LocalPool::base_url).unwrap_or_default(),
            user_pool_id: pool.map(|pool| pool.user_pool_id().to_owned()).unwrap_or_default(),
            http: reqwest::Client::builder()
                .timeout(Duration::from_secs(5))
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .expect("an HTTP client is made"),
        }
    }

    /// Calls an operation. The error has the type of Cognito's, such as `UserNotFoundException`.
    async fn call(&self, operation: &str, members: Value) -> Result<(), String> {
        let request = self.http.post(format!("{}/", self.endpoint));
        let request = request.header("Content-Type", "application/x-amz-json-1.1");
        let request =
            request.header("X-Amz-Target", format!("AWSCognitoIdentityProviderService.{operation}"));
        let response =
            request.body(members.to_string()).send().await.map_err(|_| "The pool does not answer.")?;
        if response.status().is_success() {
            return Ok(());
        }
        let kind = response.headers().get("x-amzn-errortype").and_then(|kind| kind.to_str().ok());
        Err(kind.unwrap_or("no answer of Cognito's").to_owned())
    }
}

#[derive(FromForm)]
struct Promotion<'r> {
    username: &'r str,
}

#[get("/")]
fn home() -> RawHtml<&'static str> {
    RawHtml(HOME)
}

#[get("/me")]
fn me(user: CognitoUser) -> String {
    format!("{}, in the groups {:?}", user.username(), user.groups())
}

#[get("/desk")]
fn desk(editor: InGroups<Editor>) -> String {
    format!("{}, here is the desk", editor.username())
}

#[post("/promotions", data = "<promotion>")]
async fn promote(
    _by: InGroups<Admin>,
    directory: &State<Directory>,
    promotion: Form<Promotion<'_>>,
) -> Result<Redirect, (Status, String)> {
    let members = json!({
        "UserPoolId": directory.user_pool_id,
        "Username": promotion.username,
        "GroupName": Editor::NAME,
    });
    match directory.call("AdminAddUserToGroup", members).await {
        Ok(()) => Ok(Redirect::to("/")),
        Err(kind) if kind == "UserNotFoundException" => {
            Err((Status::NotFound, format!("There is no {}", promotion.username)))
        }
        Err(kind) => Err((Status::BadGateway, kind)),
    }
}

#[launch]
fn rocket() -> _ {
    rocket::build()
        .attach(Cognito::fairing())
        .attach(AdHoc::on_ignite("Directory", |rocket| async {
            let directory = Directory::of(rocket.state::<LocalPool>());
            rocket.manage(directory)
        }))
        .mount("/", routes![home, me, desk, promote])
        .register("/", rocket_cognito::catchers())
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
    fn what_anybody_may_see() {
        let (_, client) = client();
        assert_eq!(testing::map(client.rocket()).open(), ["GET /"]);
    }

    #[test]
    fn admins_of_this_site_promote_and_nobody_else() {
        let (pool, client) = client();
        let promotion = || client.post("/promotions").header(ContentType::Form).body("username=carol");
        let [alice, carol] = [pool.person("alice").group("admin"), pool.person("carol")];
        assert_eq!(promotion().signed_in(&carol).ask().code(), Some("rule_not_met"));
        let foreign = promotion().signed_in(&alice).from_another_site().ask();
        assert_eq!(foreign.code(), Some("cross_site"));
        // The kit has no API.
        assert_eq!(promotion().signed_in(&alice).ask().status(), Status::BadGateway);
    }

    #[test]
    fn the_desk_is_for_editors() {
        let (pool, client) = client();
        let carol = pool.person("carol");
        assert_eq!(client.get("/desk").signed_in(&carol).ask().code(), Some("rule_not_met"));
        let answer = client.get("/desk").signed_in(&carol.group("editor")).ask();
        assert_eq!(answer.into_string().unwrap(), "carol, here is the desk");
    }
}
