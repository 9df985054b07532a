//! How deep the types of a component are: those that are declared inside one another in the binary,
//! and those that are built from one another.
//!
//! Reading, comparing and lowering types goes one step down the native stack for each level, in the
//! validator as in the compiler, so a file with a million levels would end the whole process. The
//! first depth is measured without recursion, before the validator sees the section; the second after
//! it, on the stack that `component` sets aside, where the number of types bounds it.

use crate::bounds::Bound;
use crate::component::ComponentError;
use std::collections::HashMap;
use wasmparser::component_types::{
    ComponentAnyTypeId, ComponentDefinedType, ComponentEntityType, ComponentItem, ComponentValType,
};
use wasmparser::types::TypesRef;
use wasmparser::{
    BinaryReader, ComponentAlias, ComponentExternName, ComponentImport, ComponentType,
    ComponentTypeRef, CoreType,
};

const COMPONENT_TYPE: u8 = 0x41;
const INSTANCE_TYPE: u8 = 0x42;

/// The number of types declared in a type section, given with its count. Refuses those that are too
/// deep inside one another.
pub(crate) fn declared(section: &[u8], offset: usize) -> Result<u64, ComponentError> {
    let mut reader = BinaryReader::new(section, offset);
    let mut found = 0u64;
    // Declarations left to read: of the section, and of each type around the one that is read.
    let mut left = vec![reader.read_var_u32()?];
    while let Some(top) = left.last_mut() {
        let Some(rest) = top.checked_sub(1) else {
            left.pop();
            continue;
        };
        *top = rest;
        let at = reader.original_position();
        let declaration = if left.len() == 1 {
            Declaration::Type
        } else {
            Declaration::read(&mut reader)?
        };
        match declaration {
            Declaration::Type => {
                found += 1;
                Bound::Types.check(found, at)?;
                let mut ahead = reader.clone();
                if matches!(ahead.read_u8()?, COMPONENT_TYPE | INSTANCE_TYPE) {
                    left.push(ahead.read_var_u32()?);
                    reader = ahead;
                    Bound::TypeNesting.check(left.len() as u64 - 1, at)?;
                } else {
                    reader.read::<ComponentType>()?;
                }
            }
            Declaration::CoreType => found += 1,
            Declaration::Other => {}
        }
    }
    Ok(found)
}

/// One entry of a component or instance type.
enum Declaration {
    /// A type, still to be read.
    Type,
    CoreType,
    /// An alias, import or export.
    Other,
}

impl Declaration {
    fn read(reader: &mut BinaryReader<'_>) -> Result<Self, ComponentError> {
        let at = reader.original_position();
        match reader.read_u8()? {
            0x00 => {
                reader.read::<CoreType>()?;
                return Ok(Declaration::CoreType);
            }
            0x01 => return Ok(Declaration::Type),
            0x02 => {
                reader.read::<ComponentAlias>()?;
            }
            0x03 => {
                reader.read::<ComponentImport>()?;
            }
            0x04 => {
                reader.read::<ComponentExternName>()?;
                reader.read::<ComponentTypeRef>()?;
            }
            byte => {
                return Err(ComponentError::Malformed {
                    offset: at,
                    problem: format!("unknown declaration 0x{byte:02x} in a type"),
                });
            }
        }
        Ok(Declaration::Other)
    }
}

/// How deep types are, each measured once.
#[derive(Debug, Default)]
pub(crate) struct Depths(HashMap<ComponentAnyTypeId, u64>);

impl Depths {
    /// Refuses a validated type that is too deep.
    pub fn check(
        &mut self,
        types: TypesRef<'_>,
        ty: ComponentAnyTypeId,
        offset: usize,
    ) -> Result<(), ComponentError> {
        Bound::TypeDepth.check(self.depth(types, ty), offset)
    }

    fn depth(&mut self, types: TypesRef<'_>, ty: ComponentAnyTypeId) -> u64 {
        if let Some(depth) = self.0.get(&ty) {
            return *depth;
        }
        let mut below = 0;
        for part in parts(types, ty) {
            below = below.max(self.depth(types, part));
        }
        self.0.insert(ty, below + 1);
        below + 1
    }
}

/// The types that a type is directly built from.
fn parts(types: TypesRef<'_>, ty: ComponentAnyTypeId) -> Vec<ComponentAnyTypeId> {
    match ty {
        ComponentAnyTypeId::Resource(_) => Vec::new(),
        ComponentAnyTypeId::Defined(id) => types.get(id).map_or_else(Vec::new, fields),
        ComponentAnyTypeId::Func(id) => types.get(id).map_or_else(Vec::new, |function| {
            let params = function.params.iter().map(|(_, ty)| *ty);
            values(params.chain(function.result))
        }),
        ComponentAnyTypeId::Instance(id) => types.get(id).map_or_else(Vec::new, |instance| {
            instance.exports.values().filter_map(item).collect()
        }),
        ComponentAnyTypeId::Component(id) => types.get(id).map_or_else(Vec::new, |component| {
            let items = component.imports.values().chain(component.exports.values());
            items.filter_map(item).collect()
        }),
    }
}

fn item(item: &ComponentItem) -> Option<ComponentAnyTypeId> {
    match item.ty {
        ComponentEntityType::Module(_) => None,
        ComponentEntityType::Func(id) => Some(ComponentAnyTypeId::Func(id)),
        ComponentEntityType::Value(ty) => value(ty),
        ComponentEntityType::Type { created, .. } => Some(created),
        ComponentEntityType::Instance(id) => Some(ComponentAnyTypeId::Instance(id)),
        ComponentEntityType::Component(id) => Some(ComponentAnyTypeId::Component(id)),
    }
}

fn value(ty: ComponentValType) -> Option<ComponentAnyTypeId> {
    match ty {
        ComponentValType::Primitive(_) => None,
        ComponentValType::Type(id) => Some(ComponentAnyTypeId::Defined(id)),
    }
}

fn values(types: impl IntoIterator<Item = ComponentValType>) -> Vec<ComponentAnyTypeId> {
    types.into_iter().filter_map(value).collect()
}

fn fields(ty: &ComponentDefinedType) -> Vec<ComponentAnyTypeId> {
    use ComponentDefinedType as T;
    match ty {
        T::Primitive(_) | T::Flags(_) | T::Enum(_) | T::Own(_) | T::Borrow(_) => Vec::new(),
        T::Record(record) => values(record.fields.values().copied()),
        T::Variant(variant) => values(variant.cases.values().filter_map(|case| case.ty)),
        T::Tuple(tuple) => values(tuple.types.iter().copied()),
        T::List(ty) | T::FixedLengthList(ty, _) | T::Option(ty) => values([*ty]),
        T::Map(key, value) => values([*key, *value]),
        T::Result { ok, err } => values(ok.iter().chain(err).copied()),
        T::Future(ty) | T::Stream(ty) => values(*ty),
    }
}
