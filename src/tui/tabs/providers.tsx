import { renderLimits } from '../../report/limits-page.ts';
import { renderProviders } from '../../report/providers-page.ts';
import { useAsk } from '../components/ask.ts';
import { minuteOf } from '../components/minute.ts';
import { pageLines, paletteOf, stacked } from '../components/page.ts';
import { ScrollPage, scrollKeys } from '../components/scroll-page.tsx';
import limitsQuestion from '../questions/limits.ts';
import providersQuestion from '../questions/providers.ts';
import { defineTab, type TabProps } from '../tab.ts';

export default defineTab({ title: 'Providers', key: '6', keys: scrollKeys, Component: Providers });

/** The pages of `scopeon providers` and, where an agent has reported any, of `scopeon limits`. */
function Providers(props: TabProps) {
  const { store, now, width, theme } = props;
  const providers = useAsk(store, providersQuestion, {}, undefined, minuteOf(now));
  const limits = useAsk(store, limitsQuestion, {}, undefined, minuteOf(now));
  const place = { width, palette: paletteOf(theme) };
  const lines = stacked([
    providers === undefined ? [] : pageLines(renderProviders(providers, place)),
    limits === undefined || limits.limits.length === 0 ? [] : pageLines(renderLimits(limits, place)),
  ]);
  return <ScrollPage {...props} lines={lines} />;
}
