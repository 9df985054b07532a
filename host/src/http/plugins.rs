//! Plugins as an admin manages them. Every change is stored and on record when the answer comes; the
//! hosts follow it within about a second, without a restart.

use super::AppState;
use super::auth::Who;
use super::problem::{Json, Path, Problem, Query};
use crate::pipeline::plugins::Registry;
use crate::pipeline::plugins::admit::Word;
use crate::pipeline::plugins::detail::{AskView, PluginDetail};
use crate::pipeline::plugins::manage::{ManageError, NewFile};
use crate::pipeline::plugins::upgrade::UpgradeOptions;
use axum::extract::State;
use axum::http::StatusCode;
use data_encoding::BASE64;
use rapport_package::grant::Grant;
use rapport_publish::oci::{self, Options, Reference};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

impl From<ManageError> for Problem {
    fn from(error: ManageError) -> Self {
        let detail = sentence(&error.to_string());
        match error {
            ManageError::NotFound(what) => Problem::not_found(what),
            ManageError::Conflict(_) => Problem::conflict(detail),
            ManageError::Invalid(_) => Problem::invalid(detail),
            ManageError::Db(error) if error.is_conflict() => Problem::conflict(
                "Somebody else changed it at the same moment; look again and repeat.",
            ),
            ManageError::Db(error) => Problem::from(error),
        }
    }
}

/// As a sentence; the name of a key at its beginning stays as it is.
pub(super) fn sentence(text: &str) -> String {
    let first = text.split_whitespace().next().unwrap_or_default();
    let is_word = !first.is_empty() && first.chars().all(|c| c.is_ascii_lowercase());
    let whole = match is_word {
        true => text[..1].to_uppercase() + &text[1..],
        false => text.to_owned(),
    };
    format!("{}.", whole.trim_end_matches('.'))
}

pub(super) fn registry(state: &AppState) -> Result<&Registry, Problem> {
    let registry = state.pipeline.registry.as_ref();
    registry.ok_or_else(|| Problem::conflict("The plugins of this host are fixed."))
}

/// A plugin file: one of the two ways.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"reference": "oci://registry.example/plugins/classify-mine:1.0.0"}))]
pub struct PluginSource {
    /// The file in Base64, at most 32 MiB before that.
    #[schema(max_length = 44739244)]
    pub file: Option<String>,
    /// Texts of the `.minisig` files that go with `file`.
    #[serde(default)]
    #[schema(max_items = 16)]
    pub signatures: Vec<String>,
    /// `oci://registry/repository:tag`, or `@sha256:…` for exactly one. Its signatures come along.
    #[schema(max_length = 512)]
    pub reference: Option<String>,
}

impl PluginSource {
    async fn fetch(self, registry: &Registry) -> Result<NewFile, Problem> {
        match (self.file, self.reference) {
            (Some(file), None) => Ok(NewFile {
                bytes: BASE64
                    .decode(file.as_bytes())
                    .map_err(|e| Problem::invalid(format!("file: not Base64: {e}.")))?,
                signatures: self.signatures,
                source: "upload".to_owned(),
            }),
            (None, Some(reference)) => {
                let reference: Reference = reference
                    .parse()
                    .map_err(|e| Problem::invalid(format!("reference: {e}.")))?;
                let options = Options {
                    roots: registry.base.engines.roots().to_vec(),
                    local_hosts: registry.base.registries.clone(),
                    local_registry: false,
                    ..Options::default()
                };
                let pulled = oci::pull(&reference, &options)
                    .await
                    .map_err(|e| Problem::conflict(format!("{reference}: {e}.")))?;
                Ok(NewFile {
                    bytes: pulled.file,
                    signatures: pulled.signatures,
                    source: pulled.reference.to_string(),
                })
            }
            _ => Err(Problem::invalid("Give `file` or `reference`, one of them.")),
        }
    }
}

/// A plugin to be installed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PluginInstall {
    pub source: PluginSource,
    /// This one file may run without a signature that is trusted.
    #[serde(default)]
    pub allow_unsigned: bool,
    /// Id of the key, one of those that signed the file, that is to be its publisher's from now on in the
    /// stead of the one that signed it first.
    #[schema(max_length = 16)]
    pub publisher_key: Option<String>,
}

/// Takes a plugin in: disabled, with nothing granted. It can take nothing and do nothing until it is
/// granted and enabled.
#[utoipa::path(post, path = "/plugins", operation_id = "installPlugin", tag = "plugins", request_body = PluginInstall,
    responses((status = 201, body = PluginDetail),
        (status = 409, description = "It is installed, or not signed by a key that is trusted", body = Problem),
        (status = 422, body = Problem)))]
