//! Everything around an executor, in memory: an API, its network, a clock, a disk, and an end that can come at any moment.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io::{self, Cursor, Read, Write};
use std::rc::Rc;
use std::time::Duration;

use batchwise_api::{
    ApiKey, ApiVersion, BaseUrl, Client, HttpBody, HttpRequest, HttpResponse, MessageBatch, Pace, Patience,
    Speaker, Transport, TransportError, TransportFault,
};
use batchwise_simulator::{Content, Ending, Head, Settings, Simulator};
use batchwise_submit::{Clock, Event, Journal, Known, Reply, Vault, Watcher};
use jiff::{SignedDuration, Timestamp};

use crate::chance::Chance;

/// What is there, whoever runs, and outlasts every run.
pub(crate) struct World {
    pub(crate) simulator: RefCell<Simulator>,
    chance: RefCell<Chance>,
    /// The time of the server.
    now: Cell<Timestamp>,
    /// By how much the clock of this machine is wrong.
    skew: SignedDuration,
    /// How many more things happen before the process is killed.
    life: Cell<Option<u64>>,
    /// How much happened, over all runs.
    pub(crate) happened: Cell<u64>,
    /// The folders of the executions, side by side.
    folders: [Folder; 2],
    /// Others that send batches to the same workspace: of how many calls one is followed by a batch of theirs.
    strangers: u64,
    strangers_sizes: Vec<u64>,
    stranger: Cell<u64>,
    /// How long the client waits for an answer.
    patience: Duration,
}

/// What is kept of one execution.
#[derive(Default)]
pub(crate) struct Folder {
    pub(crate) journal: RefCell<Vec<u8>>,
    pub(crate) results: RefCell<BTreeMap<u32, Vec<u8>>>,
    unfinished: RefCell<BTreeMap<u32, Vec<u8>>>,
}

/// A place in the world: one of the folders.
#[derive(Clone)]
pub(crate) struct Here(pub(crate) Rc<World>, usize);

/// How a world is.
pub(crate) struct Weather {
    pub(crate) settings: String,
    pub(crate) seed: u64,
    pub(crate) skew: SignedDuration,
    /// In so many of a hundred calls, a stranger sends a batch.
    pub(crate) strangers: u64,
    pub(crate) strangers_sizes: Vec<u64>,
}

impl Here {
    pub(crate) fn new(weather: Weather) -> Here {
        let settings = Settings::parse(&weather.settings).unwrap();
        let world = World {
            simulator: RefCell::new(Simulator::new(settings, weather.seed)),
            chance: RefCell::new(Chance::new(weather.seed ^ 0xabc)),
            now: Cell::new("2026-11-21T08:00:00Z".parse().unwrap()),
            skew: weather.skew,
            life: Cell::new(None),
            happened: Cell::new(0),
            folders: Default::default(),
            strangers: weather.strangers,
            strangers_sizes: weather.strangers_sizes,
            stranger: Cell::new(0),
            patience: Duration::from_secs(30),
        };
        Here(Rc::new(world), 0)
    }

    /// The place of the execution beside this one.
    pub(crate) fn beside(&self) -> Here {
        Here(Rc::clone(&self.0), 1 - self.1)
    }

    pub(crate) fn folder(&self) -> &Folder {
        &self.0.folders[self.1]
    }

    /// From now on, the process is killed after so many things have happened, or not at all.
    pub(crate) fn live(&self, life: Option<u64>) {
        self.0.life.set(life);
        self.folder().unfinished.borrow_mut().clear();
        // Nobody starts again at once.
        self.pass(Duration::from_secs(self.chance(1, 120)));
    }

    /// Something happens. Whether the process survives it.
    fn survives(&self) -> bool {
        self.0.happened.set(self.0.happened.get() + 1);
        match self.0.life.get() {
            None => true,
            Some(0) => false,
            Some(left) => {
                self.0.life.set(Some(left - 1));
                true
            }
        }
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.0.life.get() == Some(0)
    }

    fn chance(&self, least: u64, most: u64) -> u64 {
        self.0.chance.borrow_mut().between(least, most)
    }

    pub(crate) fn pass(&self, time: Duration) {
        self.0.now.set(self.0.now.get() + SignedDuration::try_from(time).unwrap());
    }

