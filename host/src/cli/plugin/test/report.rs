//! What came of a test: its checks, the level they come to, and both as words.
//!
//! A level needs its checks passed: one that was skipped gives none. Deliberately absent: whether the
//! plugin is worth using.

use crate::telemetry::shown::shown;
use rapport_package::{Kind, Package};
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// Failures of one check that are written out; JSON has all.
const SHOWN: usize = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Passed,
    Failed,
    Skipped,
}

/// One thing that was not as it should be.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// The case, the input or the setting.
    pub what: String,
    pub expected: String,
    pub found: String,
    pub file: Option<String>,
    pub line: Option<usize>,
    /// What to do.
    pub remedy: String,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    pub name: &'static str,
    pub status: Status,
    /// False: this plugin has nothing that it could be of; no level lacks it.
    pub applies: bool,
    /// What was done, or why it was not.
    pub detail: String,
    pub failures: Vec<Failure>,
}

impl Check {
    /// Passed where nothing failed.
    pub fn of(name: &'static str, detail: &str, failures: Vec<Failure>) -> Self {
        let status = match failures.is_empty() {
            true => Status::Passed,
            false => Status::Failed,
        };
        Self {
            name,
            status,
            applies: true,
            detail: detail.to_owned(),
            failures,
        }
    }

    pub fn skipped(name: &'static str, why: &str) -> Self {
        Self {
            status: Status::Skipped,
            ..Self::of(name, why, Vec::new())
        }
    }

    /// Skipped, because there is nothing to check.
    pub fn needless(name: &'static str, why: &str) -> Self {
        Self {
            applies: false,
            ..Self::skipped(name, &format!("does not apply: {why}"))
        }
    }

    pub fn passed(&self) -> bool {
        self.status == Status::Passed
    }
}

/// How far a plugin can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    Bronze,
    Silver,
    Gold,
}

impl Level {
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Bronze => "bronze",
            Level::Silver => "silver",
            Level::Gold => "gold",
        }
    }
}

/// The levels from the lowest, with what each adds to the one before.
type Levels = [(Level, &'static [&'static str]); 3];

const PURE: Levels = [
    (Level::Bronze, &["contract", "settings"]),
    (Level::Silver, &["deterministic", "limits"]),
    (Level::Gold, &["cases"]),
];

const CHANNEL: Levels = [
    (Level::Bronze, &["contract", "settings", "limits"]),
    (
        Level::Silver,
        &["malformed", "rate-limits", "auth", "secrets"],
    ),
    (Level::Gold, &["cursor", "idempotent", "cases"]),
];

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    pub plugin: String,
    pub version: String,
    pub kind: Kind,
    pub digest: String,
    pub level: Option<Level>,
    /// What the next level lacks; none at the highest.
    pub next: Option<String>,
    pub warnings: Vec<String>,
    pub checks: Vec<Check>,
}

impl Report {
    pub fn new(package: &Package, warnings: Vec<String>, checks: Vec<Check>) -> Self {
        let manifest = &package.manifest;
        let (level, next) = level(manifest.kind, &checks);
        Self {
            plugin: manifest.id.clone(),
            version: manifest.version.clone(),
            kind: manifest.kind,
            digest: package.digest.clone(),
            level,
            next,
            warnings,
            checks,
        }
    }

