//! `client_secret_file` and `secret_keys_file`.

use super::support::secret_file::SecretFile;
use super::{KEY, assert_told, check, pool_with};

const CANARY: &str = "c4nary";

/// What the operator is told of a file with this content, and its path as it is shown.
fn told(key: &str, content: impl AsRef<[u8]>) -> (String, String) {
    let file = SecretFile::new(content);
    let path = format!("{:?}", file.text());
    let changes = [(key, path.as_str()), ("secret_keys", "\"\"")];
    let changes = if key == "client_secret_file" { &changes[..1] } else { &changes[..] };
    let answer = check("release", &pool_with(changes), &[]);
    // The environment says the same.
    let text = file.text();
    let variable = format!("ROCKET_COGNITO_{}", key.to_ascii_uppercase());
    let by_variable = check("release", &pool_with(&changes[1..]), &[(&variable, &text)]);
    assert_eq!(answer.is_empty(), by_variable.is_empty(), "{answer}\n{by_variable}");
    assert!(!answer.contains(CANARY) && !by_variable.contains(CANARY), "{answer}\n{by_variable}");
    (answer, path)
}

#[test]
fn a_client_secret_lies_in_a_file_in_any_of_its_forms() {
    let stored = |more: &str| format!("{{{more}\"clientSecretValue\":\"1s3cret\"}}");
    for content in [
        "1s3cret".to_owned(),
        "1s3cret\n".to_owned(),
        "\u{feff}1s3cret\r\n2s3cret\r\n\r\n".to_owned(),
        stored(""),
        format!("\u{feff}{}\r\n", stored("\"userPoolId\":\"eu-west-1_AbC123\",\"more\":[1],")),
        stored("\n\"userPoolId\":\"eu-west-1_AbC123\",\n\"userPoolClientId\":\"1example23456789\",\n"),
    ] {
        assert_eq!(told("client_secret_file", &content).0, "", "{content:?}");
    }
}

#[test]
fn each_wrong_file_of_a_client_secret_is_named_with_its_remedy_and_not_shown() {
    let long = CANARY.repeat(16 * 1024 / CANARY.len() + 1);
    for (content, problem) in [
        ("", "is empty"),
        ("\u{feff}\r\n\n", "is empty"),
        ("c4nary c4nary", "has a line 1 that is empty, or has a space"),
        ("1s3cret\nc4nary\u{e4}", "has a line 2 that is empty, or has a space"),
        ("c4nary\n\nc4nary", "has more than two lines"),
        ("\nc4nary", "has a line 1 that is empty"),
        ("{ c4nary", "begins with `{`, and is no JSON object as Secrets Manager has it"),
        ("{\"clientSecretValue\":[\"c4nary\"]}", "begins with `{`, and is no JSON object"),
        (
            "{\"clientSecretValue\":\"c4nary c4nary\"}",
            "has a `clientSecretValue` that is empty, or has a space",
        ),
        ("{\"c4nary\":\"c4nary\"}", "is JSON without `clientSecretValue`"),
        (
            "{\"ARN\":\"c4nary\",\"SecretString\":\"c4nary\"}",
            "is a whole answer of Secrets Manager: write its `SecretString` alone into the file, by `--query",
        ),
        (
            "{\"userPoolId\":\"eu-west-1_Other\",\"clientSecretValue\":\"c4nary\"}",
            "is of another user pool: its `userPoolId` is \"eu-west-1_Other\", and `user_pool_id` is \
             \"eu-west-1_AbC123\"",
        ),
        (
            "{\"userPoolClientId\":\"other\",\"clientSecretValue\":\"c4nary\"}",
            "is of another app client: its `userPoolClientId` is \"other\", and `client_id` is \"1example23456789\"",
        ),
        (&long, "is larger than 16384 bytes"),
    ] {
        let (answer, path) = told("client_secret_file", content);
        assert_told(&answer, &["1 setting needs", "`client_secret_file`", "to type: client_secret_file = "]);
        assert_told(&answer, &[&format!("leads to {path}, which {problem}")]);
    }
    assert_told(&told("client_secret_file", [b'c', 0xff]).0, &["which is not text in UTF-8"]);
}