    /// Asks the API without a network, as a person who looks at its Console.
    pub(crate) fn accepted(&self) -> Vec<(String, Vec<String>)> {
        let simulator = self.0.simulator.borrow();
        let owned =
            |(id, ids): (&str, Vec<&str>)| (id.to_owned(), ids.into_iter().map(str::to_owned).collect());
        simulator.accepted().map(owned).collect()
    }

    fn strangers_come(&self) {
        if !self.0.chance.borrow_mut().happens(self.0.strangers) {
            return;
        }
        let size = *self.0.chance.borrow_mut().pick(&self.0.strangers_sizes);
        let number = self.0.stranger.replace(self.0.stranger.get() + 1);
        let request = |index| {
            format!(
                r#"{{"custom_id":"stranger-{number}-{index}","params":{{"model":"claude-haiku-4-5","max_tokens":9,"messages":[{{"role":"user","content":"?"}}]}}}}"#
            )
        };
        let requests: Vec<String> = (0..size).map(request).collect();
        let body = format!("{{\"requests\":[{}]}}", requests.join(","));
        let headers = [("x-api-key", "other"), ("anthropic-version", "2026-10-21")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let head = Head::new("POST", "/v1/messages/batches", headers);
        self.0.simulator.borrow_mut().handle(&head, &mut body.as_bytes(), self.0.now.get());
    }

    pub(crate) fn client(&self) -> Client<Here, Here> {
        let speaker = Speaker {
            base: BaseUrl::parse("https://api.anthropic.com").unwrap(),
            key: ApiKey::new("sk-secret").unwrap(),
            version: ApiVersion::default(),
            betas: Vec::new(),
            workspace: None,
            user_profile: None,
        };
        Client::new(self.clone(), self.clone(), speaker, Pace::per_minute(6000), Patience::default())
    }
}

fn broken(detail: &str) -> TransportError {
    TransportError { fault: TransportFault::Broken, detail: detail.to_owned() }
}

/// Reads as the network does: some of what is sent arrives, even if nobody looks at it.
impl Transport for Here {
    fn send(&self, request: HttpRequest<'_>) -> Result<HttpResponse, TransportError> {
        if !self.survives() {
            return Err(broken("killed before the call"));
        }
        self.pass(Duration::from_millis(self.chance(10, 900)));
        self.strangers_come();
        let target = request.url.strip_prefix("https://api.anthropic.com").unwrap();
        let mut headers: Vec<(String, String)> =
            request.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        headers.push(("x-api-key".to_owned(), "sk-secret".to_owned()));
        let head = Head::new(request.method, target, headers);
        let now = self.0.now.get();
        let call = self.0.simulator.borrow_mut().begin(&head, now);
        let bodies = self.0.simulator.borrow().body_reader();
        let is_dropped = call.is_dropped();
        let content = match request.body {
            HttpBody::Stream { reader, .. } if call.is_refused() => {
                let _ = reader;
                Content::none()
            }
            HttpBody::Stream { reader, .. } if is_dropped => {
                // The network may have taken all of it before the other side was gone.
                let taken = self.chance(0, 3_000);
                let _ = io::copy(&mut reader.take(taken), &mut io::sink());
                return Err(broken("the connection broke"));
            }
            _ if is_dropped => return Err(broken("the connection broke")),
            HttpBody::Stream { reader, bytes } => {
                let mut whole = Vec::new();
                let read = reader.read_to_end(&mut whole);
                let cut = read.is_err() || whole.len() as u64 != bytes || !self.survives();
                let mut body = Arriving { content: Cursor::new(whole), is_cut: cut };
                let content = bodies.read(&call, &mut body);
                if cut {
                    let now = self.0.now.get();
                    self.0.simulator.borrow_mut().answer(call, content, now);
                    return Err(broken("the body came to no end"));
                }
                content
            }
            HttpBody::Bytes(bytes) => bodies.read(&call, &mut { bytes }),
            HttpBody::Empty => bodies.read(&call, &mut io::empty()),
        };
        let reply = self.0.simulator.borrow_mut().answer(call, content, self.0.now.get());
        if !self.survives() {
            return Err(broken("killed before the answer came"));
        }
        if reply.delay > self.0.patience {
            self.pass(self.0.patience);
            return Err(TransportError {
                fault: TransportFault::Timeout,
                detail: "no answer came in time".to_owned(),
            });
        }
        self.pass(reply.delay);
        if reply.ending == Ending::Nothing {
            return Err(broken("the connection was closed"));
        }
        let headers = reply.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let is_cut = matches!(reply.ending, Ending::LengthCut | Ending::ChunkCut);
        let content = Cursor::new(reply.body.into_text().into_bytes());
        Ok(HttpResponse { status: reply.status, headers, body: Box::new(Arriving { content, is_cut }) })
    }
}

/// Bytes, and perhaps an error at their end.
struct Arriving {
    content: Cursor<Vec<u8>>,
    is_cut: bool,
}

impl Read for Arriving {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.content.read(buffer)? {
            0 if self.is_cut && !buffer.is_empty() => Err(io::ErrorKind::UnexpectedEof.into()),
            length => Ok(length),
        }
    }
}

