//! Files that hold what customers wrote, or a secret: for their owner only, whatever the umask.
//!
//! Where files have no modes (not on Unix) the system's own rules hold.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// Makes a file that only its owner can read and write. Errors when there is one.
pub fn create_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Takes an existing file's rights from all but its owner, without opening it. One that is not there
/// or is another user's stays as it is; the latter is told in the log.
pub fn tighten(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let Ok(metadata) = std::fs::metadata(path) else {
            return;
        };
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 == 0 {
            return;
        }
        let place = path.display();
        let tight = std::fs::Permissions::from_mode(mode & 0o700);
        match std::fs::set_permissions(path, tight) {
            Ok(()) => tracing::warn!("{place} was open to others (mode {mode:o}), and is no more"),
            Err(error) => tracing::warn!(%error, "{place} is open to others (mode {mode:o})"),
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn new_files_and_old_ones_are_their_owners() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        create_new(&path).unwrap();
        assert_eq!(mode(&path), 0o600);
        assert!(create_new(&path).is_err());
        for (open, tight) in [
            (0o644, 0o600),
            (0o660, 0o600),
            (0o777, 0o700),
            (0o400, 0o400),
        ] {
            std::fs::set_permissions(&path, PermissionsExt::from_mode(open)).unwrap();
            tighten(&path);
            assert_eq!(mode(&path), tight, "{open:o}");
        }
        tighten(&dir.path().join("none"));
    }

    #[tokio::test]
    async fn a_store_is_its_owners_with_all_its_files() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("rapport.db");
        let modes = || {
            let files = std::fs::read_dir(dir.path()).unwrap();
            files
                .map(|file| mode(&file.unwrap().path()))
                .collect::<Vec<_>>()
        };
        let source = crate::db::Source::File(path.clone());
        let db = crate::db::Db::open(&source).await.unwrap();
        assert_eq!(modes(), [0o600; 3], "the store, its log and its index");
        db.close().await;
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
        let db = crate::db::Db::open(&source).await.unwrap();
        assert_eq!(modes(), [0o600; 3]);
        db.close().await;
    }
}
