//! Counts what a component is made of while it is read, and refuses it at the first thing too many.
//!
//! Counts are those that the sections' headers claim, so a lie about a million functions is refused
//! before a single one is looked for. Deliberately absent: the file's size (looked at before reading)
//! and the depth of types (see `types`).

use crate::component::ComponentError;
use crate::limits;
use wasmparser::{FunctionBody, Operator, Payload};

/// What there may not be too much of in a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    Functions,
    FunctionBytes,
    Locals,
    LocalsInBranches,
    JumpTargets,
    Tables,
    TableElements,
    Memories,
    MemoryBytes,
    Imports,
    Exports,
    DataSegments,
    Parts,
    Nesting,
    Instances,
    Types,
    TypeNesting,
    TypeDepth,
}

impl Bound {
    /// How much there may be.
    pub fn limit(self) -> u64 {
        match self {
            Bound::Functions => limits::FUNCTIONS,
            Bound::FunctionBytes => limits::FUNCTION_BYTES,
            Bound::Locals => limits::LOCALS,
            Bound::LocalsInBranches => limits::LOCALS_IN_BRANCHES,
            Bound::JumpTargets => limits::JUMP_TARGETS,
            Bound::Tables => limits::TABLES,
            Bound::TableElements => limits::TABLE_ELEMENTS,
            Bound::Memories => limits::MEMORIES,
            Bound::MemoryBytes => limits::MEMORY_BYTES,
            Bound::Imports => limits::IMPORTS,
            Bound::Exports => limits::EXPORTS,
            Bound::DataSegments => limits::DATA_SEGMENTS,
            Bound::Parts => limits::PARTS,
            Bound::Nesting => limits::NESTING,
            Bound::Instances => limits::INSTANCES,
            Bound::Types => limits::TYPES,
            Bound::TypeNesting => limits::TYPE_NESTING,
            Bound::TypeDepth => limits::TYPE_DEPTH,
        }
    }

    /// What is counted, and what an author does about too much of it.
    fn words(self) -> (&'static str, &'static str) {
        const SHRINK: &str = "build with optimisation and link-time optimisation, and with fewer \
            dependencies";
        const SPLIT: &str = "keep large tables as data instead of code, and split functions that are \
            generated";
        const FLATTEN: &str = "compose fewer components into one";
        const DATA: &str = "a plugin that embeds data keeps it in few, larger pieces";
        const TYPES: &str = "use the types of the contract as they are";
        match self {
            Bound::Functions => ("functions", SHRINK),
            Bound::FunctionBytes => ("bytes in one function", SPLIT),
            Bound::Locals => ("locals of functions", SPLIT),
            Bound::LocalsInBranches => ("locals times branches of functions", SPLIT),
            Bound::JumpTargets => ("targets of jump tables", SPLIT),
            Bound::Tables => ("tables", SHRINK),
            Bound::TableElements => ("table elements", SHRINK),
            Bound::Memories => ("memories", "one is enough for a plugin"),
            Bound::MemoryBytes => (
                "bytes of memory at the start",
                "reserve less memory when linking, and embed less data",
            ),
            Bound::Imports => ("imports", SHRINK),
            Bound::Exports => ("exports", SHRINK),
            Bound::DataSegments => ("data segments", DATA),
            Bound::Parts => ("modules and components inside", FLATTEN),
            Bound::Nesting => ("levels of modules and components in one another", FLATTEN),
            Bound::Instances => ("instances", FLATTEN),
            Bound::Types => ("types", TYPES),
            Bound::TypeNesting => ("levels of types declared in one another", TYPES),
            Bound::TypeDepth => ("levels of types built from one another", TYPES),
        }
    }

    pub(crate) fn what(self) -> &'static str {
        self.words().0
    }

    pub(crate) fn remedy(self) -> &'static str {
        self.words().1
    }

    /// Refuses `found` if it is beyond the limit.
    pub(crate) fn check(self, found: u64, offset: usize) -> Result<(), ComponentError> {
        if found <= self.limit() {
            return Ok(());
        }
        Err(ComponentError::OverLimit {
            bound: self,
            found,
            offset,
        })
    }
}

/// What has been counted so far.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    counts: [u64; Bound::TypeDepth as usize + 1],
    /// How many modules and components are open around what is read now.
    depth: u64,
}

impl Tally {
    fn add(&mut self, bound: Bound, more: u64, offset: usize) -> Result<(), ComponentError> {
        let count = &mut self.counts[bound as usize];
        *count = count.saturating_add(more);
        bound.check(*count, offset)
    }

