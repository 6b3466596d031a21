//! Reads files of Message Batches requests.
//!
//! A file becomes [`Chunk`]s of whole lines, a line becomes a [`Node`] that borrows from it, and a node
//! becomes a [`Request`] or a list of [`Flaw`]s, each with the path of the field it complains about. A
//! place is a path first and becomes bytes and columns only when somebody has to be shown it.

mod api_version;
mod chunk;
mod custom_id;
mod field_path;
mod flaw;
mod line;
mod node;
mod parameter;
mod params_text;
mod prompt;
mod request;
mod scanner;
mod trail;

pub use api_version::{ApiVersion, UnknownApiVersion};
pub use chunk::{Chunk, ChunkReader, LINE_BYTES_MAX};
pub use custom_id::CUSTOM_ID_CHARACTERS_MAX;
pub use field_path::{FieldPath, Spot, Step};
pub use flaw::{Flaw, Where};
pub use line::Line;
pub use node::{Node, Object};
pub use parameter::{PARAMETERS, Parameter, ParameterInput, parameter};
pub use params_text::params_text;
pub use request::{MAX_TOKENS_MAX, Request};
pub use scanner::Scanner;
pub use trail::Trail;
