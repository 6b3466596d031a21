//! What people see, and what is refused.

use batchwise_findings::Verdict;
use batchwise_plan::{Fingerprint, Plan};
use batchwise_statement::{PlanPart, Scenario, ScenarioRow, Statement, csv, focus, markdown, table};
use batchwise_units::{Estimate, Tokens, Usd};
use insta::assert_snapshot;
use serde_json::{Value, json};

const SUPPORT: &str = include_str!("data/support.json");
const LEGAL: &str = include_str!("data/legal.json");
const SEARCH: &str = include_str!("data/search.json");

/// A statement of plan files.
fn statement(files: &[(&str, &str)]) -> Result<Statement, String> {
    let plans: Vec<Plan> = files.iter().map(|(_, file)| Plan::read(file.as_bytes()).unwrap()).collect();
    let parts: Vec<PlanPart<'_>> = files
        .iter()
        .zip(&plans)
        .map(|((name, file), plan)| PlanPart { name, sha256: Fingerprint::of(file.as_bytes()), plan })
        .collect();
    Statement::of(&parts).map_err(|error| error.to_string())
}

fn three() -> Statement {
    statement(&[("support.json", SUPPORT), ("legal.json", LEGAL), ("search.json", SEARCH)]).unwrap()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// A plan file with some values replaced.
fn changed(file: &str, changes: &[(&str, Value)]) -> String {
    let mut plan: Value = serde_json::from_str(file).unwrap();
    for (pointer, value) in changes {
        *plan.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value.clone();
    }
    plan.to_string()
}

/// A plan like those from before tokens were told by kind.
fn older(file: &str) -> String {
    let mut plan: Value = serde_json::from_str(file).unwrap();
    for batch in plan["batches"].as_array_mut().unwrap() {
        batch.as_object_mut().unwrap().remove("usage");
    }
    plan.to_string()
}

/// In what the stated costs of a changed plan are not likely.
fn basis(file: &str, change: impl Fn(&mut Plan)) -> Vec<String> {
    let mut plan = Plan::read(file.as_bytes()).unwrap();
    change(&mut plan);
    let part = PlanPart { name: "plan.json", sha256: Fingerprint::of(b"plan"), plan: &plan };
    let statement = Statement::of(&[part]).unwrap();
    let names = |row: &ScenarioRow| row.basis.iter().map(|basis| basis.name()).collect::<Vec<_>>().join(" ");
    statement.scenarios.iter().map(names).collect()
}

#[test]
fn costs_that_are_not_likely_say_what_they_are() {
    let unsure = |plan: &mut Plan| {
        let quote = plan.quote.as_mut().unwrap();
        quote.batch_cached = Estimate::between(quote.batch.low(), quote.standard.high());
    };
    assert_eq!(basis(SEARCH, |_| ()), ["", "", ""]);
    assert_eq!(basis(SEARCH, unsure), ["", "", "prefixes-likely-size"], "no prefix is likely long enough");
    assert_eq!(
        basis(LEGAL, |_| ()),
        ["longest-replies", "longest-replies", "longest-replies prefixes-written"]
    );
    // Requests without a price may lack what no amount rests on.
    let more = |plan: &mut Plan| plan.tokens.input = Estimate::between(Tokens(1), Tokens(1_000_000));
    assert_eq!(basis(LEGAL, more), basis(LEGAL, |_| ()));
    let bounds = |plan: &mut Plan| {
        more(plan);
        plan.cache.as_mut().unwrap().scenarios.get_mut("none").unwrap().batch = None;
    };
    let both = "longest-replies largest-inputs";
    assert_eq!(basis(LEGAL, bounds), [both, both, "longest-replies largest-inputs prefixes-written"]);
}

#[test]
fn an_input_of_several_plans_is_told_once() {
    let again = |day: &str| LEGAL.replace("2026-11-21", day);
    let (second, third) = (again("2026-11-22"), again("2026-11-23"));
    let statement = statement(&[("1.json", LEGAL), ("2.json", &second), ("3.json", &third)]).unwrap();
    let told = statement.caveats.iter().find(|caveat| caveat.contains("several plans:")).unwrap();
    assert_eq!(told, "In several plans: contracts.jsonl; its requests count as often.");
}

#[test]
fn what_does_not_fit_is_left_out() {
    let model = |file: &str| file.replace("claude-haiku-4-5\"", "claude-with-a-long-name-4-5\"");
    let long = statement(&[("support.json", &model(SUPPORT)), ("search.json", SEARCH)]).unwrap();
    let columns = |columns: usize| {
        let table = text(table(&long, columns));
        assert!(table.lines().all(|line| line.chars().count() <= columns.max(80)), "{table}");
        table.lines().find(|line| line.starts_with("By model")).unwrap().to_owned()
    };
    assert_eq!(columns(40), "By model");
    assert_eq!(columns(120), "By model; low and high are with caching");
}

#[test]
fn three_workloads_are_one_table() {
    let table = text(table(&three(), 80));
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
    assert_snapshot!(table, @"
    $0.340 to $0.838 for 284 requests as batches; $0.748 with replies of unknown
      length as long as their `max_tokens`, and prefixes written and none read where
      nothing is known of the cache: $0.697 (48.2 %) less than one by one.
    Ranges of several plans are added end by end, as if they erred all in one
      direction.

      USD                      low  stated    high  saved, stated     %
      standard, one by one  $0.724  $1.445  $1.626
      batch                 $0.362  $0.723  $0.813         $0.723  50.0
      batch with caching    $0.340  $0.748  $0.838         $0.697  48.2
      standard, one by one; batch: not the likely cost, but stated with replies of
        unknown length as long as their `max_tokens`
      batch with caching: not the likely cost, but stated with replies of unknown
        length as long as their `max_tokens`, and prefixes written and none read
        where nothing is known of the cache

      What the cache does     low  likely    high  longest replies
      none                 $0.362       -  $0.813           $0.813
      cold                 $0.388       -  $0.838           $0.838
      30%                  $0.373       -  $0.824           $0.823
      best                 $0.340       -  $0.791           $0.790
      primed               $0.340       -  $0.791           $0.790
      none: no caching: breakpoints are ignored, or there are none
      cold: nothing is found: every request writes all that it marks
      30%: 30% of the requests read all that they mark, the others write it
      best: one request of each group and wave writes, its reply begins before the
        others are looked at, and they read
      primed: one request of each group goes ahead in a batch of its own and writes
        for an hour; when that has ended, the others read

    By model; low and high are with caching
      model              requests  standard   batch  with caching     low    high
      claude-haiku-4-5        200    $0.343  $0.172        $0.171  $0.111  $0.262
      claude-sonnet-5-5        84    $1.102  $0.551        $0.577  $0.229  $0.577
      total                   284    $1.445  $0.723        $0.748  $0.340  $0.838

    By kind of token
      kind of token    tokens  standard   batch  cached tokens  with caching
      input           474,033    $0.725  $0.363        448,521        $0.337
      cache_write_1h        0    $0.000  $0.000         25,512        $0.051
      output           84,000    $0.720  $0.360         84,000        $0.360
      total                      $1.445  $0.723                       $0.748

    By batch
      plan   batch  requests  body bytes   batch  with caching   up to
      1          0       120     245,076  $0.103        $0.103  $0.158
      1          1        80     163,082  $0.069        $0.069  $0.105
      2          0        24     429,446  $0.393        $0.418  $0.419
      3          0        60     315,762  $0.158        $0.158  $0.159
      total              284   1,153,366  $0.723        $0.748  $0.839

    By tag month; low and high are with caching
      month    requests  standard   batch  with caching     low    high
      2026-11       284    $1.445  $0.723        $0.748  $0.340  $0.838

    By tag team; low and high are with caching
      team     requests  standard   batch  with caching     low    high
      legal          24    $0.785  $0.393        $0.418  $0.131  $0.418
      search         60    $0.317  $0.158        $0.158  $0.098  $0.158
      support       200    $0.343  $0.172        $0.172  $0.111  $0.262
      total         284    $1.445  $0.723        $0.748  $0.340  $0.838

    Plans; low and high are with caching
      plan             requests  standard   batch  with caching     low    high
      1: support.json       200    $0.343  $0.172        $0.172  $0.111  $0.262
      2: legal.json          24    $0.785  $0.393        $0.418  $0.131  $0.418
      3: search.json         60    $0.317  $0.158        $0.158  $0.098  $0.158
      total                 284    $1.445  $0.723        $0.748  $0.340  $0.838
      1: ok, prices of 2026-11-21, price book 2026-11-21, sha256 6ca47af07087baf4…
      2: ok, prices of 2026-11-21, price book 2026-11-21, sha256 5694ff749fc2e8ba…
      3: ok, prices of 2026-11-21, price book 2026-11-21, sha256 6cd290019ad89690…

    Prices
      USD per million tokens   in  out  write 5m  write 1h  read
      1: standard               1    5      1.25         2   0.1
      1: batch                0.5  2.5     0.625         1  0.05
      2: standard               2   10       2.5         4   0.1
      2: batch                  1    5      1.25         2  0.05
      1: claude-haiku-4-5 (priced as claude-haiku-4-5-20251001), since 2025-10-15,
        read 2026-08-21: https://platform.claude.com/docs/en/about-claude/pricing
      2: claude-sonnet-5-5, since 2026-10-07, read 2026-10-08:
        https://platform.claude.com/docs/en/about-claude/pricing

    What it rests on
      prices: list prices of 2026-11-21 [price book; each model's row names its
        source]
      batch-price: as the price book says: half of the standard price for every kind
        of token, unless your own prices differ
        [https://platform.claude.com/docs/en/about-claude/pricing, read 2026-08-21]
      input-tokens: estimated offline by `claude`; low and high are a range, not a
        bound [docs/accuracy.md]
      totals: their ranges take errors of input estimates as shared by all requests
        to 0.548 of their size and independent beyond that; bounds add up in full
        [docs/accuracy.md, Totals]
      output-tokens (plan 1): 120 tokens per reply, at most its `max_tokens`, which
        is the bound [`max_tokens` of each request]
      cache (plan 1, 2): unknown: from one write for each group and wave (low) to
        every marked prefix written (high)
        [https://platform.claude.com/docs/en/build-with-claude/prompt-caching, read
        2026-08-22]
      region: global where a request does not say [--geo]
      batch-limits (plan 1): 256000000 bytes of HTTP body and 120 requests per batch
        [--max-bytes, --max-requests]
      output-tokens (plan 2): unknown: from nothing to the cap `max_tokens`; no
        expectation was given [`max_tokens` of each request]
      batch-limits (plan 2, 3): 256000000 bytes of HTTP body and 100000 requests per
        batch
        [https://platform.claude.com/docs/en/build-with-claude/batch-processing,
        read 2026-08-14]
      output-tokens (plan 3): 200 tokens per reply, at most its `max_tokens`, which
        is the bound [`max_tokens` of each request]
      cache (plan 3): 85% of the marked prefixes are read, the others are written
        [https://platform.claude.com/docs/en/build-with-claude/prompt-caching, read
        2026-08-22]

    Verdict ok; errors 0, warnings 0, notes 1: cache-unmarked 1.
    ");
}

#[test]
fn three_workloads_are_one_page() {
    assert_snapshot!(text(markdown(&three())), @r"
    # What it costs

    **\$0.340 to \$0.838 for 284 requests as batches; \$0.748 with replies of unknown length as long as their \`max\_tokens\`, and prefixes written and none read where nothing is known of the cache&#58; \$0.697 (48.2 %) less than one by one.**

    > Ranges of several plans are added end by end, as if they erred all in one direction.

    | USD | low | stated | high | saved, stated | % |
    |---|--:|--:|--:|--:|--:|
    | standard, one by one | \$0.724 | \$1.445 | \$1.626 |  |  |
    | batch | \$0.362 | \$0.723 | \$0.813 | \$0.723 | 50.0 |
    | batch with caching | \$0.340 | \$0.748 | \$0.838 | \$0.697 | 48.2 |

    standard, one by one; batch: not the likely cost, but stated with replies of unknown length as long as their \`max\_tokens\`.

    batch with caching: not the likely cost, but stated with replies of unknown length as long as their \`max\_tokens\`, and prefixes written and none read where nothing is known of the cache.

    ## What the cache may do

    | what the cache does | low | likely | high | longest replies |
    |---|--:|---|--:|--:|
    | none | \$0.362 | \- | \$0.813 | \$0.813 |
    | cold | \$0.388 | \- | \$0.838 | \$0.838 |
    | 30% | \$0.373 | \- | \$0.824 | \$0.823 |
    | best | \$0.340 | \- | \$0.791 | \$0.790 |
    | primed | \$0.340 | \- | \$0.791 | \$0.790 |

    - none&#58; no caching&#58; breakpoints are ignored, or there are none
    - cold&#58; nothing is found&#58; every request writes all that it marks
    - 30%&#58; 30% of the requests read all that they mark, the others write it
    - best&#58; one request of each group and wave writes, its reply begins before the others are looked at, and they read
    - primed&#58; one request of each group goes ahead in a batch of its own and writes for an hour; when that has ended, the others read

    ## By model

    Low and high are with caching.

    | model | requests | standard | batch | with caching | low | high |
    |---|--:|--:|--:|--:|--:|--:|
    | claude-haiku-4-5 | 200 | \$0.343 | \$0.172 | \$0.171 | \$0.111 | \$0.262 |
    | claude-sonnet-5-5 | 84 | \$1.102 | \$0.551 | \$0.577 | \$0.229 | \$0.577 |
    | total | 284 | \$1.445 | \$0.723 | \$0.748 | \$0.340 | \$0.838 |

    ## By kind of token

    | kind of token | tokens | standard | batch | cached tokens | with caching |
    |---|--:|--:|--:|--:|--:|
    | input | 474,033 | \$0.725 | \$0.363 | 448,521 | \$0.337 |
    | cache\_write\_1h | 0 | \$0.000 | \$0.000 | 25,512 | \$0.051 |
    | output | 84,000 | \$0.720 | \$0.360 | 84,000 | \$0.360 |
    | total |  | \$1.445 | \$0.723 |  | \$0.748 |

    ## By batch

    | plan | batch | requests | unpriced | body bytes | standard | batch | with caching | low | high | up to |
    |--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|
    | 1 | 0 | 120 | 0 | 245,076 | \$0.206 | \$0.103 | \$0.103 | \$0.067 | \$0.157 | \$0.158 |
    | 1 | 1 | 80 | 0 | 163,082 | \$0.137 | \$0.069 | \$0.069 | \$0.045 | \$0.105 | \$0.105 |
    | 2 | 0 | 24 | 0 | 429,446 | \$0.785 | \$0.393 | \$0.418 | \$0.131 | \$0.418 | \$0.419 |
    | 3 | 0 | 60 | 0 | 315,762 | \$0.317 | \$0.158 | \$0.158 | \$0.098 | \$0.158 | \$0.159 |
    | total |  | 284 | 0 | 1,153,366 | \$1.445 | \$0.723 | \$0.748 | \$0.340 | \$0.838 | \$0.839 |

    ## By tag month

    Low and high are with caching.

    | value | requests | standard | batch | with caching | low | high |
    |--:|--:|--:|--:|--:|--:|--:|
    | 2026-11 | 284 | \$1.445 | \$0.723 | \$0.748 | \$0.340 | \$0.838 |

    ## By tag team

    Low and high are with caching.

    | value | requests | standard | batch | with caching | low | high |
    |---|--:|--:|--:|--:|--:|--:|
    | legal | 24 | \$0.785 | \$0.393 | \$0.418 | \$0.131 | \$0.418 |
    | search | 60 | \$0.317 | \$0.158 | \$0.158 | \$0.098 | \$0.158 |
    | support | 200 | \$0.343 | \$0.172 | \$0.172 | \$0.111 | \$0.262 |
    | total | 284 | \$1.445 | \$0.723 | \$0.748 | \$0.340 | \$0.838 |

    ## Plans

    Low and high are with caching.

    | plan | file | verdict | prices of | price book | requests | standard | batch | with caching | low | high |
    |--:|---|---|--:|--:|--:|--:|--:|--:|--:|--:|
    | 1 | support.json | ok | 2026-11-21 | 2026-11-21 | 200 | \$0.343 | \$0.172 | \$0.172 | \$0.111 | \$0.262 |
    | 2 | legal.json | ok | 2026-11-21 | 2026-11-21 | 24 | \$0.785 | \$0.393 | \$0.418 | \$0.131 | \$0.418 |
    | 3 | search.json | ok | 2026-11-21 | 2026-11-21 | 60 | \$0.317 | \$0.158 | \$0.158 | \$0.098 | \$0.158 |
    | total |  |  |  |  | 284 | \$1.445 | \$0.723 | \$0.748 | \$0.340 | \$0.838 |

    ## Prices

    | model and source | USD per million tokens | in | out | write 5m | write 1h | read |
    |---|---|--:|--:|--:|--:|--:|
    | claude-haiku-4-5 (priced as claude-haiku-4-5-20251001), since 2025-10-15, read 2026-08-21&#58; https&#58;//platform.claude.com/docs/en/about-claude/pricing | standard | 1 | 5 | 1.25 | 2 | 0.1 |
    | claude-haiku-4-5 (priced as claude-haiku-4-5-20251001), since 2025-10-15, read 2026-08-21&#58; https&#58;//platform.claude.com/docs/en/about-claude/pricing | batch | 0.5 | 2.5 | 0.625 | 1 | 0.05 |
    | claude-sonnet-5-5, since 2026-10-07, read 2026-10-08&#58; https&#58;//platform.claude.com/docs/en/about-claude/pricing | standard | 2 | 10 | 2.5 | 4 | 0.1 |
    | claude-sonnet-5-5, since 2026-10-07, read 2026-10-08&#58; https&#58;//platform.claude.com/docs/en/about-claude/pricing | batch | 1 | 5 | 1.25 | 2 | 0.05 |

    ## What it rests on

    | about | assumed | because | plans |
    |---|---|---|--:|
    | prices | list prices of 2026-11-21 | price book; each model's row names its source | 1, 2, 3 |
    | batch-price | as the price book says&#58; half of the standard price for every kind of token, unless your own prices differ | https&#58;//platform.claude.com/docs/en/about-claude/pricing, read 2026-08-21 | 1, 2, 3 |
    | input-tokens | estimated offline by \`claude\`; low and high are a range, not a bound | docs/accuracy.md | 1, 2, 3 |
    | totals | their ranges take errors of input estimates as shared by all requests to 0.548 of their size and independent beyond that; bounds add up in full | docs/accuracy.md, Totals | 1, 2, 3 |
    | output-tokens | 120 tokens per reply, at most its \`max\_tokens\`, which is the bound | \`max\_tokens\` of each request | 1 |
    | cache | unknown&#58; from one write for each group and wave (low) to every marked prefix written (high) | https&#58;//platform.claude.com/docs/en/build-with-claude/prompt-caching, read 2026-08-22 | 1, 2 |
    | region | global where a request does not say | --geo | 1, 2, 3 |
    | batch-limits | 256000000 bytes of HTTP body and 120 requests per batch | --max-bytes, --max-requests | 1 |
    | output-tokens | unknown&#58; from nothing to the cap \`max\_tokens\`; no expectation was given | \`max\_tokens\` of each request | 2 |
    | batch-limits | 256000000 bytes of HTTP body and 100000 requests per batch | https&#58;//platform.claude.com/docs/en/build-with-claude/batch-processing, read 2026-08-14 | 2, 3 |
    | output-tokens | 200 tokens per reply, at most its \`max\_tokens\`, which is the bound | \`max\_tokens\` of each request | 3 |
    | cache | 85% of the marked prefixes are read, the others are written | https&#58;//platform.claude.com/docs/en/build-with-claude/prompt-caching, read 2026-08-22 | 3 |

    ## Verdict: ok

    errors 0, warnings 0, notes 1.

    - cache-unmarked: 1
    ");
}

#[test]
fn one_likely_plan_has_a_short_answer() {
    let statement = statement(&[("support.json", SUPPORT)]).unwrap();
    assert_snapshot!(statement.headline, @"$0.171 likely ($0.111 to $0.262) for 200 requests as batches: $0.171 (50.0 %) less than one by one.");
    assert_snapshot!(statement.caveats.join("\n"), @"");
}

/// Of charges with all prices, the same tokens one by one cost what standard does, scenario by scenario.
#[test]
fn the_counterfactual_of_each_scenario_is_the_standard_cost() {
    let statement = three();
    for scenario in Scenario::ALL {
        let of_it = statement.charges.iter().filter(|charge| charge.scenario == scenario);
        let standard: Usd = of_it.map(|charge| charge.standard_cost_usd).sum();
        assert_eq!(standard, statement.scenarios[0].cost.stated);
    }
}

#[test]
fn rows_are_tidy() {
    assert_snapshot!(text(csv(&statement(&[("search.json", SEARCH)]).unwrap())), @"
    scenario,model,token_kind,quantity,unit,unit_price_usd,cost_usd,plan,batch,geo,prompt_tokens_over,tags,unpriced_requests,basis
    standard,claude-sonnet-5-5,input,98331,token,0.000002,0.196662,search.json,0,global,,month=2026-11;team=search,,likely
    standard,claude-sonnet-5-5,output,12000,token,0.00001,0.12,search.json,0,global,,month=2026-11;team=search,,likely
    batch,claude-sonnet-5-5,input,98331,token,0.000001,0.098331,search.json,0,global,,month=2026-11;team=search,,likely
    batch,claude-sonnet-5-5,output,12000,token,0.000005,0.06,search.json,0,global,,month=2026-11;team=search,,likely
    batch_cached,claude-sonnet-5-5,input,98331,token,0.000001,0.098331,search.json,0,global,,month=2026-11;team=search,,likely
    batch_cached,claude-sonnet-5-5,output,12000,token,0.000005,0.06,search.json,0,global,,month=2026-11;team=search,,likely
    ");
}

#[test]
fn a_plan_of_an_older_version_has_totals() {
    let older = older(LEGAL);
    let statement = statement(&[("older.json", &older)]).unwrap();
    assert_snapshot!(statement.headline, @"$0.131 to $0.418 for 24 requests as batches; $0.418 with the high ends of an older plan, which tells no more: $0.367 (46.7 %) less than one by one.");
    assert_snapshot!(text(csv(&statement)), @"
    scenario,model,token_kind,quantity,unit,unit_price_usd,cost_usd,plan,batch,geo,prompt_tokens_over,tags,unpriced_requests,basis
    standard,,all,,,,0.785746324,older.json,,,,month=2026-11;team=legal,,high-end
    batch,,all,,,,0.392873162,older.json,,,,month=2026-11;team=legal,,high-end
    batch_cached,,all,,,,0.418426074,older.json,,,,month=2026-11;team=legal,,high-end
    ");
    assert_snapshot!(focus(&statement).unwrap_err().to_string(), @"older.json is an older plan that does not tell its tokens by kind: make it again");
}

/// One that knows what is likely one by one but not with caching: like is compared with like.
#[test]
fn a_plan_of_an_older_version_saves_what_it_says_itself() {
    let mut plan = Plan::read(older(SEARCH).as_bytes()).unwrap();
    let quote = plan.quote.as_mut().unwrap();
    quote.batch_cached = Estimate::between(quote.batch.low(), quote.batch.high());
    plan.savings = Some(quote.savings());
    let part = PlanPart { name: "older.json", sha256: Fingerprint::of(b"plan"), plan: &plan };
    let statement = Statement::of(&[part]).unwrap();
    for row in &statement.scenarios {
        assert_eq!((row.cost.stated, row.basis.len()), (row.cost.range.high(), 1), "{row:?}");
    }
    let saved = statement.scenarios[2].saved.as_ref().unwrap();
    let told = plan.savings.unwrap().batch_cached;
    assert_eq!((saved.stated, &saved.percent), (told.high, &told.percent_high));
}

#[test]
fn what_is_no_bound_says_so() {
    let mut plan = Plan::read(SUPPORT.as_bytes()).unwrap();
    plan.batches[1].unbounded_requests = 3;
    let part = PlanPart { name: "plan.json", sha256: Fingerprint::of(b"plan"), plan: &plan };
    let table = text(table(&Statement::of(&[part]).unwrap(), 100));
    let batches = table.split("By batch\n").nth(1).unwrap().split("\n\n").next().unwrap();
    assert_snapshot!(batches, @"
    batch  requests  body bytes   batch  with caching            up to
    0           120     245,076  $0.103        $0.103           $0.158
    1            80     163,082  $0.068        $0.068  $0.105 and more
    total       200     408,158  $0.171        $0.171  $0.262 and more
    ");
}

#[test]
fn what_is_left_out_is_not_unpriced() {
    let mut plan = Plan::read(SUPPORT.as_bytes()).unwrap();
    (plan.requests, plan.left_out_lines, plan.quote, plan.savings) = (0, 9, None, None);
    (plan.models, plan.batches, plan.cache, plan.what_if) = (Vec::new(), Vec::new(), None, None);
    plan.verdict = Verdict::Refused;
    let part = PlanPart { name: "plan.json", sha256: Fingerprint::of(b"plan"), plan: &plan };
    let statement = Statement::of(&[part]).unwrap();
    let table = text(table(&statement, 80));
    assert_snapshot!(table.split("\nPrices").next().unwrap().split("  1: ref").next().unwrap(), @"
    Nothing is sent, as every line is left out.
    Verdict refused: what was found is at the end.
    9 lines are in no batch and in no amount.

    By tag month; low and high are with caching
      month    requests  standard  batch  with caching  low  high
      2026-11         0         -      -             -    -     -

    By tag team; low and high are with caching
      team     requests  standard  batch  with caching  low  high
      support         0         -      -             -    -     -

    Plans; low and high are with caching
      plan          requests  standard  batch  with caching  low  high
      1: plan.json         0         -      -             -    -     -
    ");
    assert_snapshot!(focus(&statement).unwrap_err().to_string(), @"no request is in a batch, so there is nothing to charge");
}

#[test]
fn what_has_no_price_is_no_amount() {
    let nothing = changed(
        &older(SUPPORT),
        &[
            ("/quote", Value::Null),
            ("/savings", Value::Null),
            ("/unpriced_requests", json!(200)),
            ("/models/0/quote", Value::Null),
            ("/models/0/unpriced_requests", json!(200)),
            ("/models/0/unpriced_because", json!("no price is known for `x`")),
            ("/models/0/rates", json!([])),
            ("/batches/0/quote", Value::Null),
            ("/batches/0/unpriced_requests", json!(120)),
            ("/batches/1/quote", Value::Null),
            ("/batches/1/unpriced_requests", json!(80)),
            ("/cache", Value::Null),
        ],
    );
    let alone = statement(&[("nothing.json", &nothing)]).unwrap();
    assert_snapshot!(alone.headline, @"Nobody knows what it costs: not one of 200 requests has a price.");
    assert_snapshot!(alone.caveats.join("\n"), @"200 of 200 requests have no price and are in no amount.");
    assert_snapshot!(text(csv(&alone)), @"
    scenario,model,token_kind,quantity,unit,unit_price_usd,cost_usd,plan,batch,geo,prompt_tokens_over,tags,unpriced_requests,basis
    standard,,unpriced,,,,,nothing.json,,,,month=2026-11;team=support,200,
    batch,,unpriced,,,,,nothing.json,,,,month=2026-11;team=support,200,
    batch_cached,,unpriced,,,,,nothing.json,,,,month=2026-11;team=support,200,
    ");
    let shown = text(table(&alone, 80)) + &text(markdown(&alone));
    assert!(!shown.contains("$0"), "{shown}");
    assert_snapshot!(focus(&alone).unwrap_err().to_string(), @"not one request of nothing.json has a price, so nothing can be charged for it");

    let beside = statement(&[("nothing.json", &nothing), ("search.json", SEARCH)]).unwrap();
    assert_snapshot!(beside.headline, @"$0.1583 likely ($0.0982 to $0.1584) for 60 requests as batches: $0.1583 (50.0 %) less than one by one.");
    assert_snapshot!(beside.caveats.join("\n"), @"
    200 of 260 requests have no price and are in no amount.
    Ranges of several plans are added end by end, as if they erred all in one direction.
    ");
}

#[test]
fn names_of_users_are_only_text() {
    let hostile = "=HYPERLINK(\"http://x\")\u{1b}[31m|<b>";
    let plan = changed(SEARCH, &[("/tags/team", json!(hostile)), ("/models/0/model", json!(hostile))]);
    let plan = plan.replace(
        "\"model\":\"claude-sonnet-5-5\"",
        &json!({ "model": hostile }).to_string().replace(['{', '}'], ""),
    );
    let statement = statement(&[("-2+3.json", &plan)]).unwrap();
    let rows = text(csv(&statement));
    assert_snapshot!(rows.lines().nth(1).unwrap(), @r#"standard,"'=HYPERLINK(""http://x"")␛[31m|<b>",input,98331,token,0.000002,0.196662,'-2+3.json,0,global,,"month=2026-11;team==HYPERLINK(""http://x"")␛[31m|<b>",,likely"#);
    let page = text(markdown(&statement));
    assert!(!page.contains("<b>") && !page.contains('\u{1b}'), "{page}");
    assert!(!text(table(&statement, 80)).contains('\u{1b}'));
}

#[test]
fn what_cannot_be_added_up_is_refused() {
    let twice = statement(&[("a.json", SUPPORT), ("b.json", SUPPORT)]).unwrap_err();
    assert_snapshot!(twice, @"b.json is the same plan as a.json: each of its requests would count twice");
    let day = changed(SEARCH, &[("/priced_on", json!("2026-02-31"))]);
    let no_day = focus(&statement(&[("a.json", &day)]).unwrap()).unwrap_err().to_string();
    assert_snapshot!(no_day, @"a.json is priced on 2026-02-31, which is no day: make it again");
    let long = changed(
        LEGAL,
        &[
            ("/models/0/quote/standard/low", json!("0.0000000000000000000000000001")),
            ("/models/0/quote/standard/high", json!("1000")),
        ],
    );
    assert_snapshot!(statement(&[("long.json", &long)]).unwrap_err(), @"the numbers of long.json have too many digits to add up exactly");
}

#[test]
fn an_input_in_two_plans_is_told() {
    let other = changed(SUPPORT, &[("/tags/team", json!("other"))]);
    let statement = statement(&[("a.json", SUPPORT), ("b.json", &other)]).unwrap();
    assert_snapshot!(statement.caveats.join("\n"), @"
    In several plans: tickets.jsonl; its requests count as often.
    Ranges of several plans are added end by end, as if they erred all in one direction.
    ");
}
