//! `rapport plugin keygen | sign | verify`: minisign's keys and signatures, over the whole file.

use crate::app;
use crate::cli::common::say;
use crate::telemetry::shown::shown;
use anyhow::{Context, Result, bail};
use clap::Args;
use rapport_publish::sign::{self, Claims, Password, Place, PublicKey, SecretKey};
use serde_json::json;
use std::io::IsTerminal;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct KeygenArgs {
    /// Writes NAME.key, for you alone, and NAME.pub, for everybody.
    #[arg(long, value_name = "NAME")]
    out: PathBuf,
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub struct SignArgs {
    /// The plugin file.
    file: PathBuf,
    /// The secret key. Its password is asked for, or taken from RAPPORT_KEY_PASSWORD (empty: none).
    #[arg(long)]
    key: PathBuf,
    /// Sign beside the publisher, as an organisation that stands by the file.
    #[arg(long)]
    counter: bool,
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The plugin file; its signatures lie beside it.
    file: PathBuf,
    /// A public key that counts: a .pub file, or the key itself. Repeatable.
    #[arg(long = "key", required = true)]
    keys: Vec<String>,
    #[arg(long)]
    json: bool,
}

pub fn keygen(args: &KeygenArgs) -> Result<()> {
    let password = match sign::password_from_environment()? {
        Some(password) => password,
        None => new_password()?,
    };
    let made = sign::keygen(&args.out, &password)?;
    let (secret, public) = (made.secret.display(), made.public.display());
    let value = json!({
        "secret": made.secret, "public": made.public, "keyId": made.key.id(), "key": made.key,
    });
    say(
        args.json,
        &value,
        &format!(
            "{secret}  the secret key: keep it, and a copy of it, safe\n\
             {public}  the public key {}: give it to everybody",
            made.key.id()
        ),
    )
}

pub fn sign(args: &SignArgs) -> Result<()> {
    let package = app::read_package(&args.file)?;
    // What would be refused is not signed.
    package
        .inspect()
        .with_context(|| args.file.display().to_string())?;
    let password = match sign::password_from_environment()? {
        Some(password) => password,
        None => asked_password("Password of the key (empty when it has none): ")?,
    };
    let key = SecretKey::load(&args.key, &password)?;
    let place = if args.counter {
        Place::Counter
    } else {
        Place::Publisher
    };
    let claims = Claims {
        timestamp_s: Some(crate::domain::now_ms() / 1000),
        plugin: Some(package.manifest.id.clone()),
        version: Some(package.manifest.version.clone()),
        ..Claims::default()
    };
    let signature = sign::sign_file(&args.file, &claims, &key, place)?;
    let value = json!({ "signature": signature, "keyId": key.id(), "digest": package.digest });
    let words = format!("{}  signed with {}", signature.display(), key.id());
    say(args.json, &value, &words)
}

pub fn verify(args: &VerifyArgs) -> Result<()> {
    let keys = args.keys.iter().map(|key| PublicKey::from_argument(key));
    let keys: Vec<PublicKey> = keys.collect::<Result<_, _>>()?;
    let package = app::read_package(&args.file)?;
    let texts = sign::read_signatures(&args.file)?;
    let signed = sign::verify(&package.component, &texts, &keys)
        .with_context(|| args.file.display().to_string())?;
    let mut words = format!(
        "{} {} sha256:{}",
        package.manifest.id,
        shown(&package.manifest.version),
        package.digest
    );
    for one in &signed {
        words.push_str(&format!(
            "\nsigned by {}: {}",
            one.key_id,
            shown(&one.trusted_comment)
        ));
    }
    let by: Vec<_> = signed
        .iter()
        .map(|one| json!({ "keyId": one.key_id, "comment": one.trusted_comment }))
        .collect();
    let value = json!({
        "id": package.manifest.id, "version": package.manifest.version,
        "digest": package.digest, "signedBy": by,
    });
    say(args.json, &value, &words)
}

/// Asked twice, so that a slip of the finger makes no key that nobody can use.
fn new_password() -> Result<Password> {
    let first = asked_text("Password for the new key: ")?;
    if first.is_empty() {
        bail!(
            "a key without a password is made only when {} is set and empty",
            sign::PASSWORD_VARIABLE
        );
    }
    if first != asked_text("Once more: ")? {
        bail!("the two are not the same; nothing was made");
    }
    Ok(Password::from_text(first)?)
}

fn asked_password(prompt: &str) -> Result<Password> {
    Ok(Password::from_text(asked_text(prompt)?)?)
}

fn asked_text(prompt: &str) -> Result<String> {
    if !std::io::stdin().is_terminal() {
        bail!(
            "there is no terminal to ask for the key's password; set {}",
            sign::PASSWORD_VARIABLE
        );
    }
    rpassword::prompt_password(prompt).context("reading the password")
}
