//! One way in which everything may go wrong, and what must be true in the end.

use std::collections::{BTreeMap, BTreeSet};

use batchwise_plan::{BODY_OPENING, Fingerprint};
use batchwise_results::IdSum;
use batchwise_submit::{
    Begun, BodyStream, Conclusion, Entry, Executor, Journal, JournalError, OnAmbiguous, Outcome, SCHEMA,
    Terms, survey,
};
use jiff::{SignedDuration, Timestamp};

use crate::chance::Chance;
use crate::workload::Workload;
use crate::world::{Here, Person, Weather};

/// What goes wrong.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    pub(crate) seed: u64,
    pub(crate) requests: u64,
    pub(crate) batch_max: u64,
    pub(crate) queued_max: Option<u64>,
    /// A script of the simulator.
    pub(crate) faults: String,
    /// After how many things that happen each run is killed. Then one run lives.
    pub(crate) lives: Vec<u64>,
    pub(crate) on_ambiguous: OnAmbiguous,
    pub(crate) strangers: u64,
    pub(crate) skew_seconds: i64,
    /// Whether another plan, with batches of the same sizes, is executed in the folder beside, now one process, now the other.
    pub(crate) is_pair: bool,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Tale {
    pub(crate) runs: u64,
    pub(crate) happened: u64,
    pub(crate) asked: u64,
    pub(crate) adopted: u64,
    pub(crate) sent_again: u64,
    pub(crate) foreign: u64,
    pub(crate) compared: u64,
    /// The custom_ids and the types of their results, of each batch.
    pub(crate) results: BTreeMap<u32, BTreeMap<String, String>>,
}

const CALLS: [&str; 5] = ["create", "retrieve", "list", "results", "any"];
const FAULTS: [&str; 15] = [
    "do = \"drop-before\"",
    "do = \"drop-after\"",
    "do = \"slow\"\nmilliseconds = 20000",
    "do = \"slow\"\nmilliseconds = 60000",
    "do = \"answer\"\nstatus = 429\nretry_after = 7",
    "do = \"answer\"\nstatus = 429",
    "do = \"answer\"\nstatus = 500",
    "do = \"answer\"\nstatus = 500\nafter_accepting = true",
    "do = \"answer\"\nstatus = 502",
    "do = \"answer\"\nstatus = 504\nafter_accepting = true",
    "do = \"answer\"\nstatus = 529\nretry_after = 3",
    "do = \"answer\"\nstatus = 529\nafter_accepting = true",
    "do = \"answer\"\nstatus = 413",
    "do = \"spend-cap\"",
    "do = \"answer\"\nstatus = 401",
];
const ROW_FAULTS: [&str; 6] =
    ["cut-length", "cut-chunk", "cut-in-line", "cut-at-line", "duplicate-row", "missing-row"];

impl Tale {
    fn conclude(&mut self, how: Conclusion) {
        self.adopted += u64::from(how != Conclusion::Answered);
        self.compared += u64::from(how == Conclusion::Compared);
    }
}

impl Schedule {
    /// The schedule that follows from a seed.
    pub(crate) fn of(seed: u64) -> Schedule {
        let mut chance = Chance::new(seed);
        let mut faults = String::new();
        for _ in 0..chance.between(0, 5) {
            faults.push_str(&fault(&mut chance));
        }
        let lives = (0..chance.between(0, 4)).map(|_| chance.between(1, 90)).collect();
        let batch_max = chance.between(1, 5);
        Schedule {
            seed,
            requests: chance.between(1, 14),
            batch_max,
            queued_max: chance.happens(40).then(|| batch_max * chance.between(1, 2)),
            faults,
            lives,
            on_ambiguous: *chance.pick(&[OnAmbiguous::Wait, OnAmbiguous::Wait, OnAmbiguous::Ask]),
            strangers: if chance.happens(30) { 10 } else { 0 },
            skew_seconds: *chance.pick(&[0, 0, -30_000, 30_000, 300]),
            is_pair: chance.happens(40),
        }
    }

