//! What stands in a project of each kind and language: the path there, and the text.
//!
//! Paths on the right are those of the source tree. Deliberately absent: reading any of them at run
//! time; the program carries them.

use super::Lang;
use crate::manifest::Kind;

type File = (&'static str, &'static str);

macro_rules! template {
    ($path:literal) => {
        include_str!(concat!("../../templates/", $path))
    };
}

macro_rules! source {
    ($path:literal) => {
        include_str!(concat!("../../../../", $path))
    };
}

/// All files of a project.
pub fn of(kind: Kind, lang: Lang) -> Vec<File> {
    let mut files = COMMON.to_vec();
    files.extend_from_slice(match kind {
        Kind::Channel => CHANNEL,
        Kind::Classifier => CLASSIFIER,
        Kind::Policy => POLICY,
    });
    files.extend_from_slice(match lang {
        Lang::Rust => RUST,
        Lang::Js => JS,
        Lang::Python => PYTHON,
    });
    if kind == Kind::Channel && lang != Lang::Rust {
        files.extend_from_slice(WAY_OUT);
    }
    files.extend_from_slice(match (lang, kind) {
        (Lang::Rust, Kind::Channel) => RUST_CHANNEL,
        (Lang::Rust, Kind::Classifier) => RUST_CLASSIFIER,
        (Lang::Rust, Kind::Policy) => RUST_POLICY,
        (Lang::Js, Kind::Channel) => JS_CHANNEL,
        (Lang::Js, Kind::Classifier) => JS_CLASSIFIER,
        (Lang::Js, Kind::Policy) => JS_POLICY,
        (Lang::Python, Kind::Channel) => PYTHON_CHANNEL,
        (Lang::Python, Kind::Classifier) => PYTHON_CLASSIFIER,
        (Lang::Python, Kind::Policy) => PYTHON_POLICY,
    });
    files
}

const COMMON: &[File] = &[
    ("CHANGELOG.md", template!("common/CHANGELOG.md")),
    ("README.md", template!("common/README.md")),
    ("wit/plugin.wit", source!("wit/plugin.wit")),
    (
        "wit/deps/types/types.wit",
        source!("wit/deps/types/types.wit"),
    ),
    ("wit/deps/host/host.wit", source!("wit/deps/host/host.wit")),
];

const CHANNEL: &[File] = &[
    ("plugin.toml", template!("common/channel/plugin.toml")),
    (
        "fixtures/messages.toml",
        template!("common/channel/fixtures/messages.toml"),
    ),
];

const CLASSIFIER: &[File] = &[
    ("plugin.toml", template!("common/classifier/plugin.toml")),
    (
        "fixtures/thanks.toml",
        template!("common/classifier/fixtures/thanks.toml"),
    ),
];

const POLICY: &[File] = &[
    ("plugin.toml", template!("common/policy/plugin.toml")),
    (
        "fixtures/no-promises.toml",
        template!("common/policy/fixtures/no-promises.toml"),
    ),
];

/// For languages whose bindings are made of one world.
const WAY_OUT: &[File] = &[
    (
        "wit/connector-http.wit",
        template!("common/http/connector-http.wit"),
    ),
    (
        "wit/deps/http/http.wit",
        template!("common/http/wasi-http.wit"),
    ),
    ("wit/deps/io/io.wit", template!("common/http/wasi-io.wit")),
];

const RUST: &[File] = &[
    (".gitignore", template!("rust/gitignore")),
    ("Cargo.toml", template!("rust/Cargo.toml")),
    (
        "vendor/rapport-sdk/Cargo.toml",
        template!("rust/sdk/Cargo.toml"),
    ),
    (
        "vendor/rapport-sdk/src/lib.rs",
        source!("plugins/sdk/src/lib.rs"),
    ),
    (
        "vendor/rapport-sdk/src/easy.rs",
        source!("plugins/sdk/src/easy.rs"),
    ),
    (
        "vendor/rapport-sdk/src/fill.rs",
        source!("plugins/sdk/src/fill.rs"),
    ),
    (
        "vendor/rapport-sdk/src/fill/defaults.rs",
        source!("plugins/sdk/src/fill/defaults.rs"),
    ),
    (
        "vendor/rapport-sdk/src/host.rs",
        source!("plugins/sdk/src/host.rs"),
    ),
    (
        "vendor/rapport-sdk/src/http.rs",
        source!("plugins/sdk/src/http.rs"),
    ),
    (
        "vendor/rapport-sdk/src/http/coding.rs",
        source!("plugins/sdk/src/http/coding.rs"),
    ),
    (
        "vendor/rapport-sdk/src/http/outgoing.rs",
        source!("plugins/sdk/src/http/outgoing.rs"),
    ),
    (
        "vendor/rapport-sdk/src/http/retry.rs",
        source!("plugins/sdk/src/http/retry.rs"),
    ),
    (
        "vendor/rapport-sdk/src/monitor.rs",
        source!("plugins/sdk/src/monitor.rs"),
    ),
    (
        "vendor/rapport-sdk/src/monitor/fold.rs",
        source!("plugins/sdk/src/monitor/fold.rs"),
    ),
    (
        "vendor/rapport-sdk/src/problem.rs",
        source!("plugins/sdk/src/problem.rs"),
    ),
    (
        "vendor/rapport-sdk/src/testing.rs",
        source!("plugins/sdk/src/testing.rs"),
    ),
];

