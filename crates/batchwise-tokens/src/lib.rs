//! How many input tokens a request will be counted as, and how sure that is.
//!
//! Anthropic publishes no tokenizer, so nothing here is a count: every number is an
//! [`Estimate`](batchwise_units::Estimate) with its bounds. An estimate has two halves. A [`TextCounter`]
//! knows how many tokens a text is; a [`Structure`] knows what messages, tools, images and documents add.
//! A [`StructureEstimator`] walks a request and adds both up. [`claude`] knows Claude's own vocabularies and how the
//! API writes a request into a prompt; [`tiktoken`] and [`bytes`] do without. [`sampled`] counts as `claude` does, but
//! texts only roughly, corrected by what [`sample_texts`] found in a sample of them.
//!
//! The crate knows no prices and no model names: the caller describes the model by its [`ModelTraits`].

mod model_traits;

mod allowance;
mod assumption;
mod estimator;
mod milli_tokens;
mod structure;
mod text_counter;

mod byte_ratio;
mod script;
mod text_pieces;
mod tiktoken_counter;
mod vocabulary;

mod byte_classes;
mod piece;
mod rough_count;
mod sampled_text;

mod base64_text;
mod claude_counter;
mod claude_structure;
mod counted_once;
mod image;
mod json_text;
mod memo;
mod pdf;
mod prompt_text;
mod request_kind;
mod request_walk;
mod server_side;
mod tool;

pub use allowance::Allowance;
pub use assumption::Assumption;
pub use byte_ratio::{ByteRatio, bytes};
pub use claude_counter::{Claude, SHARED_ERROR as CLAUDE_SHARED_ERROR, claude};
pub use estimator::{Basis, Breakpoint, CacheTtl, Estimator, InputEstimate, StructureEstimator};
pub use image::{ImageSize, image_size, image_tokens, resized};
pub use json_text::Letters;
pub use milli_tokens::{Cost, MilliTokens};
pub use model_traits::{Family, Generation, ImageTier, ModelTraits};
pub use request_kind::RequestKind;
pub use rough_count::Texture;
pub use sampled_text::{
    SHORT_TEXT, SampledPiece, SampledText, TextFactor, TextFactors, Windows, sample_texts, sampled,
};
pub use structure::{EarlierThinking, Rendering, Structure};
pub use text_counter::{TextCounter, TextRole};
pub use tiktoken_counter::{Tiktoken, tiktoken};
