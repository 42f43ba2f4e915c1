use std::time::SystemTime;

use rocket::fairing::AdHoc;
use rocket::http::{Cookie, CookieJar, SameSite, Status};
use rocket::response::Redirect;
use rocket::serde::json;
use rocket::time::Duration;
use rocket::{Either, State, get, launch, routes, uri};
use rocket_cognito::CognitoUser;
use rocket_cognito::client::{ClientError, CodeExchange, CognitoClient, PendingSignIn, TokenSet};

/// Who is not signed in goes to the pool. What the callback needs stays in the browser.
#[get("/")]
async fn home(
    client: &State<CognitoClient>,
    cookies: &CookieJar<'_>,
) -> Result<Either<String, Redirect>, Status> {
    if let Some(user) = signed_in(client, cookies).await.map_err(status)? {
        return Ok(Either::Left(format!("Your address is {}", user.email().unwrap_or("not known"))));
    }
    let begun = client.authorization().begin().map_err(status)?;
    let kept = json::to_string(&begun).map_err(|_| Status::InternalServerError)?;
    cookies.add(cookie("sign_in", kept, Duration::minutes(10)));
    Ok(Either::Right(Redirect::to(begun.url().to_owned())))
}

/// `get_cognito_tokens(code=code)`. No other browser may bring the code: the state says so.
#[get("/login?<code>&<state>")]
async fn login(
    code: &str,
    state: &str,
    client: &State<CognitoClient>,
    cookies: &CookieJar<'_>,
) -> Result<Redirect, Status> {
    let kept = cookies.get("sign_in").and_then(|kept| json::from_str::<PendingSignIn>(kept.value()).ok());
    let begun = kept.filter(|begun| begun.has_state(state)).ok_or(Status::BadRequest)?;
    cookies.remove("sign_in");
    let tokens = client.exchange_code(CodeExchange::of(&begun, code), SystemTime::now()).await;
    keep(&tokens.map_err(status)?, cookies);
    Ok(Redirect::to(uri!(home)))
}

/// `decode_verify_jwt(id_token)`, and `get_cognito_tokens(refresh_token=refresh_token)` when it has expired.
async fn signed_in(
    client: &CognitoClient,
    cookies: &CookieJar<'_>,
) -> Result<Option<CognitoUser>, ClientError> {
    let now = SystemTime::now();
    if let Some(id_token) = cookies.get("id_token") {
        match client.verify_id_token(id_token.value(), None, now).await {
            Err(error) if error.is_invalid_token() => {}
            verified => return verified.map(Some),
        }
    }
    let Some(refresh_token) = cookies.get("refresh_token") else { return Ok(None) };
    let tokens = match client.refresh(refresh_token.value(), now).await {
        Err(error) if error.is_invalid_grant() => return Ok(None),
        refreshed => refreshed?,
    };
    keep(&tokens, cookies);
    let Some(id_token) = tokens.id_token() else { return Ok(None) };
    client.verify_id_token(id_token, None, now).await.map(Some)
}

fn keep(tokens: &TokenSet, cookies: &CookieJar<'_>) {
    if let Some(id_token) = tokens.id_token() {
        cookies.add(cookie("id_token", id_token.to_owned(), Duration::hours(1)));
    }
    if let Some(refresh_token) = tokens.refresh_token() {
        cookies.add(cookie("refresh_token", refresh_token.to_owned(), Duration::days(30)));
    }
}

fn cookie(name: &'static str, value: String, age: Duration) -> Cookie<'static> {
    Cookie::build((name, value)).http_only(true).secure(true).same_site(SameSite::Lax).max_age(age).build()
}

fn status(error: ClientError) -> Status {
    match error {
        _ if error.is_unavailable() => Status::ServiceUnavailable,
        _ if error.is_misconfigured() => Status::InternalServerError,
        _ => Status::BadRequest,
    }
}

#[launch]
pub fn rocket() -> _ {
    rocket::build().mount("/", routes![home, login]).attach(AdHoc::on_ignite("client", |rocket| async {
        let client = CognitoClient::from_figment(rocket.figment()).expect("the settings are right");
        rocket.manage(client)
    }))
}
