//! The command line: options for the common case, and a file for all the rest.

use std::ffi::{OsStr, OsString};
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

  --port PORT            9400; 0 takes any free one
  --client ID            an app client that people sign in through
  --client-secret SECRET its secret; none: a public client
  --callback-url URL     where the pool sends browsers back to; may be repeated
  --logout-url URL       where it sends them after signing out; may be repeated
  --user NAME[:GROUPS]   a user, such as dave or erin:admin,editor; may be repeated, and replaces alice, bob and carol

In a container, or for other machines:

  --address IP           where it listens: 127.0.0.1, or 0.0.0.0 for all addresses of this machine. Whoever can
                         reach them signs in as anybody
  --host NAME            a further name under which it answers, such as pool; may be repeated. Requests under
                         other names than these, localhost, 127.0.0.1 and [::1] get 421
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
                                 identifiers = [\"acme.example\"] }]
  sso_seconds                    3600; 0 to 7776000: how long a browser stays signed in here

  [[clients]]
  client_id                      required
  client_secret                  none: a public client
  callback_urls, logout_urls     none
  scopes                         all five of Cognito's
  client_credentials             false; true: a machine, with a secret and
                                 scopes such as \"orders/read\", without URLs
  trigger                        none, such as { access_claims = { tenant = 7 } }, for a machine

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

Exit status: 0 after a signal, or where --check finds a pool; 1 if the pool cannot run, or --check finds none;
2 if the command line or FILE is wrong.
";

const USUAL_PORT: u16 = 9400;

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

/// The command line, taken apart.
#[derive(Default)]
struct Arguments {
    /// Options with their values, in order.
    options: Vec<(&'static str, String)>,
    checks: bool,
    helps: bool,
    file: Option<OsString>,
}

/// Reads the command line; the error says what to type.
pub fn read(arguments: &[OsString]) -> Result<Command, String> {
    let arguments = Arguments::split(arguments).map_err(|problem| format!("{problem}\n{MORE}"))?;
    if arguments.helps {
        return Ok(Command::Help);
    }
    let command = if arguments.checks { arguments.checked() } else { arguments.config() };
    command.map_err(|problem| format!("{problem}\n{MORE}"))
}

const MORE: &str = "`cognito-local-pool --help` shows every option, every key and its default.";

impl Arguments {
    fn split(arguments: &[OsString]) -> Result<Self, String> {
        let mut split = Arguments::default();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            match argument.to_str() {
                Some("--help" | "-h") => split.helps = true,
                Some("--check") => split.checks = true,
                Some(option) if option.starts_with('-') => {
                    let (name, value) = match option.split_once('=') {
                        Some((name, value)) => (name, Some(OsStr::new(value))),
                        None => (option, None),
                    };
                    let (name, example) = known(name)?;
                    let value = value.or_else(|| rest.next().map(OsString::as_os_str));
                    let value = value.and_then(OsStr::to_str).filter(|value| !value.is_empty());
                    let value = value.ok_or(format!("`{name}` needs a value, such as {name} {example}"))?;
                    split.options.push((name, value.to_owned()));
                }
                _ if split.file.is_some() => return Err("there are two files, and one is expected".into()),
                _ => split.file = Some(argument.clone()),
            }
        }
        Ok(split)
    }

    /// The values of an option, in order.
    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.options.iter().filter(move |(given, _)| *given == name).map(|(_, value)| value.as_str())
    }

    /// The value of an option that counts once: the last one, so that what is added to a command line goes above it.
    fn last(&self, name: &str) -> Option<&str> {
        self.options.iter().rfind(|(given, _)| *given == name).map(|(_, value)| value.as_str())
    }

    fn port(&self) -> Result<Option<u16>, String> {
        let port = self.last("--port").map(str::parse).transpose();
        port.map_err(|_| "`--port` is no number from 0 to 65535: type --port 9400".to_owned())
    }

    fn address(&self) -> Result<Option<IpAddr>, String> {
        let address = self.last("--address").map(str::parse).transpose();
        let problem = "`--address` is no IP address: type --address 0.0.0.0 for all addresses of this machine; names \
                       are for --host";
        address.map_err(|_| problem.to_owned())
    }

    fn checked(&self) -> Result<Command, String> {
        let other =
            self.options.iter().map(|(name, _)| *name).find(|name| !["--address", "--port"].contains(name));
        if let Some(other) = other.or(self.file.as_ref().map(|_| "FILE")) {
            return Err(format!("`--check` takes --address and --port only, and there is {other}"));
        }
        let address = match self.address()? {
            None => Ipv4Addr::LOCALHOST.into(),
            Some(IpAddr::V4(address)) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            Some(IpAddr::V6(address)) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            Some(address) => address,
        };
        Ok(Command::Check(SocketAddr::new(address, self.port()?.unwrap_or(USUAL_PORT))))
    }

    fn config(&self) -> Result<Command, String> {
        let config = match &self.file {
            Some(file) => LocalPoolConfig::from_file(file).map_err(|error| error.to_string())?,
            None => LocalPoolConfig::default(),
        };
        let config = match self.port()? {
            Some(port) => config.port(port),
            // Apps have these addresses in their settings.
            None => config.port_or(USUAL_PORT),
        };
        let config = self.address()?.into_iter().fold(config, LocalPoolConfig::address);
        let config = self.last("--public-url").into_iter().fold(config, LocalPoolConfig::public_url);
        let config = self.all("--host").fold(config, LocalPoolConfig::host);
        let config = self.all("--user").map(user).fold(config, LocalPoolConfig::user);
        let config = self.client()?.into_iter().fold(config, LocalPoolConfig::client);
        config.check().map_err(|error| error.to_string())?;
        Ok(Command::Serve(Box::new(config)))
    }

    fn client(&self) -> Result<Option<LocalClient>, String> {
        let Some(id) = self.last("--client") else {
            let lonely = ["--client-secret", "--callback-url", "--logout-url"];
            let lonely = lonely.into_iter().find(|name| self.last(name).is_some());
            return match lonely {
                Some(name) => Err(format!("`{name}` belongs to a client: type --client my-app beside it")),
                None => Ok(None),
            };
        };
        let client = self.last("--client-secret").into_iter().fold(LocalClient::new(id), LocalClient::secret);
        let client = self.all("--callback-url").fold(client, LocalClient::callback_url);
        Ok(Some(self.all("--logout-url").fold(client, LocalClient::logout_url)))
    }
}

/// The option of this name, with an example of its value.
fn known(name: &str) -> Result<(&'static str, &'static str), String> {
    OPTIONS.into_iter().find(|(option, _)| *option == name).ok_or_else(|| {
        let names: Vec<_> = OPTIONS.iter().map(|(option, _)| *option).collect();
        format!("there is no option `{name}`; there are {}, --check and --help", names.join(", "))
    })
}

/// `dave`, or `dave:admin,editor`.
fn user(text: &str) -> LocalUser {
    let (name, groups) = text.split_once(':').unwrap_or((text, ""));
    LocalUser::new(name).groups(groups.split(',').filter(|group| !group.is_empty()))
}
