import { renderProviders } from '../../report/providers-page.ts';
import { useAsk } from '../components/ask.ts';
import { minuteOf } from '../components/minute.ts';
import { pageLines, paletteOf } from '../components/page.ts';
import { ScrollPage, scrollKeys } from '../components/scroll-page.tsx';
import providersQuestion from '../questions/providers.ts';
import { defineTab, type TabProps } from '../tab.ts';

export default defineTab({ title: 'Providers', key: '6', keys: scrollKeys, Component: Providers });

/** The page of `scopeon providers`. */
function Providers(props: TabProps) {
  const { store, now, width, theme } = props;
  const providers = useAsk(store, providersQuestion, {}, undefined, minuteOf(now));
  const text = providers === undefined ? '' : renderProviders(providers, { width, palette: paletteOf(theme) });
  return <ScrollPage {...props} lines={pageLines(text)} />;
}
