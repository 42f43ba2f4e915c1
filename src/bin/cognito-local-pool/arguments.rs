//! The command line: options for the common case, and a file for all the rest.

use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use rocket_cognito::local_pool::{LocalClient, LocalPoolConfig, LocalUser};

pub const USAGE: &str = "\
Usage: cognito-local-pool [OPTIONS] [FILE]

Runs a Cognito user pool for development and tests, until SIGINT or SIGTERM. Once it answers, it writes one line
of JSON to stdout, with its addresses, clients and users. Without options and FILE it is at
http://127.0.0.1:9400, with the users alice, bob and carol (password Passw0rd!), and no client.

  cognito-local-pool --client my-app --callback-url http://localhost:8000/auth/callback \\
      --logout-url http://localhost:8000/

Options, which are added to FILE or stand above it:

  --port PORT            9400, or what the variable COGNITO_LOCAL_POOL_PORT says; 0 takes any free one
  --client ID            an app client that people sign in through; further ones are for FILE
  --client-secret SECRET its secret; none: a public client
  --callback-url URL     where the pool sends browsers back to; may be repeated
  --logout-url URL       where it sends them after signing out; may be repeated
  --user NAME[:GROUPS]   a user, such as dave or erin:admin,editor; may be repeated, and replaces alice, bob and carol

In a container, or for other machines:

  --address IP           where it listens: 127.0.0.1, or 0.0.0.0 for all addresses of this machine. Whoever can
                         reach them can sign in as anybody
  --host NAME            a further name under which it answers, such as pool; may be repeated. Requests under
                         other names than these, localhost, 127.0.0.1, [::1], and those of --address
                         and --public-url get 421, except for /health
  --public-url URL       where browsers reach it, such as http://localhost:9400

  --check                asks the pool at --address and --port whether it runs, and starts none
  -h, --help             shows this