impl batchwise_api::Clock for Here {
    fn now(&self) -> Duration {
        Clock::uptime(self)
    }

    fn sleep(&self, time: Duration) {
        self.pass(time);
    }

    fn chance(&self) -> f64 {
        0.5
    }
}

impl Clock for Here {
    fn timestamp(&self) -> Timestamp {
        self.0.now.get() + self.0.skew
    }

    fn uptime(&self) -> Duration {
        let start: Timestamp = "2026-11-21T00:00:00Z".parse().unwrap();
        Duration::try_from(self.0.now.get().duration_since(start)).unwrap()
    }

    fn sleep(&self, time: Duration) {
        self.pass(time);
    }

    fn stop_is_wanted(&self) -> bool {
        false
    }
}

/// A disk that keeps what it was told to keep, and of the last write as much as it likes.
impl Vault for Here {
    fn append(&mut self, line: &str) -> io::Result<()> {
        if !self.survives() {
            let kept = usize::try_from(self.chance(0, line.len() as u64 - 1)).unwrap();
            self.folder().journal.borrow_mut().extend_from_slice(&line.as_bytes()[..kept]);
            return Err(io::Error::other("killed while writing"));
        }
        self.folder().journal.borrow_mut().extend_from_slice(line.as_bytes());
        if !self.survives() {
            return Err(io::Error::other("killed after writing"));
        }
        Ok(())
    }

    fn elsewhere(&mut self) -> Known {
        let mut known = Known::default();
        if let Ok(found) = Journal::read(&self.beside().folder().journal.borrow()) {
            let execution = found.journal.execution();
            known.other.extend(execution.names_by(true).cloned());
            known.suspected.extend(execution.names_by(false).cloned());
        }
        known
    }

    fn begin_results(&mut self, batch: u32) -> io::Result<Box<dyn Write>> {
        self.folder().unfinished.borrow_mut().insert(batch, Vec::new());
        Ok(Box::new(Part(self.clone(), batch)))
    }

    fn keep_results(&mut self, batch: u32) -> io::Result<()> {
        if !self.survives() {
            return Err(io::Error::other("killed before renaming"));
        }
        let whole = self.folder().unfinished.borrow_mut().remove(&batch).expect("results were written");
        self.folder().results.borrow_mut().insert(batch, whole);
        Ok(())
    }
}

/// Results on their way to the disk.
struct Part(Here, u32);

impl Write for Part {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.0.survives() {
            return Err(io::Error::other("killed while writing results"));
        }
        self.0.folder().unfinished.borrow_mut().get_mut(&self.1).unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A person who looks at the Console and knows their own requests.
pub(crate) struct Person<'p> {
    pub(crate) here: Here,
    /// The custom_ids of each batch of the plan.
    pub(crate) ids: &'p [Vec<String>],
    pub(crate) is_there: bool,
    pub(crate) asked: u64,
}

impl Watcher for Person<'_> {
    fn tell(&mut self, _: &Event<'_>) {}

    fn ask(&mut self, batch: u32, candidates: &[MessageBatch]) -> Option<Reply> {
        if !self.is_there {
            return None;
        }
        self.asked += 1;
        let own = &self.ids[batch as usize];
        let made = self.here.accepted().into_iter().find(|(_, ids)| ids == own);
        Some(match made {
            None => Reply::SendAgain,
            Some((id, _)) => match candidates.iter().find(|made| made.id.as_str() == id) {
                Some(made) => Reply::Adopt(made.id.clone()),
                None => Reply::Stop,
            },
        })
    }
}
