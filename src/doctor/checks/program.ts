import { tildePath } from '../../display.ts';
import { sqliteVersion } from '../../store/examine.ts';
import { defineCheck } from '../check.ts';

/** Which versions run, and by which settings. */
export default defineCheck({
  title: 'Program',
  place: 1,
  look({ version, platform, loaded, home }) {
    const { config } = loaded.paths;
    const { warnings } = loaded;
    return [
      { name: 'version', label: 'scopeon', value: version },
      { name: 'node', label: 'Node.js', value: process.versions.node },
      { name: 'sqlite', label: 'SQLite', value: sqliteVersion() },
      { name: 'platform', label: 'System', value: `${platform} ${process.arch}` },
      {
        name: 'config',
        label: 'Settings',
        value: config === undefined ? null : tildePath(config, home),
        text: config === undefined ? 'all defaults' : tildePath(config, home),
        ...(warnings.length === 0
          ? {}
          : { advice: `Something in the settings does not hold: ${warnings.map((each) => each.message).join('; ')}.` }),
      },
    ];
  },
});
