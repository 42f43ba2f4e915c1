//! The pages on which people sign in: the pool's own, and one of each identity provider.

use std::time::Instant;

use rocket::http::Status;
use rocket_dyn_templates::minijinja::context;
use rocket_dyn_templates::minijinja::value::Value;

use super::authorization_request::AuthorizationRequest;
use super::ending::Ending;
use super::pages::{PageOrRedirect, Pages};
use super::parameters::{Parameters, with_query, without};
use super::sign_in_at::{PARAMETERS, SignInAt};
use crate::local_pool::config::LocalIdentityProvider;
use crate::local_pool::state::{Challenge, Pool, User};

/// A page for one request of an app.
pub(super) struct SignInPage<'a> {
    pub(super) pool: &'a Pool,
    pub(super) pages: &'a Pages,
    pub(super) request: &'a AuthorizationRequest<'a>,
    /// All that the app has sent, which links take along.
    pub(super) query: &'a str,
}

impl SignInPage<'_> {
    /// The page, with what was entered in its fields.
    pub(super) fn render(
        &self,
        status: Status,
        entered: &Parameters,
        problem: Option<&str>,
    ) -> Result<PageOrRedirect, Status> {
        let (name, context) = match &self.request.sign_in_at {
            SignInAt::Provider(provider) => {
                ("cognito/provider.html", self.at_provider(provider, entered, problem))
            }
            at => ("cognito/login.html", self.at_pool(matches!(at, SignInAt::Any), entered, problem)),
        };
        self.pages.render(status, name, context).map(PageOrRedirect::Page)
    }

    /// The page for whoever comes with the name of a challenge that is over.
    pub(super) fn expired(&self) -> Result<PageOrRedirect, Status> {
        self.render(
            Status::Unauthorized,
            &Parameters::default(),
            Some("This page has expired. Sign in again."),
        )
    }

    /// The challenge of this client that the `field` of a form names, and its user, who may sign in still.
    pub(super) fn challenge(&self, form: &Parameters, field: &str) -> Option<(Challenge, User)> {
        let challenge = self.pool.challenges.get(form.get(field).unwrap_or_default(), Instant::now());
        let challenge = challenge.filter(|challenge| challenge.client_id == self.request.client_id())?;
        let user = self.pool.users.enabled(&challenge.username, &challenge.sub)?;
        Some((challenge, user))
    }

    fn at_pool(&self, with_providers: bool, entered: &Parameters, problem: Option<&str>) -> Value {
        let Self { pool, query, .. } = self;
        let providers = if with_providers { pool.identity_providers() } else { Vec::new() };
        let rest = without(query, &PARAMETERS);
        let providers: Vec<_> = providers
            .iter()
            .map(|provider| {
                let href = with_query(&format!("/login?{rest}"), &[("identity_provider", &provider.name)]);
                context! { label => provider.label(), href }
            })
            .collect();
        context! {
            users => self.users(|user| !user.is_federated()),
            providers,
            label => pool.users.names().label(),
            username => entered.get("username").or(self.request.login_hint).unwrap_or_default(),
            query,
            problem,
            destination => self.request.destination(),
            endings => Ending::all(pool, None, None),
        }
    }

    fn at_provider(
        &self,
        provider: &LocalIdentityProvider,
        entered: &Parameters,
        problem: Option<&str>,
    ) -> Value {
        context! {
            users => self.users(|user| user.identity_at(&provider.name).is_some()),
            provider => provider.label(),
            username_of_new => provider.identity("1234").username(),
            user_id => entered.get("user_id").unwrap_or_default(),
            email => entered.get("email").unwrap_or_default(),
            problem,
            destination => self.request.destination(),
            endings => Ending::all(self.pool, Some(provider), None),
        }
    }

    fn users(&self, is_shown: impl Fn(&User) -> bool) -> Vec<Value> {
        let names = self.pool.users.names();
        let users = self.pool.users.all().into_iter().filter(|user| is_shown(user));
        let user = |user: User| {
            let name = user.sign_in_name(names);
            let initial = name.chars().next().map(|letter| letter.to_uppercase().to_string());
            context! { name, username => user.username, groups => user.groups(), initial, disabled => user.disabled, obstacle => user.status.obstacle() }
        };
        users.map(user).collect()
    }
}