pub async fn install(
    State(state): State<AppState>,
    who: Who,
    Json(new): Json<PluginInstall>,
) -> Result<(StatusCode, Json<PluginDetail>), Problem> {
    let registry = registry(&state)?;
    let db = &state.pipeline.db;
    let file = new.source.fetch(registry).await?;
    let word = Word {
        allow_unsigned: new.allow_unsigned,
        publisher_key: new.publisher_key,
    };
    let installed = registry.install(db, &who.actor(), file, &word).await?;
    let detail = registry.detail(db, &installed.id).await?;
    Ok((StatusCode::CREATED, Json(detail)))
}

/// All that there is to know of one plugin before it is trusted, and after.
#[utoipa::path(get, path = "/plugins/{id}", operation_id = "getPlugin", tag = "plugins", params(("id" = String, Path)),
    responses((status = 200, body = PluginDetail), (status = 404, body = Problem),
        (status = 409, description = "Its file is lost", body = Problem)))]
pub async fn show(
    State(state): State<AppState>,
    Path(id): Path<String>,
) -> Result<Json<PluginDetail>, Problem> {
    answer(&state, &id).await
}

async fn answer(state: &AppState, id: &str) -> Result<Json<PluginDetail>, Problem> {
    let registry = registry(state)?;
    Ok(Json(registry.detail(&state.pipeline.db, id).await?))
}

/// What a plugin may have.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GrantRequest {
    /// As `granted` of the plugin, or less; left out, everything that it asks for.
    #[schema(value_type = Option<Object>)]
    pub grant: Option<Value>,
}

/// Lets a plugin have what it asks for, or less. Replaces what was granted before.
#[utoipa::path(put, path = "/plugins/{id}/grant", operation_id = "grantPlugin", tag = "plugins", params(("id" = String, Path)),
    request_body = GrantRequest,
    responses((status = 200, body = PluginDetail), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn grant(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<String>,
    Json(request): Json<GrantRequest>,
) -> Result<Json<PluginDetail>, Problem> {
    let grant = request.grant.map(serde_json::from_value::<Grant>);
    let grant = grant
        .transpose()
        .map_err(|e| Problem::invalid(format!("grant: {e}.")))?;
    let registry = registry(&state)?;
    registry
        .grant(&state.pipeline.db, &who.actor(), &id, grant)
        .await?;
    answer(&state, &id).await
}

/// Settings.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingsRequest {
    /// Checked against the plugin's JSON Schema.
    #[schema(value_type = Object)]
    pub settings: Value,
}

/// Replaces a classifier's or policy's settings. A rule is switched by its `enabled`.
#[utoipa::path(put, path = "/plugins/{id}/settings", operation_id = "configurePlugin", tag = "plugins", params(("id" = String, Path)),
    request_body = SettingsRequest,
    responses((status = 200, body = PluginDetail), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn configure(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<String>,
    Json(request): Json<SettingsRequest>,
) -> Result<Json<PluginDetail>, Problem> {
    let registry = registry(&state)?;
    registry
        .configure(&state.pipeline.db, &who.actor(), &id, request.settings)
        .await?;
    answer(&state, &id).await
}

/// Puts a plugin to work.
#[utoipa::path(post, path = "/plugins/{id}/enable", operation_id = "enablePlugin", tag = "plugins", params(("id" = String, Path)),
    responses((status = 200, body = PluginDetail), (status = 404, body = Problem),
        (status = 409, description = "Nothing is granted, or it stands in rapport.toml", body = Problem),
        (status = 422, body = Problem)))]
pub async fn enable(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<String>,
) -> Result<Json<PluginDetail>, Problem> {
    let registry = registry(&state)?;
    registry
        .enable(&state.pipeline.db, &who.actor(), &id, true)
        .await?;
    answer(&state, &id).await
}

/// Takes a plugin out of work; it stays installed.
#[utoipa::path(post, path = "/plugins/{id}/disable", operation_id = "disablePlugin", tag = "plugins", params(("id" = String, Path)),
    responses((status = 200, body = PluginDetail), (status = 404, body = Problem),
        (status = 409, body = Problem)))]
pub async fn disable(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<String>,
) -> Result<Json<PluginDetail>, Problem> {
    let registry = registry(&state)?;
    registry
        .enable(&state.pipeline.db, &who.actor(), &id, false)
        .await?;
    answer(&state, &id).await
}

