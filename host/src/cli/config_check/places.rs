//! Names in the configuration that stand for something in the store: roles and teams. What is not there
//! yet may still be made, so each is a warning. A store that is not there yet, or can't be asked, has no
//! teams to compare with.

use super::Findings;
use crate::app;
use crate::config::Config;
use crate::db::{Db, DbError};
use crate::domain::access::BuiltInRole;
use std::collections::BTreeSet;
use toml::Value;

/// Teams and roles that settings name, each with its key.
#[derive(Default)]
struct Named {
    roles: Vec<(String, String)>,
    teams: Vec<(String, String)>,
}

pub(super) async fn check(config: &Config, findings: &mut Findings) {
    let named = named(config);
    let known = match config.source() {
        Ok(source) => look(config, &source).await,
        // Told elsewhere.
        Err(_) => return,
    };
    let Known { roles, teams, key } = match known {
        Ok(Some(known)) => known,
        // Nothing was made in it: what comes with Rapport is all there is.
        Ok(None) => Known::default(),
        Err(error) => {
            let remedy = "see that the database runs and lets this user in; a start waits for it";
            findings.warning(
                "database",
                format!("teams and roles can't be looked up: {error}"),
                remedy,
            );
            return;
        }
    };
    // Of a key that can't be read is told elsewhere.
    if let Some(problem) = key {
        let remedy = "give the key that the store was made with";
        findings.error("secret-key", problem, remedy);
    }
    for (key, role) in named.roles {
        if role.parse::<BuiltInRole>().is_err() && !roles.contains(&role) {
            let remedy = "make it over the API, or name one that is there";
            findings.warning(&key, format!("there is no role `{role}`"), remedy);
        }
    }
    for (key, team) in named.teams {
        if !teams.contains(&team) {
            let remedy = "make it over the API, or name one that is there";
            findings.warning(&key, format!("there is no team `{team}`"), remedy);
        }
    }
}

type Names = BTreeSet<String>;

/// What the store says.
#[derive(Default)]
struct Known {
    roles: Names,
    teams: Names,
    /// Why the secret key that is given is not this store's.
    key: Option<String>,
}

/// None when there is no store yet.
async fn look(config: &Config, source: &crate::db::Source) -> Result<Option<Known>, DbError> {
    let Some(db) = Db::look(source).await? else {
        return Ok(None);
    };
    let roles = db.role_list().await;
    let teams = db.team_list().await;
    let key = app::examine_key(config, &db).await;
    db.close().await;
    let roles = roles?.into_iter().map(|role| role.name).collect();
    let teams = teams?.into_iter().map(|team| team.name).collect();
    let key = key.ok().flatten();
    Ok(Some(Known { roles, teams, key }))
}

fn named(config: &Config) -> Named {
    let mut named = Named::default();
    for provider in &config.oidc {
        let of_claim = provider
            .roles
            .values()
            .flatten()
            .map(|role| ("roles", role));
        let of_new = provider
            .default_roles
            .iter()
            .map(|role| ("default-roles", role));
        for (key, role) in of_claim.chain(of_new) {
            let key = format!("oidc.{}.{key}", provider.name);
            named.roles.push((key, role.clone()));
        }
    }
    for (id, plugin) in config.plugins.iter().filter(|(_, plugin)| plugin.enabled) {
        walk(
            &format!("plugins.{id}.settings"),
            &plugin.settings,
            &mut named,
        );
    }
    named
}

/// By the names that settings give such keys: `team`, `…-team`, `role`, `…-role`; `routes` leads to teams.
fn walk(key: &str, table: &toml::Table, named: &mut Named) {
    for (name, value) in table {
        let key = format!("{key}.{name}");
        let is = |word: &str| name == word || name.ends_with(&format!("-{word}"));
        match value {
            Value::String(text) if text.is_empty() => {}
            Value::String(text) if is("team") => named.teams.push((key, text.clone())),
            Value::String(text) if is("role") => named.roles.push((key, text.clone())),
            Value::Table(routes) if name == "routes" => {
                let teams = routes.iter().filter_map(|(topic, team)| {
                    Some((format!("{key}.{topic}"), team.as_str()?.to_owned()))
                });
                named.teams.extend(teams);
            }
            Value::Table(inner) => walk(&key, inner, named),
            _ => {}
        }
    }
}