    /// Names of the checks that failed.
    pub fn failed(&self) -> Vec<&'static str> {
        let failed = self.checks.iter().filter(|c| c.status == Status::Failed);
        failed.map(|check| check.name).collect()
    }

    /// For a terminal, without a line break at the end.
    pub fn words(&self) -> String {
        let mut text = format!(
            "{} {} ({})\n",
            self.plugin,
            shown(&self.version),
            self.kind.as_str()
        );
        for check in &self.checks {
            let status = match check.status {
                Status::Passed => "passed",
                Status::Failed => "FAILED",
                Status::Skipped => "skipped",
            };
            // Writing to a String does not fail.
            let detail = shown(&check.detail);
            let _ = writeln!(text, "  {status:<8} {:<14} {detail}", check.name);
            for failure in check.failures.iter().take(SHOWN) {
                failure.write(&mut text);
            }
            if check.failures.len() > SHOWN {
                let more = check.failures.len() - SHOWN;
                let _ = writeln!(text, "           and {more} more; --json has all");
            }
        }
        for warning in &self.warnings {
            let _ = writeln!(text, "  warning  {}", shown(warning));
        }
        let _ = write!(text, "level: {}", self.level.map_or("none", Level::as_str));
        if let Some(next) = &self.next {
            let _ = write!(text, " ({next})");
        }
        text
    }
}

impl Failure {
    fn write(&self, text: &mut String) {
        let place = match (&self.file, self.line) {
            (Some(file), Some(line)) => format!("{file}:{line}: "),
            (Some(file), None) => format!("{file}: "),
            (None, _) => String::new(),
        };
        let _ = writeln!(text, "    {place}{}", shown(&self.what));
        for (key, value) in [
            ("expected", &self.expected),
            ("came", &self.found),
            ("remedy", &self.remedy),
        ] {
            let lines: Vec<String> = value.trim_end().lines().map(shown).collect();
            let value = lines.join("\n               ");
            let _ = writeln!(text, "      {key:<8} {value}");
        }
    }
}

/// The highest level whose checks, and those of all below it, passed; and what is next.
fn level(kind: Kind, checks: &[Check]) -> (Option<Level>, Option<String>) {
    let mut reached = None;
    let levels = match kind {
        Kind::Channel => CHANNEL,
        Kind::Classifier | Kind::Policy => PURE,
    };
    for (level, needs) in levels {
        let met = |check: &Check| check.passed() || !check.applies;
        let lacking = |name: &&str| !checks.iter().any(|c| c.name == *name && met(c));
        let lacking: Vec<&str> = needs.iter().copied().filter(lacking).collect();
        if !lacking.is_empty() {
            let next = format!("{} needs {}", level.as_str(), lacking.join(" and "));
            return (reached, Some(next));
        }
        reached = Some(level);
    }
    (reached, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checks(passed: &[&'static str]) -> Vec<Check> {
        passed
            .iter()
            .map(|n| Check::of(n, "", Vec::new()))
            .collect()
    }

    #[test]
    fn a_level_needs_all_below_it() {
        let all = ["contract", "settings", "deterministic", "limits", "cases"];
        assert_eq!(
            level(Kind::Policy, &checks(&all)),
            (Some(Level::Gold), None)
        );
        let (reached, next) = level(Kind::Policy, &checks(&all[..4]));
        assert_eq!(reached, Some(Level::Silver));
        assert_eq!(next.as_deref(), Some("gold needs cases"));
        assert_eq!(level(Kind::Policy, &checks(&all[1..])).0, None);
        let mut skipped = checks(&all[..1]);
        skipped.push(Check::skipped("settings", "no settings"));
        assert_eq!(level(Kind::Classifier, &skipped).0, None);
    }

    #[test]
    fn a_channel_has_its_own_levels_and_lacks_nothing_that_does_not_apply() {
        let bronze = ["contract", "settings", "limits"];
        let (reached, next) = level(Kind::Channel, &checks(&bronze));
        assert_eq!(reached, Some(Level::Bronze));
        assert_eq!(
            next.as_deref(),
            Some("silver needs malformed and rate-limits and auth and secrets")
        );
        let mut all = checks(&bronze);
        for name in ["malformed", "rate-limits", "auth", "secrets", "cursor"] {
            all.push(Check::needless(name, "no network"));
        }
        all.extend(checks(&["idempotent", "cases"]));
        assert_eq!(level(Kind::Channel, &all), (Some(Level::Gold), None));
        all[3].applies = true;
        assert_eq!(level(Kind::Channel, &all).0, Some(Level::Bronze));
    }
}