    /// Plays it.
    pub(crate) fn play(&self) -> Tale {
        let names: &[&str] = if self.is_pair { &["r", "q"] } else { &["r"] };
        let workload = |name: &&str| Workload::new(name, self.requests, self.batch_max, self.queued_max);
        let workloads: Vec<Workload> = names.iter().map(workload).collect();
        let here = Here::new(Weather {
            settings: format!("[processing]\npoll_seconds = 60\n{}", self.faults),
            seed: self.seed,
            skew: SignedDuration::from_secs(self.skew_seconds),
            strangers: self.strangers,
            strangers_sizes: workloads[0].plan.batches.iter().map(|batch| batch.requests).collect(),
        });
        let places = [here.clone(), here.beside()];
        let mut crews: Vec<Crew<'_>> =
            workloads.iter().zip(places).map(|(workload, here)| Crew::new(workload, here)).collect();
        let mut tale = Tale::default();
        let mut lives = self.lives.iter().map(|&life| Some(life)).chain(std::iter::repeat(None));
        while crews.iter().any(|crew| !crew.is_finished) {
            for crew in crews.iter_mut().filter(|crew| !crew.is_finished) {
                assert!(tale.runs < 90, "{self:?} comes to no end: {:?}", crew.last);
                tale.runs += 1;
                crew.here.live(lives.next().unwrap());
                let is_there = tale.runs > 2 * names.len() as u64;
                let mut person = Person { here: crew.here.clone(), ids: &crew.own, is_there, asked: 0 };
                crew.last = self.run(crew.workload, &crew.sums, &crew.here, &mut person);
                tale.asked += person.asked;
                crew.is_finished = crew.last == Some(Outcome::Finished);
            }
        }
        tale.happened = here.0.happened.get();
        self.check_accepted(&crews, &here);
        crews.iter().rev().for_each(|crew| self.check(crew, &mut tale));
        tale
    }

    /// One process, from its start to its end. `None` when it was killed.
    fn run(
        &self,
        workload: &Workload,
        sums: &[IdSum],
        here: &Here,
        person: &mut Person<'_>,
    ) -> Option<Outcome> {
        let mut journal = open(workload, here)?;
        let terms = Terms {
            on_ambiguous: self.on_ambiguous,
            queued_requests_max: self.queued_max.map(|max| max * 3),
            ..Terms::default()
        };
        let executor = Executor {
            plan: &workload.plan,
            journal: &mut journal,
            inputs: &mut &*workload,
            ids: sums,
            batches: &mut here.client(),
            vault: &mut here.clone(),
            clock: here,
            watcher: person,
            terms: &terms,
        };
        match executor.run() {
            Ok(outcome) => Some(outcome),
            Err(error) => {
                assert!(here.is_dead(), "{self:?}: {error}");
                None
            }
        }
    }

    /// All of the plans was accepted once, and nothing else but what others sent.
    fn check_accepted(&self, crews: &[Crew<'_>], here: &Here) {
        let accepted = here.accepted();
        let mut seen = BTreeSet::new();
        for id in accepted.iter().flat_map(|(_, ids)| ids).filter(|id| !id.starts_with("stranger")) {
            assert!(seen.insert(id.clone()), "{self:?}: `{id}` is paid twice");
        }
        let planned: BTreeSet<String> =
            crews.iter().flat_map(|crew| crew.own.iter().flatten().cloned()).collect();
        assert_eq!(seen, planned, "{self:?}: all of the plans is there, and nothing else");
    }

    /// What must be true of an execution in the end.
    fn check(&self, crew: &Crew<'_>, tale: &mut Tale) {
        let Crew { workload, here, own, .. } = crew;
        let journal = Journal::read(&here.folder().journal.borrow()).unwrap().journal;
        assert!(journal.execution().is_finished());
        let results = here.folder().results.borrow();
        assert_eq!(results.len(), own.len(), "{self:?}");
        for (batch, ids) in (0..).zip(own) {
            let rows: BTreeMap<String, String> = results[&batch]
                .split(|&byte| byte == b'\n')
                .filter(|line| !line.is_empty())
                .map(|line| {
                    let row: serde_json::Value = serde_json::from_slice(line).unwrap();
                    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
                    (text(&row["custom_id"]), text(&row["result"]["type"]))
                })
                .collect();
            assert_eq!(
                rows.keys().cloned().collect::<BTreeSet<_>>(),
                ids.iter().cloned().collect(),
                "{self:?}"
            );
            tale.results.insert(batch, rows);
        }
        for stamped in journal.entries() {
            match &stamped.entry {
                Entry::Created { how, .. } => tale.conclude(*how),
                Entry::Absent { how: Conclusion::Told, .. } => (),
                Entry::Absent { .. } => tale.sent_again += 1,
                Entry::Foreign { .. } => tale.foreign += 1,
                _ => (),
            }
        }
        waves_follow_each_other(workload, &journal);
        let text = String::from_utf8(here.folder().journal.borrow().clone()).unwrap();
        assert!(!text.contains("sk-secret"), "a secret in the journal");
    }
}

/// An execution, and what is needed for its processes.
struct Crew<'w> {
    workload: &'w Workload,
    here: Here,
    sums: Vec<IdSum>,
    /// The custom_ids of each batch.
    own: Vec<Vec<String>>,
    last: Option<Outcome>,
    is_finished: bool,
}

