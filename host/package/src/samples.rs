//! Small components and manifests for tests, written byte by byte.

use wasm_encoder::*;

pub const MANIFEST: &str = r#"
id = "sample"
name = "Sample"
version = "0.1.0"
kind = "classifier"
publisher = "Rapport"
licence = "Apache-2.0"
contract = "1.0.0"
description = "A sample."
"#;

/// A module with a memory, data, a table, and a function `f` that does nothing.
pub fn module() -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function([], []);
    let mut functions = FunctionSection::new();
    functions.function(0);
    let mut tables = TableSection::new();
    tables.table(table(4));
    let mut memories = MemorySection::new();
    memories.memory(memory(1));
    let mut exports = ExportSection::new();
    exports.export("f", ExportKind::Func, 0);
    let mut body = Function::new([]);
    body.instructions().end();
    let mut code = CodeSection::new();
    code.function(&body);
    let mut data = DataSection::new();
    data.active(0, &ConstExpr::i32_const(0), *b"data");
    module_bytes(&[
        &types, &functions, &tables, &memories, &exports, &code, &data,
    ])
}

fn module_bytes(sections: &[&dyn Section]) -> Vec<u8> {
    let mut bytes = Module::new().finish();
    for section in sections {
        section.append_to(&mut bytes);
    }
    bytes
}

/// A module as a section of a component.
pub fn module_section(module: &[u8]) -> RawSection<'_> {
    RawSection {
        id: ComponentSectionId::CoreModule.into(),
        data: module,
    }
}

pub fn table(minimum: u64) -> TableType {
    TableType {
        element_type: RefType::FUNCREF,
        table64: false,
        minimum,
        maximum: None,
        shared: false,
    }
}

pub fn memory(minimum: u64) -> MemoryType {
    MemoryType {
        minimum,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    }
}

/// A component that imports these interfaces, all of them empty, and exports these functions.
pub fn component(imports: &[&str], exports: &[&str]) -> Vec<u8> {
    let mut component = Component::new();
    let mut types = ComponentTypeSection::new();
    types.instance(&InstanceType::new());
    types
        .function()
        .params::<_, ComponentValType>([])
        .result(None);
    component.section(&types);
    let mut imported = ComponentImportSection::new();
    for name in imports {
        imported.import(*name, ComponentTypeRef::Instance(0));
    }
    component.section(&imported);
    component.section(&module_section(&module()));
    let mut instances = InstanceSection::new();
    instances.instantiate(0, std::iter::empty::<(&str, ModuleArg)>());
    component.section(&instances);
    let mut aliases = ComponentAliasSection::new();
    aliases.alias(Alias::CoreInstanceExport {
        instance: 0,
        kind: ExportKind::Func,
        name: "f",
    });
    component.section(&aliases);
    let mut lifted = CanonicalFunctionSection::new();
    lifted.lift(0, 1, []);
    component.section(&lifted);
    let mut exported = ComponentExportSection::new();
    for name in exports {
        exported.export(*name, ComponentExportKind::Func, 0, None);
    }
    component.section(&exported);
    component.finish()
}

/// A component with nothing in it but this.
pub fn component_of(section: &impl ComponentSection) -> Vec<u8> {
    let mut component = Component::new();
    component.section(section);
    component.finish()
}

/// A component with nothing in it but a module of this.
pub fn module_of(sections: &[&dyn Section]) -> Vec<u8> {
    component_of(&module_section(&module_bytes(sections)))
}

/// The classifier that the tests alter.
pub fn classifier() -> Vec<u8> {
    let imports = ["rapport:host/log@1.0.0", "wasi:cli/stdout@0.2.12"];
    component(&imports, &["configure", "classify"])
}

pub fn custom<'a>(name: &'a str, data: &'a [u8]) -> CustomSection<'a> {
    CustomSection {
        name: name.into(),
        data: data.into(),
    }
}

/// This component with one more section at its end.
pub fn with(mut component: Vec<u8>, section: &impl ComponentSection) -> Vec<u8> {
    section.append_to_component(&mut component);
    component
}
