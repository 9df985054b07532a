//! The real names of a component that was built against `wit/connector-http.wit`: what it imports as
//! `host:http` and `host:io` is `wasi:http` and `wasi:io`, what it exports as `pull` and `post` is
//! `poll` and `send`. The reasons are in that file.
//!
//! Each name has as many bytes as the one it takes the place of, so nothing else in the file moves.
//! Only the component's own imports and exports are touched.

use super::BuildError;
use wasmparser::{Parser, Payload};

const IMPORTS: [(&str, &str); 2] = [("host:http/", "wasi:http/"), ("host:io/", "wasi:io/")];
const EXPORTS: [(&str, &str); 2] = [("pull", "poll"), ("post", "send")];

/// The component with its real names; one without such names is returned as it is.
pub fn name(mut component: Vec<u8>) -> Result<Vec<u8>, BuildError> {
    for (at, real) in places(&component).map_err(|e| BuildError::Component(e.to_string()))? {
        component[at..at + real.len()].copy_from_slice(real.as_bytes());
    }
    Ok(component)
}

/// Where which name goes.
fn places(component: &[u8]) -> wasmparser::Result<Vec<(usize, &'static str)>> {
    let offset = |name: &str| name.as_ptr() as usize - component.as_ptr() as usize;
    let mut places = Vec::new();
    let mut depth = 0u32;
    for payload in Parser::new(0).parse_all(component) {
        match payload? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(imports) if depth == 0 => {
                for import in imports {
                    let name = import?.name.name;
                    let real = IMPORTS.iter().find(|(ours, _)| name.starts_with(ours));
                    places.extend(real.map(|(_, real)| (offset(name), *real)));
                }
            }
            Payload::ComponentExportSection(exports) if depth == 0 => {
                for export in exports {
                    let name = export?.name.name;
                    let real = EXPORTS.iter().find(|(ours, _)| name == *ours);
                    places.extend(real.map(|(_, real)| (offset(name), *real)));
                }
            }
            _ => {}
        }
    }
    Ok(places)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{
        Component, ComponentImportSection, ComponentTypeRef, ComponentTypeSection, InstanceType,
    };

    #[test]
    fn imports_get_their_real_names_and_nothing_else_moves() {
        let mut types = ComponentTypeSection::new();
        types.instance(&InstanceType::new());
        let mut imports = ComponentImportSection::new();
        for name in ["host:http/types@0.2.9", "rapport:host/log@1.0.0"] {
            imports.import(name, ComponentTypeRef::Instance(0));
        }
        let mut component = Component::new();
        component.section(&types).section(&imports);
        let before = component.finish();
        let after = name(before.clone()).unwrap();
        assert_eq!(before.len(), after.len());
        let text = String::from_utf8_lossy(&after);
        assert!(text.contains("wasi:http/types@0.2.9") && text.contains("rapport:host/log"));
        assert!(!text.contains("host:http"));
    }
}
