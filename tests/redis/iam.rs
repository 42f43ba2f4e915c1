//! The tokens of the example `redis_iam`, which a Redis outside of AWS does not accept.

use rocket::time::{Date, Month, OffsetDateTime};

use self::redis_iam::{Cache, RoleCredentials};

#[path = "../../examples/redis_iam.rs"]
#[allow(dead_code, reason = "the app around the tokens")]
mod redis_iam;

/// The signatures are those that botocore's `SigV4QueryAuth` made of the same values.
#[test]
fn a_token_of_iam_is_what_the_sdk_of_aws_signs() {
    let now = Date::from_calendar_date(2026, Month::November, 30).unwrap().with_hms(9, 5, 7).unwrap();
    let now: OffsetDateTime = now.assume_utc();
    let mut role = RoleCredentials {
        access_key_id: "AKIDEXAMPLE".into(),
        secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
        token: None,
    };
    let cache = Cache { name: "sessions", user: "app-1", region: "eu-west-1", is_serverless: false };
    assert_eq!(
        cache.token(&role, now),
        "sessions/?Action=connect&User=app-1&X-Amz-Algorithm=AWS4-HMAC-SHA256\
         &X-Amz-Credential=AKIDEXAMPLE%2F20261130%2Feu-west-1%2Felasticache%2Faws4_request\
         &X-Amz-Date=20261130T090507Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host\
         &X-Amz-Signature=e13e0fed503107f0f5ecf27d4ae4b863f5a819e36ae61bed2bec7c626780064c"
    );
    role.token = Some("IQoJb3JpZ2luX2VjEJ//+w==".into());
    let token = Cache { is_serverless: true, ..cache }.token(&role, now);
    assert!(
        token.starts_with("sessions/?Action=connect&ResourceType=ServerlessCache&User=app-1&"),
        "{token}"
    );
    assert!(token.contains("&X-Amz-Security-Token=IQoJb3JpZ2luX2VjEJ%2F%2F%2Bw%3D%3D&"), "{token}");
    let signature = "77d88257e967a8a3e312f50847047b69d4b3f244db92a235dcebc602d6a11ddb";
    assert!(token.ends_with(&format!("&X-Amz-Signature={signature}")), "{token}");
}
