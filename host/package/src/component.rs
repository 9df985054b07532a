//! What a component is made of: its imports, its exports, and the sections that are ours.
//!
//! The file is a stranger's. It is read once, from front to back; every piece is counted before it is
//! validated, and nothing is compiled. Only what stands at the top level counts: a part of a component
//! has imports, exports and sections of its own, which say nothing about the whole. Deliberately
//! absent: whether the types of imports and exports fit the contract; linking finds that out.

use crate::bounds::{Bound, Tally};
use crate::limits;
use crate::types::{self, Depths};
use std::ops::Range;
use wasmparser::{
    BinaryReaderError, ComponentExternalKind, ComponentTypeRef, FuncValidatorAllocations, Parser,
    Payload, TypeBounds, ValidPayload, Validator, WasmFeatures,
};

/// What the engines speak: WebAssembly 3.0 without threads, exceptions and garbage collection, and
/// the component model of WASI 0.2.
const FEATURES: WasmFeatures = WasmFeatures::WASM3
    .difference(WasmFeatures::THREADS)
    .difference(WasmFeatures::EXCEPTIONS)
    .difference(WasmFeatures::GC)
    .difference(WasmFeatures::GC_TYPES)
    .union(WasmFeatures::COMPONENT_MODEL);

/// Stack for reading: the validator goes down one step for each level of a type, and there may be as
/// many levels as types.
const STACK_BYTES: usize = limits::TYPES as usize * 4096;

/// The problem of a file that makes the validator panic.
const GAVE_UP: &str = "the validator gave up on it";

/// Why a file is no component, or one that is refused unseen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComponentError {
    #[error(
        "{found} bytes, at most {}; build with optimisation and `strip`, and embed less data",
        limits::FILE_BYTES
    )]
    FileTooLarge { found: usize },
    #[error(
        "not WebAssembly: a component begins with the bytes 00 61 73 6d; give the .wasm file \
         that `rapport plugin build DIR` writes"
    )]
    NotWasm,
    #[error(
        "a WebAssembly module, not a component; build it for wasm32-wasip2, or with \
         `rapport plugin build DIR`"
    )]
    CoreModule,
    #[error("broken or truncated at byte {offset}: {problem}; build it or copy it again")]
    Malformed { offset: usize, problem: String },
    #[error(
        "{found} {}, at most {}, at byte {offset}; {}",
        bound.what(), bound.limit(), bound.remedy()
    )]
    OverLimit {
        bound: Bound,
        found: u64,
        offset: usize,
    },
}

impl From<BinaryReaderError> for ComponentError {
    fn from(error: BinaryReaderError) -> Self {
        ComponentError::Malformed {
            offset: error.offset(),
            problem: error.message().to_owned(),
        }
    }
}

/// What something imported or exported is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// An interface, with all that is in it.
    Instance,
    Function,
    /// A name for a type that is known already.
    Type,
    /// A resource that whoever links it would have to make up.
    Resource,
    Module,
    Component,
    Value,
}

/// Something that the component wants from its host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// For an interface `namespace:package/interface@version`.
    pub name: String,
    pub item: Item,
}

/// Something that the component offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    pub name: String,
    pub item: Item,
}

/// A custom section of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    pub name: String,
    /// Where its content is in the file.
    pub range: Range<usize>,
}

/// What the top level of a component says about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outline {
    pub imports: Vec<Import>,
    pub exports: Vec<Export>,
    /// Those whose name begins with `rapport:`, in the order of the file.
    pub sections: Vec<Section>,
}

/// Reads a component and validates all of it but the code of its functions: quick enough for every
/// start of a host. Whoever compiles it validates the code as well.
pub fn outline(bytes: &[u8]) -> Result<Outline, ComponentError> {
    guarded(bytes, Code::Skip)
}

/// Validates a whole component, code and all.
pub fn validate(bytes: &[u8]) -> Result<(), ComponentError> {
    guarded(bytes, Code::Validate).map(drop)
}

/// Whether to look into functions; that is where nearly all the time goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Code {
    Skip,
    Validate,
}

