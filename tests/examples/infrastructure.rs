//! `examples/infrastructure`: two files that make the same pool, with outputs named as the settings.

use std::collections::BTreeSet;
use std::fs;

use figment::Figment;
use figment::providers::Serialized;
use rocket_cognito::Cognito;
use serde_json::{Value, json};

use crate::support::python::judged;
use crate::support::root;

fn file(name: &str) -> String {
    fs::read_to_string(root().join("examples/infrastructure").join(name)).unwrap()
}

/// The template, each of whose functions is a mapping of its name; `None` without a reader of YAML.
fn cloudformation() -> Option<Value> {
    let read = r#"
import json, sys
from ruamel.yaml import YAML
yaml = YAML(typ="safe")
def function(constructor, suffix, node):
    value = constructor.construct_sequence(node) if node.id == "sequence" else constructor.construct_scalar(node)
    return {suffix: value}
for name in ["Ref", "Sub", "GetAtt"]:
    yaml.constructor.add_constructor("!" + name, lambda c, node, name=name: function(c, name, node))
json.dump(yaml.load(sys.stdin), sys.stdout)
"#;
    Some(serde_json::from_str(&judged(read, &file("cloudformation.yaml"))?).unwrap())
}

/// The blocks of the Terraform file; `None` without a parser of HCL.
fn terraform() -> Option<Value> {
    let read = "import hcl2, json, sys; json.dump(hcl2.load(sys.stdin), sys.stdout)";
    Some(serde_json::from_str(&judged(read, &file("main.tf"))?).unwrap())
}

/// The outputs of both and the setting that each is for, by the page's table.
fn table() -> Vec<[String; 3]> {
    let page = fs::read_to_string(root().join("docs/infrastructure.md")).unwrap();
    let rows = page.lines().skip_while(|line| !line.starts_with("| CloudFormation")).skip(2);
    let cell = |text: &str| text.trim().trim_matches('`').to_owned();
    let rows = rows.take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let cells: Vec<_> = row.split('|').map(cell).collect();
        [cells[1].clone(), cells[2].clone(), cells[3].clone()]
    })
    .collect()
}

fn named(rows: &[[String; 3]], column: usize) -> BTreeSet<String> {
    rows.iter().map(|row| row[column].clone()).filter(|name| name != "-").collect()
}

#[test]
fn each_output_has_a_row_and_each_row_an_output() {
    let rows = table();
    if let Some(template) = cloudformation() {
        let outputs: BTreeSet<_> = template["Outputs"].as_object().unwrap().keys().cloned().collect();
        assert_eq!(outputs, named(&rows, 0));
    }
    if let Some(blocks) = terraform() {
        let outputs = blocks["output"].as_array().unwrap().iter();
        let names = outputs.flat_map(|output| output.as_object().unwrap().keys());
        let outputs: BTreeSet<_> = names.map(|name| name.trim_matches('"').to_owned()).collect();
        assert_eq!(outputs, named(&rows, 1));
    }
}

#[test]
fn the_outputs_are_all_that_the_settings_need_but_for_the_key_that_seals_cookies() {
    let value = |setting: &str| match setting {
        "user_pool_id" => "eu-west-1_AbC123",
        "client_id" => "4h57kqk0u5f",
        "client_secret" => "s3cret",
        "domain" => "https://shop-sign-in.auth.eu-west-1.amazoncognito.com",
        "redirect_url" => "https://shop.example.com/auth/callback",
        "logout_url" => "https://shop.example.com/",
        "accepted_client_ids" => "6k2l8s1m",
        other => panic!("no value for {other:?}"),
    };
    let settings: serde_json::Map<String, Value> =
        table().iter().map(|row| (row[2].clone(), json!(value(&row[2])))).collect();
    let figment = Figment::from(rocket::Config::release_default())
        .merge(Serialized::default("cognito", settings))
        .select("release");
    let error = Cognito::check_settings(&figment).unwrap_err().to_string();
    assert!(error.contains("1 setting needs attention") && error.contains("`secret_keys`"), "{error}");
    let complete = figment.merge(("cognito.secret_keys", "zm3qK9vT1xWc7Lr0Yb5Ng8Jp2Hd6Fs4Q"));
    Cognito::check_settings(&complete).unwrap();
}

#[test]
fn both_files_make_the_same_pool() {
    let (Some(template), Some(blocks)) = (cloudformation(), terraform()) else { return };
    let resources = blocks["resource"].as_array().unwrap();
    let of_terraform = |kind: &str, name: &str| {
        let (kind, name) = (format!("\"{kind}\""), format!("\"{name}\""));
        resources.iter().find_map(|block| block.get(&kind)?.get(&name)).unwrap()
    };
    let app = &template["Resources"]["AppClient"]["Properties"];
    let its_twin = of_terraform("aws_cognito_user_pool_client", "app");
    let words = |value: &Value| -> Vec<String> {
        let items = value.as_array().unwrap().iter();
        items.map(|item| item.as_str().unwrap().trim_matches('"').to_owned()).collect()
    };
    for (member, twin) in [
        ("AllowedOAuthFlows", "allowed_oauth_flows"),
        ("AllowedOAuthScopes", "allowed_oauth_scopes"),
        ("SupportedIdentityProviders", "supported_identity_providers"),
        ("ExplicitAuthFlows", "explicit_auth_flows"),
    ] {
        assert_eq!(words(&app[member]), words(&its_twin[twin]), "{member}");
    }
    for (member, twin) in [
        ("GenerateSecret", "generate_secret"),
        ("EnableTokenRevocation", "enable_token_revocation"),
        ("AccessTokenValidity", "access_token_validity"),
        ("IdTokenValidity", "id_token_validity"),
        ("RefreshTokenValidity", "refresh_token_validity"),
    ] {
        assert_eq!(app[member], its_twin[twin], "{member}");
    }
    // Each in its own words.
    assert_eq!(app["CallbackURLs"], json!([{ "Sub": "${AppUrl}/auth/callback" }]));
    assert_eq!(its_twin["callback_urls"], json!(["\"${var.app_url}/auth/callback\""]));
    assert_eq!(template["Resources"]["Domain"]["Properties"]["ManagedLoginVersion"], json!(2));
    assert_eq!(of_terraform("aws_cognito_user_pool_domain", "domain")["managed_login_version"], json!(2));
    let machine = of_terraform("aws_cognito_user_pool_client", "machine");
    let template_machine = &template["Resources"]["MachineClient"]["Properties"];
    assert_eq!(words(&template_machine["AllowedOAuthFlows"]), words(&machine["allowed_oauth_flows"]));
}
