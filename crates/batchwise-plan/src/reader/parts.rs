//! From the fields of the file to the parts of a plan. Each function reads the struct it is named after.

use std::borrow::Cow;
use std::collections::BTreeMap;

use batchwise_units::{Bytes, Rate};

use super::kinds::{
    cost, day, estimate, expected_tokens, fingerprint, index, percent, rate, text, tokens, usd, verdict,
};
use super::{Field, PlanReadError};
use crate::{
    Assumption, Batch, CacheAnalysis, CacheGroup, CacheScenarioCost, Cap, Consumption, Findings, Fingerprint,
    Input, LeftOut, Limits, ModelLine, Plan, PriceBookReference, PromptTokens, Quote, RatesUsed, SCHEMA,
    Saving, Savings, Slice, TokenTotals, UsageLine, Wave, WhatIf, WhatIfLine,
};

type Read<T> = Result<T, PlanReadError>;

const MODES: [&str; 2] = ["standard", "batch"];
const KINDS: [&str; 5] = ["input", "output", "cache_write_5m", "cache_write_1h", "cache_read"];

pub(super) fn plan(file: &Field<'_>) -> Read<Plan> {
    Ok(Plan {
        schema: SCHEMA,
        verdict: verdict(&file.get("verdict")?)?,
        priced_on: day(&file.get("priced_on")?)?,
        price_book: price_book(&file.get("price_book")?)?,
        tags: file.find("tags")?.map(|tags| texts(&tags)).transpose()?.unwrap_or_default(),
        api_version: file.find("api_version")?.map(|name| name.unless_null(text)).transpose()?.flatten(),
        betas: file.find("betas")?.map(|betas| betas.list(text)).transpose()?.unwrap_or_default(),
        inputs: file.get("inputs")?.list(input)?,
        requests: file.get("requests")?.count()?,
        unpriced_requests: file.get("unpriced_requests")?.count()?,
        unbounded_requests: file.get("unbounded_requests")?.count()?,
        left_out_lines: file.get("left_out_lines")?.count()?,
        tokens: token_totals(&file.get("tokens")?)?,
        quote: file.get("quote")?.unless_null(quote)?,
        savings: file.get("savings")?.unless_null(savings)?,
        models: file.get("models")?.list(model_line)?,
        limits: limits(&file.get("limits")?)?,
        batches: file.get("batches")?.list(batch)?,
        waves: file.find("waves")?.map(|waves| waves.list(wave)).transpose()?.unwrap_or_default(),
        cache: file.find("cache")?.map(|cache| cache.unless_null(cache_analysis)).transpose()?.flatten(),
        what_if: file.find("what_if")?.map(|what_if| self::what_if(&what_if)).transpose()?,
        left_out: file.get("left_out")?.list(left_out)?,
        assumptions: file.get("assumptions")?.list(assumption)?,
        findings: findings(&file.get("findings")?)?,
    })
}

fn price_book(book: &Field<'_>) -> Read<PriceBookReference> {
    let sha256: Fingerprint = fingerprint(&book.get("sha256")?)?;
    Ok(PriceBookReference {
        version: text(&book.get("version")?)?,
        sha256: sha256.to_string(),
        overlays: book.get("overlays")?.list(text)?,
    })
}

fn input(input: &Field<'_>) -> Read<Input> {
    Ok(Input {
        path: text(&input.get("path")?)?,
        bytes: input.get("bytes")?.count()?,
        sha256: fingerprint(&input.get("sha256")?)?,
        requests: input.get("requests")?.count()?,
    })
}

fn token_totals(totals: &Field<'_>) -> Read<TokenTotals> {
    Ok(TokenTotals {
        input: estimate(&totals.get("input")?, tokens)?,
        cache_marked: estimate(&totals.get("cache_marked")?, tokens)?,
        output: estimate(&totals.get("output")?, tokens)?,
    })
}

fn quote(quote: &Field<'_>) -> Read<Quote> {
    Ok(Quote {
        standard: estimate(&quote.get("standard")?, cost)?,
        batch: estimate(&quote.get("batch")?, cost)?,
        batch_cached: estimate(&quote.get("batch_cached")?, cost)?,
        batch_bound: cost(&quote.get("batch_bound")?)?,
    })
}

fn savings(savings: &Field<'_>) -> Read<Savings> {
    Ok(Savings {
        batch: saving(&savings.get("batch")?)?,
        batch_cached: saving(&savings.get("batch_cached")?)?,
    })
}