/// A new version.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PluginUpgrade {
    pub source: PluginSource,
    /// This one file may run without a signature that is trusted.
    #[serde(default)]
    pub allow_unsigned: bool,
    /// Id of the key, one of those that signed the file, that is to be its publisher's from now on in the
    /// stead of the one that signed it first.
    #[schema(max_length = 16)]
    pub publisher_key: Option<String>,
    /// Run it beside the version in force, with its effects off.
    #[serde(default)]
    pub shadow: bool,
    /// In the stead of those it has.
    #[schema(value_type = Option<Object>)]
    pub settings: Option<Value>,
}

/// What became of an upgrade.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpgradeOutcome {
    /// What the new version asks for beyond the old one, and says otherwise of itself: whose it is, its
    /// settings, where it leads an inbox, that it goes back. With any of it, it is the candidate and waits
    /// to be approved; the old one goes on.
    pub asks_more: Vec<AskView>,
    pub plugin: PluginDetail,
}

/// Brings another version in. One that asks for the same or less, and says the same of itself, comes into
/// force at once.
#[utoipa::path(post, path = "/plugins/{id}/upgrade", operation_id = "upgradePlugin", tag = "plugins", params(("id" = String, Path)),
    request_body = PluginUpgrade,
    responses((status = 200, body = UpgradeOutcome), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn upgrade(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<String>,
    Json(new): Json<PluginUpgrade>,
) -> Result<Json<UpgradeOutcome>, Problem> {
    let registry = registry(&state)?;
    let options = UpgradeOptions {
        word: Word {
            allow_unsigned: new.allow_unsigned,
            publisher_key: new.publisher_key,
        },
        shadow: new.shadow,
        settings: new.settings,
    };
    let db = &state.pipeline.db;
    let file = new.source.fetch(registry).await?;
    let upgraded = registry
        .upgrade(db, &who.actor(), &id, file, options)
        .await?;
    Ok(Json(UpgradeOutcome {
        asks_more: upgraded.more.into_iter().map(AskView::from).collect(),
        plugin: registry.detail(db, &id).await?,
    }))
}

/// Which candidate.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// The candidate's digest, as it was looked at.
    pub digest: String,
}

/// Lets the candidate come into force, with what it asks for beyond the old version.
#[utoipa::path(post, path = "/plugins/{id}/approve", operation_id = "approvePluginCandidate", tag = "plugins", params(("id" = String, Path)),
    request_body = Approval,
    responses((status = 200, body = PluginDetail), (status = 404, body = Problem),
        (status = 409, description = "The candidate is another one by now", body = Problem),
        (status = 422, body = Problem)))]
pub async fn approve(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<String>,
    Json(approval): Json<Approval>,
) -> Result<Json<PluginDetail>, Problem> {
    let registry = registry(&state)?;
    registry
        .approve(
            &state.pipeline.db,
            &who.actor(),
            &id,
            Some(&approval.digest),
        )
        .await?;
    answer(&state, &id).await
}

/// Sends the candidate away.
#[utoipa::path(delete, path = "/plugins/{id}/candidate", operation_id = "deletePluginCandidate", tag = "plugins", params(("id" = String, Path)),
    responses((status = 200, body = PluginDetail), (status = 404, body = Problem),
        (status = 409, body = Problem)))]
pub async fn candidate_drop(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<String>,
) -> Result<Json<PluginDetail>, Problem> {
    let registry = registry(&state)?;
    registry
        .drop_candidate(&state.pipeline.db, &who.actor(), &id)
        .await?;
    answer(&state, &id).await
}

/// Back to the version before, with what that one was granted. Where that would lead an inbox to another
/// address than now, it is the candidate and waits to be approved.
#[utoipa::path(post, path = "/plugins/{id}/rollback", operation_id = "rollbackPlugin", tag = "plugins", params(("id" = String, Path)),
    responses((status = 200, body = PluginDetail), (status = 404, body = Problem),
        (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn rollback(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<String>,
) -> Result<Json<PluginDetail>, Problem> {
    let registry = registry(&state)?;
    registry
        .rollback(&state.pipeline.db, &who.actor(), &id, None, "asked for")
        .await?;
    answer(&state, &id).await
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Uninstall {
    /// Delete its files and its log too: what it decided can't be re-executed any more.
    #[serde(default)]
    pub forget: bool,
}

/// Takes a plugin out for good. What it said and decided stays on record.
#[utoipa::path(delete, path = "/plugins/{id}", operation_id = "uninstallPlugin", tag = "plugins", params(("id" = String, Path), Uninstall),
    responses((status = 204), (status = 404, body = Problem),
        (status = 409, description = "An inbox uses it, or it stands in rapport.toml", body = Problem)))]
pub async fn uninstall(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<String>,
    Query(options): Query<Uninstall>,
) -> Result<StatusCode, Problem> {
    let registry = registry(&state)?;
    registry
        .uninstall(&state.pipeline.db, &who.actor(), &id, options.forget)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
