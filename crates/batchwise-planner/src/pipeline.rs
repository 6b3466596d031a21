use std::collections::{BTreeMap, VecDeque};
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Mutex, mpsc};
use std::thread;

/// How many bytes may be under way before the pipeline waits: a few very long lines must not pile up.
const WEIGHT_MAX: usize = 64 << 20;

/// Draws items from `next`, maps them with `work` on several threads, and hands the results to `take` in
/// the order of the items. At most two items per thread are under way at a time, and no more is drawn while
/// those under way weigh [`WEIGHT_MAX`] bytes or more.
///
/// # Errors
/// The first error of `next` or `take`; what came before it has been taken, or is dropped.
pub(crate) fn in_order<T: Send, U: Send, E>(
    threads: NonZero<usize>,
    mut next: impl FnMut() -> Result<Option<T>, E>,
    weigh: impl Fn(&T) -> usize,
    work: impl Fn(T) -> U + Sync,
    mut take: impl FnMut(U) -> Result<(), E>,
) -> Result<(), E> {
    if threads.get() == 1 {
        while let Some(item) = next()? {
            take(work(item))?;
        }
        return Ok(());
    }
    let (jobs, inbox) = mpsc::channel::<(usize, T)>();
    let (outbox, results) = mpsc::channel();
    let inbox = Mutex::new(inbox);
    let worker = |outbox: mpsc::Sender<Outcome<U>>| {
        let receive = || inbox.lock().expect("no thread panics while receiving").recv();
        while let Ok((index, item)) = receive() {
            let result = catch_unwind(AssertUnwindSafe(|| work(item)));
            if outbox.send((index, result)).is_err() {
                break;
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..threads.get() {
            let outbox = outbox.clone();
            scope.spawn(|| worker(outbox));
        }
        // Whatever happens, the workers end when `jobs` is dropped.
        let jobs = jobs;
        run(threads, &jobs, &results, &mut next, &weigh, &mut take)
    })
}

type Outcome<U> = (usize, thread::Result<U>);

fn run<T, U, E>(
    threads: NonZero<usize>,
    jobs: &mpsc::Sender<(usize, T)>,
    results: &mpsc::Receiver<Outcome<U>>,
    next: &mut impl FnMut() -> Result<Option<T>, E>,
    weigh: &impl Fn(&T) -> usize,
    take: &mut impl FnMut(U) -> Result<(), E>,
) -> Result<(), E> {
    let (mut sent, mut taken, mut ended) = (0, 0, false);
    let mut weights = VecDeque::new();
    let mut early = BTreeMap::new();
    loop {
        while !ended && (sent - taken) / 2 < threads.get() && weights.iter().sum::<usize>() < WEIGHT_MAX {
            match next()? {
                Some(item) => {
                    weights.push_back(weigh(&item));
                    jobs.send((sent, item)).expect("the workers wait for jobs");
                    sent += 1;
                }
                None => ended = true,
            }
        }
        if taken == sent {
            return Ok(());
        }
        let (index, result) = results.recv().expect("the workers outlive their jobs");
        early.insert(index, result.unwrap_or_else(|panic| resume_unwind(panic)));
        while let Some(result) = early.remove(&taken) {
            take(result)?;
            weights.pop_front();
            taken += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn squares(threads: usize, count: u64) -> Vec<u64> {
        let mut items = 0..count;
        let mut taken = Vec::new();
        let threads = NonZero::new(threads).unwrap();
        let uneven_work = |item: u64| {
            (0..item % 7 * 10_000)
                .fold(item * item, |square, step| std::hint::black_box(square ^ step ^ step))
        };
        let take = |square| {
            taken.push(square);
            Ok(())
        };
        in_order::<_, _, ()>(threads, || Ok(items.next()), |_| 1, uneven_work, take).unwrap();
        taken
    }

    #[test]
    fn the_order_does_not_depend_on_the_threads() {
        let expected: Vec<u64> = (0..500).map(|item| item * item).collect();
        for threads in [1, 2, 3, 8] {
            assert_eq!(squares(threads, 500), expected);
        }
        assert!(squares(4, 0).is_empty());
    }

    #[test]
    fn heavy_items_go_one_by_one() {
        let under_way = std::sync::atomic::AtomicUsize::new(0);
        let mut items = 0..20;
        let draw = || {
            let item = items.next();
            if item.is_some() {
                assert_eq!(under_way.fetch_add(1, std::sync::atomic::Ordering::SeqCst), 0);
            }
            Ok(item)
        };
        let take = |_| {
            under_way.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
            Ok(())
        };
        in_order::<_, _, ()>(NonZero::new(4).unwrap(), draw, |_| WEIGHT_MAX, |item| item, take).unwrap();
    }

    #[test]
    fn an_error_ends_the_run() {
        for threads in [1, 4] {
            let mut items = 0;
            let mut draw = || {
                items += 1;
                if items > 10 { Err("gone") } else { Ok(Some(items)) }
            };
            let outcome = in_order(NonZero::new(threads).unwrap(), &mut draw, |_| 1, |item| item, |_| Ok(()));
            assert_eq!(outcome, Err("gone"));
            let take = |item| if item < 10 { Ok(()) } else { Err("full") };
            let mut items = 0..;
            let outcome =
                in_order(NonZero::new(threads).unwrap(), || Ok(items.next()), |_| 1, |item| item, take);
            assert_eq!(outcome, Err("full"));
        }
    }

    #[test]
    #[should_panic(expected = "bad item")]
    fn a_panic_in_a_worker_is_not_swallowed() {
        let mut items = 0..100;
        let work = |item: u32| assert!(item != 50, "bad item");
        let _ = in_order::<_, _, ()>(NonZero::new(3).unwrap(), || Ok(items.next()), |_| 1, work, |()| Ok(()));
    }
}
