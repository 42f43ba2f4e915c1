//! Many tests at once: no port, and nothing that one sees of another.

use std::thread;
use std::time::Duration;

use rocket::http::Status;
use rocket_cognito::testing::Ask;

use crate::app::client;

/// The sockets of this process at which it listens.
#[cfg(target_os = "linux")]
fn listening() -> Vec<String> {
    // Without IPv6 there is one table only.
    let tcp6 = std::fs::read_to_string("/proc/self/net/tcp6").unwrap_or_default();
    let listening: Vec<String> = [std::fs::read_to_string("/proc/self/net/tcp").unwrap(), tcp6]
        .iter()
        .flat_map(|table| table.lines())
        .map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        .filter(|fields| fields.get(3).is_some_and(|state| state == "0A"))
        .filter_map(|fields| Some(format!("socket:[{}]", fields.get(9)?)))
        .collect();
    let own = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
    let own = own.filter_map(|file| Some(std::fs::read_link(file.path()).ok()?.to_str()?.to_owned()));
    own.filter(|socket| listening.contains(socket)).collect()
}

/// Each has an app of its own, launched beside all others, and half of them move their clock.
#[test]
fn two_hundred_tests_run_side_by_side() {
    let test = |number: u64| {
        let (pool, client) = client();
        let name = format!("person-{number}");
        let (session, staff) = (pool.person(&name).session(), pool.person(&name).group("staff"));
        let answer = client.get("/desk").signed_in(&session).ask();
        assert_eq!(answer.into_string().as_deref(), Some(name.as_str()));
        assert_eq!(client.post("/posts").bearer(&staff).ask().status(), Status::Ok);
        if number.is_multiple_of(2) {
            pool.clock().advance(Duration::from_secs(7200));
        }
        let expected = if number.is_multiple_of(2) { Status::Unauthorized } else { Status::Ok };
        assert_eq!(client.get("/desk").signed_in(&session).ask().status(), expected, "{number}");
        #[cfg(target_os = "linux")]
        assert_eq!(listening(), [""; 0]);
    };
    #[cfg(target_os = "linux")]
    {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        assert_eq!(listening().len(), 1);
        drop(listener);
    }
    thread::scope(|scope| {
        for number in 0..200 {
            scope.spawn(move || test(number));
        }
    });
}
