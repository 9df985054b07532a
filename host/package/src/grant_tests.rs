use super::*;

fn manifest(more: &str) -> Manifest {
    let head = r#"
        id = "x"
        name = "X"
        version = "0.1.0"
        kind = "channel"
        network = "x"
        publisher = "P"
        licence = "Apache-2.0"
        contract = "1.0.0"
        description = "d"
        limits = { memory-mb = 32, time-ms = 5000 }
    "#;
    let parsed = Manifest::parse(&format!("{head}\n{more}"));
    parsed.unwrap_or_else(|e| panic!("{e}"))
}

fn http(address: &str, methods: &str, prefix: &str) -> String {
    format!(
        "[[permissions.http]]\naddress = \"{address}\"\nmethods = [{methods}]\n\
         path-prefix = \"{prefix}\"\nreason = \"r\"\n"
    )
}

#[test]
fn what_the_host_does_not_provide_is_not_for_the_admin_to_grant() {
    let field =
        |name: &str| format!("[[permissions.fields]]\nfield = \"{name}\"\nreason = \"r\"\n");
    let policy = |fields: &[&str]| {
        let mut manifest = manifest("");
        let fields: String = fields.iter().map(|name| field(name)).collect();
        let asked = Manifest::parse(&format!(
            "id = \"p\"\nname = \"P\"\nversion = \"0.1.0\"\nkind = \"policy\"\npublisher = \"P\"\n\
             licence = \"Apache-2.0\"\ncontract = \"1.0.0\"\ndescription = \"d\"\n\
             limits = {{ memory-mb = 32, time-ms = 5000 }}\n{fields}"
        ));
        manifest.permissions = asked.unwrap().permissions;
        manifest
    };
    for name in crate::manifest::NOT_PROVIDED {
        assert!(crate::manifest::FIELDS.contains(name), "{name}");
        let both = policy(&["situation.cases", name]);
        let asked: Vec<String> = asks(&both).into_iter().map(|a| a.what).collect();
        assert!(
            asked.contains(&"situation.cases".to_owned()) && !asked.contains(&(*name).to_owned())
        );
        assert_eq!(wider(Some(&policy(&["situation.cases"])), &both), []);
        assert_eq!(both.not_provided().collect::<Vec<_>>(), [*name]);
        let mut grant = Grant::of(&both);
        assert_eq!(grant.fields, ["situation.cases"]);
        assert_eq!(grant.withheld(&both), [""; 0]);
        assert_eq!(grant.check(&both), Ok(()));
        grant.fields.push((*name).to_owned());
        // As an older version recorded it: no harm, and no more than before.
        assert_eq!(grant.check(&both), Ok(()));
    }
}

#[test]
fn only_what_is_more_needs_the_admin() {
    let old = manifest(&http("https://a.example", "\"GET\"", "/api"));
    let less = manifest(&http("https://a.example", "\"GET\"", "/api/v1"));
    assert_eq!(wider(Some(&old), &old), []);
    assert_eq!(wider(Some(&old), &less), []);
    for more in [
        http("https://a.example", "\"GET\", \"POST\"", "/api"),
        http("https://a.example", "", "/api"),
        http("https://a.example", "\"GET\"", "/"),
        http("https://b.example", "\"GET\"", "/api"),
        http("http://a.example", "\"GET\"", "/api"),
    ] {
        let found = wider(Some(&old), &manifest(&more));
        assert_eq!(found.len(), 1, "{more}");
        assert_eq!(found[0].kind, "http");
    }
    let mut larger = old.clone();
    larger.limits.memory_mb = 64;
    assert_eq!(
        wider(Some(&old), &larger)[0].to_string(),
        "memory 64 MiB: memory of one call"
    );
    assert_eq!(asks(&old).len(), 3);
    let mut slower = old.clone();
    slower.limits.requests_per_minute = 60;
    assert_eq!(wider(Some(&old), &slower), []);
    let found = wider(Some(&slower), &old);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        found[0].to_string(),
        "requests 1200 a minute: requests to the network"
    );
}

#[test]
fn requests_over_time_are_narrowed_and_older_grants_have_the_ceiling() {
    let old = manifest(&http("https://a.example", "\"GET\"", "/api"));
    let stored = r#"{"fields": [], "http": [], "secrets": [], "memory-mb": 32, "time-ms": 5000}"#;
    let before: Grant = serde_json::from_str(stored).unwrap();
    assert_eq!(before.check(&old), Ok(()));
    assert_eq!(before.apply(&old).limits, old.limits);

    let mut narrowed = Grant::of(&old);
    narrowed.requests_per_minute = 60;
    narrowed.requests_at_once = 2;
    assert_eq!(narrowed.check(&old), Ok(()));
    let read: Grant = serde_json::from_value(serde_json::json!(narrowed)).unwrap();
    assert_eq!(read, narrowed);
    let applied = narrowed.apply(&old);
    let limits = applied.limits;
    assert_eq!(
        (limits.requests_per_minute, limits.requests_at_once),
        (60, 2)
    );
    // What a running connector is compared by.
    assert_ne!(serde_json::json!(applied), serde_json::json!(old));
    let carried = narrowed.carry(&old, &old);
    assert_eq!(
        (carried.requests_per_minute, carried.requests_at_once),
        (60, 2)
    );
    narrowed.requests_per_minute = 1201;
    assert_eq!(
        narrowed.check(&old),
        Err("requests-per-minute: must be 1 to 1200".into())
    );
}