impl Crew<'_> {
    fn new(workload: &Workload, here: Here) -> Crew<'_> {
        let plan = &workload.plan;
        let sums = survey(plan, &mut &*workload).unwrap();
        let own = (0..plan.batches.len()).map(|batch| ids(workload, batch)).collect();
        Crew { workload, here, sums, own, last: None, is_finished: false }
    }
}

/// No batch is sent before all those of the waves before have ended.
fn waves_follow_each_other(workload: &Workload, journal: &Journal) {
    let mut ended = BTreeSet::new();
    for stamped in journal.entries() {
        match &stamped.entry {
            Entry::Ended { batch, .. } => {
                ended.insert(*batch);
            }
            Entry::Sending { batch, .. } => {
                let wave = workload.plan.batches[*batch as usize].wave;
                let before = workload.plan.batches.iter().filter(|other| other.wave < wave);
                assert!(before.into_iter().all(|other| ended.contains(&other.index)));
            }
            _ => (),
        }
    }
}

/// Opens the journal as the folder does: what was torn is cut off.
fn open(workload: &Workload, here: &Here) -> Option<Journal> {
    let bytes = here.folder().journal.borrow().clone();
    match Journal::read(&bytes) {
        Ok(found) => {
            here.folder().journal.borrow_mut().truncate(usize::try_from(found.bytes).unwrap());
            Some(found.journal)
        }
        Err(JournalError::Empty) => {
            here.folder().journal.borrow_mut().clear();
            let (journal, line) = Journal::begin(Timestamp::UNIX_EPOCH, begun(workload));
            batchwise_submit::Vault::append(&mut here.clone(), &line).ok().map(|()| journal)
        }
        Err(error) => panic!("{error}"),
    }
}

fn begun(workload: &Workload) -> Entry {
    let mut plan = Vec::new();
    workload.plan.write_json(&mut plan).unwrap();
    Entry::Begun(Begun {
        schema: SCHEMA.to_owned(),
        plan_sha256: Fingerprint::of(&plan),
        batches: u32::try_from(workload.plan.batches.len()).unwrap(),
        base_url: "https://api.anthropic.com".to_owned(),
        api_version: "2026-10-21".to_owned(),
        betas: Vec::new(),
        workspace: None,
        user_profile: None,
    })
}

/// The custom_ids of a batch, from the body as it is sent.
fn ids(workload: &Workload, batch: usize) -> Vec<String> {
    let mut inputs = workload;
    let mut body = String::new();
    let mut stream = BodyStream::new(&mut inputs, &workload.plan.batches[batch]);
    std::io::Read::read_to_string(&mut stream, &mut body).unwrap();
    assert!(body.as_bytes().starts_with(BODY_OPENING));
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    let requests = body["requests"].as_array().unwrap();
    requests.iter().map(|request| request["custom_id"].as_str().unwrap().to_owned()).collect()
}

fn fault(chance: &mut Chance) -> String {
    let (on, what) = match chance.between(0, 9) {
        0..=1 => ("results", format!("do = \"{}\"", chance.pick(&ROW_FAULTS))),
        2 => ("list", format!("do = \"list-lag\"\nmilliseconds = {}", chance.between(1_000, 50_000))),
        3 => (*chance.pick(&["retrieve", "results"]), "do = \"not-found\"".to_owned()),
        4..=6 => ("create", (*chance.pick(&FAULTS)).to_owned()),
        _ => (*chance.pick(&CALLS), (*chance.pick(&FAULTS)).to_owned()),
    };
    let (from, times) = (chance.between(1, 8), chance.between(1, 4));
    format!("[[fault]]\non = \"{on}\"\n{what}\nfrom = {from}\ntimes = {times}\n")
}
