//! Several paths: a list in the file; in the environment separated as in PATH.

use serde::Deserialize;
use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Paths(pub Vec<PathBuf>);

impl FromStr for Paths {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let all = std::env::split_paths(text);
        Ok(Self(
            all.filter(|path| !path.as_os_str().is_empty()).collect(),
        ))
    }
}

impl fmt::Display for Paths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<_> = self.0.iter().map(|path| path.to_string_lossy()).collect();
        f.write_str(&all.join(if cfg!(windows) { ";" } else { ":" }))
    }
}
