//! chromedriver, by which browsers are driven.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::support::installed;

/// Starts a chromedriver whose files all are in one folder, and ends both when it is told to, or when the
/// tests end in whatever other way. Chromium listens on a pipe from chromedriver, and ends with it.
const GUARDED: &str = r#"
    trap : INT HUP TERM
    TMPDIR="$2" "$1" --port=0 &
    exec >&-
    read -r _ || unexpected=2
    kill $!
    wait $!
    sleep ${unexpected:-0}
    for attempt in 1 2 3 4 5; do rm -rf "$2" && exit; sleep 1; done
"#;

/// A chromedriver on a free port, shared by the tests that run at the same time.
pub struct Driver {
    guard: Child,
    /// Kept open: chromedriver writes to it.
    _output: BufReader<ChildStdout>,
    pub port: u16,
    pub chromium: PathBuf,
    pub folder: PathBuf,
}

impl Driver {
    /// The chromedriver; `None`, after saying so, where it or chromium is not installed.
    pub fn shared() -> Option<Arc<Driver>> {
        static SHARED: Mutex<Weak<Driver>> = Mutex::new(Weak::new());
        let chromium = installed("chromium", "chromium")?;
        let chromedriver = installed("chromedriver", "chromium-driver")?;
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        Some(shared.upgrade().unwrap_or_else(|| {
            let driver = Arc::new(Driver::start(&chromedriver, chromium));
            *shared = Arc::downgrade(&driver);
            driver
        }))
    }

    fn start(chromedriver: &Path, chromium: PathBuf) -> Self {
        let name = format!("rocket_cognito-{}-{:x}", std::process::id(), rand::random::<u64>());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder).unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", GUARDED, "sh"]).arg(chromedriver).arg(&folder);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut guard = command.spawn().expect("a shell");
        let mut output = BufReader::new(guard.stdout.take().unwrap());
        let mut line = String::new();
        let port = loop {
            line.clear();
            assert_ne!(output.read_line(&mut line).unwrap(), 0, "chromedriver says its port");
            let port = line.trim_end().strip_prefix("ChromeDriver was started successfully on port ");
            if let Some(port) = port {
                break port.trim_end_matches('.').parse().unwrap();
            }
        };
        Driver { guard, _output: output, port, chromium, folder }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.guard.stdin.take().map(|mut guard| guard.write_all(b"\n"));
        let _ = self.guard.wait();
    }
}