fn saving(saving: &Field<'_>) -> Read<Saving> {
    Ok(Saving {
        low: usd(&saving.get("low")?)?,
        likely: saving.get("likely")?.unless_null(usd)?,
        high: usd(&saving.get("high")?)?,
        percent_high: saving.get("percent_high")?.unless_null(percent)?,
        percent_likely: saving.get("percent_likely")?.unless_null(percent)?,
    })
}

fn model_line(line: &Field<'_>) -> Read<ModelLine> {
    Ok(ModelLine {
        model: text(&line.get("model")?)?,
        priced_as: line.get("priced_as")?.unless_null(text)?,
        unpriced_because: line.get("unpriced_because")?.unless_null(text)?,
        requests: line.get("requests")?.count()?,
        unpriced_requests: line.get("unpriced_requests")?.count()?,
        tokens: token_totals(&line.get("tokens")?)?,
        quote: line.get("quote")?.unless_null(quote)?,
        rates: line.get("rates")?.list(rates_used)?,
    })
}

fn rates_used(rates: &Field<'_>) -> Read<RatesUsed> {
    let prices = rates.get("usd_per_mtok")?;
    let by_mode = |mode: &str| Ok((mode.to_owned(), rates_by_kind(&prices.get(mode)?)?));
    Ok(RatesUsed {
        prompt_tokens_over: rates.get("prompt_tokens_over")?.unless_null(tokens)?,
        geo: text(&rates.get("geo")?)?.into(),
        usd_per_mtok: MODES.into_iter().map(by_mode).collect::<Read<_>>()?,
        since: day(&rates.get("since")?)?,
        source: text(&rates.get("source")?)?,
        checked: rates.get("checked")?.unless_null(day)?,
    })
}

fn rates_by_kind(rates: &Field<'_>) -> Read<BTreeMap<String, Rate>> {
    KINDS.into_iter().map(|kind| Ok((kind.to_owned(), rate(&rates.get(kind)?)?))).collect()
}

fn limits(limits: &Field<'_>) -> Read<Limits> {
    Ok(Limits {
        requests_max: limits.get("requests_max")?.count()?,
        body_bytes_max: Bytes(limits.get("body_bytes_max")?.count()?),
        usd_max: limits.get("usd_max")?.unless_null(cost)?,
    })
}

fn batch(batch: &Field<'_>) -> Read<Batch> {
    Ok(Batch {
        index: index(&batch.get("index")?)?,
        wave: index(&batch.get("wave")?)?,
        requests: batch.get("requests")?.count()?,
        unpriced_requests: batch.get("unpriced_requests")?.count()?,
        unbounded_requests: batch.get("unbounded_requests")?.count()?,
        body_bytes: Bytes(batch.get("body_bytes")?.count()?),
        body_sha256: fingerprint(&batch.get("body_sha256")?)?,
        slices: batch.get("slices")?.list(slice)?,
        tokens: token_totals(&batch.get("tokens")?)?,
        quote: batch.get("quote")?.unless_null(quote)?,
        usage: batch.find("usage")?.map(|usage| usage.list(usage_line)).transpose()?,
    })
}

fn usage_line(line: &Field<'_>) -> Read<UsageLine> {
    Ok(UsageLine {
        model: text(&line.get("model")?)?,
        geo: text(&line.get("geo")?)?.into(),
        prompt_tokens_over: line.get("prompt_tokens_over")?.unless_null(tokens)?,
        requests: line.get("requests")?.count()?,
        uncached: consumption(&line.get("uncached")?)?,
        cached: consumption(&line.get("cached")?)?,
    })
}