    /// Whether what is read now belongs to the component itself, not to a part of it.
    pub fn at_top(&self) -> bool {
        self.depth == 0
    }

    /// Takes in one piece of the binary.
    pub fn take(&mut self, payload: &Payload<'_>) -> Result<(), ComponentError> {
        match payload {
            Payload::ModuleSection {
                unchecked_range, ..
            }
            | Payload::ComponentSection {
                unchecked_range, ..
            } => {
                self.depth += 1;
                Bound::Nesting.check(self.depth, unchecked_range.start)?;
                self.add(Bound::Parts, 1, unchecked_range.start)
            }
            Payload::End(_) => {
                self.depth = self.depth.saturating_sub(1);
                Ok(())
            }
            Payload::TableSection(tables) => {
                for table in tables.clone().into_iter_with_offsets() {
                    let (offset, table) = table?;
                    self.add(Bound::Tables, 1, offset)?;
                    self.add(Bound::TableElements, table.ty.initial, offset)?;
                }
                Ok(())
            }
            Payload::MemorySection(memories) => {
                for memory in memories.clone().into_iter_with_offsets() {
                    let (offset, memory) = memory?;
                    self.add(Bound::Memories, 1, offset)?;
                    let bytes = memory.initial.saturating_mul(64 * 1024);
                    self.add(Bound::MemoryBytes, bytes, offset)?;
                }
                Ok(())
            }
            other => match counted(other) {
                Some((bound, count, offset)) => self.add(bound, u64::from(count), offset),
                None => Ok(()),
            },
        }
    }

    /// Takes in the code of a function, which has so many parameters.
    pub fn add_code(&mut self, body: &FunctionBody<'_>, params: u64) -> Result<(), ComponentError> {
        let range = body.range();
        Bound::FunctionBytes.check(range.len() as u64, range.start)?;
        let mut locals = params;
        for group in body.get_locals_reader()? {
            locals = locals.saturating_add(u64::from(group?.0));
        }
        self.add(Bound::Locals, locals, range.start)?;
        for operator in body.get_operators_reader()?.into_iter_with_offsets() {
            let (operator, offset) = operator?;
            if is_branch(&operator) {
                self.add(Bound::LocalsInBranches, locals, offset)?;
            }
            if let Operator::BrTable { targets } = operator {
                self.add(Bound::JumpTargets, u64::from(targets.len()) + 1, offset)?;
            }
        }
        Ok(())
    }

    /// Takes in the types that a type section declares, those inside others too.
    pub fn add_types(&mut self, count: u64, offset: usize) -> Result<(), ComponentError> {
        self.add(Bound::Types, count, offset)
    }
}

/// Whether the compiler begins a new block with it.
fn is_branch(operator: &Operator<'_>) -> bool {
    matches!(
        operator,
        Operator::Block { .. }
            | Operator::Loop { .. }
            | Operator::If { .. }
            | Operator::Else
            | Operator::Br { .. }
            | Operator::BrIf { .. }
            | Operator::BrTable { .. }
            | Operator::BrOnNull { .. }
            | Operator::BrOnNonNull { .. }
            | Operator::Return
            | Operator::Unreachable
    )
}

/// Sections of which no more than the number of entries matters.
fn counted(payload: &Payload<'_>) -> Option<(Bound, u32, usize)> {
    let (bound, count, range) = match payload {
        Payload::FunctionSection(s) => (Bound::Functions, s.count(), s.range()),
        Payload::ImportSection(s) => (Bound::Imports, s.count(), s.range()),
        Payload::ComponentImportSection(s) => (Bound::Imports, s.count(), s.range()),
        Payload::ExportSection(s) => (Bound::Exports, s.count(), s.range()),
        Payload::ComponentExportSection(s) => (Bound::Exports, s.count(), s.range()),
        Payload::DataSection(s) => (Bound::DataSegments, s.count(), s.range()),
        Payload::InstanceSection(s) => (Bound::Instances, s.count(), s.range()),
        Payload::ComponentInstanceSection(s) => (Bound::Instances, s.count(), s.range()),
        Payload::TypeSection(s) => (Bound::Types, s.count(), s.range()),
        Payload::CoreTypeSection(s) => (Bound::Types, s.count(), s.range()),
        _ => return None,
    };
    Some((bound, count, range.start))
}