#[test]
fn a_manifest_may_make_do_with_fewer_requests_and_never_with_more() {
    let parsed = |more: &str| {
        let text = format!(
            "id = \"x\"\nname = \"X\"\nversion = \"0.1.0\"\nkind = \"channel\"\n\
            network = \"x\"\npublisher = \"P\"\nlicence = \"MIT\"\ncontract = \"1.0.0\"\n\
            description = \"d\"\nlimits = {{ {more} }}\n"
        );
        Manifest::parse(&text).map_err(|e| e.to_string())
    };
    let fewer = parsed("requests-per-minute = 60").unwrap();
    assert_eq!(Grant::of(&fewer).requests_per_minute, 60);
    assert_eq!(fewer.limits.requests_at_once, 32);
    for (more, key) in [
        ("requests-per-minute = 1201", "limits.requests-per-minute"),
        ("requests-at-once = 0", "limits.requests-at-once"),
    ] {
        let said = parsed(more).unwrap_err();
        assert!(
            said.contains(key) && said.contains("must be 1 to"),
            "{said}"
        );
    }
}

#[test]
fn a_grant_is_never_more_than_the_wish() {
    let manifest = manifest(&http("https://a.example", "\"GET\"", "/api"));
    let mut grant = Grant::of(&manifest);
    assert_eq!(grant.check(&manifest), Ok(()));
    grant.http[0].path_prefix = "/api/mine".into();
    assert_eq!(grant.check(&manifest), Ok(()));
    let changes: [fn(&mut Grant); 9] = [
        |grant: &mut Grant| grant.http[0].methods.clear(),
        |grant| grant.http[0].path_prefix.clear(),
        |grant| grant.http[0].address = "https://b.example".into(),
        |grant| grant.fields.push("contact.history".into()),
        |grant| grant.memory_mb = 33,
        |grant| grant.memory_mb = 0,
        |grant| grant.requests_per_minute = 0,
        |grant| grant.requests_at_once = 33,
        |grant| {
            grant.secrets.push(SecretGrant {
                name: "key".into(),
                hosts: vec![],
            })
        },
    ];
    for change in changes {
        let mut more = grant.clone();
        change(&mut more);
        assert!(more.check(&manifest).is_err(), "{more:?}");
    }
    assert_eq!(
        grant.apply(&manifest).permissions.http[0].path_prefix,
        "/api/mine"
    );
}

#[test]
fn what_was_refused_stays_refused() {
    let two = http("https://a.example", "", "") + &http("https://b.example", "", "");
    let old = manifest(&two);
    let new = manifest(&(two + &http("https://c.example", "", "")));
    let mut grant = Grant::of(&old);
    grant.http.retain(|h| h.address != "https://b.example");
    grant.time_ms = 1000;
    let carried = grant.carry(&old, &new);
    let addresses: Vec<&str> = carried.http.iter().map(|h| h.address.as_str()).collect();
    assert_eq!(addresses, ["https://a.example", "https://c.example"]);
    assert_eq!((carried.memory_mb, carried.time_ms), (32, 1000));
    let less = manifest(&http("https://a.example", "\"GET\"", "/api"));
    assert_eq!(grant.carry(&old, &less).http, Grant::of(&less).http);
    assert_eq!(carried.check(&new), Ok(()));
}

#[test]
fn a_wildcard_may_be_pinned_to_one_of_its_hosts() {
    let manifest = manifest(&http("https://*.example.com", "", ""));
    let mut grant = Grant::of(&manifest);
    for (address, fits) in [
        ("https://eu.example.com", true),
        ("https://a.eu.example.com", false),
        ("https://example.com", false),
        ("https://euexample.com", false),
        ("http://eu.example.com", false),
        ("https://*.com", false),
    ] {
        grant.http[0].address = address.into();
        assert_eq!(grant.check(&manifest).is_ok(), fits, "{address}");
    }
}

#[test]
fn wildcards_are_one_leading_label() {
    for wrong in [
        "https://*.com",
        "https://a.*.com",
        "https://*",
        "https://*a.example.com",
        "http://*.example.com",
        "https://*.*.example.com",
        "https://*.127.0.0.1",
    ] {
        let text = http(wrong, "", "");
        let head = "id = \"x\"\nname = \"X\"\nversion = \"0.1.0\"\nkind = \"channel\"\n\
            network = \"x\"\npublisher = \"P\"\nlicence = \"MIT\"\ncontract = \"1.0.0\"\n\
            description = \"d\"\n";
        assert!(
            Manifest::parse(&format!("{head}{text}")).is_err(),
            "{wrong}"
        );
    }
}

#[test]
fn a_setting_may_be_pinned_to_one_address() {
    let text = format!(
        "settings = {{ type = \"object\", properties = {{ server = {{ type = \"string\" }} }} }}\n{}",
        http("{server}", "", "")
    );
    let manifest = manifest(&text);
    let pinned = self::manifest(&http("https://evil.example", "", ""));
    assert_eq!(
        wider(Some(&manifest), &pinned).len(),
        1,
        "no update pins it"
    );
    let mut grant = Grant::of(&manifest);
    grant.http[0].address = "https://mine.example".into();
    assert_eq!(grant.check(&manifest), Ok(()));
    assert_eq!(
        grant.apply(&manifest).permissions.http[0].address,
        "https://mine.example"
    );
}
