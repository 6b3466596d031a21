//<![CDATA[
'use strict';
// Tells the stated costs for other terms by the planner's rules. All amounts are whole numbers of the smallest unit that
// tokens (four decimals) times prices per million tokens can make, so nothing is rounded before it is shown.
(() => {
  const data = JSON.parse(document.getElementById('calculator-data').textContent);
  const element = (id) => document.getElementById(id);
  const SCENARIOS = ['standard', 'batch', 'batch_cached'];
  const TOKEN_PLACES = 4;
  const WHOLE = 10n ** BigInt(TOKEN_PLACES);
  const PLACES = TOKEN_PLACES + data.rate_places + 6;

  // A decimal text as a whole number of units of its last place.
  const units = (text, places) => {
    const [whole, part = ''] = text.split('.');
    return BigInt(whole + part.padEnd(places, '0'));
  };
  const entries = (kinds, places) => Object.entries(kinds).map(([kind, text]) => [kind, units(text, places)]);
  const byKind = (kinds, places) => new Map(entries(kinds, places));
  const rows = data.rows.map((row) => ({
    rates: { standard: byKind(row.standard, data.rate_places), batch: byKind(row.batch, data.rate_places) },
    uncached: byKind(row.uncached, TOKEN_PLACES),
    cached: byKind(row.cached, TOKEN_PLACES),
    caps: row.caps.map(([cap, requests]) => [BigInt(cap), BigInt(requests)]),
    cold: byKind(row.cold, 0),
    warm: byKind(row.warm, 0),
  }));

  // The tokens of a row in a scenario, in units of four decimals. What is not chosen is as planned.
  const tokens = (row, scenario, terms) => {
    const planned = scenario === 'batch_cached' ? row.cached : row.uncached;
    let used = new Map(planned);
    if (scenario === 'batch_cached' && terms.hits !== null) {
      used = new Map([['output', planned.get('output') ?? 0n]]);
      const share = (prompt, hits) => {
        for (const [kind, count] of prompt) used.set(kind, (used.get(kind) ?? 0n) + count * hits);
      };
      share(row.warm, terms.hits);
      share(row.cold, WHOLE - terms.hits);
    }
    if (terms.reply !== null) {
      const reply = ([cap, requests]) => (cap < terms.reply ? cap : terms.reply) * requests;
      used.set('output', row.caps.map(reply).reduce((sum, more) => sum + more, 0n) * WHOLE);
    }
    return used;
  };

  // What a scenario costs by kind of token.
  const costs = (scenario, terms) => {
    const sums = new Map();
    for (const row of rows) {
      const rates = row.rates[scenario === 'standard' ? 'standard' : 'batch'];
      for (const [kind, count] of tokens(row, scenario, terms)) {
        sums.set(kind, (sums.get(kind) ?? 0n) + count * rates.get(kind) * terms.times);
      }
    }
    return sums;
  };
  const total = (sums) => [...sums.values()].reduce((sum, more) => sum + more, 0n);

  // Amounts as everywhere in the report: rounded once, half away from zero.
  const unit = 10n ** BigInt(PLACES - data.places);
  const absolute = (amount) => (amount < 0n ? -amount : amount);
  const rounded = (amount) => {
    const size = (2n * absolute(amount) + unit) / (2n * unit);
    return amount < 0n ? -size : size;
  };
  // Lines of a table, so that they add up to the rounded total: the largest remainders get what is missing.
  const apportioned = (amounts) => {
    const floors = amounts.map((amount) => amount / unit);
    let missing = rounded(amounts.reduce((sum, more) => sum + more, 0n)) - floors.reduce((sum, more) => sum + more, 0n);
    const order = amounts.map((amount, index) => [amount % unit, index]);
    order.sort(([one, first], [other, second]) => (one === other ? first - second : one < other ? 1 : -1));
    for (const [, index] of order) {
      if (missing <= 0n) break;
      floors[index] += 1n;
      missing -= 1n;
    }
    return floors;
  };
  const grouped = (digits) => digits.replace(/\B(?=(\d{3})+$)/g, ',');
  const decimal = (size, places) => {
    const digits = size.toString().padStart(places + 1, '0');
    return [digits.slice(0, digits.length - places), digits.slice(digits.length - places)];
  };
  const dollars = (cents) => {
    const [whole, part] = decimal(absolute(cents), data.places);
    return `${cents < 0n ? '-' : ''}$${grouped(whole)}.${part}`;
  };
  // What is something never looks like nothing.
  const shown = (cents, exact) => {
    if (cents !== 0n || exact === 0n) return dollars(cents);
    return `${exact < 0n ? '-' : ''}<$0.${'1'.padStart(data.places, '0')}`;
  };
  const percent = (part, whole) => {
    if (whole === 0n) return '-';
    const tenths = (2000n * absolute(part) + whole) / (2n * whole);
    if (tenths === 0n && part !== 0n) return `${part < 0n ? '-' : ''}<0.1`;
    return `${part < 0n ? '-' : ''}${tenths / 10n}.${tenths % 10n}`;
  };
  const exactly = (amount) => {
    const [whole, part] = decimal(absolute(amount), PLACES);
    const decimals = part.replace(/0+$/, '');
    return `${amount < 0n ? '-' : ''}${whole}${decimals === '' ? '' : `.${decimals}`}`;
  };

  // What is chosen: null is as planned; not a number at all is undefined.
  const number = (text, places) => {
    const [whole, part = ''] = text.split('.');
    if (!/^\d{1,10}(\.\d*)?$/.test(text) || part.length > places) return undefined;
    return units(`${whole}.${part}`, places);
  };
  const chosen = (id, places) => {
    const field = element(`${id}-number`);
    if (field === null || (field.value === '' && !field.validity.badInput)) return null;
    const value = number(field.value, places);
    return value === undefined || !field.validity.valid ? undefined : value;
  };
  const read = () => ({
    reply: chosen('reply', 0),
    // A percentage with two decimals is a share with four.
    hits: chosen('hits', 2),
    times: chosen('times', 0),
  });

  const put = (cell, text, exact) => {
    cell.textContent = text;
    if (exact === undefined) cell.removeAttribute('data-exact');
    else cell.setAttribute('data-exact', exact);
  };
  const state = (id, value, words) => {
    const output = element(`${id}-state`);
    if (output === null) return;
    if (value === undefined) output.textContent = 'Not a number that can be chosen: nothing is calculated.';
    else output.textContent = value === null ? `As planned: ${output.dataset.planned}` : words(value);
  };
  const hitWords = (hits) => {
    const [whole, part] = decimal(hits, 2);
    const decimals = part.replace(/0+$/, '');
    return `${whole}${decimals === '' ? '' : `.${decimals}`}%`;
  };

  const show = () => {
    const terms = read();
    const times = terms.times === null ? 1n : terms.times;
    state('reply', terms.reply, (reply) => `${grouped(reply.toString())} tokens, at most each max_tokens`);
    state('hits', terms.hits, (hits) => `${hitWords(hits)} of marked prefixes read, the others written`);
    state('times', terms.times, (times) => `${grouped((times * BigInt(data.requests)).toString())} requests`);
    const valid = terms.reply !== undefined && terms.hits !== undefined && terms.times !== undefined;
    const standard = valid ? total(costs('standard', { ...terms, times })) : 0n;
    for (const scenario of SCENARIOS) {
      // Where one request writes what others read, more requests do not cost so many times as much.
      const known =
        valid && (scenario !== 'batch_cached' || data.cache_multiplies || terms.hits !== null || times === 1n);
      const sums = known ? costs(scenario, { ...terms, times }) : new Map();
      const cost = total(sums);
      const saved = standard - cost;
      const words = (text) => (known ? text : '-');
      put(element(`${scenario}-cost`), words(shown(rounded(cost), cost)), known ? exactly(cost) : undefined);
      if (scenario !== 'standard') {
        put(element(`${scenario}-saved`), words(shown(rounded(saved), saved)), known ? exactly(saved) : undefined);
        put(element(`${scenario}-percent`), words(percent(saved, standard)));
      }
      const cells = [...document.querySelectorAll(`[data-scenario="${scenario}"]`)];
      const exact = cells.map((cell) => sums.get(cell.dataset.kind) ?? 0n);
      const lines = apportioned(exact);
      cells.forEach((cell, index) =>
        put(cell, words(shown(lines[index], exact[index])), known ? exactly(exact[index]) : undefined));
    }
    const choices = [];
    if (valid && terms.reply !== null) choices.push(`--output-tokens ${terms.reply}`);
    if (valid && terms.hits !== null) choices.push(`--cache ${hitWords(terms.hits)}`);
    const says = [];
    if (choices.length > 0) says.push(`As planned with ${choices.join(' ')}, and otherwise as in the report.`);
    if (valid && times > 1n) says.push(`The requests ${times} times over.`);
    if (valid && times > 1n && terms.hits === null && !data.cache_multiplies) {
      says.push('What caching costs then is not known: choose how many marked prefixes are found.');
    }
    if (!valid) says.push('Choose numbers within the limits of the fields.');
    if (says.length === 0) says.push('The figures of the report.');
    element('calculator-says').textContent = says.join(' ');
  };

  const link = (id) => {
    const [range, field] = [element(`${id}-range`), element(`${id}-number`)];
    if (range === null) return;
    range.addEventListener('input', () => {
      field.value = range.value;
      show();
    });
    field.addEventListener('input', () => {
      if (field.value !== '' && field.validity.valid) range.value = field.value;
      else if (field.value === '') range.value = range.defaultValue;
      show();
    });
  };
  const reset = () => {
    for (const id of ['reply', 'hits', 'times']) {
      const [range, field] = [element(`${id}-range`), element(`${id}-number`)];
      if (range === null) continue;
      range.value = range.defaultValue;
      field.value = '';
    }
    show();
  };

  // A calculator that does not arrive at the report's own figures says nothing.
  const planned = { reply: null, hits: null, times: 1n };
  const agrees = (scenario) => exactly(total(costs(scenario, planned))) === data.stated[scenario];
  if (!SCENARIOS.every(agrees)) {
    element('calculator-failed').hidden = false;
    return;
  }
  ['reply', 'hits', 'times'].forEach(link);
  element('reset').addEventListener('click', reset);
  reset();
  element('calculator-live').hidden = false;
})();
//]]>