#[test]
fn a_key_in_a_file_is_judged_as_one_in_the_settings_is() {
    for content in [KEY.to_owned(), format!("\u{feff}{KEY}\r\n"), [KEY; 5].join("\n")] {
        assert_eq!(told("secret_keys_file", &content).0, "", "{content:?}");
    }
    for (content, problem) in [
        (String::new(), "is empty"),
        (CANARY.to_owned(), "has a line 1 that is 6 bytes long, shorter than 32"),
        (format!("{KEY}\n{}", CANARY.repeat(9)), "has a line 2 that repeats few characters"),
        (format!("{KEY}\n\n{KEY}"), "has a line 2 that is 0 bytes long"),
        ([KEY; 6].join("\n"), "has 6 keys, more than 5"),
    ] {
        let (answer, path) = told("secret_keys_file", &content);
        assert_told(&answer, &["1 setting needs", "`secret_keys_file`", "openssl rand -base64 48"]);
        assert_told(&answer, &[&format!("leads to {path}, which {problem}")]);
    }
}

#[test]
fn a_file_of_secrets_beside_the_setting_itself_is_refused() {
    let (secret, keys) = (SecretFile::new("1s3cret"), SecretFile::new(KEY));
    let (secret, keys) = (format!("{:?}", secret.text()), format!("{:?}", keys.text()));
    let both = [("client_secret", "\"1s3cret\""), ("client_secret_file", secret.as_str())];
    let problem = "`client_secret_file`: stands beside `client_secret`, and only one of them can count";
    assert_told(
        &check("debug", &pool_with(&both), &[]),
        &["1 setting needs", problem, "leave one of them out"],
    );
    let secret_in_variable = [("ROCKET_COGNITO_CLIENT_SECRET", "1s3cret")];
    assert_told(&check("debug", &pool_with(&both[1..]), &secret_in_variable), &[problem]);
    let problem = "`secret_keys_file`: stands beside `secret_keys`, and only one of them can count";
    let answer = check("debug", &pool_with(&[("secret_keys_file", &keys)]), &[]);
    assert_told(&answer, &["1 setting needs", problem, "leave one of them out"]);
}

/// A relative path counts from the folder of the file of settings. What is typed in the place of a path may be the secret.
#[test]
fn a_path_that_leads_nowhere_is_shown_where_it_cannot_be_a_secret() {
    let folder = SecretFile::new("");
    let folder = folder.path().parent().unwrap().to_str().unwrap().to_owned();
    for key in ["client_secret_file", "secret_keys_file"] {
        let told = |path: &str| {
            let changes = [(key, &*format!("{path:?}")), ("secret_keys", "\"\"")];
            let count = if key == "client_secret_file" { 1 } else { 2 };
            check("debug", &pool_with(&changes[..count]), &[])
        };
        for (path, problem) in [
            ("c4nary", "leads to a file, which cannot be read: "),
            ("/c4nary", "leads to a file, which cannot be read: "),
            ("c4nary/c4nary", "leads to a file, which cannot be read: "),
            ("/c4nary/c4nary", "leads to a file, which cannot be read: "),
            ("-----BEGIN PRIVATE KEY----- c4nary", "is itself what is to be in a file"),
            ("Rocket.toml", "leads to a file, which has "),
            (".", "leads to a file, which is not a file"),
            (&format!("{folder}/none"), &format!("leads to \"{folder}/none\", which cannot be read: ")),
            (&folder, &format!("leads to {folder:?}, which is not a file")),
        ] {
            let answer = told(path);
            assert_told(&answer, &["1 setting needs", &format!("`{key}`"), problem]);
            assert!(!answer.contains(CANARY), "{answer}");
        }
    }
}