FILE is TOML. Keys and their defaults:

  port                           9400; 0 takes any free one
  address                        127.0.0.1
  hosts                          none, such as [\"pool\"]
  public_url                     the address and port that it listens at
  user_pool_id                   eu-west-1_LocalPool
  access_token_seconds           3600
  id_token_seconds               3600
  refresh_token_seconds          2592000
  refresh_token_rotation         false
  refresh_token_grace_seconds    0, to 60
  clock_skew_seconds             0, from -86400 to 86400
  classic_hosted_ui              false; true: ignores `prompt`
  username_attributes            none; email, phone_number: what people sign in by,
                                 with a UUID as username
  alias_attributes               none; email, phone_number, preferred_username:
                                 beside the username
  case_sensitive                 true; false: capitals and small letters are the same in names
  identity_providers             none, such as [\"Google\", { name = \"Acme\",
                                 identifiers = [\"acme.example\"] }]; with provider_type = \"SAML\"
                                 and an issuer one of SAML
  state                          none; a file that keeps users, sessions and keys
                                 over a restart; from the current folder
  levels                         { ignored = true } as the plan Lite ignores `acr_values`;
                                 { names = { 3 = \"gold\" } }; { only_when_asked = true }
  sessions                       none are tracked; { max_per_user = 20 }, 1 to 100: they are listed
                                 and revoked, and a user has no more
  registration                   none; open, or authenticated by an access token with the scope
                                 aws.cognito/dcr/register: who may register clients while it runs
  registration_scopes            none, such as [\"tools/call\"]: what registered clients may have
                                 beside openid, email, phone and profile
  sso_seconds                    3600; 0 to 7776000: how long a browser stays signed in here

  [[clients]]
  client_id                      required
  client_secret                  none: a public client
  callback_urls, logout_urls     none
  scopes                         all five of Cognito's
  client_credentials             false; true: a machine, with a secret and
                                 scopes such as \"orders/read\", without URLs
  trigger                        none, such as { access_claims = { tenant = 7 } }, for a machine
  token_exchange                 none; impersonation, delegation or both, with a secret

  [[users]]
  username                       required
  password                       Passw0rd!
  groups                         none
  email                          <username>@example.com
  attributes                     none, such as { name = \"Dave\", \"custom:team\" = \"blue\" }
  without                        none; email, email_verified, phone_number_verified
  sub                            follows from the username
  roles, preferred_role          none: IAM roles
  identities                     none, such as [{ provider = \"Google\", user_id = \"1234\" }];
                                 without a username the user is Google_1234
  trigger                        none, such as { groups = [\"A b\"], access_claims = { tenant = 7 },
                                 id_claims = { beta = true } }
  disabled                       false
  factors                        none, such as [\"totp\", \"passkey\", \"security_key\", \"sms\", \"email\"]:
                                 what the person can show beside the password

Exit status: 0 after a signal, or where --check finds a pool; 1 if the pool cannot run, or --check finds none;
2 if the command line or FILE is wrong.
";

const USUAL_PORT: u16 = 9400;

/// The port, for an image whose health check asks there too.
pub const PORT_VARIABLE: &str = "COGNITO_LOCAL_POOL_PORT";

/// What the command line asks for.
pub enum Command {
    Help,
    Check(SocketAddr),
    Serve(Box<LocalPoolConfig>),
}

/// Options with a value, each with an example of one.
const OPTIONS: [(&str, &str); 9] = [
    ("--port", "9400"),
    ("--client", "my-app"),
    ("--client-secret", "s3cret"),
    ("--callback-url", "http://localhost:8000/auth/callback"),
    ("--logout-url", "http://localhost:8000/"),
    ("--user", "dave:admin"),
    ("--address", "0.0.0.0"),
    ("--host", "pool"),
    ("--public-url", "http://localhost:9400"),
];

/// Keys of the `local_pool` table, each with the option that says the same.
const OPTIONS_OF_KEYS: [(&str, &str); 7] = [
    ("client_id", "--client"),
    ("client_secret", "--client-secret"),
    ("callback_urls", "--callback-url"),
    ("logout_urls", "--logout-url"),
    ("address", "--address"),
    ("hosts", "--host"),
    ("public_url", "--public-url"),
];

const MORE: &str = "`cognito-local-pool --help` shows every option, every key and its default.";

/// The command line, taken apart.
#[derive(Default)]
struct Arguments {
    /// Options with their values, in order.
    options: Vec<(&'static str, String)>,
    checks: bool,
    helps: bool,
    file: Option<OsString>,
    /// What [`PORT_VARIABLE`] says.
    port_variable: Option<OsString>,
    /// What is wrong so far.
    problems: Vec<String>,
}

/// Reads the command line and [`PORT_VARIABLE`]; the error lists all mistakes, with what to type.
pub fn read(arguments: &[OsString], port_variable: Option<OsString>) -> Result<Command, String> {
    let mut arguments = Arguments::split(arguments);
    arguments.port_variable = port_variable;
    if arguments.helps {
        return Ok(Command::Help);
    }
    let command = if arguments.checks { arguments.check() } else { arguments.serve() };
    if arguments.problems.is_empty() {
        return Ok(command);
    }
    arguments.problems.push(MORE.to_owned());
    Err(arguments.problems.join("\n"))
}

impl Arguments {
    fn split(arguments: &[OsString]) -> Self {
        let mut split = Arguments::default();
        let mut rest = arguments.iter().peekable();
        while let Some(argument) = rest.next() {
            let Some(option) = argument.to_str().filter(|text| text.starts_with('-')) else {
                match split.file {
                    Some(_) => split.problems.push("there are two files, and one is expected".into()),
                    None => split.file = Some(argument.clone()),
                }
                continue;
            };
            let (name, value) = match option.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (option, None),
            };
            let next = || {
                let next = rest.next_if(|next| !next.to_str().is_some_and(|next| next.starts_with("--")));
                next.and_then(|next| next.to_str())
            };
            match (name, OPTIONS.into_iter().find(|(option, _)| *option == name)) {
                ("--help" | "-h" | "--check", _) if value.is_some() => {
                    split.problems.push(format!("`{name}` takes no value"));
                }
                ("--help" | "-h", _) => split.helps = true,
                ("--check", _) => split.checks = true,
                (_, Some((name, example))) => match value.or_else(next).filter(|value| !value.is_empty()) {
                    Some(value) => split.options.push((name, value.to_owned())),
                    None => {
                        split.problems.push(format!("`{name}` needs a value, such as {name} {example}"));
                    }
                },
                (_, None) => {
                    // What may be its value is no file.
                    let _ = value.or_else(next);
                    let names: Vec<_> = OPTIONS.iter().map(|(option, _)| *option).collect();
                    let names = names.join(", ");
                    let problem =
                        format!("there is no option `{name}`; there are {names}, --check and --help");
                    split.problems.push(problem);
                }
            }
        }
        split
    }

    /// The values of an option, in order.
    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.options.iter().filter(move |(given, _)| *given == name).map(|(_, value)| value.as_str())
    }

    /// The value of an option that counts once: the last one, so that what is added to a command line goes above it.
    fn last(&self, name: &str) -> Option<&str> {
        self.options.iter().rfind(|(given, _)| *given == name).map(|(_, value)| value.as_str())
    }

    fn port(&mut self) -> Option<u16> {
        let (name, text) = match (self.last("--port"), &self.port_variable) {
            (Some(text), _) => ("--port", text.to_owned()),
            (None, Some(text)) => (PORT_VARIABLE, text.to_string_lossy().into_owned()),
            (None, None) => return None,
        };
        let port = text.parse().ok();
        if port.is_none() {
            let example = if name == PORT_VARIABLE { format!("{name}=9400") } else { format!("{name} 9400") };
            self.problems.push(format!("`{name}` is no number from 0 to 65535: type {example}"));
        }
        port
    }

    fn address(&mut self) -> Option<IpAddr> {
        let address = self.last("--address")?.parse().ok();
        if address.is_none() {
            let problem = "`--address` is no IP address: type --address 0.0.0.0 for all addresses of this machine; names \
                           are for --host";
            self.problems.push(problem.to_owned());
        }
        address
    }

    fn check(&mut self) -> Command {
        let mut others = self.options.iter().map(|(name, _)| *name).collect::<Vec<_>>();
        others.retain(|name| !["--address", "--port"].contains(name));
        others.extend(self.file.as_ref().map(|_| "FILE"));
        for other in others {
            self.problems.push(format!("`--check` takes --address and --port only, and there is {other}"));
        }
        let address = match self.address() {
            None => Ipv4Addr::LOCALHOST.into(),
            Some(IpAddr::V4(address)) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            Some(IpAddr::V6(address)) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            Some(address) => address,
        };
        Command::Check(SocketAddr::new(address, self.port().unwrap_or(USUAL_PORT)))
    }

    fn serve(&mut self) -> Command {
        let file = self.file.as_ref().map(LocalPoolConfig::from_file).transpose();
        let config = file.unwrap_or_else(|error| {
            self.problems.push(error.to_string());
            None
        });
        let config = config.unwrap_or_default();
        let config = match self.port() {
            Some(port) => config.port(port),
            // Apps have these addresses in their settings.
            None => config.port_or(USUAL_PORT),
        };
        let config = self.address().into_iter().fold(config, LocalPoolConfig::address);
        let config = self.last("--public-url").into_iter().fold(config, LocalPoolConfig::public_url);
        let config = self.all("--host").fold(config, LocalPoolConfig::host);
        let config = self.all("--user").map(user).fold(config, LocalPoolConfig::user);
        let config = self.client().into_iter().fold(config, LocalPoolConfig::client);
        if let Err(error) = config.check() {
            self.problems.extend(mistakes_of_options(&error.to_string()));
        }
        Command::Serve(Box::new(config))
    }

    fn client(&mut self) -> Option<LocalClient> {
        for name in ["--client", "--client-secret"] {
            if self.all(name).count() > 1 {
                let problem =
                    format!("`{name}` is given twice: put further clients into FILE, below [[clients]]");
                self.problems.push(problem);
            }
        }
        let Some(id) = self.last("--client") else {
            let lonely = ["--client-secret", "--callback-url", "--logout-url"];
            if let Some(name) = lonely.into_iter().find(|name| self.last(name).is_some()) {
                self.problems.push(format!("`{name}` belongs to a client: type --client my-app beside it"));
            }
            return None;
        };
        let client = self.last("--client-secret").into_iter().fold(LocalClient::new(id), LocalClient::secret);
        let client = self.all("--callback-url").fold(client, LocalClient::callback_url);
        Some(self.all("--logout-url").fold(client, LocalClient::logout_url))
    }
}

/// The mistakes that an error of the library lists by keys, by options instead: a file is right by itself by then.
fn mistakes_of_options(error: &str) -> impl Iterator<Item = String> {
    let listed = error.lines().filter_map(|line| line.strip_prefix("  - `")?.split_once("`: "));
    listed.map(|(key, problem)| {
        let name = key.rsplit('.').next().unwrap_or(key);
        let option = OPTIONS_OF_KEYS.into_iter().find(|(known, _)| *known == name).map(|(_, option)| option);
        let option = if key.starts_with("users[") { "--user" } else { option.unwrap_or(key) };
        format!("`{option}`: {}", problem.replace(&format!(" in `{name}`"), ""))
    })
}

/// `dave`, or `dave:admin,editor`.
fn user(text: &str) -> LocalUser {
    let (name, groups) = text.split_once(':').unwrap_or((text, ""));
    LocalUser::new(name).groups(groups.split(',').filter(|group| !group.is_empty()))
}
