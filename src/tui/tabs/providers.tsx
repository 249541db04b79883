import { buildProviders } from '../../report/providers.ts';
import { renderProviders } from '../../report/providers-page.ts';
import { storedProviders } from '../../store/providers.ts';
import { useAsk } from '../components/ask.ts';
import { minuteOf } from '../components/insights-ask.ts';
import { pageLines, paletteOf } from '../components/page.ts';
import { ScrollPage, scrollKeys } from '../components/scroll-page.tsx';
import { defineTab, type TabProps } from '../tab.ts';

export default defineTab({ title: 'Providers', key: '6', keys: scrollKeys, Component: Providers });

/** The page of `scopeon providers`. */
function Providers(props: TabProps) {
  const { store, now, width, theme, given } = props;
  const providers = useAsk(
    store,
    minuteOf(now),
    (db) => buildProviders(db, storedProviders(db), { now, home: given.home }),
    undefined,
  );
  const text = providers === undefined ? '' : renderProviders(providers, { width, palette: paletteOf(theme) });
  return <ScrollPage {...props} lines={pageLines(text)} />;
}
