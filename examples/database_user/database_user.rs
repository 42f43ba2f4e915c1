//! Run `cargo run --example database_user`, then open http://localhost:8000.
//!
//! The app has accounts of its own, in a database: made at first sight for people in a group, suspended by admins.

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use rocket::http::Status;
use rocket::outcome::IntoOutcome;
use rocket::request::{FromRequest, Outcome};
use rocket::response::{Debug, content::RawHtml};
use rocket::tokio::task::spawn_blocking;
use rocket::{Request, get, launch, post, routes};
use rocket_cognito::hooks::AppResult;
use rocket_cognito::{Cognito, CognitoUser, CurrentUser, Group, InGroups, LoadUser};
use rusqlite::{Connection, OptionalExtension};

const HOME: &str = r#"<p><a href="/me">My account</a> <a href="/accounts">All accounts</a></p>
<form method="post" action="/suspend/bob"><button>Suspend bob</button> (alice may)</form>
<form method="post" action="/auth/logout"><button>Sign out</button></form>"#;

/// E-mail addresses change and pass to others; `sub` is one person's for ever.
const SCHEMA: &str = "create table accounts
    (id integer primary key, sub text not null unique, name text not null, suspended integer not null default 0)";
const CREATE: &str = "insert into accounts (sub, name) values (?1, ?2) on conflict do nothing";
const FIND: &str = "select id, name from accounts where sub = ?1 and not suspended";
const SUSPEND: &str = "update accounts set suspended = 1 where name = ?1";
const COUNT: &str = "select count(*) from accounts";

type Answer<T> = Result<T, Debug<Box<dyn Error + Send + Sync>>>;

#[derive(Clone)]
struct Database(Arc<Mutex<Connection>>);

impl Database {
    /// Runs a query on a thread of its own: SQLite makes it wait for the disk.
    async fn run<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> AppResult<T> {
        let connection = Arc::clone(&self.0);
        let run = move || query(&connection.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(spawn_blocking(run).await??)
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Database {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        request.rocket().state::<Database>().cloned().or_error((Status::InternalServerError, ()))
    }
}

struct Account {
    id: i64,
    name: String,
}

#[rocket::async_trait]
impl LoadUser for Account {
    async fn load(user: &CognitoUser, request: &Request<'_>) -> AppResult<Option<Self>> {
        let database = request.guard::<Database>().await.succeeded().ok_or("there is no database")?;
        let user = user.clone();
        let find_or_create = move |connection: &Connection| {
            if !user.groups().is_empty() {
                connection.execute(CREATE, [user.sub(), user.username()])?;
            }
            let account = connection
                .query_row(FIND, [user.sub()], |row| Ok(Account { id: row.get(0)?, name: row.get(1)? }));
            account.optional()
        };
        database.run(find_or_create).await
    }
}

struct Admin;
impl Group for Admin {
    const NAME: &'static str = "admin";
}

type AdminAccount = CurrentUser<Account, InGroups<Admin>>;

#[get("/")]
fn home(_user: CognitoUser) -> RawHtml<&'static str> {
    RawHtml(HOME)
}

#[get("/me")]
fn me(account: CurrentUser<Account>) -> String {
    format!("Account {} of {}", account.id, account.name)
}

#[get("/accounts")]
async fn accounts(admin: AdminAccount, database: Database) -> Answer<String> {
    let count: i64 = database.run(|connection| connection.query_row(COUNT, [], |row| row.get(0))).await?;
    Ok(format!("{}, there are {count} accounts", admin.name))
}

#[post("/suspend/<name>")]
async fn suspend(_admin: AdminAccount, name: &str, database: Database) -> Answer<&'static str> {
    let name = name.to_owned();
    database.run(move |connection| connection.execute(SUSPEND, [name])).await?;
    Ok("Suspended, from the next request on")
}

#[launch]
fn rocket() -> _ {
    let connection = Connection::open_in_memory().expect("SQLite is built in");
    connection.execute(SCHEMA, []).expect("the database is new");
    rocket::build()
        .attach(Cognito::fairing())
        .manage(Database(Arc::new(Mutex::new(connection))))
        .mount("/", routes![home, me, accounts, suspend])
        .register("/", rocket_cognito::catchers())
}

#[cfg(test)]
mod tests {
    use rocket::http::Status;
    use rocket::local::blocking::Client;
    use rocket_cognito::testing::{self, Ask, Person, TestPool};

    /// The app as it is shipped, and a pool for it.
    fn client() -> (TestPool, Client) {
        let pool = TestPool::new();
        let client = Client::tracked(pool.attach(super::rocket())).unwrap();
        (pool, client)
    }

    #[test]
    fn every_route_asks_for_a_person() {
        let (_, client) = client();
        let open = testing::map(client.rocket()).open();
        assert!(open.is_empty(), "{open:?}");
    }

    #[test]
    fn accounts_are_made_at_first_sight_and_suspended() {
        let (pool, client) = client();
        let (alice, bob) = (pool.person("alice").group("admin"), pool.person("bob").group("editor"));
        let me = |person: &Person| client.get("/me").signed_in(person).ask();
        assert_eq!(me(&alice).into_string().unwrap(), "Account 1 of alice");
        assert_eq!(me(&bob).into_string().unwrap(), "Account 2 of bob");
        assert_eq!(me(&alice).into_string().unwrap(), "Account 1 of alice");
        assert_eq!(me(&pool.person("carol")).denial().unwrap().code(), "unknown_user");

        let accounts = client.get("/accounts").signed_in(&alice).ask();
        assert_eq!(accounts.into_string().unwrap(), "alice, there are 2 accounts");
        let suspend = || client.post("/suspend/bob");
        assert_eq!(suspend().signed_in(&bob).ask().denial().unwrap().code(), "rule_not_met");
        assert_eq!(me(&bob).status(), Status::Ok);
        assert_eq!(suspend().signed_in(&alice).ask().status(), Status::Ok);
        assert_eq!(me(&bob).denial().unwrap().code(), "unknown_user");
        assert_eq!(
            client.get("/").signed_in(&bob).ask().status(),
            Status::Ok,
            "he is signed in all the same"
        );
    }
}
