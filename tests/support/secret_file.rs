//! A file of secrets that is replaced while a program knows what it held.

use std::fs;
use std::path::PathBuf;

/// How a file is replaced.
#[derive(Debug, Clone, Copy)]
pub enum Replaced {
    /// It is written again.
    Overwritten,
    /// Another file takes its name, as tools do that write a whole file or none.
    Renamed,
    /// A link to its folder leads to another folder, as Kubernetes does.
    #[cfg(unix)]
    Relinked,
}

pub const WAYS: &[Replaced] = &[
    Replaced::Overwritten,
    Replaced::Renamed,
    #[cfg(unix)]
    Replaced::Relinked,
];

/// A file in a folder of its own, which is removed when this is dropped.
pub struct SecretFile {
    folder: PathBuf,
    way: Replaced,
    versions: u32,
}

impl SecretFile {
    pub fn new(content: impl AsRef<[u8]>) -> Self {
        SecretFile::replaced(Replaced::Renamed, content)
    }

    pub fn replaced(way: Replaced, content: impl AsRef<[u8]>) -> Self {
        let folder = std::env::temp_dir().join(format!("secret_file-{:x}", rand::random::<u64>()));
        fs::create_dir(&folder).unwrap();
        let mut file = SecretFile { folder, way, versions: 0 };
        file.write(content);
        file
    }

    pub fn path(&self) -> PathBuf {
        match self.way {
            Replaced::Overwritten | Replaced::Renamed => self.folder.join("secret"),
            #[cfg(unix)]
            Replaced::Relinked => self.folder.join("data/secret"),
        }
    }

    pub fn text(&self) -> String {
        self.path().to_str().unwrap().to_owned()
    }

    pub fn write(&mut self, content: impl AsRef<[u8]>) {
        self.versions += 1;
        let (content, version) = (content.as_ref(), self.folder.join(self.versions.to_string()));
        match self.way {
            Replaced::Overwritten => fs::write(self.path(), content).unwrap(),
            Replaced::Renamed => {
                fs::write(&version, content).unwrap();
                fs::rename(version, self.path()).unwrap();
            }
            #[cfg(unix)]
            Replaced::Relinked => {
                fs::create_dir(&version).unwrap();
                fs::write(version.join("secret"), content).unwrap();
                let link = self.folder.join("link");
                std::os::unix::fs::symlink(version, &link).unwrap();
                fs::rename(link, self.folder.join("data")).unwrap();
            }
        }
    }

    pub fn remove(&self) {
        fs::remove_file(self.path()).unwrap();
    }
}

impl Drop for SecretFile {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}
