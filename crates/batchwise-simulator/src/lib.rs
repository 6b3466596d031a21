//! A Message Batches API that exists only on this machine: for rehearsals, and for tests of what sends batches.
//!
//! [`Simulator`] is the API without a network and without a clock: it takes a call and the time, and gives an answer, or
//! what goes wrong instead. What of the API it imitates was documented or recorded; a text that nobody has recorded
//! begins with `simulator:`. Nothing is sent anywhere, no model replies, and files that requests name by URL are not
//! fetched: such rows fail as they do when the API cannot fetch them.
//!
//! A [`Server`] puts it on the network. It is told the time by a clock of the caller's, who also opens the listener.
//!
//! Usage figures come from the estimator `claude`: the input of a request is its likely value, or the least where there is
//! none. Beginnings of prompts that a breakpoint marks are written to and read from a cache in the order of processing;
//! replies have a length that is drawn by the seed.
//!
//! Not imitated: scopes of keys and workspaces (any key is good, and all see the same), spend limits by amount (a script
//! can play one), beta features, compressed bodies, everything beside batches, token counting and models.
//!
//! ```
//! use batchwise_simulator::{Head, Settings, Simulator};
//!
//! let mut simulator = Simulator::new(Settings::default(), 1);
//! let headers = [("x-api-key", "any"), ("anthropic-version", "2026-10-21")];
//! let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
//! let body = r#"{"requests":[{"custom_id":"a","params":{"model":"claude-haiku-4-5","max_tokens":9,"messages":[{"role":"user","content":"Hello"}]}}]}"#;
//! let head = Head::new("POST", "/v1/messages/batches", headers.clone());
//! let reply = simulator.handle(&head, &mut body.as_bytes(), "2026-11-21T08:00:00Z".parse().unwrap());
//! assert_eq!(reply.status, 200);
//! assert!(reply.body.into_text().contains(r#""processing_status":"in_progress""#));
//!
//! let head = Head::new("GET", "/v1/messages/batches", headers);
//! let reply = simulator.handle(&head, &mut "".as_bytes(), "2026-11-21T08:30:00Z".parse().unwrap());
//! assert!(reply.body.into_text().contains(r#""processing_status":"ended""#));
//! ```

mod http;
mod simulator;

mod call;
mod refusal;

mod desk;
mod frame;
mod item;
mod task;

mod batch;
mod prompt_cache;
mod rows;

mod models;
mod page;

mod script;
mod settings;

mod server;
mod wire;

mod chance;
mod instant;

pub use call::{Call, Content};
pub use http::{Body, Ending, Head, Reply};
pub use rows::Rows;
pub use script::{FaultLine, Operation, Script, What};
pub use server::Server;
pub use settings::{Account, Processing, Settings, SettingsError};
pub use simulator::{BodyReader, Simulator};
