//! Every limit on a plugin's file, in one place. They hold before anything is compiled: what is
//! within them costs the compiler a bounded amount of time and memory.
//!
//! Deliberately absent: limits on a running plugin; the host has those.

/// Largest plugin file, in bytes; room for a component with an interpreter inside.
pub const FILE_BYTES: usize = 32 * 1024 * 1024;

/// Largest `plugin.toml`, in bytes.
pub const MANIFEST_BYTES: usize = 256 * 1024;
/// Largest licence text, in bytes.
pub const LICENCE_BYTES: usize = 256 * 1024;
/// Largest changelog entry, in bytes.
pub const CHANGELOG_BYTES: usize = 16 * 1024;
/// Most fixtures, and their size together, paths included.
pub const FIXTURES: usize = 256;
pub const FIXTURES_BYTES: usize = 1024 * 1024;
/// Longest path of a fixture, in bytes.
pub const FIXTURE_PATH_BYTES: usize = 256;
/// The fixtures as JSON: a control character becomes six bytes there.
pub const FIXTURES_SECTION_BYTES: usize = 6 * FIXTURES_BYTES + FIXTURES * 16;

/// Most functions with a body, in all modules together.
pub const FUNCTIONS: u64 = 65_536;
/// Largest body of a function, in bytes: what the compiler does for one function grows faster than its
/// size. (Python's interpreter has one of 430 kB.)
pub const FUNCTION_BYTES: u64 = 1024 * 1024;
/// Most parameters and locals of functions, in all modules together: the compiler keeps each of them,
/// used or not. (Rust's plugins have four thousand.)
pub const LOCALS: u64 = 1_000_000;
/// Most of locals times branches, of each function, added up: the compiler may keep the value of each
/// local at the end of each branch, in about 8 bytes.
pub const LOCALS_IN_BRANCHES: u64 = 100_000_000;
/// Most targets of jump tables (`br_table`), in all functions together: each takes the compiler about
/// 600 bytes. (Python's interpreter has 46 thousand.)
pub const JUMP_TARGETS: u64 = 200_000;
/// Most tables, and their elements together at the start.
pub const TABLES: u64 = 64;
pub const TABLE_ELEMENTS: u64 = 100_000;
/// Most memories, and their size together at the start, in bytes.
pub const MEMORIES: u64 = 4;
pub const MEMORY_BYTES: u64 = crate::manifest::MEMORY_CEILING_MB as u64 * 1024 * 1024;
/// Most imports, and most exports, of the component and all its parts together.
pub const IMPORTS: u64 = 32_768;
pub const EXPORTS: u64 = 32_768;
/// Most data segments, in all modules together.
pub const DATA_SEGMENTS: u64 = 32_768;
/// Most modules and components inside the component.
pub const PARTS: u64 = 256;
/// How deep modules and components may be inside one another.
pub const NESTING: u64 = 16;
/// Most instances that the component and all its parts make of one another.
pub const INSTANCES: u64 = 1024;
/// Most types that are declared, in the component and all its parts together.
pub const TYPES: u64 = 20_000;
/// How deep component and instance types may be declared inside one another.
pub const TYPE_NESTING: u64 = 16;
/// How deep a type may be built from others: an interface with a function with a list of records of
/// options, and so on. The engine has the same limit for values.
pub const TYPE_DEPTH: u64 = 100;
