//! Every operation, called by boto3 and held to botocore's model of Cognito.

use rocket::tokio::task::spawn_blocking;
use rocket_cognito::local_pool::{
    LocalClient, LocalPool, LocalPoolConfig, LocalSessions, LocalTokenExchange,
};
use serde_json::json;

use crate::browser::CALLBACK;
use crate::support::python::judged;

/// A client secret of the length that Cognito's have.
const SECRET: &str = "a-secret-of-a-test-with-24-or-more";

#[rocket::async_test]
async fn boto3_calls_every_operation_and_each_answer_has_the_modelled_shape() {
    let secret = SECRET.replace('-', "_");
    let shop = LocalClient::new("shop").secret(&secret).callback_url(CALLBACK);
    let worker = LocalClient::new("worker").secret(&secret).scope("orders/read").client_credentials();
    let service = LocalClient::new("service").secret(&secret).token_exchange(LocalTokenExchange::Both);
    let config = LocalPoolConfig::default().port(0).client(shop).client(LocalClient::new("spa"));
    let config = config.client(worker).client(service);
    let pool = LocalPool::start(config.sessions(LocalSessions::new())).await.unwrap();
    let subject = pool.sign_in("alice", "spa").unwrap().access_token;
    let input = json!({
        "endpoint": pool.base_url(), "pool": pool.user_pool_id(), "secret": secret, "subject": subject,
    });
    let judgement = spawn_blocking(move || judged(include_str!("judge.py"), &input.to_string()));
    let Some(called) = judgement.await.unwrap() else { return };
    assert_eq!(called.lines().count(), 49, "{called}");
}