fn consumption(kinds: &Field<'_>) -> Read<Consumption> {
    let kind = |(name, count): (&str, Field<'_>)| Ok((Cow::Owned(name.to_owned()), expected_tokens(&count)?));
    kinds.members()?.map(kind).collect()
}

fn what_if(what_if: &Field<'_>) -> Read<WhatIf> {
    Ok(WhatIf {
        output_tokens: what_if.get("output_tokens")?.unless_null(text)?,
        cache: text(&what_if.get("cache")?)?,
        lines: what_if.get("lines")?.list(what_if_line)?,
    })
}

fn what_if_line(line: &Field<'_>) -> Read<WhatIfLine> {
    Ok(WhatIfLine {
        model: text(&line.get("model")?)?,
        geo: text(&line.get("geo")?)?.into(),
        prompt_tokens_over: line.get("prompt_tokens_over")?.unless_null(tokens)?,
        requests: line.get("requests")?.count()?,
        caps: line.get("caps")?.unless_null(|caps| caps.list(cap))?,
        cold: prompt_tokens(&line.get("cold")?)?,
        warm: prompt_tokens(&line.get("warm")?)?,
    })
}

fn cap(cap: &Field<'_>) -> Read<Cap> {
    Ok(Cap { max_tokens: tokens(&cap.get("max_tokens")?)?, requests: cap.get("requests")?.count()? })
}

fn prompt_tokens(kinds: &Field<'_>) -> Read<PromptTokens> {
    let kind = |(name, count): (&str, Field<'_>)| Ok((Cow::Owned(name.to_owned()), tokens(&count)?));
    kinds.members()?.map(kind).collect()
}

fn texts(members: &Field<'_>) -> Read<BTreeMap<String, String>> {
    members.members()?.map(|(key, value)| Ok((key.to_owned(), text(&value)?))).collect()
}

fn slice(slice: &Field<'_>) -> Read<Slice> {
    Ok(Slice {
        input: index(&slice.get("input")?)?,
        first_line: slice.get("first_line")?.count()?,
        start: slice.get("start")?.count()?,
        end: slice.get("end")?.count()?,
    })
}

fn wave(wave: &Field<'_>) -> Read<Wave> {
    Ok(Wave {
        wave: index(&wave.get("wave")?)?,
        batches: wave.get("batches")?.count()?,
        requests: wave.get("requests")?.count()?,
        waits_for: text(&wave.get("waits_for")?)?.into(),
    })
}

fn cache_analysis(cache: &Field<'_>) -> Read<CacheAnalysis> {
    let scenarios = cache.get("scenarios")?;
    let scenario = |(name, cost): (&str, Field<'_>)| Ok((Cow::Owned(name.to_owned()), scenario_cost(&cost)?));
    Ok(CacheAnalysis {
        groups: cache.get("groups")?.list(cache_group)?,
        groups_total: cache.get("groups_total")?.count()?,
        groups_forgotten: cache.get("groups_forgotten")?.flag()?,
        marked_requests: cache.get("marked_requests")?.count()?,
        scenarios: scenarios.members()?.map(scenario).collect::<Read<_>>()?,
        break_even_hit_rate: cache.get("break_even_hit_rate")?.unless_null(text)?,
        break_even_group_size: cache.get("break_even_group_size")?.unless_null(|size| size.count())?,
        primers: cache.get("primers")?.count()?,
        likely: text(&cache.get("likely")?)?,
        advice: text(&cache.get("advice")?)?,
    })
}

fn cache_group(group: &Field<'_>) -> Read<CacheGroup> {
    Ok(CacheGroup {
        model: text(&group.get("model")?)?,
        prefix_tokens: estimate(&group.get("prefix_tokens")?, tokens)?,
        members: group.get("members")?.count()?,
        ttl: group.get("ttl")?.unless_null(text)?.map(Cow::Owned),
        marked: group.get("marked")?.flag()?,
        users: group.get("users")?.count()?,
        cacheable: group.get("cacheable")?.flag()?,
        minimum_tokens: group.get("minimum_tokens")?.unless_null(tokens)?,
        batches: group.get("batches")?.count()?,
        waves: group.get("waves")?.count()?,
        input: index(&group.get("input")?)?,
        first_line: group.get("first_line")?.count()?,
        field: text(&group.get("field")?)?,
        complete: group.get("complete")?.flag()?,
    })
}

fn scenario_cost(cost_of: &Field<'_>) -> Read<CacheScenarioCost> {
    Ok(CacheScenarioCost {
        batch: cost_of.get("batch")?.unless_null(cost)?,
        range: estimate(&cost_of.get("range")?, cost)?,
        meaning: text(&cost_of.get("meaning")?)?.into(),
    })
}

fn left_out(left_out: &Field<'_>) -> Read<LeftOut> {
    Ok(LeftOut {
        input: index(&left_out.get("input")?)?,
        first_line: left_out.get("first_line")?.count()?,
        lines: left_out.get("lines")?.count()?,
        start: left_out.get("start")?.count()?,
        end: left_out.get("end")?.count()?,
        rule: text(&left_out.get("rule")?)?.into(),
    })
}

fn assumption(assumption: &Field<'_>) -> Read<Assumption> {
    Ok(Assumption {
        key: text(&assumption.get("key")?)?,
        value: text(&assumption.get("value")?)?,
        source: text(&assumption.get("source")?)?,
    })
}

fn findings(findings: &Field<'_>) -> Read<Findings> {
    let rules = findings.get("rules")?;
    let count = |(rule, count): (&str, Field<'_>)| Ok((Cow::Owned(rule.to_owned()), count.count()?));
    Ok(Findings {
        error: findings.get("error")?.count()?,
        warning: findings.get("warning")?.count()?,
        note: findings.get("note")?.count()?,
        rules: rules.members()?.map(count).collect::<Read<_>>()?,
    })
}
