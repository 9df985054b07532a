use super::*;
use crate::config::Paths;
use rcgen::{CertificateParams, KeyPair, date_time_ymd};

fn authority(years: (i32, i32)) -> String {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    params.not_before = date_time_ymd(years.0, 1, 1);
    params.not_after = date_time_ymd(years.1, 1, 1);
    let key = KeyPair::generate().unwrap();
    params.self_signed(&key).unwrap().pem()
}

/// What reading a file with this text says.
fn read(text: &str) -> Result<usize, String> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let read = read_roots(file.path()).map_err(|error| error.to_string());
    let name = file.path().display().to_string();
    if let Err(said) = &read {
        assert!(
            said.starts_with("extra-ca: ") && said.contains(&name),
            "{said}"
        );
    }
    Ok(read?.len())
}

#[test]
fn a_bundle_is_read_whole_and_what_is_no_authority_is_named() {
    let (good, old) = (authority((2000, 3000)), authority((2000, 2020)));
    let words = "# The company's authorities\n";
    assert_eq!(read(&good), Ok(1));
    assert_eq!(
        read(&format!(
            "{words}{good}\n{words}{}",
            authority((2001, 3000))
        )),
        Ok(2)
    );
    // Base64 of what is no certificate.
    let hollow = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (text, part) in [
        ("", "no certificate in it"),
        ("not PEM", "no certificate in it"),
        (hollow, "certificate 1 is malformed"),
        (&good.replace("MII", "M!!"), "certificate 1 is no PEM"),
        (&format!("{good}{hollow}"), "certificate 2 is malformed"),
        (
            &format!("{good}{old}"),
            "certificate 2 expired on 2020-01-01; put the current one",
        ),
        (
            &" ".repeat(FILE_MAX_BYTES as usize + 1),
            "more than 1048576 bytes",
        ),
    ] {
        let said = read(text).unwrap_err();
        assert!(said.contains(part), "{part}: {said}");
    }
    let config = Config {
        extra_ca: Paths(vec!["no-such-file.pem".into()]),
        ..Config::default()
    };
    let said = config.extra_roots().unwrap_err().to_string();
    assert!(
        said.contains("no-such-file.pem") && said.contains("name a PEM file"),
        "{said}"
    );
}
