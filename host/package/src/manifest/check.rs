//! What the types of a manifest alone don't check.
//!
//! Each refusal names the key and what it must be. Deliberately absent: whether the component does
//! what its manifest says (see `imports` and `world`).

use super::*;

/// Most secrets of one plugin.
const SECRETS: usize = 16;

impl Manifest {
    /// The checks that types alone don't make.
    pub fn check(&self) -> Result<(), ManifestError> {
        if !is_id(&self.id) {
            return Err(invalid(
                "id",
                "use lower-case words with hyphens, at most 64 bytes",
            ));
        }
        for (field, text) in [
            ("name", &self.name),
            ("publisher", &self.publisher),
            ("licence", &self.licence),
            ("description", &self.description),
        ] {
            if text.trim().is_empty() || text.len() > 1024 {
                return Err(invalid(field, "must have 1 to 1024 bytes"));
            }
        }
        parse_version(&self.version).ok_or_else(|| invalid("version", "must be like 1.2.3"))?;
        let contract = parse_version(&self.contract)
            .ok_or_else(|| invalid("contract", "must be like 1.0.0"))?;
        if contract.0 != CONTRACT.0 || contract.1 > CONTRACT.1 {
            return Err(invalid(
                "contract",
                format!(
                    "this host speaks {}.{}.{}",
                    CONTRACT.0, CONTRACT.1, CONTRACT.2
                ),
            ));
        }
        self.check_limits()?;
        self.check_kind()?;
        for (index, permission) in self.permissions.fields.iter().enumerate() {
            let at = format!("permissions.fields[{index}]");
            if !FIELDS.contains(&permission.field.as_str()) {
                let hint = crate::nearest::nearest(&permission.field, FIELDS.iter().copied());
                return Err(invalid(
                    &at,
                    format!("unknown field{}", hint.unwrap_or_default()),
                ));
            }
            if permission.reason.trim().is_empty() {
                return Err(invalid(&at, "needs a reason"));
            }
        }
        if !self.settings.is_object() {
            return Err(invalid("settings", "must be a JSON Schema object"));
        }
        Ok(())
    }

    fn check_limits(&self) -> Result<(), ManifestError> {
        let limits = &self.limits;
        for (key, value, ceiling) in [
            ("limits.memory-mb", limits.memory_mb, MEMORY_CEILING_MB),
            ("limits.time-ms", limits.time_ms, TIME_CEILING_MS),
            (
                "limits.requests-per-minute",
                limits.requests_per_minute,
                REQUESTS_PER_MINUTE_CEILING,
            ),
            (
                "limits.requests-at-once",
                limits.requests_at_once,
                REQUESTS_AT_ONCE_CEILING,
            ),
        ] {
            if !(1..=ceiling).contains(&value) {
                return Err(invalid(key, format!("must be 1 to {ceiling}")));
            }
        }
        Ok(())
    }

    fn check_kind(&self) -> Result<(), ManifestError> {
        let channel = self.kind == Kind::Channel;
        if channel && self.fallback == Fallback::LastKnownGood {
            return Err(invalid(
                "fallback",
                "a channel can't have it: only its version in force may speak to the network",
            ));
        }
        if channel && !self.network.as_deref().is_some_and(is_id) {
            return Err(invalid(
                "network",
                "a channel names its network, lower case with hyphens",
            ));
        }
        if !channel {
            if self.network.is_some() {
                return Err(invalid("network", "only a channel has one"));
            }
            if self.webhook.is_some() {
                return Err(invalid("webhook", "only a channel has one"));
            }
            if !self.permissions.http.is_empty() || !self.secrets.is_empty() {
                return Err(invalid(
                    "permissions.http",
                    "only a channel may use the network",
                ));
            }
            if !self.runtime_imports.is_empty() {
                return Err(invalid(
                    "runtime-imports",
                    "only a channel may have them; others get nothing but their input",
                ));
            }
        }
        for (index, package) in self.runtime_imports.iter().enumerate() {
            let at = format!("runtime-imports[{index}]");
            if !RUNTIME_IMPORTS.contains(&package.as_str()) {
                let hint = crate::nearest::nearest(package, RUNTIME_IMPORTS.iter().copied());
                let hint = hint.unwrap_or_default();
                let known = RUNTIME_IMPORTS.join(" or ");
                return Err(invalid(&at, format!("must be {known}{hint}")));
            }
            if self.runtime_imports[..index].contains(package) {
                return Err(invalid(&at, "is there twice"));
            }
        }
        for (index, permission) in self.permissions.http.iter().enumerate() {
            let at = format!("permissions.http[{index}]");
            let concrete = without_wildcard(&permission.address);
            let concrete = concrete.map_err(|problem| invalid(&at, problem))?;
            self.check_address(&at, &concrete)?;
            if permission.reason.trim().is_empty() {
                return Err(invalid(&at, "needs a reason"));
            }
        }
        if self.secrets.len() > SECRETS {
            return Err(invalid("secrets", format!("at most {SECRETS}")));
        }
        for secret in &self.secrets {
            let at = format!("secrets.{}", secret.name);
            if !is_id(&secret.name) {
                return Err(invalid(&at, "name: use lower-case words with hyphens"));
            }
            if self.is_webhook_secret(&secret.name) {
                let placed = !secret.places.is_empty() || !secret.uses.is_empty();
                if placed || !secret.hosts.is_empty() || !secret.capture.is_empty() {
                    return Err(invalid(
                        &at,
                        "a secret of [webhook] goes nowhere: leave out `hosts`, `use`, `in` and \
                         `capture`",
                    ));
                }
                continue;
            }
            if secret.hosts.is_empty() {
                return Err(invalid(&at, "needs `hosts`"));
            }
            let placed = secret.check_places();
            placed.map_err(|problem| invalid(&at, problem))?;
            for host in &secret.hosts {
                self.check_address(&at, host)?;
            }
        }
        let declared: Vec<&str> = self.secrets.iter().map(|s| s.name.as_str()).collect();
        match &self.webhook {
            Some(webhook) => webhook
                .check(&declared)
                .map_err(|(field, problem)| invalid(&format!("webhook.{field}"), problem)),
            None => Ok(()),
        }
    }

    /// `https://…`, `http://…`, or `{setting}` with a setting that the schema has.
    fn check_address(&self, at: &str, address: &str) -> Result<(), ManifestError> {
        if let Some(setting) = address.strip_prefix('{').and_then(|a| a.strip_suffix('}')) {
            if self
                .settings
                .pointer("/properties")
                .and_then(|p| p.get(setting))
                .is_none()
            {
                return Err(invalid(at, format!("the settings have no `{setting}`")));
            }
            return Ok(());
        }
        if address.contains('*') {
            let problem = format!("`{address}`: a secret goes to hosts with names only");
            return Err(invalid(at, problem));
        }
        if !(address.starts_with("https://") || address.starts_with("http://")) {
            return Err(invalid(
                at,
                format!("`{address}` must begin with https:// or be {{setting}}"),
            ));
        }
        Ok(())
    }
}

/// An address without its leading wildcard label, if it has one.
fn without_wildcard(address: &str) -> Result<String, String> {
    if !address.contains('*') {
        return Ok(address.to_owned());
    }
    let rest = address.strip_prefix("https://*.").unwrap_or_default();
    let host = rest.split([':', '/']).next().unwrap_or_default();
    if rest.contains('*') || !host.contains('.') || host.parse::<std::net::IpAddr>().is_ok() {
        return Err(format!(
            "`{address}`: a wildcard is one whole label before a name of two or more, with https, \
             like https://*.example.com"
        ));
    }
    Ok(format!("https://{rest}"))
}