/// Reads on a stack that is deep enough, and turns a panic into an error.
fn guarded(bytes: &[u8], code: Code) -> Result<Outline, ComponentError> {
    if bytes.len() > limits::FILE_BYTES {
        return Err(ComponentError::FileTooLarge { found: bytes.len() });
    }
    if Parser::is_core_wasm(bytes) {
        return Err(ComponentError::CoreModule);
    }
    if !bytes.starts_with(b"\0asm") {
        return Err(ComponentError::NotWasm);
    }
    let failed = |problem: &str| ComponentError::Malformed {
        offset: 0,
        problem: problem.to_owned(),
    };
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .name("component".into())
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, || read(bytes, code))
            .map_err(|e| failed(&format!("no thread to read it with: {e}")))?
            .join()
            .unwrap_or_else(|_| Err(failed(GAVE_UP)))
    })
}

fn read(bytes: &[u8], code: Code) -> Result<Outline, ComponentError> {
    let mut outline = Outline::default();
    let mut tally = Tally::default();
    let mut depths = Depths::default();
    let mut validator = Validator::new_with_features(FEATURES);
    let mut allocations = FuncValidatorAllocations::default();
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload?;
        let at_top = tally.at_top();
        tally.take(&payload)?;
        match &payload {
            Payload::ComponentTypeSection(section) => {
                let range = section.range();
                let found = types::declared(slice(bytes, &range)?, range.start)?;
                tally.add_types(found, range.start)?;
            }
            // The parser takes the end of the file for the end of an unfinished part.
            Payload::ModuleSection {
                unchecked_range, ..
            }
            | Payload::ComponentSection {
                unchecked_range, ..
            } => drop(slice(bytes, unchecked_range)?),
            _ => {}
        }
        if let ValidPayload::Func(function, body) = validator.payload(&payload)?
            && code == Code::Validate
        {
            let mut function = function.into_validator(allocations);
            // Until the code is read, its parameters.
            tally.add_code(&body, u64::from(function.len_locals()))?;
            function.validate(&body)?;
            allocations = function.into_allocations();
        }
        if let Payload::ComponentTypeSection(section) = &payload
            && let Some(types) = validator.types(0)
        {
            let end = types.component_type_count();
            for index in end.saturating_sub(section.count())..end {
                let ty = types.component_any_type_at(index);
                depths.check(types, ty, section.range().start)?;
            }
        }
        if at_top {
            outline.take(&payload)?;
        }
    }
    Ok(outline)
}

fn slice<'a>(bytes: &'a [u8], range: &Range<usize>) -> Result<&'a [u8], ComponentError> {
    bytes
        .get(range.clone())
        .ok_or_else(|| ComponentError::Malformed {
            offset: range.start,
            problem: "a section ends beyond the file".into(),
        })
}

impl Outline {
    /// Takes in a piece of the top level.
    fn take(&mut self, payload: &Payload<'_>) -> Result<(), ComponentError> {
        match payload {
            Payload::ComponentImportSection(section) => {
                for import in section.clone() {
                    let import = import?;
                    let item = match import.ty {
                        ComponentTypeRef::Type(TypeBounds::SubResource) => Item::Resource,
                        other => Item::of(other.kind()),
                    };
                    let name = import.name.name.to_owned();
                    self.imports.push(Import { name, item });
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section.clone() {
                    let export = export?;
                    let name = export.name.name.to_owned();
                    let item = Item::of(export.kind);
                    self.exports.push(Export { name, item });
                }
            }
            Payload::CustomSection(section) if section.name().starts_with("rapport:") => {
                let start = section.data_offset();
                self.sections.push(Section {
                    name: section.name().to_owned(),
                    range: start..start + section.data().len(),
                });
            }
            _ => {}
        }
        Ok(())
    }
}

impl Item {
    fn of(kind: ComponentExternalKind) -> Self {
        match kind {
            ComponentExternalKind::Instance => Item::Instance,
            ComponentExternalKind::Func => Item::Function,
            ComponentExternalKind::Type => Item::Type,
            ComponentExternalKind::Module => Item::Module,
            ComponentExternalKind::Component => Item::Component,
            ComponentExternalKind::Value => Item::Value,
        }
    }
}

#[cfg(test)]
#[path = "component_tests.rs"]
mod tests;
