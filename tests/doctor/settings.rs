//! What is wrong before anybody is asked.

use rocket::Config;
use rocket_cognito::Cognito;
use rocket_cognito::local_pool::LocalPoolConfig;

use crate::setup::{KEY, SECRET, Setup, client};
use crate::support::free_port;

#[rocket::async_test]
async fn each_wrong_setting_is_a_finding_and_nobody_is_called() {
    let setup = Setup::new().await.without("cognito.user_pool_id").set("cognito.redirct_url", "x");
    setup.shows(&[("setting_wrong", "`redirct_url`"), ("setting_wrong", "`user_pool_id`")]).await;
    assert_eq!(setup.front.requests(), 0);
}

#[rocket::async_test]
async fn a_misspelt_setting_is_found() {
    Setup::new()
        .await
        .set("cognito.cookie_age_second", 60)
        .shows(&[("setting_wrong", "cookie_age_seconds")])
        .await;
}

#[test]
#[expect(clippy::result_large_err, reason = "Jail's closures return figment::Error")]
fn secrets_in_a_file_are_found_outside_profile_debug() {
    figment::Jail::expect_with(|jail| {
        jail.create_file(
            "Rocket.toml",
            &format!(
                "[default.cognito]\nuser_pool_id = \"eu-west-1_AbC123\"\nclient_id = \"shop\"\n\
                 client_secret = \"{SECRET}\"\ndomain = \"acme\"\nlogout_url = \"http://localhost:8000/\"\n\
                 redirect_url = \"http://localhost:8000/auth/callback\"\nsecret_keys = \"{KEY}\"\n"
            ),
        )?;
        let found = |profile: &str| {
            let diagnosis = Cognito::diagnose_offline(&Config::figment().select(profile));
            let found: Vec<_> =
                diagnosis.findings().map(|it| format!("{} {}", it.code(), it.subject())).collect();
            assert!(!diagnosis.to_string().contains(SECRET));
            found
        };
        assert_eq!(found("release"), ["secret_in_file `client_secret`", "secret_in_file `secret_keys`"]);
        assert_eq!(found("debug"), [""; 0]);
        jail.set_env("ROCKET_COGNITO_CLIENT_SECRET", SECRET);
        assert_eq!(found("release"), ["secret_in_file `secret_keys`"]);
        Ok(())
    });
}

#[rocket::async_test]
async fn disabled_mode_is_found_where_it_is_allowed_and_no_pool_is_asked() {
    let setup = Setup::new().await.set("cognito.disabled", true).set("cognito.unsafe_in_profile", "release");
    setup.shows(&[("unsafe_mode", "`disabled`")]).await;
    assert_eq!(setup.front.requests(), 0);
}

#[rocket::async_test]
async fn tokens_that_never_expire_are_found_where_they_are_allowed() {
    let setup =
        Setup::new().await.set("cognito.check_expiration", false).set("cognito.unsafe_in_profile", "release");
    setup.shows(&[("unsafe_mode", "`check_expiration`")]).await;
}

#[rocket::async_test]
async fn a_log_that_shows_whole_requests_is_found() {
    Setup::new().await.set("log_level", "debug").shows(&[("requests_in_log", "log_level")]).await;
}

#[rocket::async_test]
async fn calls_in_the_clear_are_found() {
    let setup = Setup::new().await;
    let setup = setup
        .set("cognito.unsafe_in_profile", "release")
        .set("cognito.server_domain", "http://pool:9400")
        .set("cognito.jwks_uri", "http://127.0.0.1:9/jwks.json");
    let diagnosis = Cognito::diagnose_offline(setup.figment());
    let found: Vec<_> = diagnosis.findings().map(|it| (it.code(), it.subject())).collect();
    assert_eq!(found, [("plain_http", "`server_domain`")], "{diagnosis}");
}

#[rocket::async_test]
async fn settings_that_start_a_local_pool_have_none_to_ask() {
    let figment = rocket::figment::Figment::from(Config::debug_default())
        .merge(("port", free_port()))
        .merge(("cognito.local_pool", true))
        .select(Config::DEBUG_PROFILE);
    let diagnosis = Cognito::diagnose(&figment).await;
    let last = diagnosis.checks().last().unwrap();
    assert!(diagnosis.is_healthy() && !last.was_made(), "{diagnosis}");
    assert!(last.detail().contains("--profile release"), "{diagnosis}");
}

#[rocket::async_test]
async fn a_plan_without_levels_is_found_where_the_settings_name_some() {
    use rocket_cognito::local_pool::LocalLevels;
    let names = [("4", "gold")].map(|(level, name)| (level.to_owned(), name.to_owned()));
    let names: rocket::figment::value::Dict =
        names.into_iter().map(|(level, name)| (level, name.into())).collect();
    let lite = LocalPoolConfig::default().client(client()).levels(LocalLevels::new().ignored());
    let setup = Setup::with(lite).await.set("cognito.level_names", names.clone());
    setup.shows(&[("levels_ignored", "Essentials")]).await;
    Setup::new().await.set("cognito.level_names", names).shows(&[]).await;
}
