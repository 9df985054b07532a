//! The page behind the one-time set-up link. The secret stands behind the link's `#`, so that it goes
//! into no log and no Referer; the page's own script sends it, and nothing else may run.

use super::problem::Problem;
use crate::access::AccessError;
use crate::access::secret::new_secret;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::IntoResponse;

const SCRIPT: &str = r#"
const form = document.querySelector("form");
const said = document.querySelector("output");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = Object.fromEntries(new FormData(form));
  body.secret = location.hash.slice(1);
  const answer = await fetch("/api/v1/setup", {
    method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body),
  });
  if (answer.status === 201) {
    form.hidden = true;
    said.textContent = "Done. You can log in now.";
    history.replaceState(null, "", "/setup");
  } else {
    said.textContent = (await answer.json()).detail;
  }
});
"#;

fn html(nonce: &str) -> String {
    format!(
        r#"<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Set up Rapport</title>
<h1>Set up Rapport</h1>
<p>Make the first administrator. This link works once.</p>
<form>
<p><label>E-mail address<br><input name="email" type="email" autocomplete="username" required></label>
<p><label>Name<br><input name="name" autocomplete="name" maxlength="128" required></label>
<p><label>Password, 12 characters or more<br><input name="password" type="password" autocomplete="new-password" minlength="12" required></label>
<p><button>Make the administrator</button>
</form>
<p><output></output></p>
<script nonce="{nonce}">{SCRIPT}</script>
</html>
"#
    )
}

pub async fn page() -> Result<impl IntoResponse, Problem> {
    let nonce = new_secret().ok_or(AccessError::Busy)?;
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; connect-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'"
    );
    Ok((
        [
            (CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
            (CONTENT_SECURITY_POLICY, policy),
        ],
        html(&nonce),
    ))
}
