//! An agent links their own account at a provider while logged in, and by address alone nobody is linked.

use super::*;

/// By the address alone nobody becomes somebody who is there.
#[tokio::test(flavor = "multi_thread")]
async fn an_agent_links_their_own_account() {
    let scene = Scene::start().await;
    let new = |email: &str| json!({ "email": email, "name": "N", "roles": ["admin"], "password": PASSWORD });
    for email in ["cy@shop.example", "mass@shop.example"] {
        let (status, made) = scene.host.post("agents", &new(email)).await;
        assert_eq!(status, 201, "{made:#}");
    }
    let cy = log_in(&scene.host, "cy@shop.example", PASSWORD).await;
    let mut browser = scene.browser();
    let page = scene.log_in(&mut browser, "company", "cy").await;
    refused(&page, 403);
    // What is said is the same where there is no agent.
    let nobody = scene.log_in(&mut scene.browser(), "closed", "ana").await;
    refused(&nobody, 403);
    assert_eq!(page.body, nobody.body);
    // Addresses that only look alike are others: she is made, and is not Mass.
    let mut long = scene.browser();
    assert_eq!(scene.log_in(&mut long, "company", "long").await.status, 303);
    assert_eq!(me(&mut long).await["roles"], json!(["auditor"]));

    // With a second factor, not even where the address is enough.
    let (_, begun) = cy
        .post(&scene.host, "totp", &json!({ "password": PASSWORD }))
        .await;
    let text = begun["secret"].as_str().unwrap();
    let secret = data_encoding::BASE32_NOPAD.decode(text.as_bytes()).unwrap();
    let code = json!({ "code": code_at(&secret, now_ms()).unwrap() });
    let (status, codes) = cy.post(&scene.host, "totp/confirm", &code).await;
    assert_eq!(status, 200, "{codes:#}");
    refused(
        &scene.log_in(&mut scene.browser(), "closed", "cy").await,
        403,
    );

    // Linked by herself, while logged in, with the second factor.
    let path = "oidc/company/link";
    let (status, said) = cy
        .post(&scene.host, path, &json!({ "password": PASSWORD }))
        .await;
    assert_eq!(status, 403, "{said:#}");
    let (status, _) = cy
        .post(&scene.host, path, &json!({ "code": "000000" }))
        .await;
    assert_eq!(status, 403);
    let body = json!({ "code": codes["recoveryCodes"][0], "returnTo": "/me" });
    let asked = scene.host.bare(Method::POST, path, Some(&body));
    let asked = asked
        .header("cookie", &cy.cookie)
        .header("x-rapport-csrf", &cy.csrf);
    let answer = asked.send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    let set = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
    assert!(set.contains("HttpOnly"), "{set}");
    let mut browser = scene.browser();
    browser.set(PUBLIC, name, value);
    let url: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    let url = url["url"].as_str().unwrap();
    let callback = scene.provider.pass(&mut browser, url, "cy").await;
    // In another browser it is nothing.
    refused(&scene.browser().get(&callback).await, 401);
    let page = browser.get(&callback).await;
    assert_eq!(page.status, 303, "{}", page.body);
    assert!(
        page.set_cookies.iter().all(|c| c.contains("oidc=")),
        "no log-in"
    );
    assert_eq!(
        scene
            .log_in(&mut scene.browser(), "company", "cy")
            .await
            .status,
        303
    );
    // Her account is hers alone.
    let mass = log_in(&scene.host, "mass@shop.example", PASSWORD).await;
    let (status, other) = mass
        .post(&scene.host, path, &json!({ "password": PASSWORD }))
        .await;
    assert_eq!(status, 200, "{other:#}");
    assert_eq!(scene.events("agent.link").await.len(), 2);
}