const JS: &[File] = &[
    (".gitignore", template!("js/gitignore")),
    ("package.json", template!("js/package.json")),
    (
        "vendor/rapport-sdk/records.js",
        template!("js/sdk/records.js"),
    ),
    (
        "vendor/rapport-sdk/errors.js",
        template!("js/sdk/errors.js"),
    ),
];

const PYTHON: &[File] = &[
    (".gitignore", template!("python/gitignore")),
    ("requirements.txt", template!("python/requirements.txt")),
    (
        "rapport_sdk/__init__.py",
        template!("python/sdk/__init__.py"),
    ),
    ("rapport_sdk/wire.py", template!("python/sdk/wire.py")),
];

const RUST_CHANNEL: &[File] = &[
    ("src/lib.rs", template!("rust/channel/src/lib.rs")),
    ("src/tests.rs", template!("rust/channel/src/tests.rs")),
];

const JS_CHANNEL: &[File] = &[
    ("component.js", template!("js/channel/component.js")),
    ("plugin.js", template!("js/channel/plugin.js")),
    ("plugin.test.js", template!("js/channel/plugin.test.js")),
    (
        "vendor/rapport-sdk/channel.js",
        template!("js/sdk/channel.js"),
    ),
    ("vendor/rapport-sdk/host.js", template!("js/sdk/host.js")),
    ("vendor/rapport-sdk/utf8.js", template!("js/sdk/utf8.js")),
];

const PYTHON_CHANNEL: &[File] = &[
    ("component.py", template!("python/channel/component.py")),
    ("plugin.py", template!("python/channel/plugin.py")),
    ("test_plugin.py", template!("python/channel/test_plugin.py")),
    ("rapport_sdk/channel.py", template!("python/sdk/channel.py")),
    ("rapport_sdk/host.py", template!("python/sdk/host.py")),
];

const RUST_CLASSIFIER: &[File] = &[
    ("src/lib.rs", template!("rust/classifier/src/lib.rs")),
    ("src/tests.rs", template!("rust/classifier/src/tests.rs")),
];

const JS_CLASSIFIER: &[File] = &[
    ("component.js", template!("js/classifier/component.js")),
    ("plugin.js", template!("js/classifier/plugin.js")),
    ("plugin.test.js", template!("js/classifier/plugin.test.js")),
    (
        "vendor/rapport-sdk/classifier.js",
        template!("js/sdk/classifier.js"),
    ),
];

const PYTHON_CLASSIFIER: &[File] = &[
    ("component.py", template!("python/classifier/component.py")),
    ("plugin.py", template!("python/classifier/plugin.py")),
    (
        "test_plugin.py",
        template!("python/classifier/test_plugin.py"),
    ),
    (
        "rapport_sdk/classifier.py",
        template!("python/sdk/classifier.py"),
    ),
];

const RUST_POLICY: &[File] = &[
    ("src/lib.rs", template!("rust/policy/src/lib.rs")),
    ("src/tests.rs", template!("rust/policy/src/tests.rs")),
];

const JS_POLICY: &[File] = &[
    ("component.js", template!("js/policy/component.js")),
    ("plugin.js", template!("js/policy/plugin.js")),
    ("plugin.test.js", template!("js/policy/plugin.test.js")),
    (
        "vendor/rapport-sdk/policy.js",
        template!("js/sdk/policy.js"),
    ),
];

const PYTHON_POLICY: &[File] = &[
    ("component.py", template!("python/policy/component.py")),
    ("plugin.py", template!("python/policy/plugin.py")),
    ("test_plugin.py", template!("python/policy/test_plugin.py")),
    ("rapport_sdk/policy.py", template!("python/sdk/policy.py")),
];
