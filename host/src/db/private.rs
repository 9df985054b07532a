//! Files that hold what customers wrote, or a secret: for their owner only, whatever the umask.
//!
//! Where files have no modes (not on Unix) the system's own rules hold.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Makes a file that only its owner can read and write. Errors when there is one.
pub fn create_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Writes a file that only its owner can read, in the place of one that may be there.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match create_new(path) {
        Ok(mut file) => file.write_all(bytes),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            tighten(path);
            std::fs::write(path, bytes)
        }
        Err(error) => Err(error),
    }
}

/// Adds to a file's end, and to the disk; the file is made for its owner only.
pub fn append(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = match create_new(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            OpenOptions::new().append(true).open(path)?
        }
        made => made?,
    };
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes a directory, and those above it, that only their owner can enter. One that is there stays as it
/// is.
pub fn create_dir(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
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
        let nested = dir.path().join("data/inner");
        create_dir(&nested).unwrap();
        create_dir(&nested).unwrap();
        assert_eq!([mode(&nested), mode(nested.parent().unwrap())], [0o700; 2]);
        let grown = nested.join("lines");
        append(&grown, b"a\n").unwrap();
        append(&grown, b"b\n").unwrap();
        assert_eq!(std::fs::read(&grown).unwrap(), b"a\nb\n");
        let written = nested.join("written");
        std::fs::write(&written, "long before").unwrap();
        std::fs::set_permissions(&written, PermissionsExt::from_mode(0o644)).unwrap();
        write(&written, b"new").unwrap();
        assert_eq!(std::fs::read(&written).unwrap(), b"new");
        assert_eq!([mode(&grown), mode(&written)], [0o600; 2]);
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
