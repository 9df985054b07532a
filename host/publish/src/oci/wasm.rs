//! The config of a WebAssembly artifact (TAG Runtime, "Wasm OCI Artifact layout"): what a component
//! imports and exports, so that a registry's index can tell without opening it.

use super::error::OciError;
use super::reference::Digest;
use serde::Serialize;

/// `application/vnd.wasm.config.v0+json`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WasmConfig {
    /// RFC 3339.
    created: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<String>,
    architecture: &'static str,
    os: &'static str,
    layer_digests: Vec<Digest>,
    component: Names,
}

/// The outermost imports and exports, in the component's order.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct Names {
    exports: Vec<String>,
    imports: Vec<String>,
}

impl WasmConfig {
    /// Describes a component. Errors when the bytes are none.
    pub fn of(file: &[u8], created: String, author: Option<String>) -> Result<Self, OciError> {
        Ok(Self {
            created,
            author,
            architecture: "wasm",
            os: "wasip2",
            layer_digests: vec![Digest::of(file)],
            component: names(file)?,
        })
    }
}

fn names(file: &[u8]) -> Result<Names, OciError> {
    use wasmparser::Payload;
    if !wasmparser::Parser::is_component(file) {
        return Err(OciError::NotAComponent("wrong header".to_owned()));
    }
    let bad = |e: wasmparser::BinaryReaderError| OciError::NotAComponent(e.to_string());
    let mut names = Names::default();
    let mut depth = 0u32;
    for payload in wasmparser::Parser::new(0).parse_all(file) {
        match payload.map_err(bad)? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    names
                        .imports
                        .push(import.map_err(bad)?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    names
                        .exports
                        .push(export.map_err(bad)?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_config_has_the_layouts_keys() {
        let file = wasm_encoder::Component::new().finish();
        let config = WasmConfig::of(&file, "2025-01-01T00:00:00Z".into(), None).unwrap();
        let json = serde_json::to_value(config).unwrap();
        assert_eq!(json["architecture"], "wasm");
        assert_eq!(json["os"], "wasip2");
        assert_eq!(json["layerDigests"][0], Digest::of(&file).to_string());
        assert_eq!(json["component"]["imports"], serde_json::json!([]));
    }

    #[test]
    fn imports_and_exports_of_the_outermost_component_only() {
        let mut inner = wasm_encoder::Component::new();
        let mut imports = wasm_encoder::ComponentImportSection::new();
        imports.import("inner", wasm_encoder::ComponentTypeRef::Instance(0));
        let mut types = wasm_encoder::ComponentTypeSection::new();
        types.instance(&wasm_encoder::InstanceType::new());
        inner.section(&types);
        inner.section(&imports);
        let mut outer = wasm_encoder::Component::new();
        let mut imports = wasm_encoder::ComponentImportSection::new();
        imports.import(
            "rapport:host/log@1.0.0",
            wasm_encoder::ComponentTypeRef::Instance(0),
        );
        outer.section(&types);
        outer.section(&imports);
        outer.section(&wasm_encoder::NestedComponentSection(&inner));
        let mut exports = wasm_encoder::ComponentExportSection::new();
        let kind = wasm_encoder::ComponentExportKind::Instance;
        exports.export("rapport:types/again@1.0.0", kind, 0, None);
        outer.section(&exports);
        let found = names(&outer.finish()).unwrap();
        assert_eq!(found.imports, ["rapport:host/log@1.0.0"]);
        assert_eq!(found.exports, ["rapport:types/again@1.0.0"]);
    }

    #[test]
    fn other_bytes_are_refused() {
        let module = wasm_encoder::Module::new().finish();
        for bytes in [b"MZ".as_slice(), &module] {
            assert!(matches!(names(bytes), Err(OciError::NotAComponent(_))));
        }
    }
}
