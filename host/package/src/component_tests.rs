//! Files from somebody who means harm, or whose disk was full.

use super::*;
use crate::samples::{self, component_of, module_of};
use proptest::prelude::*;
use wasm_encoder as enc;

/// The bound that a component breaks.
fn broken(bytes: &[u8]) -> Bound {
    match outline(bytes) {
        Err(ComponentError::OverLimit { bound, .. }) => bound,
        other => panic!("{other:?}"),
    }
}

fn malformed(bytes: &[u8]) -> usize {
    match outline(bytes) {
        Err(ComponentError::Malformed { offset, problem }) => {
            assert!(!problem.is_empty());
            offset
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_honest_component_shows_its_top_level() {
    let bytes = samples::classifier();
    let outline = outline(&bytes).unwrap();
    let names: Vec<&str> = outline.imports.iter().map(|i| i.name.as_str()).collect();
    assert_eq!(names, ["rapport:host/log@1.0.0", "wasi:cli/stdout@0.2.12"]);
    let names: Vec<&str> = outline.exports.iter().map(|e| e.name.as_str()).collect();
    assert_eq!(names, ["configure", "classify"]);
    validate(&bytes).unwrap();
}

#[test]
fn what_is_no_component_is_named() {
    assert_eq!(outline(b""), Err(ComponentError::NotWasm));
    assert_eq!(outline(b"MZ\x90\0\x03\0\0\0"), Err(ComponentError::NotWasm));
    let module = samples::module();
    assert_eq!(outline(&module), Err(ComponentError::CoreModule));
    let large = vec![0; limits::FILE_BYTES + 1];
    let found = large.len();
    assert_eq!(outline(&large), Err(ComponentError::FileTooLarge { found }));
    // A version of the format that nobody knows.
    let mut other = samples::classifier();
    other[4] = 0xff;
    malformed(&other);
}

#[test]
fn a_truncated_file_is_named_with_its_byte() {
    let bytes = samples::classifier();
    let mut refused = 0;
    for end in 0..bytes.len() {
        // A cut between two sections leaves a component, only not the same.
        match outline(&bytes[..end]) {
            Err(ComponentError::Malformed { offset, .. }) => {
                assert!(offset <= end, "{offset} > {end}");
                refused += 1;
            }
            Err(ComponentError::NotWasm | ComponentError::CoreModule) | Ok(_) => {}
            Err(error) => panic!("{end}: {error}"),
        }
    }
    assert!(refused > bytes.len() / 2, "{refused}");
}

#[test]
fn sections_that_lie_about_their_length() {
    for length in [&[0x7f][..], &[0xff, 0xff, 0xff, 0xff, 0x0f], &[0xff; 5]] {
        for id in 0..=12u8 {
            let mut bytes = enc::Component::new().finish();
            bytes.push(id);
            bytes.extend_from_slice(length);
            bytes.extend_from_slice(b"\x01x");
            let offset = malformed(&bytes);
            assert!((8..=bytes.len()).contains(&offset), "{id}: {offset}");
        }
    }
    // A module that says it is longer than the component around it.
    let mut bytes = component_of(&samples::module_section(&samples::module()));
    bytes[9] += 1;
    malformed(&bytes);
}

#[test]
fn sections_that_lie_about_their_count() {
    for (id, bound) in [(10u8, Bound::Imports), (11, Bound::Exports)] {
        let mut bytes = enc::Component::new().finish();
        bytes.extend_from_slice(&[id, 5, 0xff, 0xff, 0xff, 0xff, 0x0f]);
        assert_eq!(broken(&bytes), bound);
    }
    let mut bytes = enc::Component::new().finish();
    bytes.extend_from_slice(&[7, 5, 0xff, 0xff, 0xff, 0xff, 0x0f]);
    malformed(&bytes);
}

#[test]
fn a_thousand_nested_components() {
    let mut nested = enc::Component::new();
    for _ in 0..1000 {
        let mut around = enc::Component::new();
        around.section(&enc::NestedComponentSection(&nested));
        nested = around;
    }
    assert_eq!(broken(&nested.finish()), Bound::Nesting);
    let mut wide = enc::Component::new();
    for _ in 0..1000 {
        wide.section(&enc::NestedComponentSection(&enc::Component::new()));
    }
    assert_eq!(broken(&wide.finish()), Bound::Parts);
}

#[test]
fn a_module_with_too_much_in_it() {
    let mut types = enc::TypeSection::new();
    types.ty().function([], []);
    let mut functions = enc::FunctionSection::new();
    let mut code = enc::CodeSection::new();
    let mut body = enc::Function::new([]);
    body.instructions().end();
    for _ in 0..100_000 {
        functions.function(0);
        code.function(&body);
    }
    let bytes = module_of(&[&types, &functions, &code]);
    assert_eq!(broken(&bytes), Bound::Functions);

    let tables = |sizes: &[u64]| {
        let mut section = enc::TableSection::new();
        for size in sizes {
            section.table(samples::table(*size));
        }
        module_of(&[&section])
    };
    assert_eq!(
        broken(&tables(&[u64::from(u32::MAX)])),
        Bound::TableElements
    );
    assert_eq!(broken(&tables(&[60_000, 60_000])), Bound::TableElements);
    assert_eq!(broken(&tables(&[0; 65])), Bound::Tables);

    let memories = |sizes: &[u64]| {
        let mut section = enc::MemorySection::new();
        for size in sizes {
            section.memory(samples::memory(*size));
        }
        module_of(&[&section])
    };
    assert_eq!(broken(&memories(&[65_536])), Bound::MemoryBytes);
    assert_eq!(broken(&memories(&[1; 5])), Bound::Memories);

    let mut data = enc::DataSection::new();
    let mut imports = enc::ImportSection::new();
    let mut exports = enc::ExportSection::new();
    for n in 0..40_000 {
        data.passive([]);
        imports.import("m", "f", enc::EntityType::Function(0));
        exports.export(&n.to_string(), enc::ExportKind::Func, 0);
    }
    assert_eq!(broken(&module_of(&[&data])), Bound::DataSegments);
    assert_eq!(broken(&module_of(&[&types, &imports])), Bound::Imports);
    assert_eq!(broken(&module_of(&[&types, &exports])), Bound::Exports);
}

/// A module with so many functions of this body.
fn functions(count: usize, write: impl FnOnce(&mut enc::Function)) -> Vec<u8> {
    let mut body = enc::Function::new([]);
    write(&mut body);
    functions_of(count, body)
}

fn functions_of(count: usize, mut body: enc::Function) -> Vec<u8> {
    let mut types = enc::TypeSection::new();
    types.ty().function([enc::ValType::I32], []);
    let (mut functions, mut code) = (enc::FunctionSection::new(), enc::CodeSection::new());
    body.instructions().end();
    for _ in 0..count {
        functions.function(0);
        code.function(&body);
    }
    module_of(&[&types, &functions, &code])
}

/// What is little to read and much to compile.
#[test]
fn compile_bombs() {
    let broken = |bytes: &[u8]| match validate(bytes) {
        Err(ComponentError::OverLimit { bound, .. }) => Some(bound),
        Ok(()) => None,
        other => panic!("{other:?}"),
    };
    let sum = |adds: usize| {
        functions(1, |body| {
            let mut code = body.instructions();
            for _ in 0..adds {
                code.local_get(0).i32_const(1).i32_add().local_set(0);
            }
        })
    };
    assert_eq!(broken(&sum(100_000)), None);
    assert_eq!(broken(&sum(200_000)), Some(Bound::FunctionBytes));
    let jumps = |functions_count: usize, targets: usize| {
        functions(functions_count, |body| {
            let mut code = body.instructions();
            let targets = vec![0; targets];
            code.block(enc::BlockType::Empty).local_get(0);
            code.br_table(targets.iter().copied(), 0).end();
        })
    };
    assert_eq!(broken(&jumps(1, 60_000)), None);
    assert_eq!(broken(&jumps(4, 60_000)), Some(Bound::JumpTargets));
    let locals = |functions_count: usize, locals: u32, branches: usize| {
        let mut body = enc::Function::new([(locals, enc::ValType::I64)]);
        let mut code = body.instructions();
        for _ in 0..branches {
            code.block(enc::BlockType::Empty).end();
        }
        functions_of(functions_count, body)
    };
    assert_eq!(broken(&locals(20, 40_000, 10)), None);
    assert_eq!(broken(&locals(26, 40_000, 0)), Some(Bound::Locals));
    let bomb = locals(10, 40_000, 10_000);
    assert_eq!(broken(&bomb), Some(Bound::LocalsInBranches));
    assert!(bomb.len() < 512 * 1024, "little to read");
    assert_eq!(broken(&locals(1, u32::MAX, 0)), Some(Bound::Locals));
}

/// Modules are counted together: many small ones are as much work as a large one.
#[test]
fn bounds_hold_for_all_parts_together() {
    let mut types = enc::TypeSection::new();
    types.ty().function([], []);
    let mut imports = enc::ImportSection::new();
    for n in 0..1000 {
        imports.import("m", &n.to_string(), enc::EntityType::Function(0));
    }
    let mut module = enc::Module::new();
    module.section(&types).section(&imports);
    let mut component = enc::Component::new();
    for _ in 0..40 {
        component.section(&enc::ModuleSection(&module));
    }
    assert_eq!(broken(&component.finish()), Bound::Imports);
}

/// Instance types in one another, `levels` deep, as one entry of a type section.
fn instance_types(levels: usize) -> Vec<u8> {
    let mut content = vec![0x01];
    for _ in 0..levels {
        content.extend_from_slice(&[0x42, 0x01, 0x01]);
    }
    content.extend_from_slice(&[0x42, 0x00]);
    component_of(&enc::RawSection {
        id: 0x07,
        data: &content,
    })
}

#[test]
fn types_declared_in_one_another() {
    outline(&instance_types(10)).unwrap();
    assert_eq!(broken(&instance_types(1_000_000)), Bound::TypeNesting);
    assert_eq!(broken(&instance_types(16)), Bound::TypeNesting);
}

/// A list of a list of …, `levels` deep; the deepest of them as a function's parameter, as an export
/// of an instance type, and compared with another such list.
fn deep_lists(levels: u32) -> Vec<u8> {
    let mut types = enc::ComponentTypeSection::new();
    for start in [0, levels] {
        types.defined_type().list(enc::PrimitiveValType::U8);
        for level in 1..levels {
            let below = enc::ComponentValType::Type(start + level - 1);
            types.defined_type().list(below);
        }
    }
    let deepest = |end: u32| enc::ComponentValType::Type(end - 1);
    for end in [levels, 2 * levels] {
        let params = [("x", deepest(end))];
        types.function().params(params).result(None);
    }
    let mut component = enc::Component::new();
    component.section(&types);
    let mut imports = enc::ComponentImportSection::new();
    imports.import("f", enc::ComponentTypeRef::Func(2 * levels));
    component.section(&imports);
    let mut exports = enc::ComponentExportSection::new();
    let other = enc::ComponentTypeRef::Func(2 * levels + 1);
    exports.export("g", enc::ComponentExportKind::Func, 0, Some(other));
    component.section(&exports);
    component.finish()
}

#[test]
fn types_built_from_one_another() {
    outline(&deep_lists(99)).unwrap();
    assert_eq!(broken(&deep_lists(100)), Bound::TypeDepth);
    assert_eq!(broken(&deep_lists(9_999)), Bound::TypeDepth);
    assert_eq!(broken(&deep_lists(1_000_000)), Bound::Types);
}

/// Instance types that each export one of the one before, inside an instance type of their own.
#[test]
fn instances_built_from_one_another() {
    let chain = |levels: u32| {
        let mut all = enc::InstanceType::new();
        all.ty().instance(&enc::InstanceType::new());
        for level in 1..levels {
            let mut next = enc::InstanceType::new();
            next.alias(enc::Alias::Outer {
                kind: enc::ComponentOuterAliasKind::Type,
                count: 1,
                index: level - 1,
            });
            next.export("x", enc::ComponentTypeRef::Instance(0));
            all.ty().instance(&next);
        }
        all.export("x", enc::ComponentTypeRef::Instance(levels - 1));
        let mut types = enc::ComponentTypeSection::new();
        types.instance(&all);
        component_of(&types)
    };
    outline(&chain(99)).unwrap();
    assert_eq!(broken(&chain(100)), Bound::TypeDepth);
    assert_eq!(broken(&chain(19_990)), Bound::TypeDepth);
    let mut instances = enc::ComponentInstanceSection::new();
    for _ in 0..=limits::INSTANCES {
        let none: [(&str, enc::ComponentExportKind, u32); 0] = [];
        instances.export_items(none);
    }
    assert_eq!(broken(&component_of(&instances)), Bound::Instances);
}

#[test]
fn errors_say_what_where_and_what_to_do() {
    let mut tables = enc::TableSection::new();
    tables.table(samples::table(1_000_000));
    let error = outline(&module_of(&[&tables])).unwrap_err().to_string();
    assert_eq!(
        error,
        "1000000 table elements, at most 100000, at byte 21; build with optimisation and link-time \
         optimisation, and with fewer dependencies"
    );
}

proptest! {
    /// Whatever happens to the bytes, there is an outline or an error, and never a panic.
    #[test]
    fn damage_is_an_error_or_harmless(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = samples::classifier();
        for (index, byte) in flips {
            let at = index.index(bytes.len());
            bytes[at] ^= byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        for result in [outline(&bytes).map(drop), validate(&bytes)] {
            if let Err(ComponentError::Malformed { problem, .. }) = result {
                prop_assert!(problem != GAVE_UP, "a panic");
            }
        }
    }

    #[test]
    fn noise_is_an_error_or_harmless(tail in prop::collection::vec(any::<u8>(), 0..256)) {
        let mut bytes = enc::Component::new().finish();
        bytes.extend_from_slice(&tail);
        if let Err(ComponentError::Malformed { problem, .. }) = validate(&bytes) {
            prop_assert!(problem != GAVE_UP, "a panic");
        }
    }
}
