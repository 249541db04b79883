import { describe, expect, it } from 'vitest';
import { type FormatModule, formatFor } from '../../src/alerts/format.ts';
import { alertParams } from '../../src/alerts/payload.ts';
import { quietMinutes, resolveWebhook, type WebhookSettings, wants } from '../../src/alerts/webhook.ts';
import { loadMembers } from '../../src/members.ts';
import { testNow } from './world.ts';

const formats = await loadMembers<FormatModule>('alerts/formats');
const settings: WebhookSettings = {
  url: 'https://hooks.slack.com/services/T/B/SECRET',
  events: [],
  min_severity: 'info',
  projects: [],
  providers: [],
  include: [],
  allow_private: false,
  headers: {},
};
const host = {
  env: { URL: 'https://example.com/x', KEY: 'k' },
  read: (path: string) => (path === 'f' ? 'from file' : undefined),
};

describe('what a webhook is', () => {
  it('is shown without what is secret in its address', () => {
    const webhook = resolveWebhook(settings, host);
    expect(webhook).toMatchObject({ shown: expect.stringMatching(/^https:\/\/hooks\.slack\.com\/#[0-9a-f]{6}$/) });
  });

  it.each([
    [{ url: undefined, url_env: 'MISSING' }, 'its address is not there'],
    [{ url: 'ftp://example.com' }, 'only http and https are sent to'],
    [{ secret: { env: 'MISSING' } }, 'its secret is not there'],
    [{ headers: { X: { file: 'missing' } } }, 'the value of a header is not there'],
  ])('%j is not used: %s', (change, trouble) => {
    expect(resolveWebhook({ ...settings, ...change }, host)).toEqual({ trouble });
  });

  it('takes values from variables and files', () => {
    const change = { url: undefined, url_env: 'URL', headers: { A: { env: 'KEY' }, B: { file: 'f' }, C: 'c' } };
    expect(resolveWebhook({ ...settings, ...change }, host)).toMatchObject({
      url: new URL('https://example.com/x'),
      headers: { A: 'k', B: 'from file', C: 'c' },
    });
  });
});

describe('what it wants', () => {
  const alert = { type: 'context_warning', severity: 'warning', provider: 'codex', project: 'shop' };
  it.each<[Partial<WebhookSettings>, Partial<typeof alert>, boolean]>([
    [{}, {}, true],
    [{ events: ['context_*'] }, {}, true],
    [{ events: ['*_w?rning'] }, {}, true],
    [{ events: ['context'] }, {}, false],
    [{ events: ['budget_warning', 'c*t*g'] }, {}, true],
    [{ min_severity: 'critical' }, {}, false],
    [{ providers: ['codex'] }, {}, true],
    [{ providers: ['claude-code'] }, {}, false],
    [{ projects: ['shop'] }, {}, true],
    [{ projects: ['api'] }, {}, false],
    [{}, { type: 'ambient_status' }, false],
    [{ events: ['*'] }, { type: 'ambient_status' }, false],
    [{ events: ['ambient_status'] }, { type: 'ambient_status' }, true],
  ])('%j of %j: %s', (change, of, expected) => {
    expect(wants({ settings: { ...settings, ...change } }, { ...alert, ...of })).toBe(expected);
  });

  it('a filter by project hears nothing of no project', () => {
    expect(wants({ settings: { ...settings, projects: ['shop'] } }, { ...alert, project: undefined })).toBe(false);
  });

  it.each([
    ['22:00-07:00', 23 * 60, 8 * 60],
    ['22:00-07:00', 6 * 60 + 59, 1],
    ['22:00-07:00', 7 * 60, 0],
    ['09:00-17:30', 12 * 60, 5 * 60 + 30],
    ['09:00-09:00', 9 * 60, 0],
    [undefined, 0, 0],
  ])('in %s at minute %i it is quiet for %i minutes', (hours, wall, minutes) => {
    expect(quietMinutes(hours, wall)).toBe(minutes);
  });
});

describe('what it is sent', () => {
  const notification = {
    uid: 'uid-1',
    type: 'budget_warning',
    severity: 'critical' as const,
    message: 'The daily budget is exceeded: $12.00 of $10.00.',
    fields: { spent: 12, limit: 10, over_budget: true },
    provider: 'codex',
    model: 'gpt-5.4',
    sessionId: 7,
    scope: 'project:CANARY:daily',
    isResolved: false,
    at: testNow,
  };
  const hostile = '<!channel> "}] <script> & @everyone *b* {{x}}';

  it('is numbers and fixed words unless names were asked for', () => {
    const params = alertParams(notification, () => false);
    expect(JSON.stringify(params)).not.toContain('CANARY');
    expect(params).toEqual({
      type: 'budget_warning',
      severity: 'critical',
      message: notification.message,
      spent: 12,
      limit: 10,
      over_budget: true,
      id: 'uid-1',
      ts: '2026-05-04T10:00:00.000Z',
      state: 'firing',
      provider: 'codex',
    });
    expect(alertParams(notification, () => true).model).toBe('gpt-5.4');
    expect(alertParams(notification, () => true, { project: 'shop' }).project).toBe('shop');
  });

  const send = (format: string | undefined, url = 'https://example.com/') => {
    const params = alertParams(notification, () => true, { project: hostile });
    const body = formatFor(formats, format, new URL(url).hostname).of(params, {
      routingKey: 'key',
      template: '{"text": "{{message}} in {{project}}", "n": {{spent}}, "none": "{{nothing}}"}',
    });
    return { ...body, json: body.contentType.startsWith('application/json') ? JSON.parse(body.body) : undefined };
  };

  it('goes by the host where the settings do not say', () => {
    expect(send(undefined, 'https://hooks.slack.com/services/x').json).toHaveProperty('blocks');
    expect(send(undefined, 'https://discord.com/api/webhooks/1/x').json).toHaveProperty('embeds');
    expect(send(undefined, 'https://x.webhook.office.com/y').json).toHaveProperty('attachments');
    expect(send(undefined, 'https://events.pagerduty.com/v2/enqueue').json).toHaveProperty('routing_key', 'key');
    expect(send(undefined, 'https://ntfy.sh/topic').headers).toMatchObject({ Priority: '5' });
    expect(send(undefined, 'https://hooks.slack.com.example.com/').json).toHaveProperty('jsonrpc', '2.0');
  });

  it('calls nobody in Slack and Discord by a name in a log', () => {
    expect(send('slack').body).not.toMatch(/<!|<script/);
    expect(send('slack').json.text).toContain('&lt;!channel&gt;');
    expect(send('discord').json.allowed_mentions).toEqual({ parse: [] });
  });

  it('stays within what receivers take', () => {
    const long = { ...notification, message: 'x'.repeat(10_000) };
    const params = alertParams(long, () => true, { project: 'y'.repeat(5_000) });
    const of = (id: string) => formats.get(id)?.of(params, { routingKey: 'k', template: undefined }).body ?? '';
    expect([...JSON.parse(of('discord')).content].length).toBeLessThanOrEqual(2_000);
    expect([...JSON.parse(of('slack')).text].length).toBeLessThanOrEqual(3_000);
    expect([...JSON.parse(of('pagerduty')).payload.summary].length).toBeLessThanOrEqual(1_024);
    expect([...of('ntfy')].length).toBeLessThanOrEqual(4_000);
  });

  it('ends PagerDuty’s incident when it is over', () => {
    const over = alertParams({ ...notification, isResolved: true }, () => true);
    expect(
      JSON.parse(formats.get('pagerduty')?.of(over, { routingKey: 'k', template: undefined }).body ?? ''),
    ).toMatchObject({ event_action: 'resolve', dedup_key: 'uid-1' });
  });

  it('fills the user’s own text; no value can end a JSON string', () => {
    expect(send('template').json).toEqual({
      text: `The daily budget is exceeded: $12.00 of $10.00. in ${hostile}`,
      n: 12,
      none: '',
    });
  });
});
