//! Where an inbox and its secrets go with a version of its channel and its settings: addresses as they
//! resolve, and what of them another version or other settings did not have.

use super::grant::{Grants, origins};
use super::settings;
use crate::domain::address::Origin;
use rapport_package::Manifest;
use serde_json::Value;

/// What one inbox reaches.
#[derive(Debug, Default)]
pub struct Reach {
    grants: Grants,
    /// Each secret with each address that it goes to.
    secrets: Vec<(String, Origin)>,
}

impl Reach {
    /// By the manifest as it is granted, and the inbox's settings as they are given. Settings that are
    /// wrong lead nowhere: nothing works with them.
    pub fn of(manifest: &Manifest, given: &Value) -> Self {
        let Ok(settings) = settings::resolve(&manifest.settings, given) else {
            return Self::default();
        };
        let hosts = manifest
            .secrets
            .iter()
            .flat_map(|secret| secret.hosts.iter().map(move |host| (&secret.name, host)));
        let secrets = hosts.flat_map(|(name, host)| {
            let origins = origins(host, &settings.value).unwrap_or_default();
            origins.into_iter().map(|origin| (name.clone(), origin))
        });
        Self {
            grants: Grants::resolve(manifest, &settings.value, &[]).unwrap_or_default(),
            secrets: secrets.collect(),
        }
    }

    /// Requests that `before` did not allow, in words.
    pub fn requests_beyond(&self, before: &Self) -> Vec<String> {
        self.grants.beyond(&before.grants)
    }

    /// Secrets by name, with addresses that they did not go to `before`.
    pub fn secrets_beyond<'s>(
        &'s self,
        before: &Self,
    ) -> impl Iterator<Item = &'s (String, Origin)> {
        let beyond = self.secrets.iter();
        beyond.filter(move |secret| !before.secrets.contains(secret))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn manifest(default: &str, path: &str) -> Manifest {
        Manifest::parse(&format!(
            r#"
            id = "channel-x"
            name = "X"
            version = "1.0.0"
            kind = "channel"
            publisher = "X"
            licence = "MIT"
            contract = "1.0.0"
            description = "X"
            network = "x"
            [settings]
            type = "object"
            [settings.properties.service]
            type = "string"
            default = "{default}"
            [[secrets]]
            name = "password"
            description = "X"
            hosts = ["{{service}}"]
            in = ["body"]
            [[permissions.http]]
            address = "{{service}}"
            methods = ["GET"]
            path-prefix = "{path}"
            reason = "X"
            "#
        ))
        .unwrap()
    }

    /// What is beyond, requests first.
    fn beyond(after: &Reach, before: &Reach) -> Vec<String> {
        let secrets = after.secrets_beyond(before);
        let secrets = secrets.map(|(name, to)| format!("{name} to {to}"));
        after
            .requests_beyond(before)
            .into_iter()
            .chain(secrets)
            .collect()
    }

    #[test]
    fn another_default_leads_those_elsewhere_that_have_no_setting_of_their_own() {
        let (old, new) = (
            manifest("https://a.example", "/"),
            manifest("https://b.example", "/"),
        );
        let given = json!({});
        let found = beyond(&Reach::of(&new, &given), &Reach::of(&old, &given));
        let expected = [
            "https://b.example:443/ (GET)",
            "password to https://b.example:443",
        ];
        assert_eq!(found, expected);
        let own = json!({ "service": "https://own.example" });
        assert!(beyond(&Reach::of(&new, &own), &Reach::of(&old, &own)).is_empty());
    }

    #[test]
    fn host_port_scheme_path_and_method_count_and_less_does_not() {
        let old = manifest("https://a.example", "/api/");
        let before = Reach::of(&old, &json!({}));
        for other in [
            "https://a.example:8443",
            "http://a.example",
            "https://a.example.evil",
        ] {
            let found = beyond(&Reach::of(&manifest(other, "/api/"), &json!({})), &before);
            assert_eq!(found.len(), 2, "{other}: {found:?}");
        }
        let same = manifest("https://A.example:443/elsewhere", "/api/v2/");
        assert!(beyond(&Reach::of(&same, &json!({})), &before).is_empty());
        let wider = beyond(
            &Reach::of(&manifest("https://a.example", ""), &json!({})),
            &before,
        );
        assert_eq!(wider, ["https://a.example:443 (GET)"]);
        let mut any = old.clone();
        any.permissions.http[0].methods = Vec::new();
        let any = beyond(&Reach::of(&any, &json!({})), &before);
        assert_eq!(any, ["https://a.example:443/api/ (every method)"]);
    }
}
