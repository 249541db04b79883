import { cut, defineFormat, jsonBody } from '../format.ts';

/** Events API v2: the alert's id makes repeats one incident, and its end resolves it. */
export default defineFormat({
  hosts: [/^events(\.eu)?\.pagerduty\.com$/],
  of: (params, { routingKey }) =>
    jsonBody({
      routing_key: routingKey ?? '',
      event_action: params.state === 'resolved' ? 'resolve' : 'trigger',
      dedup_key: params.id,
      payload: {
        summary: cut(params.message, 1_024),
        source: params.host ?? 'scopeon',
        severity: params.severity,
        timestamp: params.ts,
        component: params.provider,
        class: params.type,
        custom_details: params,
      },
    }),
});
