//! `examples/containers`, as far as it can be tried without Docker: its processes run here, with its command lines, its
//! environment, and a name for each side.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tokio::task::spawn_blocking;

use crate::support::agent::Agent;
use crate::support::python::judged;
use crate::support::quickstart::Quickstart;
use crate::support::tcp_proxy::TcpProxy;
use crate::support::{free_port, further_address, root};

const FOLDER: &str = "examples/containers";
const POOL: &str = env!("CARGO_BIN_EXE_cognito-local-pool");
/// A variable for the pool, which each has here by itself.
const PORT_VARIABLE: &str = "COGNITO_LOCAL_POOL_PORT";

/// The last stage of the Dockerfile that has this name, without comments.
fn stage(name: &str) -> Vec<String> {
    let dockerfile = fs::read_to_string(root().join(FOLDER).join("Dockerfile")).unwrap();
    let mut stages = dockerfile.split("\nFROM ");
    let stage = stages.find(|stage| stage.lines().next().unwrap().ends_with(&format!(" AS {name}"))).unwrap();
    stage.replace("\\\n", "").lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

/// What an instruction of a stage says.
fn instruction<'s>(stage: &'s [String], name: &str) -> &'s str {
    let said = stage.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    said.unwrap_or_else(|| panic!("{name} is not in {stage:#?}"))
}

/// A command in the form of a list: its program, and its arguments.
fn command(text: &str) -> (String, Vec<String>) {
    let mut words: Vec<String> = serde_json::from_str(&text[text.find('[').unwrap()..]).unwrap();
    (words.remove(0), words)
}

/// The services of compose.yaml; `None` where there is nothing to read YAML with.
fn services() -> Option<Value> {
    let read = "import json, sys; from ruamel.yaml import YAML; json.dump(YAML(typ='safe').load(sys.stdin), sys.stdout)";
    let file = fs::read_to_string(root().join(FOLDER).join("compose.yaml")).unwrap();
    let compose: Value = serde_json::from_str(&judged(read, &file)?).unwrap();
    Some(compose["services"].clone())
}

/// A process that ends with this value.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the pool, and returns once it says that it is ready.
async fn start(arguments: Vec<String>, port: u16) -> Running {
    let mut command = Command::new(POOL);
    command.args(arguments).env(PORT_VARIABLE, port.to_string());
    let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut stdout = BufReader::new(process.stdout.take().unwrap());
    let line = spawn_blocking(move || {
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        line
    });
    assert!(line.await.unwrap().contains("\"ready\":true"));
    Running(process)
}

#[test]
fn the_images_hold_what_was_built_and_run_it_without_root() {
    for (name, program, built) in [
        ("pool", "/cognito-local-pool", "release/cognito-local-pool"),
        ("quickstart", "/quickstart", "release/examples/quickstart"),
    ] {
        let (last, build) = (stage(name), stage(&format!("build-{name}")));
        assert!(last[0].starts_with("scratch "), "{last:#?}");
        assert_eq!(instruction(&last, "COPY"), format!("--from=build-{name} /image/ /"));
        assert_eq!(instruction(&last, "USER"), "65532:65532");
        assert_eq!(command(instruction(&last, "ENTRYPOINT")).0, program);
        assert!(instruction(&build, "RUN").contains(&format!("{built}\" /image/")), "{build:#?}");
    }
    // What the quickstart reads at run time.
    let build = stage("build-quickstart");
    let (_, files) = instruction(&build, "RUN").split_once("cp -r ").unwrap();
    for file in files.trim_end_matches(" /image/").split_whitespace() {
        assert!(root().join(file).exists(), "{file}");
    }
}

#[rocket::async_test]
async fn the_services_of_compose_sign_somebody_in() {
    // The pool's name between containers: another one of this machine.
    let (Some(services), Some(inner)) = (services(), further_address()) else { return };
    let (pool_port, app_port) = (free_port(), free_port());
    let mapping = TcpProxy::to(pool_port).await;
    assert_eq!(services["pool"]["ports"][0], "127.0.0.1:9400:9400");
    // Both have ports and names of their own here.
    let here = |text: &str| {
        text.replace("localhost:9400", &format!("localhost:{}", mapping.port))
            .replace("pool:9400", &format!("{inner}:{pool_port}"))
            .replace("--host=pool", &format!("--host={inner}"))
            .replace("localhost:8000", &format!("localhost:{app_port}"))
    };

    let image = stage("pool");
    let (_, entry) = command(instruction(&image, "ENTRYPOINT"));
    let asked = services["pool"]["command"].as_array().unwrap().iter();
    let asked = asked.map(|argument| here(argument.as_str().unwrap()));
    assert_eq!(instruction(&image, "ENV"), format!("{PORT_VARIABLE}=9400"));
    let _pool = start(entry.into_iter().chain(asked).collect(), pool_port).await;

    let (program, check) = command(instruction(&image, "HEALTHCHECK"));
    assert_eq!(program, "/cognito-local-pool");
    let checked = Command::new(POOL).args(check).env(PORT_VARIABLE, pool_port.to_string()).output();
    let Output { status, stderr, .. } = checked.unwrap();
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));

    let environment = services["quickstart"]["environment"].as_object().unwrap().iter();
    let mut variables: Vec<_> =
        environment.map(|(name, value)| (name.as_str(), here(value.as_str().unwrap()))).collect();
    let image = stage("quickstart");
    let (name, value) = instruction(&image, "ENV").split_once('=').unwrap();
    variables.push((name, value.to_owned()));
    let variables: Vec<_> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let app = Quickstart::spawn(app_port, &variables).launched().await;

    let agent = Agent::new();
    let form = agent.follow(&app.url("/me")).await;
    assert_eq!(form.url.port(), Some(mapping.port), "{}", form.url);
    let page = agent.sign_in(&app.url("/admin"), "alice").await;
    assert_eq!((page.status.as_u16(), page.url.path()), (200, "/admin"), "{}", page.body);
    let origin = app.url("");
    let logout = agent.post(&app.url("/auth/logout"), &[("origin", &origin)], &[]).await;
    let home = agent.follow(&logout.location()).await;
    assert_eq!((home.status.as_u16(), home.url.as_str()), (200, app.url("/").as_str()));
    assert!(!app.output().contains("WARN"), "{}", app.output());
}
