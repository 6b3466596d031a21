use std::fmt;
use std::path::PathBuf;

use batchwise_api::{
    COUNT_TOKENS_BODY_BYTES_MAX, COUNT_TOKENS_PATH, Client, Pace, Patience, Speaker, SystemClock,
    UreqTransport,
};
use batchwise_findings::Severity;

use super::Ask;
use super::count_cache::{CountCache, Question};
use crate::args::{ExactArgs, Sample};
use crate::error::CliError;
use crate::network::{self, variable};
use crate::screen;
use crate::screen::grouped;

/// Where requests are handed in to be counted: by memory, or else by the API.
pub(crate) struct CountingDesk {
    client: Client<UreqTransport, SystemClock>,
    cache: Option<CountCache>,
    question: Question,
    today: String,
    days: Option<(String, String)>,
    pub(crate) tally: Tally,
}

/// What became of the requests handed in.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    remembered: u64,
    asked: u64,
    pub(crate) refused: u64,
}

impl CountingDesk {
    /// Finds the key, the API and the memory. Opens no connection yet.
    pub(crate) fn open(ask: &Ask<'_>, sample: Sample) -> Result<CountingDesk, CliError> {
        let &Ask { reading, version, betas, today } = ask;
        let args = &reading.exact;
        let key = network::api_key()?;
        let base = network::base_url(args.base_url.as_deref())?;
        let question = Question { base: base.to_string(), version, betas: betas.to_vec() };
        let betas = betas.to_vec();
        let speaker = Speaker { base, key, version, betas, workspace: None, user_profile: None };
        let pace = Pace::per_minute(sample.per_minute);
        let client =
            Client::new(network::transport()?, SystemClock::start(), speaker, pace, Patience::default());
        let cache = cache_folder(args).map(|folder| CountCache::open(&folder)).transpose()?;
        if cache.is_none() {
            screen::tell(
                Severity::Warning,
                "counts are not kept for the next run: set HOME, or give a folder with --exact-cache",
            );
        }
        Ok(CountingDesk {
            client,
            cache,
            question,
            today: today.to_string(),
            days: None,
            tally: Tally::default(),
        })
    }

    /// Who counts.
    pub(crate) fn endpoint(&self) -> String {
        format!("{}{COUNT_TOKENS_PATH}", self.question.base)
    }

    /// The first and the last day of all counts; today when there is none.
    pub(crate) fn days(&self) -> (String, String) {
        self.days.clone().unwrap_or_else(|| (self.today.clone(), self.today.clone()))
    }

    /// The input tokens of a request with this counting body, or why the API does not count it.
    pub(crate) fn count(&mut self, body: &[u8]) -> Result<Result<u64, String>, CliError> {
        let key = self.question.key(body);
        if let Some((tokens, day)) = self.cache.as_ref().and_then(|cache| cache.get(&key)) {
            self.tally.remembered += 1;
            self.counted_on(&day);
            return Ok(Ok(tokens));
        }
        if body.len() > COUNT_TOKENS_BODY_BYTES_MAX {
            self.tally.refused += 1;
            return Ok(Err(format!("the API counts no body above {COUNT_TOKENS_BODY_BYTES_MAX} bytes")));
        }
        match self.client.count_tokens(body) {
            Ok(tokens) => {
                self.tally.asked += 1;
                let today = self.today.clone();
                self.counted_on(&today);
                if let Some(cache) = &mut self.cache {
                    cache.put(key, tokens, today)?;
                }
                Ok(Ok(tokens))
            }
            Err(refusal) if refusal.is_about_one_request() => {
                self.tally.refused += 1;
                Ok(Err(refusal.to_string()))
            }
            Err(source) => {
                let kept = match (&self.cache, self.tally.asked) {
                    (Some(_), 1..) => {
                        format!(
                            "{} counts are kept, so that the next run goes on from there",
                            grouped(self.tally.asked)
                        )
                    }
                    _ => "without --exact the quote rests on offline estimates".to_owned(),
                };
                Err(CliError::Count { endpoint: self.endpoint(), kept, source: Box::new(source) })
            }
        }
    }

    fn counted_on(&mut self, day: &str) {
        let (first, last) = self.days.get_or_insert_with(|| (day.to_owned(), day.to_owned()));
        // Days in this form sort as text.
        if day < first.as_str() {
            day.clone_into(first);
        }
        if day > last.as_str() {
            day.clone_into(last);
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally { remembered, asked, refused } = *self;
        let counted = grouped(remembered + asked);
        write!(
            f,
            "{counted} requests counted: {} now, {} known before",
            grouped(asked),
            grouped(remembered)
        )?;
        match refused {
            0 => Ok(()),
            _ => write!(f, "; {} refused and left out of the sample", grouped(refused)),
        }
    }
}

/// The folder for counts, where one can be named.
fn cache_folder(args: &ExactArgs) -> Option<PathBuf> {
    let xdg = || variable("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || variable("HOME").map(|home| PathBuf::from(home).join(".cache"));
    let windows = || variable("LOCALAPPDATA").map(PathBuf::from);
    let ours = || Some(xdg().or_else(home).or_else(windows)?.join("batchwise"));
    args.exact_cache.clone().or_else(ours)
}
